package catalogue

import (
	"fmt"
	"sort"
)

// The severities of a mistake.
const (
	Error   = "error"   // the catalogue cannot be used
	Warning = "warning" // it can, but somebody should look
)

// Mistake is something wrong in a catalogue, said to the person who wrote it.
type Mistake struct {
	Severity string `json:"severity"` // Error or Warning
	File     string `json:"file"`     // inside the catalogue folder, "offices/dsi-main.yaml"
	Line     int    `json:"line"`     // from 1; 0 when it concerns the whole file
	What     string `json:"what"`
	Remedy   string `json:"remedy"`
}

// String gives the mistake on one line, as compilers do.
func (m Mistake) String() string {
	return fmt.Sprintf("%s:%d: %s: %s (%s)", m.File, m.Line, m.Severity, m.What, m.Remedy)
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

// source is a file being read; it collects what is wrong with it.
type source struct {
	name     string
	mistakes []Mistake
}

func (s *source) wrong(line int, remedy, what string, args ...any) {
	s.mistakes = append(s.mistakes, Mistake{Error, s.name, line, fmt.Sprintf(what, args...), remedy})
}

func (s *source) warn(line int, remedy, what string, args ...any) {
	s.mistakes = append(s.mistakes, Mistake{Warning, s.name, line, fmt.Sprintf(what, args...), remedy})
}

// order sorts mistakes by file and line, so that two runs read alike.
func order(all []Mistake) []Mistake {
	sort.SliceStable(all, func(i, j int) bool {
		if all[i].File != all[j].File {
			return all[i].File < all[j].File
		}
		return all[i].Line < all[j].Line
	})
	return all
}
