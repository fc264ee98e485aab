package pages

import (
	"html/template"
	"slices"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"vez/fault"
	"vez/office"
	"vez/printer/qr"
)

// answers are what a kiosk may say to a code, each with its own page.
var answers = []fault.Code{
	fault.Early, fault.Late, fault.WrongOffice, fault.WrongDay, fault.Cancelled, fault.Used,
	fault.Unknown, fault.Forged, fault.PassExpired, fault.HallPaused,
}

func answered(code fault.Code) bool { return slices.Contains(answers, code) }

// answerData is the data of the page kiosk/answer.
type answerData struct {
	frame
	Code fault.Code
	// Times in the zone of the office concerned; zero where they do not matter.
	Start, From, Until time.Time
	Wait               time.Duration // until From, or since Start
	Soon               bool          // worth waiting in the hall
	Past               bool          // of a wrong day: it is over
	Office, Address    string
	Number, Typed      string
	Take, Type, Help   string // where to go on; "" when that does not help
	Booking            string // that a reminder can be printed of; "" for none
	Phone              string // address of the page that helps on a phone
	QR                 template.HTML
}

// answerIcons are the pictograms of the answers.
var answerIcons = map[string]string{
	"early": "clock", "late": "clock", "wrong_office": "pin", "wrong_day": "booking", "cancelled": "close", "used": "check",
	"unknown": "help", "forged": "warn", "pass_expired": "return", "hall_paused": "pause",
}

// Icons gives the pictogram of each answer.
func (answerData) Icons() map[string]string { return answerIcons }

// TypedWas is what was typed, in groups as it was shown.
func (d answerData) TypedWas() string { return shown(d.Typed) }

// PhoneText is the key of what the code on the screen is for.
func (d answerData) PhoneText() string {
	if d.Code == fault.WrongOffice || d.Code == fault.WrongDay && !d.Past {
		return "kiosk.phone.change"
	}
	return "kiosk.phone.book"
}

// soon is how long somebody may well wait in the hall for the check-in to open.
const soon = 45 * time.Minute

// answer says what became of a code and what to do now: GET
// /kiosk/{office}/answer/{code}?start=….
func (r *room) answer(c *fiber.Ctx, v *visit) error {
	d := answerData{frame: v.frame(""), Code: fault.Code(c.Params("code"))}
	if !answered(d.Code) {
		return fault.New(fault.UnknownThing, "what", "answer")
	}
	o := v.office
	if other := r.cat.Office(c.Query("office_id")); other != nil {
		o = other
		d.Office, d.Address = v.name(o.Name), v.name(o.Address)
	}
	if d.Code == fault.WrongOffice && d.Office == "" {
		return fault.New(fault.UnknownThing, "what", "office")
	}
	d.times(c, o)
	d.Number, d.Typed = number(c.Query("number")), clean(c.Query("typed"))
	minutes, _ := strconv.Atoi(c.Query("minutes"))
	d.Wait = time.Duration(max(0, minutes)) * time.Minute
	d.Soon = d.Wait <= soon
	d.Past = d.Start.Before(v.now)
	if !d.Past && (d.Code != fault.Early || !d.Soon) {
		d.Booking = c.Query("booking")
	}
	if err := d.ways(v, r.base(c)); err != nil {
		return err
	}
	return v.show(c, "answer", d)
}

func (d *answerData) times(c *fiber.Ctx, o *office.Office) {
	read := func(name string) time.Time {
		t, err := time.Parse(time.RFC3339, c.Query(name))
		if err != nil {
			return time.Time{}
		}
		return t.In(o.Location())
	}
	d.Start, d.From, d.Until = read("start"), read("from"), read("until")
	if d.Code == fault.WrongDay && d.Start.IsZero() {
		d.Start = read("date")
	}
}

// ways are what a person can do after an answer.
func (d *answerData) ways(v *visit, base string) error {
	switch d.Code {
	case fault.Late, fault.Cancelled, fault.PassExpired:
		d.Take, d.Phone = v.to("/take"), base+"/book"
	case fault.WrongDay:
		d.Take, d.Phone = v.to("/take"), base+"/my"
		if d.Past {
			d.Phone = base + "/book"
		}
	case fault.WrongOffice:
		d.Take, d.Phone = v.to("/take"), base+"/my"
	case fault.Unknown:
		d.Type, d.Help = v.to("/booking/type", "typed", d.Typed), v.home+"/help"
	case fault.Forged:
		d.Type, d.Help = v.to("/booking/type"), v.home+"/help"
	case fault.Used:
		d.Help = v.home + "/help"
	}
	if d.Phone == "" {
		return nil
	}
	svg, err := qr.SVG(d.Phone, qr.M, v.text.T("kiosk.phone.label"))
	d.QR = template.HTML(svg)
	return err
}

// base is the public address that codes on the screen lead to.
func (r *room) base(c *fiber.Ctx) string {
	if url := r.app.URL(); url != "" {
		return url
	}
	return c.BaseURL()
}

// number reads a ticket's number from an address: letters and digits only.
func number(text string) string {
	for _, c := range text {
		if (c < 'A' || c > 'Z') && (c < '0' || c > '9') {
			return ""
		}
	}
	return text[:min(len(text), 8)]
}
