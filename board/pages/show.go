package pages

import (
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"vez/board"
	"vez/live"
	"vez/locale"
	"vez/office"
	"vez/ticket"
	"vez/web"
)

// Rows that the server draws under the newest call, and queues beside them.
// The script draws as many as fit.
const (
	rows      = 8
	queueRows = 8
)

// word is a text in one language; Now marks the one that is shown first.
type word struct {
	Lang, Text string
	Now        bool
}

// words is a text in all languages of the board; labels alternate, numbers never do.
type words []word

// call is one line of the board.
type call struct {
	Number, Mark, Label, Zone string
	Called, Flash             bool
}

// Long numbers, of a second thousand or given while cut off, are set smaller.
func (c call) Long() bool { return len(c.Number) > 5 }

// queueLine is one line beside the calls.
type queueLine struct {
	ID, Prefix string
	Name       words
	Waiting    int
	Window     *live.Window
	Status     words // why there is no window; nil while it is open
	Hidden     bool
}

// showData is the data of the page board/show.
type showData struct {
	Office, Zone string
	Title        string // the office in the language of the page
	Name         words
	ZoneName     words
	Board        live.Board
	Hero         *call
	Rows         []call
	Queues       []queueLine
	Labels       map[string]words
	Languages    string // in the order in which labels change
	Mark         string // of booked numbers
	Zones        bool   // whether the zone stands beside the counter
	Speed        float64
	Timing       timing
	Say          map[string]map[string]string // by language and key
	Stream       string
	Away         time.Time // since when nobody can be called; zero while all is well
}

// timing gives the script the words of package board, in milliseconds.
type timing struct{ Flash, Page, Language, Serving, Say, Withdrawn int64 }

var times = timing{
	board.FlashFor.Milliseconds(), board.PageFor.Milliseconds(), board.LanguageFor.Milliseconds(),
	board.ServingFor.Milliseconds(), board.SayFor.Milliseconds(), live.WithdrawnFor.Milliseconds(),
}

// labels are the keys of texts that stand on a board.
var labels = []string{
	"number", "counter", "queue", "waiting", "expected", "nobody", "paused", "shut", "stay", "stale", "away", "sound", "touch",
	"status.closed", "status.full", "status.last_tickets", "status.paused", "status.unattended",
}

// view is one board at one moment.
type view struct {
	room  *room
	text  []locale.Printer // in the order of the languages
	first string           // the language that is shown now
}

// show draws a board: GET /board/{office}?zone=&theme=dark.
func (r *room) show(c *fiber.Ctx) error {
	o, zone, err := r.place(c)
	if err != nil {
		return err
	}
	b, err := r.Live.Board(c.UserContext(), o.ID, zone)
	if err != nil {
		return err
	}
	v := r.view(o)
	d := showData{Office: o.ID, Zone: zone, Title: o.Name.In(web.Lang(c)), Board: b, Speed: r.Speed, Timing: times, Name: v.name(o.Name), Mark: v.mark(),
		Languages: strings.Join(languages(o), " "), Labels: map[string]words{}, Zones: zone == "" && len(o.Zones) > 1,
		Say: v.say(), Stream: "/live/board/" + o.ID, Queues: v.queues(b, zone)}
	if zone != "" {
		d.Stream += "?zone=" + zone
	}
	for _, z := range o.Zones {
		if z.ID == zone {
			d.ZoneName = v.name(z.Name)
		}
	}
	if since := r.Ledger.Away(); !since.IsZero() {
		d.Away = since.In(o.Location())
	}
	for _, key := range labels {
		d.Labels[key] = v.t("board." + key)
	}
	v.arrange(&d, b)
	theme := "light"
	if c.Query("theme") == "dark" {
		theme = "dark"
	}
	c.Set(fiber.HeaderCacheControl, "no-store")
	return web.Render(c, "board/show", d, web.Theme(theme), web.Refresh(refreshEvery))
}

func (r *room) view(o *office.Office) view {
	v := view{room: r}
	for _, l := range languages(o) {
		v.text = append(v.text, r.app.Text(l))
	}
	v.first = board.Language(languages(o), r.Machine.Now())
	return v
}

// languages of a board are those of its office, all of them where it names none.
func languages(o *office.Office) []string {
	if len(o.Languages) == 0 {
		return locale.Languages
	}
	return o.Languages
}

func (v view) each(write func(locale.Printer) string) words {
	out := make(words, 0, len(v.text))
	for _, p := range v.text {
		out = append(out, word{p.Lang(), write(p), p.Lang() == v.first})
	}
	return out
}

func (v view) t(key string, args ...any) words {
	return v.each(func(p locale.Printer) string { return p.T(key, args...) })
}

func (v view) name(t office.Text) words {
	return v.each(func(p locale.Printer) string { return t.In(p.Lang()) })
}

// mark is what stands beside booked numbers: in the first two languages, at all times.
func (v view) mark() string {
	var out []string
	for _, p := range v.text[:min(2, len(v.text))] {
		if m := p.T("paper.ticket.mark"); !slices.Contains(out, m) {
			out = append(out, m)
		}
	}
	return strings.Join(out, " ")
}

// say gives the loudspeaker's words.
func (v view) say() map[string]map[string]string {
	out := map[string]map[string]string{}
	for _, p := range v.text {
		texts := map[string]string{}
		for _, key := range board.TextKeys() {
			texts[key] = p.T(key)
		}
		out[p.Lang()] = texts
	}
	return out
}

// arrange lays the calls out as the words of package board say.
func (v view) arrange(d *showData, b live.Board) {
	calls, zones := make([]board.Call, 0, len(b.Calls)), map[string]live.Call{}
	for _, c := range b.Calls {
		calls = append(calls, board.Call{Number: c.Number, Booked: c.Booked, Label: c.Label, State: c.State, Since: c.Since, Called: c.Called, Recalls: c.Recalls})
		zones[c.Number] = c
	}
	line := func(c board.Call) call {
		out := call{Number: c.Number, Label: c.Label, Called: c.State == ticket.Called, Flash: zones[c.Number].New}
		if c.Booked {
			out.Mark = d.Mark
		}
		if d.Zones {
			out.Zone = zones[c.Number].Zone
		}
		return out
	}
	p := board.Arrange(calls, rows, b.Now)
	if p.Hero != nil {
		hero := line(*p.Hero)
		d.Hero = &hero
	}
	for _, c := range p.Rows {
		d.Rows = append(d.Rows, line(c))
	}
}

// queues lists the queues of a zone; the first that are open or waited in are shown without scripts.
func (v view) queues(b live.Board, zone string) []queueLine {
	var out []queueLine
	shown := 0
	for _, q := range b.Queues {
		known := v.room.Catalogue.Queue(q.Queue)
		if known == nil || zone != "" && q.Zone != zone {
			continue
		}
		l := queueLine{ID: q.Queue, Prefix: q.Prefix, Name: v.name(known.Name), Waiting: q.Waiting + q.Expected, Window: q.Window}
		if q.Status != office.StatusOpen {
			l.Status = v.t("board.status." + string(q.Status))
		}
		l.Hidden = q.Status == office.StatusClosed && l.Waiting == 0 || shown >= queueRows
		if !l.Hidden {
			shown++
		}
		out = append(out, l)
	}
	return out
}

// Empty is a call without a number, for the script to fill in.
func (showData) Empty() call { return call{} }
