package event

import (
	"bytes"
	"encoding/hex"
	"testing"
	"time"

	"pgregory.net/rapid"

	_ "vez/hall/rapidtest" // the same programs in every run
)

var morning = time.Date(2026, 11, 24, 9, 30, 0, 0, time.UTC)

func TestLinkAndDigestNeverChange(t *testing.T) {
	// Written down once: a change of these bytes would break every chain there is.
	digest := Digest(make([]byte, SaltSize), []byte(`{"office":"demo"}`))
	first := Link(nil, "demo", 1, morning, digest)
	second := Link(first, "demo", 2, morning.Add(time.Second), digest)
	for name, c := range map[string]struct {
		got  []byte
		want string
	}{
		"digest": {digest, wantDigest},
		"first":  {first, wantFirst},
		"second": {second, wantSecond},
	} {
		if hex.EncodeToString(c.got) != c.want {
			t.Errorf("%s is %x", name, c.got)
		}
	}
}

const (
	wantDigest = "8284cc838e32b3576eb3bf283c05d15a1633e962e529f0b89265cfe0cd5e5f3b"
	wantFirst  = "0369a3dea2d7e089d7f09445a0657165d275b06bf14fa6729fd93dfb9dd824bf"
	wantSecond = "e8fc4ee5cf0d39acc8061baa52aa1496756abef195d8c18c14de98a4bb7b2f80"
)

func TestLinkCoversEachOfItsPartsUnambiguously(t *testing.T) {
	type parts struct {
		prev   []byte
		office string
		seq    int64
		at     int64
		digest []byte
	}
	draw := rapid.Custom(func(t *rapid.T) parts {
		small := rapid.SliceOfN(rapid.Byte(), 0, 3)
		return parts{small.Draw(t, "prev"), string(small.Draw(t, "office")), rapid.Int64Range(0, 3).Draw(t, "seq"),
			rapid.Int64Range(0, 3).Draw(t, "at"), small.Draw(t, "digest")}
	})
	link := func(p parts) []byte { return Link(p.prev, p.office, p.seq, time.UnixMilli(p.at), p.digest) }
	rapid.Check(t, func(t *rapid.T) {
		a, b := draw.Draw(t, "a"), draw.Draw(t, "b")
		same := bytes.Equal(a.prev, b.prev) && a.office == b.office && a.seq == b.seq && a.at == b.at && bytes.Equal(a.digest, b.digest)
		if bytes.Equal(link(a), link(b)) != same {
			t.Fatalf("%+v and %+v: same is %v", a, b, same)
		}
	})
	// A byte that moves from one part to its neighbour.
	if bytes.Equal(Link([]byte("ab"), "c", 1, morning, nil), Link([]byte("a"), "bc", 1, morning, nil)) {
		t.Error("prev and office run into each other")
	}
}

func TestLinkKnowsInstantsNotZones(t *testing.T) {
	macau := time.FixedZone("", 8*3600)
	if !bytes.Equal(Link(nil, "demo", 1, morning, nil), Link(nil, "demo", 1, morning.In(macau), nil)) {
		t.Error("the same instant in another zone gives another link")
	}
}

func TestDigestDependsOnSaltAndPayload(t *testing.T) {
	salt := bytes.Repeat([]byte{7}, SaltSize)
	base := Digest(salt, []byte("payload"))
	for i := range salt {
		other := bytes.Clone(salt)
		other[i] ^= 1
		if bytes.Equal(base, Digest(other, []byte("payload"))) {
			t.Errorf("byte %d of the salt does not count", i)
		}
	}
	if bytes.Equal(base, Digest(salt, []byte("payloae"))) {
		t.Error("the payload does not count")
	}
}
