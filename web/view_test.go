package web

import "testing"

func TestAKioskNeverEndsUpOnTheCitizensSite(t *testing.T) {
	for path, want := range map[string]string{
		"/kiosk/dsi-main/take": "/kiosk/dsi-main", "/kiosk/dsi-main": "/kiosk/dsi-main", "/kiosk/": "/", "/": "/",
	} {
		if got := homeOf("kiosk", path); got != want {
			t.Errorf("%s leads to %s, want %s", path, got, want)
		}
	}
	if got := homeOf("site", "/kiosk/dsi-main"); got != "/" {
		t.Errorf("the site's home is %s", got)
	}
}
