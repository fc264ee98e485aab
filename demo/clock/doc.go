// Package clock is the house time of a demonstration: a clockwork.Clock that
// starts anywhere and runs at any speed, with timers that keep to it, and the
// rule where it starts when nobody says.
//
// It imports nothing of Vez. Machine time (sessions, limits, heartbeats) never
// comes from here. The tests are here.
package clock
