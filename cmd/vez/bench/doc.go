// Package bench measures what `vez bench` prints: each promise of speed as a
// ratio to a baseline that is measured beside it, in one run on one machine.
//
// It owns no hub. The program hands it a way to open one (Open), so that what is
// measured is what serves; loads come in over HTTP like anybody's. Each part
// stands in a file of its own and is listed in parts.go: raw commits and the
// moves over them in moves.go, raw Redis in project.go, and so on. It starts
// throwaway servers (postgres.go, the projection's Redis) and ends them itself.
//
// Like all of cmd it may import every room, reads the real clock and talks to
// the terminal; it holds no SQL and no Lua. Its tests stand beside the code:
// the arithmetic in row_test.go, a short run of the quick parts in smoke_test.go.
package bench
