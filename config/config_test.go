package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"
)

// load reads settings from a file's text ("" for no file), variables and flags.
func load(file string, environ []string, flags map[string]string) (Settings, []Mistake) {
	if file != "" {
		environ = append(environ, "VEZ_CONFIG=vez.yaml")
	}
	return Load(Sources{Flags: flags, Environ: environ, ReadFile: func(name string) ([]byte, error) {
		if name == "vez.yaml" && file != "" {
			return []byte(file), nil
		}
		if name == "/run/secret" {
			return []byte(" 0123456789abcdef0123456789abcdef\n"), nil
		}
		return nil, errors.New("no such file")
	}})
}

func TestTheSampleFileEqualsTheDefaults(t *testing.T) {
	none, mistakes := load("", nil, nil)
	if len(mistakes) > 0 {
		t.Fatal(mistakes)
	}
	got, mistakes := load(Sample(), nil, nil)
	if len(mistakes) > 0 {
		t.Fatal(mistakes)
	}
	for _, f := range Fields() {
		if !got.IsSet(f.Key) {
			t.Errorf("the sample file does not show %q", f.Key)
		}
	}
	got.origins, none.origins = nil, nil
	// A list written as empty and none at all are the same to everybody.
	if len(got.Fonts) == 0 && len(got.TrustedProxies) == 0 {
		got.Fonts, none.Fonts, got.TrustedProxies, none.TrustedProxies = nil, nil, nil, nil
	}
	if !reflect.DeepEqual(got, none) {
		t.Errorf("the sample file gives\n%+v, the defaults are\n%+v", got, none)
	}
}

func TestTheSampleFileNamesEveryVariableAndFlag(t *testing.T) {
	for _, f := range Fields() {
		if !strings.Contains(Sample(), " "+f.Env+" ") {
			t.Errorf("the sample file does not name %s", f.Env)
		}
		want := " --" + f.Flag + "\n"
		if f.Secret {
			want = f.Env + "  (secret)\n"
		}
		if !strings.Contains(Sample(), want) {
			t.Errorf("the sample file does not say %q", strings.TrimSpace(want))
		}
	}
}

func TestFlagsWinOverVariablesOverTheFileOverDefaults(t *testing.T) {
	file := "listen: :1\nlog: {level: warn, format: json}\ndemo:\n  enabled: yes\n  speed: 2\ntrusted_proxies:\n  - 10.0.0.0/8\n  - 192.0.2.7\nfonts: /a, /b\n"
	s, mistakes := load(file, []string{"VEZ_LISTEN=:2", "VEZ_LOG=error", "PATH=/bin", "VEZ_DEMO_CLOCK=2026-11-24T09:30:00+08:00"}, map[string]string{"listen": ":3"})
	if len(mistakes) > 0 {
		t.Fatal(mistakes)
	}
	if s.Listen != ":3" || s.Log.LogLevel != "error" || s.Log.LogFormat != "json" || s.OIDC.Roles != "roles" {
		t.Errorf("got %+v", s)
	}
	if !s.Demo.Enabled || s.Demo.Speed != 2 || !s.Demo.Clock.Equal(time.Date(2026, 11, 24, 1, 30, 0, 0, time.UTC)) {
		t.Errorf("demo: %+v", s.Demo)
	}
	if want := (Networks{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("192.0.2.7/32")}); !reflect.DeepEqual(s.TrustedProxies, want) {
		t.Errorf("proxies: %v", s.TrustedProxies)
	}
	if !reflect.DeepEqual(s.Fonts, []string{"/a", "/b"}) {
		t.Errorf("fonts: %q", s.Fonts)
	}
}

func TestAnEmptyVariableWinsOverTheFile(t *testing.T) {
	s, mistakes := load("redis: child\ndemo: {speed: 5}\n", []string{"VEZ_REDIS=", "VEZ_DEMO_SPEED="}, nil)
	if len(mistakes) > 0 || s.Redis != "" || s.Demo.Speed != 1 {
		t.Errorf("redis %q, speed %v, %v", s.Redis, s.Demo.Speed, mistakes)
	}
}

func TestASecretMayStandInAFileOfItsOwn(t *testing.T) {
	s, mistakes := load("", []string{"VEZ_KEY_FILE=/run/secret"}, nil)
	if len(mistakes) > 0 || s.Key != "0123456789abcdef0123456789abcdef" {
		t.Errorf("key %q, %v", s.Key, mistakes)
	}
	_, mistakes = load("", []string{"VEZ_KEY_FILE=/nowhere"}, nil)
	if len(mistakes) != 1 || !strings.Contains(mistakes[0].What, "VEZ_KEY_FILE") {
		t.Errorf("got %v", mistakes)
	}
}

func TestEveryMistakeNamesItsPlaceAndRemedy(t *testing.T) {
	for _, c := range []struct {
		name, file string
		environ    []string
		flags      map[string]string
		where      string
		line       int
		what       string
	}{
		{"syntax", "listen: [\n", nil, nil, "vez.yaml", 1, "not found"},
		{"unknown key", "listen: :1\nlisten_on: :2\n", nil, nil, "vez.yaml", 2, `"listen_on"`},
		{"unknown key in a group", "log:\n  levle: info\n", nil, nil, "vez.yaml", 2, `"log.levle"`}, //nolint:misspell // the mistake is the point
		{"key twice", "url: https://a.example\nurl: https://b.example\n", nil, nil, "vez.yaml", 2, "stands twice"},
		{"group instead of a value", "listen:\n  port: 8080\n", nil, nil, "vez.yaml", 1, "plain value"},
		{"value instead of a group", "log: info\n", nil, nil, "vez.yaml", 1, "group of settings"},
		{"number", "demo:\n  speed: fast\n", nil, nil, "vez.yaml", 2, `"fast"`},
		{"yes or no", "demo:\n  enabled: maybe\n", nil, nil, "vez.yaml", 2, `"maybe"`},
		{"clock", "", nil, map[string]string{"clock": "tomorrow"}, "command line", 0, "--clock"},
		{"networks", "", []string{"VEZ_TRUSTED_PROXIES=10.0.0.0/99"}, nil, "environment", 0, "VEZ_TRUSTED_PROXIES"},
		{"listen", "listen: 8080\n", nil, nil, "vez.yaml", 1, "listen"},
		{"url with a path", "\nurl: https://vez.example/x\n", nil, nil, "vez.yaml", 2, "url"},
		{"database", "", []string{"VEZ_DATABASE=mysql://host/x"}, nil, "environment", 0, "VEZ_DATABASE"},
		{"redis", "", []string{"VEZ_REDIS=localhost:6379"}, nil, "environment", 0, "VEZ_REDIS"},
		{"key too short", "", []string{"VEZ_KEY=secret"}, nil, "environment", 0, "VEZ_KEY"},
		{"log level", "log:\n  level: loud\n", nil, nil, "vez.yaml", 2, `"loud"`},
		{"log format", "", []string{"VEZ_LOG_FORMAT=xml"}, nil, "environment", 0, `"xml"`},
		{"speed", "demo:\n  speed: 0\n", nil, nil, "vez.yaml", 2, "no speed"},
		{"not a number at all", "demo:\n  speed: NaN\n", nil, nil, "vez.yaml", 2, "no speed"},
		{"public", "", nil, map[string]string{"public": "-1"}, "command line", 0, "--public"},
		{"mail", "mail:\n  server: host:25\n", nil, nil, "vez.yaml", 2, "mail.server"},
		{"sender", "mail:\n  from: nobody\n", nil, nil, "vez.yaml", 2, "mail.from"},
		{"issuer", "oidc:\n  issuer: id.example\n", nil, nil, "vez.yaml", 2, "oidc.issuer"},
		{"missing file", "", nil, map[string]string{"config": "other.yaml"}, "command line", 0, "--config"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, mistakes := load(c.file, c.environ, c.flags)
			if len(mistakes) != 1 {
				t.Fatalf("want one mistake, got %v", mistakes)
			}
			m := mistakes[0]
			if m.Severity != Error || m.File != c.where || m.Line != c.line || !strings.Contains(m.What, c.what) || m.Remedy == "" {
				t.Errorf("got %+v", m)
			}
		})
	}
}

func TestAMisspeltVariableIsWarnedOf(t *testing.T) {
	_, mistakes := load("", []string{"VEZ_LISTN=:1", "VEZ_REQUIRE_REDIS=1"}, nil)
	if len(mistakes) != 1 || mistakes[0].Severity != Warning || mistakes[0].Remedy != `did you mean "VEZ_LISTEN"?` {
		t.Errorf("got %+v", mistakes)
	}
}

func TestSecretsAppearInNoMistakeAndNoFlag(t *testing.T) {
	_, mistakes := load("", []string{"VEZ_KEY=hush", "VEZ_REDIS=hush", "VEZ_DATABASE=hush", "VEZ_MAIL=hush"}, nil)
	if len(mistakes) != 4 {
		t.Errorf("got %v", mistakes)
	}
	for _, m := range mistakes {
		if strings.Contains(m.What+m.Remedy, "hush") {
			t.Errorf("a secret shows in %+v", m)
		}
	}
	set := pflag.NewFlagSet("vez", pflag.ContinueOnError)
	AddFlags(set)
	for _, f := range Fields() {
		if (set.Lookup(f.Flag) == nil) != f.Secret {
			t.Errorf("--%s: secret %v", f.Flag, f.Secret)
		}
	}
}

func TestFlagsAreReadFromTheCommandLine(t *testing.T) {
	set := pflag.NewFlagSet("vez", pflag.ContinueOnError)
	AddFlags(set)
	if err := set.Parse([]string{"--demo", "--clock", "2026-11-24T09:30:00+08:00", "--speed=10", "--public", "0", "--listen", "127.0.0.1:0", "--data", "/d"}); err != nil {
		t.Fatal(err)
	}
	s, mistakes := load("", nil, Given(set))
	if len(mistakes) > 0 {
		t.Fatal(mistakes)
	}
	if !s.Demo.Enabled || s.Demo.Speed != 10 || s.Demo.Public != 0 || s.Listen != "127.0.0.1:0" || s.Data != "/d" || s.IsSet("url") {
		t.Errorf("got %+v", s)
	}
}

func TestWhatServingNeeds(t *testing.T) {
	folder := func(name string) bool { return name == "/there" }
	serving := func(environ ...string) string {
		s, mistakes := load("", environ, nil)
		if len(mistakes) > 0 {
			t.Fatal(mistakes)
		}
		var all []string
		for _, m := range s.CheckServing(folder) {
			if m.Remedy == "" {
				t.Errorf("no remedy: %v", m)
			}
			all = append(all, m.String())
		}
		return strings.Join(all, "\n")
	}
	whole := []string{"VEZ_URL=https://vez.example", "VEZ_OIDC_ISSUER=https://id.example", "VEZ_OIDC_CLIENT=vez", "VEZ_TRUSTED_PROXIES=10.0.0.0/8"}
	for _, c := range []struct {
		environ []string
		want    string // "" for nothing
	}{
		{whole, ""},
		{[]string{"VEZ_DEMO=1"}, ""},
		{nil, "no public address"},
		{whole[:3:3], "for all residents together"},
		{append(whole[:1:1], whole[1]), "not the client"},
		{whole[:1:1], "citizens cannot sign in"},
		{append([]string{"VEZ_DATABASE=postgres://u@h/d", "VEZ_REDIS=redis://h:6379"}, whole...), "needs a key"},
		{append([]string{"VEZ_URL=http://vez.example"}, whole[1:]...), "not encrypted"},
		{append([]string{"VEZ_CATALOGUE=/nowhere"}, whole...), "no folder"},
		{append([]string{"VEZ_CATALOGUE=/there", "VEZ_FONTS=/there"}, whole...), ""},
		{append([]string{"VEZ_DEMO_SPEED=3"}, whole...), "demo mode only"},
		{append([]string{"VEZ_MAIL=smtp://h:25"}, whole...), "sender"},
	} {
		got := serving(c.environ...)
		if c.want == "" && got != "" || !strings.Contains(got, c.want) {
			t.Errorf("%v: got %q, want %q", c.environ, got, c.want)
		}
	}
}

func TestFieldsAreToldApart(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range Fields() {
		for _, name := range []string{f.Key, f.Env, "--" + f.Flag, "field " + f.name} {
			if seen[name] {
				t.Errorf("%s stands twice", name)
			}
			seen[name] = true
		}
		if f.Help == "" {
			t.Errorf("%s has no help", f.Key)
		}
	}
}

func TestReportsReadAlikeForPeopleAndScripts(t *testing.T) {
	all := []Mistake{{Error, "offices/hall.yaml", 7, "the prefix \"O\" is no prefix", "use another letter"}, {Warning, "environment", 0, "there is no setting VEZ_X", "take it out"}}
	var text, script bytes.Buffer
	if err := errors.Join(Report(&text, all, false), Report(&script, all, true)); err != nil {
		t.Fatal(err)
	}
	want := `offices/hall.yaml:7: error: the prefix "O" is no prefix
    use another letter
environment: warning: there is no setting VEZ_X
    take it out
1 error, 1 warning
`
	if text.String() != want {
		t.Errorf("got\n%s\nwant\n%s", text.String(), want)
	}
	var got struct {
		OK       bool
		Errors   int
		Warnings int
		Mistakes []Mistake
	}
	if err := json.Unmarshal(script.Bytes(), &got); err != nil || got.OK || got.Errors != 1 || got.Warnings != 1 || !reflect.DeepEqual(got.Mistakes, all) {
		t.Errorf("got %s, %v", script.String(), err)
	}
	if !Failed(all) || Failed(all[1:]) {
		t.Error("an error fails, a warning does not")
	}
}

func TestTheMacaoCatalogueIsInside(t *testing.T) {
	for _, name := range []string{"catalogue.yaml", "departments/dsi.yaml", "offices/hengqin.yaml", "holidays/macao.yaml"} {
		if _, err := fs.Stat(Macao(), name); err != nil {
			t.Error(err)
		}
	}
}

// FuzzFile feeds any bytes as settings file: there may be mistakes, but no panic.
func FuzzFile(f *testing.F) {
	f.Add(Sample())
	for _, seed := range []string{"[", "a", "- 1", "log: {level: [info]}", "? x\n: y", "demo: &a\n  speed: *a", "---\n---\nlisten: 1", "<<: {url: 1}", "log.level: info"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		_, mistakes := load(text, nil, nil)
		for _, m := range mistakes {
			if m.File == "" || m.What == "" || m.Remedy == "" {
				t.Errorf("badly said: %+v", m)
			}
		}
	})
}
