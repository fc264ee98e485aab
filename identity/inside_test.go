package identity

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"

	"vez/identity/identitytest"
	"vez/web"
)

func newService(t *testing.T, secret string) (*Service, *clockwork.FakeClock) {
	t.Helper()
	clock := clockwork.NewFakeClock()
	s, err := New(Config{Store: identitytest.NewStore(), Secret: []byte(secret), URL: "https://vez.example", Clock: clock})
	if err != nil {
		t.Fatal(err)
	}
	return s, clock
}

const (
	someSecret    = "a secret of the tests, 32 bytes.."
	anotherSecret = "another one, also of 32 bytes...."
)

func TestPseudonymsAreStableAndTellNothing(t *testing.T) {
	s, _ := newService(t, someSecret)
	same, _ := newService(t, someSecret)
	other, _ := newService(t, anotherSecret)
	p := s.Pseudonym("citizen", "https://id.example", "1234567")
	if p != same.Pseudonym("citizen", "https://id.example", "1234567") {
		t.Error("another hub with the same secret gives another pseudonym")
	}
	for what, q := range map[string]string{
		"another secret":  other.Pseudonym("citizen", "https://id.example", "1234567"),
		"another issuer":  s.Pseudonym("citizen", "https://id.example/", "1234567"),
		"another subject": s.Pseudonym("citizen", "https://id.example", "1234568"),
		"parts moved":     s.Pseudonym("citizen", "https://id.example1", "234567"),
	} {
		if p == q {
			t.Errorf("%s gives the same pseudonym", what)
		}
	}
	if strings.TrimPrefix(p, "citizen:") == strings.TrimPrefix(s.Pseudonym("clerk", "https://id.example", "1234567"), "clerk:") {
		t.Error("a citizen who works here can be recognised")
	}
	if len(p) != len("citizen:")+26 || strings.Contains(p, "1234567") {
		t.Errorf("pseudonym %q", p)
	}
}

func TestTwoDepartmentsCannotTellThatTheySpeakOfOnePerson(t *testing.T) {
	s, _ := newService(t, someSecret)
	other, _ := newService(t, anotherSecret)
	p := s.Pseudonym("citizen", "https://id.example", "1234567")
	dsi, dsf := s.PerDepartment(p, "dsi"), s.PerDepartment(p, "dsf")
	if dsi == dsf || dsi == p || dsf == p {
		t.Errorf("house %s, dsi %s, dsf %s", p, dsi, dsf)
	}
	if dsi != s.PerDepartment(p, "dsi") || !strings.HasPrefix(dsi, "citizen:") {
		t.Error("a department sees another pseudonym each time")
	}
	if dsi == other.PerDepartment(p, "dsi") {
		t.Error("it can be reckoned without the secret")
	}
	if s.PerDepartment("", "dsi") != "" {
		t.Error("a bearer's ticket got a holder")
	}
}

func TestALateNoteOfUseDoesNotBringBackAnEndedSession(t *testing.T) {
	s, clock := newService(t, someSecret)
	ctx := context.Background()
	secret, err := s.start(ctx, Principal{Subject: "citizen:x", Grants: []Grant{{Citizen, Any, Any}}}, SortCitizen, time.Hour, "")
	if err != nil {
		t.Fatal(err)
	}
	e, err := s.load(ctx, hashOf(secret), SortCitizen)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.end(ctx, secret, SortCitizen); err != nil {
		t.Fatal(err)
	}
	clock.Advance(20 * time.Minute)
	if _, err := s.use(ctx, hashOf(secret), e, SortCitizen); err != nil {
		t.Fatal(err)
	}
	clock.Advance(s.limits.Cache + time.Second)
	if who, err := s.find(ctx, secret, SortCitizen); err == nil {
		t.Errorf("it is %s again", who.Subject)
	}
}

func TestAnAttemptOfAnotherHouseIsNotRead(t *testing.T) {
	s, _ := newService(t, someSecret)
	other, _ := newService(t, anotherSecret)
	sealed, err := other.seal(other.newAttempt(SortStaff, "/admin", "https://vez.example"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.open(sealed); err == nil {
		t.Error("it was read")
	}
	if a, err := other.open(sealed); err != nil || a.Back != "/admin" || len(a.State) < 43 || a.State == a.Nonce {
		t.Errorf("our own: %+v (%v)", a, err)
	}
}

func TestAnAttemptIsOverAfterTenMinutes(t *testing.T) {
	s, clock := newService(t, someSecret)
	sealed, err := s.seal(s.newAttempt(SortCitizen, "/my", "https://vez.example"))
	if err != nil {
		t.Fatal(err)
	}
	clock.Advance(10*time.Minute - 1)
	if _, err := s.open(sealed); err != nil {
		t.Errorf("just in time: %v", err)
	}
	clock.Advance(1)
	if _, err := s.open(sealed); err == nil {
		t.Error("it is still good")
	}
}

func TestCodesAreReadAsPeopleTypeThem(t *testing.T) {
	for typed, want := range map[string]string{"ab3k 9zq1": "AB3K9ZQ1", "AB3K-9ZQ1 ": "AB3K9ZQ1", "oilO": "0110"} {
		if got := cleanCode(typed); got != want {
			t.Errorf("%q is read %q", typed, got)
		}
	}
}

func TestASecretOrAddressThatIsNoneIsRefused(t *testing.T) {
	store := identitytest.NewStore()
	for name, cfg := range map[string]Config{
		"no store":     {Secret: []byte(someSecret), URL: "https://vez.example"},
		"short secret": {Store: store, Secret: []byte("short"), URL: "https://vez.example"},
		"no address":   {Store: store, Secret: []byte(someSecret)},
	} {
		if _, err := New(cfg); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
}

// FuzzLocalPath: whatever is asked for, a browser on our site that follows the
// answer stays on it.
func FuzzLocalPath(f *testing.F) {
	for _, seed := range []string{
		"/my", "//evil.example", `/\evil.example`, "https://evil.example", "/a?b=//c", "/..//evil.example", "/%2f%2fevil.example",
		"/\x00/evil", "/signin", "", "/my#x", "/;@evil.example", "/.//evil.example",
	} {
		f.Add(seed)
	}
	base, _ := url.Parse("https://vez.example/signin/callback")
	f.Fuzz(func(t *testing.T, asked string) {
		got := localPath(asked, "/my")
		if got != asked && got != "/my" {
			t.Fatalf("%q became %q", asked, got)
		}
		u, err := base.Parse(got)
		if err != nil {
			return // a browser shows nothing for what is no address
		}
		if u.Host != base.Host || u.Scheme != base.Scheme || u.User != nil {
			t.Fatalf("%q leads to %s", asked, u)
		}
		if strings.HasPrefix(got, "/signin") && !strings.HasPrefix(got, "/signin-") && (got == "/signin" || got[7] == '/' || got[7] == '?') {
			t.Fatalf("%q leads round in a circle", asked)
		}
	})
}

func TestTheRatesOfGuessesStandInTheHandbook(t *testing.T) {
	page, err := os.ReadFile("../docs/security.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range []web.Rate{passwords, pairings, References} {
		if line := fmt.Sprintf("| %s | %d in %s |", r.Name, r.N, r.Per); !strings.Contains(string(page), line) {
			t.Errorf("the handbook lacks %s", line)
		}
	}
}
