package locale

import (
	"fmt"
	"io/fs"
	"path"
	"sort"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

// entry is one text: plain, or one form for each plural category.
type entry struct {
	file  string
	forms map[string]string
}

// plain says whether the text needs neither plural nor placeholder.
func (e entry) plain() bool {
	return len(e.forms) == 1 && !strings.ContainsRune(e.forms["other"], '{')
}

// counted gives the argument that chooses the plural form: "count", or the only
// placeholder of a text that has one; nil for a text without a plural.
func (e entry) counted(values map[string]any) any {
	if len(e.forms) == 1 {
		return nil // said alike of one and of many: "1 min", "5 min"
	}
	if v, ok := values["count"]; ok {
		return v
	}
	_, after, _ := strings.Cut(e.forms["other"], "{")
	place, rest, _ := strings.Cut(after, "}")
	if strings.ContainsRune(rest, '{') {
		return nil
	}
	name, _, _ := strings.Cut(place, ":")
	return values[name]
}

// catalogue is everything of one language.
type catalogue struct {
	lang      string
	entries   map[string]entry
	localizer *i18n.Localizer
	format    *format
}

// pluralTag is the language whose plural rule is used. Macao follows the
// European rule: "0 pessoas", not "0 pessoa".
func pluralTag(lang string) language.Tag {
	if lang == Pt {
		return language.EuropeanPortuguese
	}
	return language.Make(lang)
}

func loadCatalogue(fsys fs.FS, lang string) (*catalogue, error) {
	c := &catalogue{lang: lang, entries: map[string]entry{}, format: formats[lang]}
	names, err := fs.Glob(fsys, path.Join("text", lang, "*.yaml"))
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		if err := c.readFile(fsys, name); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return c, c.bind()
}

func (c *catalogue) readFile(fsys fs.FS, name string) error {
	text, err := fs.ReadFile(fsys, name)
	if err != nil {
		return err
	}
	var tree map[string]any
	if err := yaml.Unmarshal(text, &tree); err != nil {
		return err
	}
	room := strings.TrimSuffix(path.Base(name), ".yaml")
	return c.flatten(name, room, tree)
}

// flatten adds the texts of a map under a prefix.
func (c *catalogue) flatten(file, prefix string, tree map[string]any) error {
	if forms, ok := pluralForms(tree); ok {
		c.entries[prefix] = entry{file: file, forms: forms}
		return nil
	}
	for name, value := range tree {
		key := prefix + "." + name
		switch v := value.(type) {
		case string:
			c.entries[key] = entry{file: file, forms: map[string]string{"other": strings.TrimSpace(v)}}
		case map[string]any:
			if err := c.flatten(file, key, v); err != nil {
				return err
			}
		default:
			return fmt.Errorf("%s is %T, not a text: put it in quotes", key, value)
		}
	}
	return nil
}

var categories = map[string]bool{"zero": true, "one": true, "two": true, "few": true, "many": true, "other": true}

// pluralForms recognises a map of plural categories: all keys are categories
// and "other" is among them.
func pluralForms(tree map[string]any) (map[string]string, bool) {
	if _, ok := tree["other"]; !ok {
		return nil, false
	}
	forms := make(map[string]string, len(tree))
	for name, value := range tree {
		text, ok := value.(string)
		if !ok || !categories[name] {
			return nil, false
		}
		forms[name] = strings.TrimSpace(text)
	}
	return forms, true
}

// bind gives the texts to go-i18n, one bundle a language, so that a text
// missing here is never taken silently from another language.
func (c *catalogue) bind() error {
	tag := pluralTag(c.lang)
	bundle := i18n.NewBundle(tag)
	for _, key := range c.keys() {
		f := c.entries[key].forms
		many := f["many"]
		if many == "" && c.lang == Pt {
			many = f["other"] // whole millions, which no text of ours tells apart
		}
		err := bundle.AddMessages(tag, &i18n.Message{
			ID: key, Zero: f["zero"], One: f["one"], Two: f["two"], Few: f["few"], Many: many, Other: f["other"],
		})
		if err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
	}
	c.localizer = i18n.NewLocalizer(bundle, tag.String())
	return nil
}

func (c *catalogue) keys() []string {
	keys := make([]string, 0, len(c.entries))
	for key := range c.entries {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	return keys
}
