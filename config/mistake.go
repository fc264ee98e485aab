package config

import (
	"encoding/json"
	"fmt"
	"io"
)

// The severities of a mistake.
const (
	Error   = "error"   // it cannot start like this
	Warning = "warning" // it can, but somebody should look
)

// Mistake is something wrong in settings or catalogue, said to the person who
// wrote it. It has the fields of the catalogue's, so that one converts into
// the other.
type Mistake struct {
	Severity string `json:"severity"` // Error or Warning
	File     string `json:"file"`     // a path, "environment" or "command line"
	Line     int    `json:"line"`     // from 1; 0 where there are no lines
	What     string `json:"what"`
	Remedy   string `json:"remedy"`
}

// String gives the mistake on one line, as compilers do.
func (m Mistake) String() string {
	at := m.File
	if m.Line > 0 {
		at = fmt.Sprintf("%s:%d", m.File, m.Line)
	}
	return fmt.Sprintf("%s: %s: %s", at, m.Severity, m.What)
}

// Failed tells whether there is an error among the mistakes.
func Failed(all []Mistake) bool {
	for _, m := range all {
		if m.Severity == Error {
			return true
		}
	}
	return false
}

// Report writes mistakes for people, or as JSON for scripts:
// {"ok": bool, "errors": n, "warnings": n, "mistakes": […]}.
func Report(w io.Writer, all []Mistake, asJSON bool) error {
	errs := 0
	for _, m := range all {
		if m.Severity == Error {
			errs++
		}
	}
	if asJSON {
		return json.NewEncoder(w).Encode(struct {
			OK       bool      `json:"ok"`
			Errors   int       `json:"errors"`
			Warnings int       `json:"warnings"`
			Mistakes []Mistake `json:"mistakes"`
		}{errs == 0, errs, len(all) - errs, append([]Mistake{}, all...)})
	}
	for _, m := range all {
		if _, err := fmt.Fprintf(w, "%s\n    %s\n", m, m.Remedy); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(w, "%s, %s\n", counted(errs, "error"), counted(len(all)-errs, "warning"))
	return err
}

func counted(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}
