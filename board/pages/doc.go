// Package pages holds the public boards of a hall, /board/{office}: the newest
// call in the largest type, the other calls and servings, what waits in each
// queue, and the stream that keeps it right.
//
// The page is drawn by the server and works with scripts off, when it is loaded
// anew every ten seconds. With scripts it hears the office's stream, shows every
// change at once, resumes where it was cut, says how old its news is when the
// connection is lost, and can chime and speak. What a board shows and says is
// decided by the words of package board; the script follows them.
//
// It is a screen: it may import the word rooms, outputs (board, live) and the
// frame, and declares what else it needs in Deps. Its texts stand in locale
// under "board". The tests stand beside the code and run on a real hall; those
// of the script need a browser (build tag browser).
package pages
