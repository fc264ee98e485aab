package config

import (
	"reflect"
	"strings"

	"github.com/spf13/pflag"
)

// Field describes one setting.
type Field struct {
	Key     string // in the YAML file, "oidc.issuer"
	Env     string // "VEZ_OIDC_ISSUER"
	Flag    string // "oidc-issuer"
	Default string
	Help    string
	Secret  bool // never printed, and no flag: a command line can be read by others
	name    string
	kind    reflect.Kind
}

// Fields lists the settings in the order of Settings.
func Fields() []Field { return fieldsOf(reflect.TypeFor[Settings]()) }

func fieldsOf(t reflect.Type) (out []Field) {
	for i := range t.NumField() {
		f := t.Field(i)
		key := f.Tag.Get("key")
		switch {
		case key == "" && f.IsExported():
			out = append(out, fieldsOf(f.Type)...)
		case key != "":
			out = append(out, Field{
				Key: key, Env: f.Tag.Get("env"), Flag: flagName(f.Tag.Get("flag"), key), Default: f.Tag.Get("default"),
				Help: f.Tag.Get("help"), Secret: f.Tag.Get("secret") == "yes", name: f.Name, kind: f.Type.Kind(),
			})
		}
	}
	return out
}

func flagName(given, key string) string {
	if given != "" {
		return given
	}
	return strings.NewReplacer(".", "-", "_", "-").Replace(key)
}

// AddFlags defines the flags of all settings but the secrets, and --config.
// Values are read as text and checked by Load, so that mistakes in flags read
// like mistakes elsewhere.
func AddFlags(set *pflag.FlagSet) {
	set.String("config", "", "settings file (YAML)")
	for _, f := range Fields() {
		if f.Secret {
			continue
		}
		set.String(f.Flag, f.Default, f.Help)
		if f.kind == reflect.Bool {
			set.Lookup(f.Flag).NoOptDefVal = "true"
		}
	}
}

// Given lists the flags that were set on the command line, for Sources.
func Given(set *pflag.FlagSet) map[string]string {
	out := map[string]string{}
	set.Visit(func(f *pflag.Flag) { out[f.Name] = f.Value.String() })
	return out
}

// split cuts a list at commas.
func split(s string) (out []string) {
	for _, part := range strings.Split(s, ",") {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}
