// Package e2e uses the whole product as its users do: the real program as a
// process of its own, the API over loopback, pages in a real Chromium (build tag
// "browser"), papers read back by an independent decoder.
//
// It holds tests only; it may import anything, but talks to the program from
// outside. Screenshots are kept in artefacts/, which git ignores.
package e2e
