package admin

import (
	"context"
	"errors"
	"slices"
	"strings"

	"vez/printer/drive"
	"vez/printer/ipp"
)

// certificate is what a printer showed and nobody vouches for.
type certificate struct {
	// Fingerprint is its SHA-256 in lower-case hex.
	Fingerprint string
	// Other: it is not the one that the address names.
	Other bool
}

// Groups is the fingerprint as printers display it, in pairs.
func (c certificate) Groups() string {
	return strings.ToUpper(strings.Join(pairs(c.Fingerprint), ":"))
}

func pairs(hex string) []string {
	var out []string
	for p := range slices.Chunk([]byte(hex), 2) {
		out = append(out, string(p))
	}
	return out
}

// CheckPrinter reaches for a printer that is spoken to under TLS, within
// seconds, and tells what stands in the way: an *ipp.CertificateError when its
// certificate is not trusted. Of printers reached otherwise it tells nothing.
func CheckPrinter(ctx context.Context, address string) error {
	if a, err := drive.Parse(address); err != nil || a.Scheme != drive.IPPS {
		return err
	}
	d, err := ipp.New(address, ipp.Options{})
	if err != nil {
		return err
	}
	err = d.Check(ctx)
	return errors.Join(err, d.Close())
}

// certificate asks a printer for one that must be compared; nil for none.
func (r *room) certificate(ctx context.Context, address string) (*certificate, error) {
	err := r.Check(ctx, address)
	var untrusted *ipp.CertificateError
	if errors.As(err, &untrusted) && untrusted.Fingerprint != "" {
		return &certificate{untrusted.Fingerprint, untrusted.Pinned != ""}, nil
	}
	return nil, err
}

// trusting is an address with the certificate that somebody has compared.
func trusting(address, fingerprint string) string {
	bare, _, _ := strings.Cut(address, "#")
	return bare + "#sha256=" + fingerprint
}
