package remindertest

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/mail"
	"net/textproto"
	"strings"
	"sync"
	"testing"
	"time"
)

// Drop is a reply that closes the connection instead.
const Drop = "drop"

// Server is a mail server on loopback that answers as it is told.
type Server struct {
	// Answer gives the reply to a command, such as "RCPT TO:<a@example.org>",
	// to DATA, to "." with the message as its argument, or Drop; "" for yes.
	// It is called for one command at a time.
	Answer func(command, argument string) string
	// Secure offers STARTTLS and AUTH PLAIN.
	Secure bool
	// Wrapped encrypts from the first byte and offers AUTH PLAIN.
	Wrapped bool
	// Pool trusts its certificate.
	Pool *x509.CertPool

	ln   net.Listener
	held [2]net.Conn // both ends of what keeps the port
	cert tls.Certificate

	mu       sync.Mutex
	messages [][]byte
	conns    map[net.Conn]bool
	all      sync.WaitGroup
	lines    sync.WaitGroup
	opened   int
	signedIn string
}

// NewServer starts a server that ends with the test; its fields are set before the first mail.
func NewServer(t testing.TB) *Server {
	s := &Server{conns: map[net.Conn]bool{}}
	s.certify(t)
	ln := listen(t, "127.0.0.1:0")
	s.hold(t, ln)
	s.open(ln)
	t.Cleanup(s.Stop)
	return s
}

// hold keeps the port: no other program is given it as long as a connection to
// it stands, also while the server is away and whoever calls is refused.
func (s *Server) hold(t testing.TB, ln net.Listener) {
	t.Helper()
	var err error
	if s.held[0], err = net.Dial("tcp", ln.Addr().String()); err != nil {
		t.Fatal(err)
	}
	if s.held[1], err = ln.Accept(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = errors.Join(s.held[0].Close(), s.held[1].Close()) })
}

func listen(t testing.TB, addr string) net.Listener {
	t.Helper()
	ln, err := net.Listen("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	return ln
}

// Return opens the door again after Stop, at the same address.
func (s *Server) Return(t testing.TB) {
	t.Helper()
	s.open(listen(t, s.Addr()))
}

func (s *Server) open(ln net.Listener) {
	s.ln = ln
	s.all.Go(func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			s.mu.Lock()
			s.conns[c] = true
			s.opened++
			s.mu.Unlock()
			s.lines.Add(1)
			s.all.Go(func() {
				defer s.lines.Done()
				s.serve(c)
			})
		}
	})
}

// Stop closes the door and every line.
func (s *Server) Stop() {
	_ = s.ln.Close()
	s.mu.Lock()
	for c := range s.conns {
		_ = c.Close()
	}
	s.mu.Unlock()
	s.all.Wait()
}

// Quiet waits until every line that was opened has ended; its error is ctx's.
func (s *Server) Quiet(ctx context.Context) error {
	quiet := make(chan struct{})
	go func() {
		s.lines.Wait()
		close(quiet)
	}()
	select {
	case <-quiet:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Addr is where it listens.
func (s *Server) Addr() string { return s.ln.Addr().String() }

// Messages are those it took.
func (s *Server) Messages() [][]byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([][]byte(nil), s.messages...)
}

// IDs counts what it took by Message-ID.
func (s *Server) IDs(t testing.TB) map[string]int {
	t.Helper()
	out := map[string]int{}
	for _, raw := range s.Messages() {
		m, err := mail.ReadMessage(strings.NewReader(string(raw)))
		if err != nil {
			t.Fatal(err)
		}
		out[m.Header.Get("Message-Id")]++
	}
	return out
}

// Opened is how many lines were opened, SignedIn the last user and password.
func (s *Server) Opened() (int, string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.opened, s.signedIn
}

func (s *Server) serve(c net.Conn) {
	defer func() {
		_ = c.Close()
		s.mu.Lock()
		delete(s.conns, c)
		s.mu.Unlock()
	}()
	r, w, encrypted := textproto.NewReader(bufio.NewReader(c)), c, false
	encrypt := func() {
		over := tls.Server(c, &tls.Config{Certificates: []tls.Certificate{s.cert}})
		r, w, encrypted = textproto.NewReader(bufio.NewReader(over)), over, true
	}
	if s.Wrapped {
		encrypt()
	}
	say := func(line string) bool {
		_, err := io.WriteString(w, line+"\r\n")
		return err == nil
	}
	if !say("220 demo mail server") {
		return
	}
	for {
		command, err := r.ReadLine()
		if err != nil {
			return
		}
		verb, _, _ := strings.Cut(strings.ToUpper(command), " ")
		switch reply := s.reply(command, ""); {
		case reply == Drop:
			return
		case reply != "":
			if !say(reply) {
				return
			}
			continue
		}
		switch verb {
		case "EHLO":
			switch {
			case s.Secure && !encrypted:
				say("250-demo\r\n250-8BITMIME\r\n250 STARTTLS")
			case s.Secure, s.Wrapped:
				say("250-demo\r\n250-8BITMIME\r\n250 AUTH PLAIN")
			default:
				say("250-demo\r\n250-8BITMIME\r\n250 PIPELINING")
			}
		case "STARTTLS":
			say("220 go on")
			encrypt()
		case "AUTH":
			s.mu.Lock()
			s.signedIn = command
			s.mu.Unlock()
			say("235 welcome")
		case "DATA":
			say("354 go on")
			if !s.message(r, say) {
				return
			}
		case "QUIT":
			say("221 goodbye")
			return
		default:
			say("250 fine")
		}
	}
}

// message takes a message up to its dot.
func (s *Server) message(r *textproto.Reader, say func(string) bool) bool {
	if s.reply("message", "") == Drop {
		return false
	}
	raw, err := r.ReadDotBytes()
	if err != nil {
		return false
	}
	reply := s.reply(".", string(raw))
	if reply == "" || reply == Drop {
		s.mu.Lock()
		s.messages = append(s.messages, raw)
		s.mu.Unlock()
	}
	if reply == "" {
		reply = "250 taken"
	}
	return reply != Drop && say(reply)
}

func (s *Server) reply(command, argument string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.Answer == nil {
		return ""
	}
	return s.Answer(command, argument)
}

// certify makes a certificate for 127.0.0.1.
func (s *Server) certify(t testing.TB) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "demo"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Unix(0, 0), NotAfter: time.Unix(1<<32, 0), IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	s.cert = tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
	s.Pool = x509.NewCertPool()
	s.Pool.AddCert(leaf)
}

// Refuse answers the n-th command that begins with a verb, counted from 1, with a reply; 0 for each of them.
func Refuse(verb string, n int, reply string) func(string, string) string {
	seen := 0
	return func(command, _ string) string {
		if !strings.HasPrefix(command, verb) {
			return ""
		}
		if seen++; n == 0 || seen == n {
			return reply
		}
		return ""
	}
}

// Email is the address of the n-th demo person.
func Email(n int) string { return fmt.Sprintf("demo-%d@example.org", n) }
