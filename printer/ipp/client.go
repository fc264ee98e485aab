package ipp

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"sync/atomic"
	"time"
)

// Operations (RFC 8011, section 5.4.15).
const (
	OpPrintJob             uint16 = 0x0002
	OpCancelJob            uint16 = 0x0008
	OpGetJobAttributes     uint16 = 0x0009
	OpGetJobs              uint16 = 0x000a
	OpGetPrinterAttributes uint16 = 0x000b
)

// Status codes (RFC 8011, appendix B). Those under 0x0100 are successes.
const (
	StatusOK            uint16 = 0x0000
	StatusNotPossible   uint16 = 0x0404
	StatusNotFound      uint16 = 0x0406
	StatusAttributes    uint16 = 0x040b
	StatusInternal      uint16 = 0x0500
	StatusVersion       uint16 = 0x0503
	StatusNotAccepting  uint16 = 0x0506
	StatusBusy          uint16 = 0x0507
	firstClientError    uint16 = 0x0400
	firstServerError    uint16 = 0x0500
	statusNotUnderstood uint16 = 0x0501
)

// StatusError is a refusal by the printer.
type StatusError struct {
	Code uint16
	// Text is what the printer says to it, if anything.
	Text string
}

func (e *StatusError) Error() string { return fmt.Sprintf("ipp: status %#04x %s", e.Code, e.Text) }

// HTTPError is an answer that is not IPP.
type HTTPError struct{ Code int }

func (e *HTTPError) Error() string {
	if e.Code == http.StatusUpgradeRequired {
		return "ipp: HTTP 426: the printer wants ipps://"
	}
	return fmt.Sprintf("ipp: HTTP %d %s", e.Code, http.StatusText(e.Code))
}

// CertificateError says that the printer's certificate is not trusted, and
// which it was, for a manager to compare with the printer's own display.
type CertificateError struct {
	// Fingerprint is the SHA-256 of the certificate seen, in lower-case hex.
	Fingerprint string
	// Pinned is the one in the address, if any.
	Pinned string
	Err    error
}

func (e *CertificateError) Error() string {
	if e.Pinned != "" {
		return fmt.Sprintf("ipp: the printer's certificate is sha256=%s, not %s", e.Fingerprint, e.Pinned)
	}
	return fmt.Sprintf("ipp: nobody vouches for the printer's certificate sha256=%s: %v", e.Fingerprint, e.Err)
}

func (e *CertificateError) Unwrap() error { return e.Err }

// notSent wraps an error of a request of which the printer got nothing.
type notSent struct{ error }

func (e notSent) Unwrap() error { return e.error }

// connectTimeout is how long a printer may take to accept a connection.
const connectTimeout = 3 * time.Second

// Client speaks to one printer. It may be used by many goroutines at once.
type Client struct {
	addr Address
	http *http.Client
	last atomic.Int32 // id of the last request
	old  atomic.Bool  // the printer knows IPP 1.1 only
}

// NewClient makes a client; it connects when it is used.
func NewClient(addr Address) *Client {
	dialer := &net.Dialer{Timeout: connectTimeout}
	c := &Client{addr: addr}
	c.http = &http.Client{
		// Proxy stays nil: printers are near, and environment variables are for the web.
		Transport: &http.Transport{
			DialContext: dialer.DialContext, TLSClientConfig: trust(addr.Pin), TLSHandshakeTimeout: 2 * connectTimeout,
			DisableCompression: true, MaxIdleConns: 1, IdleConnTimeout: 10 * time.Second,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return c
}

// trust is who may be the printer: whoever the system vouches for, or, with a
// pin, that very certificate and no other.
func trust(pin string) *tls.Config {
	if pin == "" {
		return &tls.Config{MinVersion: tls.VersionTLS12}
	}
	return &tls.Config{
		MinVersion: tls.VersionTLS12,
		// The chain and the name of a pinned certificate say nothing more; VerifyConnection runs in every handshake.
		InsecureSkipVerify: true,
		VerifyConnection: func(state tls.ConnectionState) error {
			if seen := fingerprint(state.PeerCertificates); seen != pin {
				return &CertificateError{Fingerprint: seen, Pinned: pin}
			}
			return nil
		},
	}
}

func fingerprint(chain []*x509.Certificate) string {
	if len(chain) == 0 {
		return ""
	}
	sum := sha256.Sum256(chain[0].Raw)
	return hex.EncodeToString(sum[:])
}

// Close gives idle connections up.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Request begins a request about the printer.
func (c *Client) Request(op uint16) *Message {
	m := &Message{Major: 2, Code: op}
	m.Add(OperationGroup,
		Attr(Charset, "attributes-charset", "utf-8"),
		Attr(Language, "attributes-natural-language", "en"),
		Attr(URIValue, "printer-uri", c.addr.URI()))
	return m
}

// Do sends a request, and a document behind it, and gives the response when its status is a
// success. It fails with StatusError, HTTPError, CertificateError, ErrMessage,
// or what the network said. A printer that refuses version 2.0 is asked again
// in 1.1; the document must then be a bytes.Reader, which can be rewound.
func (c *Client) Do(ctx context.Context, req *Message, document io.Reader) (*Message, error) {
	if c.old.Load() {
		req.Major, req.Minor = 1, 1
	}
	res, err := c.exchange(ctx, req, document)
	refusal := (*StatusError)(nil)
	if errors.As(err, &refusal) && refusal.Code == StatusVersion && req.Major > 1 && rewind(document) {
		c.old.Store(true)
		return c.Do(ctx, req, document)
	}
	return res, err
}

func rewind(document io.Reader) bool {
	if document == nil {
		return true
	}
	s, ok := document.(io.Seeker)
	if ok {
		_, err := s.Seek(0, io.SeekStart)
		ok = err == nil
	}
	return ok
}

func (c *Client) exchange(ctx context.Context, req *Message, document io.Reader) (*Message, error) {
	req.ID = max(1, c.last.Add(1)&math.MaxInt32)
	head, err := req.Encode()
	if err != nil {
		return nil, notSent{err}
	}
	body := &watched{Reader: bytes.NewReader(head)}
	length := int64(len(head))
	if document != nil {
		// On a connection that the printer is about to close nobody could tell whether it got the document.
		c.Close()
		body.Reader = io.MultiReader(body.Reader, document)
		if d, ok := document.(interface{ Len() int }); ok {
			length += int64(d.Len())
		} else {
			length = -1 // chunked
		}
	}
	h, err := http.NewRequestWithContext(ctx, http.MethodPost, c.addr.url(), body)
	if err != nil {
		return nil, notSent{err}
	}
	h.ContentLength = length
	h.Header.Set("Content-Type", "application/ipp")
	h.Header.Set("User-Agent", "vez")
	res, err := c.http.Do(h)
	if err != nil {
		return nil, body.explain(err)
	}
	defer func() { _ = res.Body.Close() }()
	return answer(res, req.ID)
}

// watched notices whether the body of a request was touched: while it was not,
// the printer cannot have got anything.
type watched struct {
	io.Reader
	read atomic.Bool
}

func (w *watched) Read(p []byte) (int, error) {
	w.read.Store(true)
	return w.Reader.Read(p)
}

func (w *watched) explain(err error) error {
	unverified := (*tls.CertificateVerificationError)(nil)
	if errors.As(err, &unverified) {
		err = &CertificateError{Fingerprint: fingerprint(unverified.UnverifiedCertificates), Err: unverified.Err}
	}
	if !w.read.Load() {
		return notSent{err}
	}
	return err
}

func answer(res *http.Response, id int32) (*Message, error) {
	if res.StatusCode != http.StatusOK {
		return nil, &HTTPError{Code: res.StatusCode}
	}
	m, err := Decode(bufio.NewReader(res.Body))
	if err != nil {
		return nil, err
	}
	if m.ID != id {
		return nil, fmt.Errorf("%w: the answer to another request", ErrMessage)
	}
	if m.Code >= 0x0100 {
		return nil, &StatusError{Code: m.Code, Text: m.Group(OperationGroup).String("status-message")}
	}
	return m, nil
}
