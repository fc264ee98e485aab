//go:build paper

package printer_test

import (
	"testing"

	"vez/printer"
)

func init() { toolsRequired, randomPapers = true, 10_000 }

// Every paper, in every format and every set of languages: some two hundred
// pages, each read from its PDF and from the dots of a head.
func TestEveryPrintedCodeCanBeScanned(t *testing.T) {
	each(t, func(t *testing.T, name string, v paper, _ printer.Format, _ []string, doc printer.Document) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			scansBack(t, name, doc, v.codes)
		})
	})
}
