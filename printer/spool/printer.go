package spool

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"vez/fault"
	"vez/printer"
	"vez/printer/drive"
)

// BuiltIn is the id of the folder that stands for a printer in offices without one.
const BuiltIn = "folder"

// Printer is a printer of an office.
type Printer struct {
	ID      string
	Office  string
	Name    string
	Address string // in drive's plain form
	Format  printer.Format
	// Serves lists what it stands by: kiosks ("device:…") and counters.
	Serves []string
	// Rank orders an office's printers; the lowest prints first.
	Rank int
	// Confirmed: somebody has typed the code of its page back.
	Confirmed bool
	// Host is the machine it belongs to; "" where every hub can reach it.
	Host    string
	Added   time.Time
	AddedBy string
}

// Draft is what somebody says of a printer.
type Draft struct {
	Office, Name, Address string
	Format                printer.Format // "": the likeliest of the address
	Serves                []string
	Rank                  int
	// Host of a device or folder; "": the machine of the hub that is asked.
	Host string
}

// Change says what is different about a printer; nil leaves it.
type Change struct {
	Name   *string
	Rank   *int
	Serves *[]string
}

// State is how a printer is.
type State struct {
	// Problem is why it cannot print: a fault code, "" when it can.
	Problem fault.Code
	// Low: the paper will soon be at its end.
	Low bool
	// Silent: it tells nothing of itself and is taken to be well.
	Silent bool
	// Since when Problem is what it is.
	Since time.Time
	// Hub keeps it. KeeperSeen is when its last sign of life came, by the watch
	// of whoever is asked; as it is stored, when it was given.
	Hub        string
	KeeperSeen time.Time
}

// Seen is a printer and how it was seen last.
type Seen struct {
	Printer
	State State
}

// Stands says whether a printer stands by a kiosk or counter.
func (p Printer) Stands(by string) bool { return by != "" && slices.Contains(p.Serves, by) }

// folder says whether the printer is a folder, which holds every paper.
func (p Printer) folder() bool {
	return p.ID == BuiltIn || strings.HasPrefix(p.Address, string(drive.Dir)+":")
}

// longestName of a printer, in characters.
const longestName = 60

// printer checks a draft. Faults: invalid_field with the field (office, name,
// address, format, serves), why, and for an address what was perhaps meant.
func (d Draft) printer(host string) (Printer, error) {
	p := Printer{Office: d.Office, Rank: d.Rank, Format: d.Format, Host: host}
	if d.Host != "" {
		p.Host = d.Host
	}
	if d.Office == "" {
		return p, invalid("office", "empty")
	}
	var err error
	if p.Name, err = cleanName(d.Name); err != nil {
		return p, err
	}
	a, err := drive.Parse(d.Address)
	if err != nil {
		return p, err
	}
	p.Address, p.Serves = a.String(), cleanServes(d.Serves)
	if !a.Local() {
		p.Host = ""
	}
	if p.Format == "" {
		p.Format = a.Formats()[0]
	}
	if !slices.Contains(a.Formats(), p.Format) {
		return p, invalid("format", string(p.Format))
	}
	return p, nil
}

func invalid(field, why string) error {
	return fault.New(fault.InvalidField, "field", field, "why", why)
}

func cleanName(name string) (string, error) {
	name = strings.Join(strings.Fields(name), " ")
	switch {
	case name == "":
		return "", invalid("name", "empty")
	case utf8.RuneCountInString(name) > longestName:
		return "", invalid("name", "long")
	}
	return name, nil
}

func cleanServes(serves []string) []string {
	var out []string
	for _, s := range serves {
		if s = strings.TrimSpace(s); s != "" {
			out = append(out, s)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
