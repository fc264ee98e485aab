package booking

import (
	"bytes"
	"crypto/ed25519"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"vez/fault"
)

const kid = 7

var signer = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{42}, ed25519.SeedSize))

func known(k byte) ed25519.PublicKey {
	if k != kid {
		return nil
	}
	return signer.Public().(ed25519.PublicKey)
}

func drawCode(t *rapid.T) Code {
	c := Code{Version: CodeVersion, KeyID: kid, Kind: CodeKind(rapid.IntRange(1, 3).Draw(t, "kind"))}
	copy(c.ID[:], rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "id"))
	c.Office, c.Queue = ShortHash(rapid.String().Draw(t, "office")), ShortHash(rapid.String().Draw(t, "queue"))
	c.Start = time.Unix(int64(rapid.Uint32().Draw(t, "start")), 0).UTC()
	return c
}

func TestACodeReadsBackThroughAnyScanner(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawCode(t)
		text := Encode(c, signer, kid)
		if len(text) != CodeLength || strings.Trim(text, alphabet) != "" {
			t.Fatalf("%d characters: %s", len(text), text)
		}
		for name, scanned := range map[string]string{
			"as it is": text, "lower case": strings.ToLower(text), "with a line end": text + "\r\n",
			"in groups": text[:50] + " " + text[50:] + "\t", "Y and Z exchanged": strings.Map(swapYZ, text),
			"exchanged in lower case": strings.ToLower(strings.Map(swapYZ, text)),
		} {
			if got, err := Decode(scanned, known); err != nil || got != c {
				t.Fatalf("%s: %+v, %v; want %+v", name, got, err, c)
			}
		}
	})
}

func TestAnyChangedCharacterIsRefused(t *testing.T) {
	text := Encode(Code{Kind: BookingCode, Office: ShortHash("dsi-main"), Start: time.Unix(1795485600, 0)}, signer, kid)
	for i := range text {
		for _, c := range alphabet {
			wrong := text[:i] + string(c) + text[i+1:]
			if wrong == text {
				continue
			}
			if _, err := Decode(wrong, known); fault.CodeOf(err) != fault.Forged && fault.CodeOf(err) != fault.Unknown {
				t.Fatalf("character %d as %c: %v", i, c, err)
			}
		}
	}
}

func TestWhatIsNoneOfOursIsUnknown(t *testing.T) {
	text := Encode(Code{Kind: BookingCode}, signer, kid)
	body := func(i int, v byte) string {
		b, _ := decode32(text)
		b[i] = v
		return encode32(b)
	}
	for name, scanned := range map[string]string{
		"nothing": "", "a link": "HTTPS://EXAMPLE.ORG/T/ABC", "cut off": text[:len(text)-1], "cut short": text[:40],
		"too long": text + "0", "twice": text + text, "huge": strings.Repeat(text, 1000), "spaces": strings.Repeat(" ", 1<<20),
		"strange characters": strings.Repeat("!", CodeLength), "not even text": strings.Repeat("\xff", CodeLength),
		"another version": body(0, 2), "no kind": body(1, 0), "an unknown kind": body(1, 9), "an unknown key": body(2, 8),
	} {
		if _, err := Decode(scanned, known); fault.CodeOf(err) != fault.Unknown {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAnotherKeysSignatureIsForged(t *testing.T) {
	other := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{1}, ed25519.SeedSize))
	if _, err := Decode(Encode(Code{Kind: PassCode}, other, kid), known); fault.CodeOf(err) != fault.Forged {
		t.Errorf("%v", err)
	}
	short := func(byte) ed25519.PublicKey { return make(ed25519.PublicKey, 3) }
	if _, err := Decode(Encode(Code{Kind: PassCode}, other, kid), short); fault.CodeOf(err) != fault.Unknown {
		t.Errorf("a key that is none: %v", err)
	}
}

func TestIdsTravelAsBytes(t *testing.T) {
	const id = "0193a6a5-7c11-7b3e-9f00-0242ac120002"
	b, err := IDOf(id)
	if err != nil || IDText(b) != id {
		t.Errorf("%v, %v", b, err)
	}
	for _, wrong := range []string{"", "x", "{" + id + "}", "urn:uuid:" + id, strings.ReplaceAll(id, "-", "")} {
		if _, err := IDOf(wrong); fault.CodeOf(err) != fault.Unknown {
			t.Errorf("%q: %v", wrong, err)
		}
	}
	c, err := CodeOf(Booking{ID: id, Office: "dsi-main", Queue: "dsi-main-card", Start: time.Unix(1795485600, 0)})
	if err != nil || c.ID != b || c.Office != ShortHash("dsi-main") || c.Queue != ShortHash("dsi-main-card") {
		t.Errorf("%+v, %v", c, err)
	}
	if _, err := CodeOf(Booking{ID: "x"}); err == nil {
		t.Error("a booking whose id is none has no code")
	}
}

func FuzzDecode(f *testing.F) {
	text := Encode(Code{Kind: BookingCode, Start: time.Unix(1795485600, 0)}, signer, kid)
	for _, s := range []string{text, strings.ToLower(text), strings.Map(swapYZ, text), text[:151], text + "0", "", "\xff\x00", strings.Repeat("Z", 152)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, scanned string) {
		c, err := Decode(scanned, known)
		if err == nil && Encode(c, signer, kid) != text {
			t.Fatalf("accepted %q, which nobody signed", scanned)
		}
		if code := fault.CodeOf(err); err != nil && code != fault.Unknown && code != fault.Forged {
			t.Fatalf("%q: %v", scanned, err)
		}
	})
}
