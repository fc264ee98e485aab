package web

import (
	"fmt"
	"html/template"
	"io/fs"
	"path"
	"sort"

	"github.com/goccy/go-yaml"
	"github.com/gofiber/fiber/v2"

	"vez/locale"
)

// Example is one way to use a component, as components/<name>/examples.yaml
// lists it. In its data, a map of the four languages stands for the text in the
// language of the page.
type Example struct {
	Name string         `yaml:"name"`
	Data map[string]any `yaml:"data"`
	HTML template.HTML  `yaml:"-"`
}

// Exhibit is one component with its examples.
type Exhibit struct {
	Name     string
	Examples []Example
}

// galleryData is the dot's Data of the gallery page.
type galleryData struct {
	Exhibits []Exhibit
	Icons    []string
	Colours  []string
	Sizes    []string
}

// Gallery renders every example of every component in a language.
func (a *App) Gallery(lang string) ([]Exhibit, error) {
	files, err := fs.Glob(ownTemplates, "components/*/examples.yaml")
	if err != nil {
		return nil, err
	}
	var out []Exhibit
	for _, file := range files {
		exhibit := Exhibit{Name: path.Base(path.Dir(file))}
		text, err := fs.ReadFile(ownTemplates, file)
		if err != nil {
			return nil, err
		}
		if err := yaml.Unmarshal(text, &exhibit.Examples); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		for i := range exhibit.Examples {
			e := &exhibit.Examples[i]
			html, err := a.engine.run("web/gallery", lang, exhibit.Name, inLanguage(e.Data, lang))
			if err != nil {
				return nil, fmt.Errorf("%s, %s: %w", file, e.Name, err)
			}
			e.HTML = template.HTML(html)
		}
		out = append(out, exhibit)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Name < out[j].Name })
	return out, nil
}

// inLanguage replaces maps of the four languages by the text of one.
func inLanguage(v any, lang string) any {
	switch x := v.(type) {
	case map[string]any:
		if text, ok := x[lang]; ok && x[locale.ZhHant] != nil && x[locale.Pt] != nil {
			return text
		}
		out := make(map[string]any, len(x))
		for name, value := range x {
			out[name] = inLanguage(value, lang)
		}
		return out
	case []any:
		out := make([]any, len(x))
		for i, value := range x {
			out[i] = inLanguage(value, lang)
		}
		return out
	case uint64: // how the YAML reader gives whole numbers
		return int(x)
	case int64:
		return int(x)
	}
	return v
}

func (a *App) gallery(c *fiber.Ctx) error {
	exhibits, err := a.Gallery(Lang(c))
	if err != nil {
		return err
	}
	theme := c.Query("theme")
	if theme != "light" && theme != "dark" {
		theme = ""
	}
	data := galleryData{
		Exhibits: exhibits, Icons: IconNames(),
		Colours: []string{"ground", "surface", "line", "ink", "quiet", "act", "turn", "turn-ground", "good", "warn", "bad", "focus"},
		Sizes:   []string{"1", "2", "3", "4", "5", "6", "7", "8"},
	}
	return Render(c, "web/gallery", data, Layout(or(c.Query("layout"), "site")), Theme(theme), Wide())
}
