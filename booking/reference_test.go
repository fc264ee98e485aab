package booking

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"vez/fault"
	_ "vez/hall/rapidtest" // the same programs in every run
)

func drawReference(t *rapid.T) string {
	ref, err := NewReference(bytes.NewReader(rapid.SliceOfN(rapid.Byte(), 7, 7).Draw(t, "random")))
	if err != nil {
		t.Fatal(err)
	}
	return ref
}

func TestAReferenceReadsBackAsPeopleTypeIt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ref := drawReference(t)
		typed := strings.NewReplacer("0", "o", "1", rapid.SampledFrom([]string{"I", "l", "L", "i", "1"}).Draw(t, "one")).Replace(ref)
		if rapid.Bool().Draw(t, "lower") {
			typed = strings.ToLower(typed)
		}
		typed = rapid.SampledFrom([]string{"", " ", "\t"}).Draw(t, "before") + typed[:4] + rapid.SampledFrom([]string{"", "-", " ", " – ", "\u3000"}).Draw(t, "between") + typed[4:] + "\r\n"
		if got, err := ParseReference(typed); err != nil || got != ref {
			t.Fatalf("%q: %q, %v; want %q", typed, got, err, ref)
		}
		if got, err := ParseReference(ReferenceWords(ref)); err != nil || got != ref {
			t.Fatalf("as it is shown: %q, %v", got, err)
		}
	})
}

func TestAnyOneWrongCharacterIsFound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ref := drawReference(t)
		for i := range ref {
			for _, c := range alphabet {
				wrong := ref[:i] + string(c) + ref[i+1:]
				if _, err := ParseReference(wrong); wrong != ref && fault.CodeOf(err) != fault.Unknown {
					t.Fatalf("%q taken for %q", wrong, ref)
				}
			}
		}
	})
}

func TestAnyTwoExchangedCharactersAreFound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ref := drawReference(t)
		for i := range ref {
			for j := range i {
				b := []byte(ref)
				b[i], b[j] = b[j], b[i]
				if _, err := ParseReference(string(b)); string(b) != ref && fault.CodeOf(err) != fault.Unknown {
					t.Fatalf("%q taken for %q", b, ref)
				}
			}
		}
	})
}

func TestWhatIsNoReferenceIsUnknown(t *testing.T) {
	for _, typed := range []string{"", "0", "0000000", "000000000", "0000000U", "０００００００0", "🙂", strings.Repeat(" ", 4000), strings.Repeat("0", 4000), "\xff\xfe"} {
		if got, err := ParseReference(typed); fault.CodeOf(err) != fault.Unknown {
			t.Errorf("%.20q: %q, %v", typed, got, err)
		}
	}
	if _, err := NewReference(strings.NewReader("short")); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("a source that runs dry: %v", err)
	}
}

func TestReferencesDiffer(t *testing.T) {
	random := rand.NewChaCha8([32]byte{1}) // always the same: any 1000 of 35 bits meet once in 69,000 runs
	seen := map[string]bool{}
	for range 1000 {
		ref, err := NewReference(random)
		if err != nil || seen[ref] {
			t.Fatalf("%q again, or %v", ref, err)
		}
		seen[ref] = true
	}
}

func FuzzReference(f *testing.F) {
	for _, s := range []string{"00000000", "abcd-efgh", "OIL1 oil1", "\xff", "A\u0000B"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		ref, err := ParseReference(typed)
		if err != nil {
			return
		}
		if again, err := ParseReference(ref); err != nil || again != ref || len(ref) != ReferenceLength {
			t.Fatalf("%q gave %q, which gave %q, %v", typed, ref, again, err)
		}
	})
}
