package ipp

import (
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
)

// Address is where a printer is.
type Address struct {
	// Host has the port.
	Host string
	Path string
	TLS  bool
	// Pin is the SHA-256 of the printer's certificate, in lower-case hex; empty:
	// the certificate is verified as on the web.
	Pin string
}

// ParseAddress reads ipp://host[:631]/path or ipps://host[:631]/path[#sha256=hex].
// Without a path it is /ipp/print, as IPP Everywhere has it. The fingerprint
// may be written in groups with colons. Names, passwords and queries are refused.
func ParseAddress(text string) (Address, error) {
	u, err := url.Parse(text)
	if err != nil {
		return Address{}, fmt.Errorf("ipp: %w", err)
	}
	a := Address{Path: u.EscapedPath(), TLS: u.Scheme == "ipps"}
	switch {
	case u.Scheme != "ipp" && u.Scheme != "ipps":
		return Address{}, fmt.Errorf("ipp: %q is neither ipp:// nor ipps://", text)
	case u.Hostname() == "":
		return Address{}, errors.New("ipp: an address without a host")
	case u.User != nil || u.RawQuery != "" || u.Opaque != "":
		return Address{}, errors.New("ipp: an address with a user or a query")
	}
	port := u.Port()
	if port == "" {
		port = "631"
	}
	a.Host = net.JoinHostPort(u.Hostname(), port)
	if a.Path == "" || a.Path == "/" {
		a.Path = "/ipp/print"
	}
	a.Pin, err = pin(u.Fragment, a.TLS)
	return a, err
}

func pin(fragment string, secure bool) (string, error) {
	if fragment == "" {
		return "", nil
	}
	text, ok := strings.CutPrefix(fragment, "sha256=")
	if !ok || !secure {
		return "", errors.New("ipp: what follows # is sha256=fingerprint, with ipps:// only")
	}
	sum, err := hex.DecodeString(strings.ReplaceAll(text, ":", ""))
	if err != nil || len(sum) != 32 {
		return "", errors.New("ipp: a fingerprint is 64 hexadecimal digits")
	}
	return hex.EncodeToString(sum), nil
}

// URI is the address as printers know themselves (printer-uri): without the pin.
func (a Address) URI() string {
	if a.TLS {
		return "ipps://" + a.Host + a.Path
	}
	return "ipp://" + a.Host + a.Path
}

// String is the address with its pin, as ParseAddress reads it.
func (a Address) String() string {
	if a.Pin == "" {
		return a.URI()
	}
	return a.URI() + "#sha256=" + a.Pin
}

// url is the address for HTTP.
func (a Address) url() string {
	if a.TLS {
		return "https://" + a.Host + a.Path
	}
	return "http://" + a.Host + a.Path
}
