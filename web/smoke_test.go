package web

import (
	"testing"

	"vez/locale"
)

func TestEveryPageOfTheFrameIsAcceptedByHTMLTemplate(t *testing.T) {
	if err := newTestApp(t, nil).CheckPages(); err != nil {
		t.Fatal(err)
	}
}

func TestEveryExampleOfTheGalleryRendersInEveryLanguage(t *testing.T) {
	a := newTestApp(t, nil)
	for _, lang := range locale.Languages {
		exhibits, err := a.Gallery(lang)
		if err != nil {
			t.Fatal(err)
		}
		if len(exhibits) < 20 {
			t.Fatalf("%d components with examples", len(exhibits))
		}
	}
}
