package reminder

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"syscall"
	"testing"

	gomail "github.com/wneessen/go-mail"
)

func TestWhyThereIsNoLineIsToldInAWord(t *testing.T) {
	op := func(err error) error { return &net.OpError{Op: "dial", Net: "tcp", Err: err} }
	for want, err := range map[string]error{
		"dns":         op(&net.DNSError{Err: "no such host", Name: "mail.example.org", IsTimeout: true}),
		"refused":     op(os.NewSyscallError("connect", syscall.ECONNREFUSED)),
		"certificate": fmt.Errorf("hello: %w", &tls.CertificateVerificationError{Err: x509.HostnameError{Host: "mail.example.org", Certificate: &x509.Certificate{}}}),
		"sign-in":     gomail.ErrNoSupportedAuthDiscovered,
		"timeout":     op(os.ErrDeadlineExceeded),
		"":            errors.New("mail.example.org said something else"),
	} {
		if got := whyNoLine(err); got != want {
			t.Errorf("%v: %q, not %q", err, got, want)
		}
	}
}
