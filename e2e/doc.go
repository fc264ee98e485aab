// Package e2e uses the whole product as its users do: the real program as a
// process of its own, the API over loopback, pages in a real Chromium (build tag
// "browser"), papers read back by an independent decoder.
//
// sweep_test.go walks every page in four languages: axe, widths, words, themes,
// the browser's complaints, and whether each link leads to a page that is
// walked. A new page is a new line there. testdata/same.txt lists words that are
// rightly equal in two languages; SWEEP_PICTURES=1 keeps a picture of each page.
//
// It holds tests only; it may import anything, but talks to the program from
// outside. Screenshots are kept in artefacts/, which git ignores.
package e2e
