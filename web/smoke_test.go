package web

import "testing"

func TestEveryPageOfTheFrameIsAcceptedByHTMLTemplate(t *testing.T) {
	a := newTestApp(t, nil)
	if err := a.CheckPages(); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/gallery", "/gallery?layout=kiosk", "/gallery?layout=staff", "/nowhere"} {
		got := ask(t, a, "GET", path, "")
		t.Log(path, got.status, len(got.body))
		if len(got.body) < 500 {
			t.Log(got.body)
		}
	}
}
