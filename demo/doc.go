// Package demo is the simulated public of the demonstration: residents who
// book, walk in, take tickets from afar, wait, give up, do not hear their
// number; and clerks who open counters, call, serve, take breaks and go home.
//
// Everything happens through the HTTP API with demo tokens, in house time, as
// other programs would do it: this package imports no room but fault, and knows
// offices and services as the API lists them. Who does what follows from the
// seed; when an answer comes does not.
//
// People come first. The first two counters of every office and a part of all
// others stay free. A counter that somebody else holds or has closed is left to
// them. A ticket that the public did not take is not called before its holder
// has had some time to look at it; see courtesy.go.
//
// The tests beside the code run on a small server that only knows the shapes;
// one runs the three halls of the sample catalogue on the real stack of api/apitest.
package demo
