package config

import (
	"errors"
	"fmt"
	"reflect"
	"sort"
	"strings"

	"github.com/caarlos0/env/v11"

	"vez/fault/near"
)

// Sources are where settings come from. Load looks at nothing else.
type Sources struct {
	Flags    map[string]string // by name, only those given; Given makes it
	Environ  []string          // NAME=value, as os.Environ gives them
	ReadFile func(name string) ([]byte, error)
}

// origin is where a value was found.
type origin struct {
	where string // a path, "environment", "command line"; "" for a default
	line  int
	name  string // what it is called there
}

// Load reads the settings: defaults, file (--config or VEZ_CONFIG), VEZ_*
// variables, flags, the later winning. A secret may also be named by
// VEZ_…_FILE, the path of a file that holds it. It reports every mistake it
// finds; with an error among them the settings are not fit for use.
func Load(src Sources) (Settings, []Mistake) {
	l := &loading{src: src, known: map[string]Field{}, values: map[string]string{}, origins: map[string]origin{}}
	for _, f := range Fields() {
		l.known[f.Key] = f
		l.values[f.Key] = f.Default
	}
	environ := l.environ()
	l.readFile(environ)
	l.readEnviron(environ)
	l.readFlags()
	s := l.parse()
	s.origins = l.origins
	l.mistakes = append(l.mistakes, s.checkForms()...)
	return s, l.mistakes
}

type loading struct {
	src      Sources
	known    map[string]Field
	values   map[string]string // by key
	origins  map[string]origin // by key
	mistakes []Mistake
}

func (l *loading) set(key, value string, from origin) {
	switch l.known[key].kind {
	case reflect.Bool:
		value = truth(value)
	case reflect.Slice:
		value = strings.Join(split(value), ",")
	}
	if value == "" && l.known[key].kind != reflect.String {
		value = l.known[key].Default
	}
	l.values[key], l.origins[key] = value, from
}

// truth reads the words of YAML and of people as those of the library.
func truth(word string) string {
	switch strings.ToLower(word) {
	case "yes", "on":
		return "true"
	case "no", "off":
		return "false"
	}
	return word
}

func (l *loading) environ() map[string]string {
	out := map[string]string{}
	for _, pair := range l.src.Environ {
		if name, value, ok := strings.Cut(pair, "="); ok && strings.HasPrefix(name, "VEZ_") {
			out[name] = value
		}
	}
	return out
}

func (l *loading) readFile(environ map[string]string) {
	name, from := environ["VEZ_CONFIG"], origin{where: "environment", name: "VEZ_CONFIG"}
	if flag := l.src.Flags["config"]; flag != "" {
		name, from = flag, origin{where: "command line", name: "--config"}
	}
	if name == "" {
		return
	}
	data, err := l.src.ReadFile(name)
	if err != nil {
		l.wrong(from, "name a file that is there and can be read", "%s names a settings file that cannot be read: %v", from.name, err)
		return
	}
	f := &file{name: name, known: l.known, values: map[string]string{}, lines: map[string]int{}}
	f.parse(data)
	l.mistakes = append(l.mistakes, f.mistakes...)
	for key, value := range f.values {
		l.set(key, value, origin{where: name, line: f.lines[key], name: key})
	}
}

// strangers are variables of the house that are no settings of the program.
var strangers = []string{"VEZ_CONFIG", "VEZ_REQUIRE_", "VEZ_TEST_", "VEZ_VIEW"}

func (l *loading) readEnviron(environ map[string]string) {
	keyOf := map[string]string{}
	for key, f := range l.known {
		keyOf[f.Env] = key
		if f.Secret {
			l.secretFile(key, f, environ)
		}
	}
	names := keysOf(environ)
	sort.Strings(names)
	for _, name := range names {
		if key, ok := keyOf[name]; ok {
			l.set(key, environ[name], origin{where: "environment", name: name})
		} else if !l.stranger(name) {
			l.mistakes = append(l.mistakes, Mistake{Warning, "environment", 0, fmt.Sprintf("there is no setting %s", name), near.Word(name, keysOf(keyOf), 4, "")})
		}
	}
}

func (l *loading) secretFile(key string, f Field, environ map[string]string) {
	name := f.Env + "_FILE"
	path := environ[name]
	if path == "" {
		return
	}
	from := origin{where: "environment", name: name}
	data, err := l.src.ReadFile(path)
	switch {
	case err != nil:
		l.wrong(from, "name a file that is there and can be read", "%s names a file that cannot be read: %v", name, err)
	case environ[f.Env] != "":
		l.wrong(from, "keep one of the two", "%s and %s are both set", f.Env, name)
	default:
		l.set(key, strings.TrimSpace(string(data)), from)
	}
}

func (l *loading) stranger(name string) bool {
	for _, s := range strangers {
		if strings.HasPrefix(name, s) {
			return true
		}
	}
	for _, f := range l.known {
		if f.Secret && name == f.Env+"_FILE" {
			return true
		}
	}
	return false
}

func (l *loading) readFlags() {
	for key, f := range l.known {
		if value, given := l.src.Flags[f.Flag]; given && !f.Secret {
			l.set(key, value, origin{where: "command line", name: "--" + f.Flag})
		}
	}
}

// parse makes typed settings of the texts, by the library's rules for types.
func (l *loading) parse() Settings {
	byEnv := map[string]string{}
	byName := map[string]Field{}
	for key, f := range l.known {
		byEnv[f.Env] = l.values[key]
		byName[f.name] = f
	}
	var s Settings
	for _, one := range failures(env.ParseWithOptions(&s, env.Options{Environment: byEnv})) {
		var p env.ParseError
		if !errors.As(one, &p) {
			l.wrong(origin{where: "settings"}, "compare with vez.sample.yaml", "%v", one)
			continue
		}
		f := byName[p.Name]
		l.wrong(l.origins[f.Key], remedyOf(f), "%q is no value for %s", l.shown(f), l.named(f))
		byEnv[f.Env] = f.Default // so that it is not found wrong a second time
	}
	s = Settings{}
	_ = env.ParseWithOptions(&s, env.Options{Environment: byEnv})
	return s
}

// failures takes the library's error apart.
func failures(err error) []error {
	var all env.AggregateError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &all):
		return all.Errors
	}
	return []error{err}
}

// shown gives a value for a message; secrets stay secret.
func (l *loading) shown(f Field) string {
	if f.Secret {
		return "…"
	}
	return l.values[f.Key]
}

func (l *loading) named(f Field) string {
	if o := l.origins[f.Key]; o.name != "" {
		return o.name
	}
	return f.Key
}

func (l *loading) wrong(at origin, remedy, what string, args ...any) {
	l.mistakes = append(l.mistakes, Mistake{Error, at.where, at.line, fmt.Sprintf(what, args...), remedy})
}

// remedyOf says what a value of the field's type looks like.
func remedyOf(f Field) string {
	switch f.name {
	case "Clock":
		return "write date, time and offset such as 2026-11-24T09:30:00+08:00"
	case "TrustedProxies":
		return "write addresses or networks such as 10.0.0.0/8, 192.0.2.7"
	}
	switch f.kind {
	case reflect.Bool:
		return "write yes or no"
	case reflect.Float64, reflect.Int:
		return "write a number such as " + f.Default
	}
	return f.Help
}

func keysOf[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	return out
}
