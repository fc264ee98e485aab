package pages

import (
	"context"
	"slices"

	"github.com/gofiber/fiber/v2"

	"vez/counter"
	"vez/fault"
	"vez/identity"
	"vez/office"
	"vez/web"
)

// chooser is the data of the page counter/choose.
type chooser struct {
	// Offices where the clerk may work.
	Offices []place
	// Office is the one that was chosen; its counters by zone.
	Office *place
	Zones  []zone
	// Mine are the counters that this clerk has open.
	Mine []cell
	// Reception says that the visitor has no counter, but the kiosk's work.
	Reception bool
}

type place struct {
	ID   string
	Name names
	At   names // address
}

type zone struct {
	Name  names
	Cells []cell
}

// cell is one counter of the grid.
type cell struct {
	ID, Label string
	Office    names
	State     counter.State
	Mine      bool
	Prefixes  []string
	Number    string
	Needs     []need
}

// choose lets a clerk choose an office and a counter: GET /counter?office=….
func (r *room) choose(c *fiber.Ctx) error {
	who, cat := identity.Of(c), r.Hall.Catalogue()
	v := chooser{Offices: workplaces(who, cat)}
	v.Reception = len(v.Offices) == 0
	chosen := c.Query("office")
	if chosen == "" && len(v.Offices) == 1 {
		chosen = v.Offices[0].ID
	}
	if chosen != "" {
		i := slices.IndexFunc(v.Offices, func(p place) bool { return p.ID == chosen })
		switch {
		case i < 0 && cat.Office(chosen) == nil:
			return fault.New(fault.UnknownThing, "what", "office")
		case i < 0:
			return fault.New(fault.NotAllowed)
		}
		v.Office = &v.Offices[i]
		if err := r.grid(c.UserContext(), &v, who, cat.Office(chosen)); err != nil {
			return err
		}
	} else if err := r.findMine(c.UserContext(), &v, who); err != nil {
		return err
	}
	c.Set(fiber.HeaderCacheControl, "no-store")
	return web.Render(c, "counter/choose", v, web.Wide())
}

// workplaces lists the offices where somebody is a clerk, in the order of the catalogue.
func workplaces(who identity.Principal, cat *office.Catalogue) []place {
	var out []place
	for _, o := range cat.Offices {
		if who.May(identity.Clerk, o.ID) {
			out = append(out, place{ID: o.ID, Name: o.Name.Names(), At: o.Address.Names()})
		}
	}
	return out
}

// grid shows an office's counters by zone.
func (r *room) grid(ctx context.Context, v *chooser, who identity.Principal, o *office.Office) error {
	f, err := r.readFloor(ctx, o.ID)
	if err != nil {
		return err
	}
	byZone := map[string][]cell{}
	for i := range o.Counters {
		x := r.cell(f, who, o, &o.Counters[i])
		byZone[o.Counters[i].Zone] = append(byZone[o.Counters[i].Zone], x)
		if x.Mine {
			v.Mine = append(v.Mine, x)
		}
	}
	for _, z := range o.Zones {
		if cells := byZone[z.ID]; len(cells) > 0 {
			v.Zones = append(v.Zones, zone{z.Name.Names(), cells})
			delete(byZone, z.ID)
		}
	}
	var rest []cell
	for i := range o.Counters { // of no known zone, in their own order
		if cells, left := byZone[o.Counters[i].Zone]; left {
			rest = append(rest, cells...)
			delete(byZone, o.Counters[i].Zone)
		}
	}
	if len(rest) > 0 {
		v.Zones = append(v.Zones, zone{nil, rest})
	}
	return nil
}

func (r *room) cell(f floor, who identity.Principal, o *office.Office, c *office.Counter) cell {
	s := f.shift(c.ID)
	x := cell{ID: c.ID, Label: c.Label, Office: o.Name.Names(), State: f.stateOf(c.ID), Needs: needsOf(c.Offers, c.Offers),
		Mine: s.State != counter.Closed && s.Clerk == who.Subject}
	queues := c.Queues
	if s.State != counter.Closed {
		queues = nil
		for _, q := range s.Queues {
			queues = append(queues, q.Queue)
		}
	}
	for _, id := range queues {
		if q := r.Hall.Catalogue().Queue(id); q != nil {
			x.Prefixes = append(x.Prefixes, q.Prefix)
		}
	}
	if t, ok := f.ticket(s.Ticket); ok {
		x.Number = t.Number
	}
	return x
}

// findMine looks through all offices for counters that this clerk has open.
func (r *room) findMine(ctx context.Context, v *chooser, who identity.Principal) error {
	cat, read := r.Hall.Catalogue(), r.Hall.Read(ctx)
	for _, p := range v.Offices {
		o := cat.Office(p.ID)
		state, err := read.State(o.ID)
		if err != nil {
			return err
		}
		if state.Day < o.Day(r.Hall.Now()) {
			continue // nobody has been there today
		}
		shifts, err := read.Shifts(o.ID)
		if err != nil {
			return err
		}
		for _, s := range shifts {
			if c := cat.Counter(s.Counter); c != nil && s.State != counter.Closed && s.State != "" && s.Clerk == who.Subject {
				v.Mine = append(v.Mine, cell{ID: c.ID, Label: c.Label, Office: o.Name.Names(), State: s.State, Mine: true})
			}
		}
	}
	return nil
}
