package pages

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"vez/fault"
	"vez/locale"
	"vez/office"
	"vez/web"
)

// visit is one person's way through the kiosk, as far as this request knows it.
type visit struct {
	office *office.Office
	home   string
	text   locale.Printer
	now    time.Time // house time in the office's zone
	wish   wish
	demo   bool
	device string // the kiosk's own id
	others []greeting
}

func (r *room) visit(c *fiber.Ctx, o *office.Office) *visit {
	v := &visit{office: o, home: "/kiosk/" + o.ID, text: web.Text(c), now: r.Hall.Now().In(o.Location()), wish: wishOf(c), demo: r.Demo, device: web.Who(c).ID}
	for _, l := range languages(o) {
		if l != v.text.Lang() {
			v.others = append(v.others, greeting{l, r.app.Text(l).T("kiosk.away.other")})
		}
	}
	return v
}

// day is the office's business day.
func (v *visit) day() office.Day { return v.office.Day(v.now) }

// name gives a name in the language of the visit.
func (v *visit) name(t office.Text) string { return t.In(v.text.Lang()) }

// languages are all languages, those of the office first: across the border it
// begins with Simplified Chinese.
func languages(o *office.Office) []string {
	out := slices.Clone(o.Languages)
	for _, l := range locale.Languages {
		if !slices.Contains(out, l) {
			out = append(out, l)
		}
	}
	return out
}

// frame is what every page of the kiosk shows.
type frame struct {
	Site  string // name of the office
	Home  string
	Back  string // the page before; "" for none
	Order []string
	Wish  wish
	Now   time.Time
	Demo  bool
	// Others say in the languages of no one here where to go while no hub answers.
	Others []greeting
	// Done leads home for the next person, in the first language.
	Done string
	// Browsers without scripts go to LeaveTo after so many seconds.
	LeaveAfter int
	LeaveTo    string
}

// leaves is how many seconds a page stays where no script asks whether somebody is there.
const leaves = 90

func (v *visit) frame(back string) frame {
	order := languages(v.office)
	done := v.home + "?lang=" + order[0]
	return frame{Site: v.name(v.office.Name), Home: v.home, Back: back, Order: order, Wish: v.wish, Now: v.now, Demo: v.demo, Others: v.others,
		Done: done, LeaveAfter: leaves, LeaveTo: done}
}

// show renders a page of the kiosk.
func (v *visit) show(c *fiber.Ctx, page string, data any, options ...web.Option) error {
	options = append([]web.Option{web.Home(v.home), web.Theme("light")}, options...)
	return web.Render(c, "kiosk/"+page, data, options...)
}

// to is an address of this kiosk with what the person has asked for.
func (v *visit) to(path string, pairs ...string) string {
	q := v.wish.values()
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			q.Set(pairs[i], pairs[i+1])
		}
	}
	if len(q) == 0 {
		return v.home + path
	}
	return v.home + path + "?" + q.Encode()
}

// troubleData is the data of the page kiosk/trouble.
type troubleData struct {
	frame
	Title, Detail, Ref string
}

// trouble tells a fault that no page has an answer for.
func (r *room) trouble(c *fiber.Ctx, v *visit, err error) error {
	switch code := fault.CodeOf(err); code {
	case fault.LedgerAway, fault.LedgerUnusable, fault.DiskFull, fault.ShuttingDown, fault.UnknownOutcome:
		return r.showAway(c, v, code)
	}
	title, detail := web.FaultText(v.text, err)
	return v.show(c, "trouble", troubleData{v.frame(""), title, detail, web.Ref(c)}, web.Status(web.StatusOf(fault.Of(err).Kind)))
}

// wish is what a person needs at the counter. Its ground is never asked, and it
// stands in the address of the pages alone.
type wish struct {
	Needs []office.Need
	// First: they cannot wait for long.
	First bool
}

// wishOf reads it from query and form; what nobody can offer is left out.
func wishOf(c *fiber.Ctx) wish {
	w := wish{First: c.Query("first") != "" || c.FormValue("first") != ""}
	for _, args := range []*fasthttp.Args{c.Request().URI().QueryArgs(), c.Request().PostArgs()} {
		for _, value := range args.PeekMulti("need") {
			if n := office.Need(value); known(n) && !slices.Contains(w.Needs, n) {
				w.Needs = append(w.Needs, n)
			}
		}
	}
	return w
}

// known says whether somebody may ask for a need.
func known(n office.Need) bool {
	switch n {
	case office.NeedLowDesk, office.NeedSign, office.NeedLoop, office.NeedMoreTime:
		return true
	}
	lang, ok := strings.CutPrefix(string(n), string(office.NeedLanguage)+":")
	return ok && locale.Valid(lang)
}

// Any says whether anything was asked for.
func (w wish) Any() bool { return w.First || len(w.Needs) > 0 }

func (w wish) values() url.Values {
	q := url.Values{}
	for _, n := range w.Needs {
		q.Add("need", string(n))
	}
	if w.First {
		q.Set("first", "1")
	}
	return q
}

// needText names a need in a language.
func needText(p locale.Printer, n office.Need) string {
	if lang, ok := strings.CutPrefix(string(n), string(office.NeedLanguage)+":"); ok {
		return p.T("kiosk.need.language." + lang)
	}
	return p.T("kiosk.need." + string(n))
}

// Words names all that was asked for, for the line that repeats it.
func (w wish) words(p locale.Printer) string {
	var out []string
	if w.First {
		out = append(out, p.T("kiosk.need.first"))
	}
	for _, n := range w.Needs {
		out = append(out, needText(p, n))
	}
	return p.List(out)
}
