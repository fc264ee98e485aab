package pages

import (
	"cmp"
	"slices"
	"time"

	"vez/counter"
	"vez/locale"
	"vez/office"
	"vez/ticket"
)

// names is a name in the four languages.
type names = map[string]string

// row is a ticket in one of the console's lists. Times are in the office's zone.
type row struct {
	ID, Number string
	// Mark says that it came with a booking.
	Mark    bool
	Prefix  string
	Service names // or the queue's name where no service was named
	State   ticket.State
	Class   ticket.Class
	Tongue  string // the holder's language, named in itself; "" when not known
	Needs   []need
	// Priority is a head start that was declared; its ground is not known.
	Priority      bool
	People        int
	Arrival, Due  time.Time
	Start         time.Time
	From, To      time.Time // the window the holder was told
	Waited        time.Duration
	Until         time.Time // parked until, or the end of a missed one's grace
	GraceOver     bool
	Mine, Next    bool // missed or parked at this counter; whom a call would bring
	Counter       string
	MayTouch      bool
	Pass          bool // it ended with a return pass
	Named         bool // the service asks whether this is the holder
	QueueName     names
	QueueID       string
	ServiceID     string
	Lang          string
	FilingOrder   bool
	SteppedOut    bool
	TakenFromAfar bool
}

// Minutes is how many whole minutes it has waited.
func (r row) Minutes() int { return int(max(r.Waited, 0) / time.Minute) }

// DueApart says that the turn is reckoned from another instant than the arrival.
func (r row) DueApart() bool {
	return !r.Due.Truncate(time.Minute).Equal(r.Arrival.Truncate(time.Minute))
}

// need is what a counter must offer.
type need struct {
	Key    string // of counter.need.*
	Code   string // as the ticket has it
	Lang   string // the language that it is about, if any, and its name in itself
	Tongue string
	Met    bool // by this counter
}

func needsOf(list, offers []office.Need) []need {
	var out []need
	for _, n := range list {
		x := need{Key: string(n), Code: string(n), Met: slices.Contains(offers, n)}
		if lang, ok := languageNeed(n); ok {
			x.Key, x.Lang, x.Tongue = string(office.NeedLanguage), lang, locale.Endonym(lang)
		}
		out = append(out, x)
	}
	return out
}

// languageNeed reads "language:pt".
func languageNeed(n office.Need) (string, bool) {
	prefix := string(office.NeedLanguage) + ":"
	if len(n) > len(prefix) && string(n[:len(prefix)]) == prefix {
		return string(n[len(prefix):]), true
	}
	return "", n == office.NeedLanguage
}

// offers are the needs that this counter meets, in its shift or by itself.
func (d desk) offers(f floor) []office.Need {
	if s := f.shift(d.counter.ID); s.State != counter.Closed {
		return s.Offers
	}
	return d.counter.Offers
}

// row shows a ticket as this desk sees it.
func (d desk) row(f floor, t ticket.Ticket) row {
	local := func(at time.Time) time.Time {
		if at.IsZero() {
			return at
		}
		return at.In(d.office.Location())
	}
	x := row{
		ID: t.ID, Number: t.Number, Mark: t.Class == ticket.Booked || t.Class == ticket.Late || t.Class == ticket.Pass,
		State: t.State, Class: t.Class, Needs: needsOf(t.Needs, d.offers(f)), Priority: t.HeadStart > 0, People: t.People,
		Arrival: local(t.Arrival), Due: local(t.Due), Start: local(t.Start), From: local(t.From), To: local(t.To),
		Waited: f.now.Sub(t.Arrival), Mine: t.Counter == d.counter.ID, MayTouch: d.serves(t.Queue),
		QueueID: t.Queue, ServiceID: t.Service, Lang: t.Lang, SteppedOut: t.SteppedOut, TakenFromAfar: t.Class == ticket.Afar, Pass: hasPass(t),
	}
	if t.Lang != "" {
		x.Tongue = locale.Endonym(t.Lang)
	}
	if c := d.cat.Counter(t.Counter); c != nil {
		x.Counter = c.Label
	}
	if q := d.cat.Queue(t.Queue); q != nil {
		rules := q.RulesOn(f.day)
		x.Prefix, x.QueueName, x.Service, x.FilingOrder = q.Prefix, q.Name.Names(), q.Name.Names(), rules.FilingOrder
		if t.State == ticket.Missed {
			x.Until = local(t.MissedAt.Add(rules.ReturnGrace))
			x.GraceOver = rules.FilingOrder || f.now.After(x.Until)
		}
	}
	if s := d.cat.Service(t.Service); s != nil {
		x.Service, x.Named = s.Name.Names(), x.Mark && s.RulesAt(t.Queue, f.day).Named
	}
	if t.State == ticket.Parked {
		x.Until = local(t.ParkedUntil)
	}
	return x
}

// lists is everything that waits for this desk.
type lists struct {
	Waiting, Parked, Missed []row
	// Remote counts those from afar who are not there yet.
	Remote int
	// Next is whom a call would bring, nil when nobody may be called.
	Next *coming
	// NotYet counts those who wait and may not be called by this desk now.
	Now time.Time
	// Free tells that this desk could take somebody.
	Free bool
	// Desk is the id of the counter, for the forms that rows belong to.
	Desk  string
	Speed float64
}

// coming is the next one, and why.
type coming struct {
	row
	Why     reason
	Invited bool
}

func (d desk) lists(f floor, speed float64) lists {
	s := f.shift(d.counter.ID)
	mine := s.Serves
	if len(s.Queues) == 0 {
		mine = d.own
	}
	l := lists{Now: f.now, Desk: d.counter.ID, Free: s.State == counter.Open && s.Ticket == "", Speed: speed}
	pick, ok := f.next(s, d.cat)
	if ok {
		l.Next = &coming{row: d.row(f, pick.Ticket), Why: d.reason(why{Reason: pick.Why}), Invited: pick.Invited}
	}
	rows := func(state ticket.State) []row {
		var out []row
		for _, t := range f.in(state, mine) {
			x := d.row(f, t)
			x.Next = ok && t.ID == pick.Ticket.ID
			out = append(out, x)
		}
		return out
	}
	l.Waiting, l.Parked, l.Missed = rows(ticket.Waiting), rows(ticket.Parked), rows(ticket.Missed)
	l.Remote = len(f.in(ticket.Remote, mine))
	return l
}

// neighbour is another counter of the office.
type neighbour struct {
	ID, Label string
	State     counter.State
	Number    string // open there
	Serving   bool
	Ticket    string
	Reason    string // of its break
	BackAt    time.Time
	// Take tells that its ticket may be taken over by this desk.
	Take bool
}

// neighbours are the counters of the office that are not closed, but for this
// one: first those that are lost, then by label.
func (d desk) neighbours(f floor) []neighbour {
	me := f.shift(d.counter.ID)
	free := me.State == counter.Open && me.Ticket == "" && me.Clerk == d.who.Subject
	var out []neighbour
	for _, c := range d.office.Counters {
		s := f.shift(c.ID)
		if c.ID == d.counter.ID || s.State == counter.Closed {
			continue
		}
		n := neighbour{ID: c.ID, Label: c.Label, State: f.stateOf(c.ID), Reason: s.Reason}
		if !s.BackAt.IsZero() {
			n.BackAt = s.BackAt.In(d.office.Location())
		}
		if t, ok := f.ticket(s.Ticket); ok {
			n.Number, n.Ticket, n.Serving = t.Number, t.ID, t.State == ticket.Serving
			n.Take = free && d.serves(t.Queue)
		}
		out = append(out, n)
	}
	slices.SortStableFunc(out, func(a, b neighbour) int {
		return cmp.Compare(lostFirst(a), lostFirst(b))
	})
	return out
}

func lostFirst(n neighbour) int {
	if n.State == counter.Lost {
		return 0
	}
	return 1
}

// reason is a call's reason, grouped for reading.
type reason struct {
	Rule  string
	Named string // the code that staff named
	Due   time.Time
	// Over groups those passed over by why.
	Over []over
	More int
}

type over struct {
	// Key is the text of why.
	Key     string
	Numbers []string
}

func (d desk) reason(w why) reason {
	out := reason{Rule: w.Rule, Named: w.named, More: w.More}
	if !w.Due.IsZero() {
		out.Due = w.Due.In(d.office.Location())
	}
	for _, p := range w.Passed {
		key := "reason.passed." + p.Why
		if ticket.KnownReason(p.Why) {
			key = "reason.named." + p.Why
		}
		i := slices.IndexFunc(out.Over, func(o over) bool { return o.Key == key })
		if i < 0 {
			out.Over = append(out.Over, over{Key: key})
			i = len(out.Over) - 1
		}
		out.Over[i].Numbers = append(out.Over[i].Numbers, p.Number)
	}
	return out
}

// choiceOf is an option of a form.
type choiceOf struct {
	Value, Prefix string
	Name          names
	Checked       bool
}

// group is some options under a name.
type group struct {
	Name  names
	Items []choiceOf
}

// servicesBy groups the services of some queues.
func (d desk) servicesBy(queues []*office.Queue) []group {
	var out []group
	for _, q := range queues {
		g := group{Name: q.Name.Names()}
		for _, id := range q.Services {
			if s := d.cat.Service(id); s != nil {
				g.Items = append(g.Items, choiceOf{Value: s.ID, Prefix: q.Prefix, Name: s.Name.Names()})
			}
		}
		if len(g.Items) > 0 {
			out = append(out, g)
		}
	}
	return out
}
