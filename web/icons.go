package web

import (
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"sort"
	"strings"
)

//go:embed icons/*.svg
var iconFiles embed.FS

// icons are our pictograms, ready to stand in a page: 24-grid, 2 px strokes,
// round ends, in the colour of the text around them.
var icons = readIcons()

func readIcons() map[string]template.HTML {
	files, err := fs.Glob(iconFiles, "icons/*.svg")
	if err != nil {
		panic(err) // the pattern is a constant
	}
	out := make(map[string]template.HTML, len(files))
	for _, file := range files {
		body, err := fs.ReadFile(iconFiles, file)
		if err != nil {
			panic(err) // the file is built in
		}
		name := strings.TrimSuffix(strings.TrimPrefix(file, "icons/"), ".svg")
		svg := strings.Replace(strings.TrimSpace(string(body)), `<svg xmlns="http://www.w3.org/2000/svg"`,
			`<svg class="icon" aria-hidden="true" focusable="false"`, 1)
		out[name] = template.HTML(svg)
	}
	return out
}

// icon gives a pictogram; it is hidden from screen readers, because it never
// stands without words.
func icon(name string) (template.HTML, error) {
	svg, ok := icons[name]
	if !ok {
		return "", fmt.Errorf("there is no pictogram %q", name)
	}
	return svg, nil
}

// Icon gives a pictogram as SVG text, for artwork outside pages; "" for an
// unknown name.
func Icon(name string) string { return string(icons[name]) }

// IconNames lists the pictograms in order.
func IconNames() []string {
	names := make([]string, 0, len(icons))
	for name := range icons {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}
