package drive

import (
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"vez/fault"
	"vez/fault/near"
	"vez/printer"
)

// Scheme is how a printer is reached.
type Scheme string

// The schemes.
const (
	TCP    Scheme = "tcp"
	Device Scheme = "device"
	IPP    Scheme = "ipp"
	IPPS   Scheme = "ipps"
	Dir    Scheme = "folder"
)

// Schemes lists all schemes.
var Schemes = []Scheme{TCP, Device, IPP, IPPS, Dir}

// The ports that stand for themselves.
const (
	portRaw = 9100
	portIPP = 631
)

// Address is where a printer is.
type Address struct {
	Scheme Scheme
	// Host and Port of a printer on the network.
	Host string
	Port int
	// Path of a device or of a printer's resource; the name of a folder.
	Path string
	// Pin is the SHA-256 of an IPPS printer's certificate in lower-case hex; "": the certificate is verified.
	Pin string
}

// Why an address is refused: the parameter "why" of its fault.
const (
	WhyEmpty  = "empty"
	WhyScheme = "scheme" // not one of Schemes
	WhyHost   = "host"   // missing, or no host name
	WhyPort   = "port"   // no number, or one that raw printing must not reach
	WhyPath   = "path"   // a device that is no printer's, or a path where none belongs
	WhyName   = "name"   // a folder that is not one plain name
	WhyPin    = "pin"    // not sha256= and 64 hex digits
	WhySecret = "secret" // a user or password, which an address must not hold
)

// Parse reads an address and puts it into its plain form. What cannot be read
// is fault.InvalidField of field "address"; its parameter "why" is one of
// the Why words, "meant" an address that was perhaps meant, or "".
func Parse(text string) (Address, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return Address{}, refuse(WhyEmpty, "", "an address is needed, such as tcp://10.0.0.5:9100")
	}
	scheme, rest, ok := strings.Cut(text, ":")
	s := Scheme(strings.ToLower(scheme))
	if !ok || !slices.Contains(Schemes, s) {
		return Address{}, unknownScheme(text)
	}
	if strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r == 0x7f }) {
		return Address{}, refuse(WhyPath, strings.Join(strings.Fields(text), ""), "no blanks stand in an address")
	}
	switch s {
	case Device:
		return parseDevice(rest)
	case Dir:
		return parseFolder(rest)
	}
	return parseNetwork(s, rest)
}

func refuse(why, meant, text string) error {
	return fault.New(fault.InvalidField, "field", "address", "why", why, "meant", meant).Because(errors.New(text))
}

// otherNames are what others call our schemes.
var otherNames = map[string]Scheme{"socket": TCP, "raw": TCP, "jetdirect": TCP, "http": IPP, "https": IPPS, "usb": Device, "file": Dir, "pdf": Dir}

// unknownScheme proposes what was meant.
func unknownScheme(text string) error {
	name, rest, _ := strings.Cut(text, ":")
	name = strings.ToLower(name)
	meant := ""
	switch {
	case strings.HasPrefix(text, "/dev/"):
		meant = string(Device) + ":" + text
	case strings.HasPrefix(text, "/"):
		meant = string(Dir) + ":" + path.Base(text)
	case otherNames[name] != "":
		meant = string(otherNames[name]) + ":" + rest
	case strings.HasPrefix(rest, "/"):
		for _, s := range Schemes {
			if slips(name, string(s)) {
				meant = string(s) + ":" + rest
			}
		}
	default:
		meant = string(TCP) + "://" + text
	}
	if _, err := Parse(meant); meant != "" && err != nil {
		meant = ""
	}
	return refuse(WhyScheme, meant, fmt.Sprintf("%q begins with none of tcp:, device:, ipp:, ipps:, folder:", text))
}

// slips says whether a word is another but for one letter, or for the order of
// its letters.
func slips(typed, word string) bool {
	a, b := []byte(typed), []byte(word)
	slices.Sort(a)
	slices.Sort(b)
	return slices.Equal(a, b) || near.Word(typed, []string{word}, 2, "") == fmt.Sprintf("did you mean %q?", word)
}

// devices are the names of printers and serial lines. No other file may be
// named: the hub writes into what a manager enters, and /dev leads to its own
// open files too.
var devices = regexp.MustCompile(`^/dev/((usb/)?lp[0-9]{1,3}|tty(S|USB|ACM)[0-9]{1,3}|serial/by-(id|path)/[0-9A-Za-z][0-9A-Za-z#+.:=@_-]{0,199})$`)

func parseDevice(rest string) (Address, error) {
	p := rest
	if strings.HasPrefix(p, "///") { // as a URL has it: device:///dev/usb/lp0
		p = p[2:]
	}
	if devices.MatchString(p) {
		return Address{Scheme: Device, Path: p}, nil
	}
	meant := ""
	for _, root := range []string{"/", "/dev/"} {
		if name := root + strings.TrimLeft(p, "/"); meant == "" && devices.MatchString(name) {
			meant = string(Device) + ":" + name
		}
	}
	return Address{}, refuse(WhyPath, meant, "a device is /dev/usb/lp0, /dev/lp0, a serial line such as /dev/ttyUSB0, or a name in /dev/serial/by-id")
}

var folderName = regexp.MustCompile(`^[\pL\pN][\pL\pN_-]{0,39}$`)

func parseFolder(rest string) (Address, error) {
	name := strings.Trim(rest, "/")
	if !folderName.MatchString(name) {
		meant := ""
		if base := path.Base(path.Clean(name)); folderName.MatchString(base) {
			meant = "folder:" + base
		}
		return Address{}, refuse(WhyName, meant, "a folder has one plain name; it lies in the data folder, under paper")
	}
	return Address{Scheme: Dir, Path: name}, nil
}

var hostName = regexp.MustCompile(`^[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*\.?$`)

func parseNetwork(s Scheme, rest string) (Address, error) {
	u, err := url.Parse(string(s) + ":" + rest)
	if err != nil || u.Host == "" {
		meant := ""
		if bare := strings.TrimLeft(rest, "/"); err == nil && bare != "" && !strings.HasPrefix(rest, "//") {
			meant = string(s) + "://" + bare
		}
		return Address{}, refuse(WhyHost, meant, "write "+string(s)+"://, then the printer's name or number")
	}
	if u.User != nil || u.RawQuery != "" {
		return Address{}, refuse(WhySecret, "", "an address holds no user, password or question mark")
	}
	a := Address{Scheme: s, Host: strings.ToLower(u.Hostname()), Path: u.EscapedPath()}
	if _, err := netip.ParseAddr(a.Host); err != nil && !hostName.MatchString(a.Host) {
		return Address{}, refuse(WhyHost, "", fmt.Sprintf("%q is no name of a printer", a.Host))
	}
	if a.Port, err = portOf(s, u.Port()); err != nil {
		return Address{}, err
	}
	if s == TCP {
		return a.raw(u)
	}
	if a.Path == "" || a.Path == "/" {
		a.Path = "/ipp/print"
	}
	a.Pin, err = pinOf(s, u.Fragment)
	return a, err
}

// raw finishes an address of raw printing.
func (a Address) raw(u *url.URL) (Address, error) {
	if a.Path = strings.Trim(a.Path, "/"); a.Path != "" || u.Fragment != "" {
		a.Path = ""
		return Address{}, refuse(WhyPath, a.String(), "nothing follows the port")
	}
	return a, nil
}

// privileged ports are no raw printer's: bytes for paper must not reach the
// services behind them.
const privileged = 1024

func portOf(s Scheme, text string) (int, error) {
	switch {
	case text == "" && s == TCP:
		return portRaw, nil
	case text == "":
		return portIPP, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > 65535 || s == TCP && n < privileged {
		return 0, refuse(WhyPort, "", fmt.Sprintf("%q is no port to print to; most printers listen on 9100 (tcp) or 631 (ipp)", text))
	}
	return n, nil
}

func pinOf(s Scheme, fragment string) (string, error) {
	if fragment == "" {
		return "", nil
	}
	name, hexes, _ := strings.Cut(fragment, "=")
	pin := strings.ToLower(strings.ReplaceAll(hexes, ":", ""))
	if b, err := hex.DecodeString(pin); s != IPPS || name != "sha256" || err != nil || len(b) != 32 {
		return "", refuse(WhyPin, "", "after # stands sha256= and the 64 hex digits of the certificate, in an ipps address")
	}
	return pin, nil
}

// String is the plain form, which Parse reads back.
func (a Address) String() string {
	switch a.Scheme {
	case Device, Dir:
		return string(a.Scheme) + ":" + a.Path
	}
	host := a.Host
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	text := fmt.Sprintf("%s://%s:%d%s", a.Scheme, host, a.Port, a.Path)
	if a.Pin != "" {
		text += "#sha256=" + a.Pin
	}
	return text
}

// Local says whether the printer belongs to one machine.
func (a Address) Local() bool { return a.Scheme == Device || a.Scheme == Dir }

// Formats are the papers such a printer may hold, the likeliest first.
func (a Address) Formats() []printer.Format {
	switch a.Scheme {
	case IPP, IPPS:
		return []printer.Format{printer.A4, printer.A5, printer.Roll80, printer.Roll58}
	case Dir:
		return []printer.Format{printer.Roll80, printer.Roll58, printer.A4, printer.A5}
	}
	return []printer.Format{printer.Roll80, printer.Roll58}
}
