package spool

import (
	"cmp"
	"slices"
	"strings"

	"vez/fault"
	"vez/printer"
)

// triesMost is how often one printer may try one job, recovering in between.
const triesMost = 3

// Route orders the printers that may print a job now, the first choice first;
// printers are all of the job's office. Only confirmed printers count, except
// for a printer's own page. First come those whose paper is meant for it (a
// strip for what the holder carries, a sheet for what is filed; a folder takes
// everything), then those that stand where it was asked for, then by rank. One with a known trouble, or that
// failed with this job and has not recovered since, is passed over.
//
// When there is none, why says so: the trouble of the one that would have been
// first, or no_printer.
func Route(t Task, printers []Seen) (to []Printer, why fault.Code) {
	fits := make([]Seen, 0, len(printers))
	for _, s := range printers {
		if takes(s.Printer, t.Job) {
			fits = append(fits, s)
		}
	}
	slices.SortFunc(fits, func(a, b Seen) int { return before(t.Job, a.Printer, b.Printer) })
	why = fault.NoPrinter
	for i, s := range fits {
		trouble := s.State.Problem
		if trouble == "" && t.failedAt(s) {
			trouble = cmp.Or(fault.Code(t.Reason), fault.PrintFailed)
		}
		if trouble == "" {
			to = append(to, s.Printer)
		} else if i == 0 {
			why = trouble
		}
	}
	if len(to) > 0 {
		return to, ""
	}
	return nil, why
}

// hopeless says whether every printer that fits has failed with a job although
// it is well, so that waiting for one to be well is of no use.
func hopeless(t Task, printers []Seen) bool {
	for _, s := range printers {
		if takes(s.Printer, t.Job) && s.State.Problem != "" {
			return false
		}
	}
	return len(t.Tries) > 0
}

// failedAt says whether a printer failed with the job and did not recover.
func (t Task) failedAt(s Seen) bool {
	n, last := 0, Try{}
	for _, try := range t.Tries {
		if try.Printer == s.ID {
			n, last = n+1, try
		}
	}
	recovered := s.State.Problem == "" && s.State.Since.After(last.At)
	return n > 0 && (!recovered || n >= triesMost)
}

// before orders printers for a job.
func before(j printer.Job, a, b Printer) int {
	_, tierA, _ := paperFor(j, a)
	_, tierB, _ := paperFor(j, b)
	return cmp.Or(
		cmp.Compare(tierA, tierB),
		cmp.Compare(standing(a, j), standing(b, j)),
		cmp.Compare(a.Rank, b.Rank),
		a.Added.Compare(b.Added),
		strings.Compare(a.ID, b.ID),
	)
}

// alike says whether a job is as well served by the one printer as by the other:
// whoever waits at a kiosk must not find the paper across the hall because of
// a short line.
func alike(j printer.Job, a, b Printer) bool {
	_, tierA, _ := paperFor(j, a)
	_, tierB, _ := paperFor(j, b)
	return tierA == tierB && standing(a, j) == standing(b, j)
}

func standing(p Printer, j printer.Job) int {
	if p.Stands(j.By) {
		return 0
	}
	return 1
}

// paperFor says on which paper a printer would print a job, whether it is the
// paper meant for it (tier 0) or the last resort (1), and whether it may at all.
func paperFor(j printer.Job, p Printer) (format printer.Format, tier int, ok bool) {
	if j.Kind == printer.KindProbe {
		return p.Format, 0, p.ID == j.Ref
	}
	if !p.Confirmed {
		return "", 0, false
	}
	sheet := j.Kind == printer.KindSlip || j.Kind == printer.KindLetters
	switch {
	case p.folder() && sheet:
		return printer.A4, 0, true
	case p.folder() && !p.Format.Roll():
		return printer.Roll80, 0, true
	case j.Kind == printer.KindLetters && !p.folder():
		return p.Format, 0, !p.Format.Roll()
	case sheet == p.Format.Roll():
		return p.Format, 1, true
	}
	return p.Format, 0, true
}

// takes says whether a printer may print a job at all.
func takes(p Printer, j printer.Job) bool {
	_, _, ok := paperFor(j, p)
	return ok
}

// onPhone says whether somebody holds the thing on the phone when there is no
// paper of it: everything but letters, and slips that staff asked for.
func onPhone(j printer.Job) bool {
	switch j.Kind {
	case printer.KindTicket, printer.KindPass, printer.KindReminder:
		return true
	case printer.KindSlip:
		return strings.HasPrefix(j.By, "device:")
	}
	return false
}
