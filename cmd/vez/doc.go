// Command vez is the whole product: vez serve runs a hub, the other commands
// check, migrate, rebuild, verify and measure.
//
// It holds wiring only: it joins the rooms, which declare what they need, and it
// may import all of them. Job times stand in jobs.go and nowhere else. Its tests
// start the real program and stand beside the code and in e2e.
package main
