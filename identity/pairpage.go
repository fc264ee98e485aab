package identity

import (
	"net/url"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"vez/fault"
	"vez/web"
)

// pairData is the data of the page identity/pair.
type pairData struct {
	Code string // in two groups of four
	Kind string
	Ends time.Time
}

// pairPage is where a device without a token is led: GET /pair?return=/kiosk/….
// It shows a code until a manager confirms it, loading itself again, and then
// goes on. In the demonstration a device pairs itself.
func (s *Service) pairPage(c *fiber.Ctx) error {
	c.Set(fiber.HeaderCacheControl, "no-store")
	back := localPath(c.Query("return"), "/")
	kind, office := deviceOf(back)
	if s.cfg.Demo {
		if _, err := s.AutoPair(c, kind); err != nil {
			return err
		}
		return c.Redirect(back, fiber.StatusSeeOther)
	}
	if token := s.cookie(c, cookieNames[Sort(kind)]); token != "" {
		_, err := s.find(c.UserContext(), token, Sort(kind))
		switch fault.CodeOf(err) {
		case fault.SessionExpired:
		case "":
			return c.Redirect(back, fiber.StatusSeeOther) // it was led here while nobody could be asked
		default:
			return err
		}
	}
	code, secret, _ := strings.Cut(s.cookie(c, pairingCookie), ".")
	who, token, done, err := s.Collect(c.UserContext(), code, secret)
	switch {
	case done:
		s.dropCookie(c, pairingCookie)
		s.setCookie(c, cookieNames[who.sort], token, deviceCookieFor)
		return c.Redirect(back, fiber.StatusSeeOther)
	case fault.CodeOf(err) == fault.PairingUnknown:
		if err := web.LimitClient(c, pairings); err != nil {
			return err
		}
		p, err := s.Pair(c.UserContext(), kind, office)
		if err != nil {
			return err
		}
		code = p.Code
		s.setCookie(c, pairingCookie, p.Code+"."+p.Secret, s.limits.Pairing)
	case err != nil:
		return err
	}
	data := pairData{Code: code[:4] + " " + code[4:], Kind: kind}
	c.Set("Refresh", "5") // scripts or not: there is nobody to press a key on a board
	return web.Render(c, "identity/pair", data, web.Home("/pair?return="+url.QueryEscape(back)))
}

// deviceOf reads kind and office off the page that a device was opened on.
func deviceOf(path string) (kind, office string) {
	path, _, _ = strings.Cut(path, "?")
	parts := strings.Split(strings.Trim(path, "/"), "/")
	if len(parts) > 1 {
		office = parts[1]
	}
	if parts[0] == "board" {
		return "board", office
	}
	return "kiosk", office
}

// AutoPair lets this browser in as a device (kiosk or board) of every office;
// only in the demonstration, else fault.NotAllowed. A browser that is one
// already stays the same one.
func (s *Service) AutoPair(c *fiber.Ctx, kind string) (Principal, error) {
	sort := Sort(kind)
	if !s.cfg.Demo || sort != SortKiosk && sort != SortBoard {
		return Principal{}, fault.New(fault.NotAllowed)
	}
	if old := s.cookie(c, cookieNames[sort]); old != "" {
		if who, err := s.find(c.UserContext(), old, sort); err == nil {
			return who, nil
		}
	}
	who, token, err := s.pair(c.UserContext(), Paired{ID: "device:" + deviceID(), Kind: kind, Office: Any, At: s.now()})
	if err != nil {
		return Principal{}, err
	}
	s.setCookie(c, cookieNames[sort], token, deviceCookieFor)
	return who, nil
}
