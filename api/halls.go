package api

import (
	"context"
	"time"

	"vez/fault"
	"vez/hall"
	"vez/live"
	"vez/may"
	"vez/office"
	"vez/ticket"
)

// QueueNow is what is going on in a queue.
type QueueNow struct {
	ID       string     `json:"id"`
	Queue    string     `json:"queue" doc:"The same as id."`
	Name     Names      `json:"name"`
	Prefix   string     `json:"prefix"`
	Zone     string     `json:"zone,omitempty"`
	Status   string     `json:"status" enum:"open,unattended,full,last_tickets,paused,closed"`
	Until    *time.Time `json:"until,omitempty" doc:"Unattended: back at. Closed: opens again at."`
	Waiting  int        `json:"waiting"`
	Expected int        `json:"expected" doc:"Booked or remote people reckoned before a newcomer who are not there yet."`
	Serving  []string   `json:"serving" doc:"The numbers at the counters now, newest first."`
	Counters int        `json:"counters" doc:"Open for this queue."`
	Window   *Window    `json:"window" doc:"When a newcomer's turn is expected; null when nothing can be said."`
	Issued   int        `json:"issued" doc:"Tickets of walk-ins today."`
	Limit    int        `json:"limit,omitempty"`
}

// QueuesNow are an office's queues as they are now.
type QueuesNow struct {
	List[QueueNow]
	Office string    `json:"office"`
	At     string    `json:"at" doc:"The live stream's id of this picture."`
	Now    time.Time `json:"now" doc:"House time."`
	Hall   live.Hall `json:"hall"`
}

// HallNow is the state of an office as a whole.
type HallNow struct {
	Office   string       `json:"office"`
	Day      string       `json:"day"`
	Paused   bool         `json:"paused"`
	PausedAt *time.Time   `json:"paused_at,omitempty"`
	Reason   string       `json:"reason,omitempty"`
	Closures []ClosureNow `json:"closures"`
}

// ClosureNow is a time an office or a queue is shut.
type ClosureNow struct {
	ID        string    `json:"id"`
	Office    string    `json:"office"`
	Queue     string    `json:"queue,omitempty"`
	From      time.Time `json:"from"`
	To        time.Time `json:"to"`
	Reason    string    `json:"reason"`
	Displaced int       `json:"displaced" doc:"Bookings that fall into it; their holders choose another start or cancel."`
}

// OfficePath is the office that an operation is about.
type OfficePath struct {
	ID string `path:"id" maxLength:"100" example:"dsi-main"`
}

func (r *OfficePath) place(c *office.Catalogue) (string, error) { return officeIn(c, r.ID) }

type closureIn struct {
	OfficePath
	Body struct {
		From   time.Time `json:"from" required:"true"`
		To     time.Time `json:"to" required:"true" doc:"Still to come, and at most 366 days after from."`
		Queue  string    `json:"queue,omitempty" maxLength:"100" doc:"Only this queue; default: the whole office."`
		Reason string    `json:"reason,omitempty" maxLength:"50" doc:"Needed. A code: typhoon, rain, event, works or other."`
	}
}

type pauseIn struct {
	OfficePath
	Body *struct {
		Reason string `json:"reason,omitempty" maxLength:"50" doc:"A code: alarm, power …"`
	}
}

type lineIn struct {
	OfficePath
	Queue []string `query:"queue" maxItems:"100" doc:"Only these, separated by commas."`
}

func halls(a *API) {
	add(a, operation{id: "list-queues", method: "GET", path: "/offices/{id}/queues", tag: "halls",
		audience: public, kept: a.queuesReady}, a.queues)
	add(a, operation{id: "get-line", method: "GET", path: "/offices/{id}/line", tag: "halls",
		audience: at(clerk, greeter, auditor)}, a.line)
	add(a, operation{id: "list-counters", method: "GET", path: "/offices/{id}/counters", tag: "halls",
		audience: at(clerk, greeter, auditor)}, a.desks)
	add(a, operation{id: "close-office", method: "POST", path: "/offices/{id}/closures", tag: "halls",
		description: "Confirmed bookings that fall into it are displaced: their holders choose another start or cancel. " +
			"The whole office is closed by a manager of its host department, a queue also by one of the queue's.",
		audience: at(manager), status: 201, faults: []fault.Code{fault.QueueNotHere, fault.ReasonNeeded, fault.UnknownReason}}, a.closeOffice)
	add(a, operation{id: "pause-hall", method: "POST", path: "/offices/{id}/pause", tag: "halls",
		description: "Fire alarm, power: no call, miss, grace, hold or lateness runs until it is resumed. " +
			"For a manager of the office's host department.",
		audience: at(manager)}, a.pause)
	add(a, operation{id: "resume-hall", method: "POST", path: "/offices/{id}/resume", tag: "halls",
		description: "For a manager of the office's host department.", audience: at(manager)}, a.resume)
}

func (a *API) queues(ctx context.Context, _ *call, r *OfficePath) (*out[QueuesNow], error) {
	a.caughtUp(ctx, r.ID)
	l, err := a.Live.Queues(ctx, r.ID)
	if err != nil {
		return nil, err
	}
	return &out[QueuesNow]{a.queuesShape(l)}, nil
}

func (a *API) queuesShape(l live.Queues) QueuesNow {
	v := QueuesNow{List: whole[QueueNow](nil), Office: l.Office, At: l.At, Now: l.Now, Hall: l.Hall}
	for _, q := range l.Queues {
		n := QueueNow{ID: q.Queue, Queue: q.Queue, Prefix: q.Prefix, Zone: q.Zone, Status: string(q.Status), Waiting: q.Waiting, Expected: q.Expected,
			Serving: list(q.Serving), Counters: q.Counters, Window: windowOf(q.Window), Issued: q.Issued, Limit: q.Limit}
		if set := a.cat.Queue(q.Queue); set != nil {
			n.Name = namesOf(set.Name)
		}
		if !q.Until.IsZero() {
			n.Until = &q.Until
		}
		v.Items = append(v.Items, n)
	}
	return v
}

func (a *API) line(ctx context.Context, _ *call, r *lineIn) (*out[live.Line], error) {
	for _, id := range r.Queue {
		if q := a.cat.Queue(id); q == nil || q.Office != r.ID {
			return nil, fault.New(fault.QueueNotHere)
		}
	}
	a.caughtUp(ctx, r.ID)
	l, err := a.Live.Line(ctx, r.ID, r.Queue...)
	return &out[live.Line]{l}, err
}

func (a *API) desks(ctx context.Context, c *call, r *OfficePath) (*out[List[Counter]], error) {
	a.caughtUp(ctx, r.ID)
	l, err := a.Live.Counters(ctx, r.ID)
	if err != nil {
		return nil, err
	}
	v := whole[Counter](nil)
	for _, n := range l.Counters {
		var t ticket.Ticket
		if n.Ticket != nil {
			t = *n.Ticket
		}
		desk := a.counterShape(c, n.Shift, t)
		desk.State = string(n.State)
		v.Items = append(v.Items, desk)
	}
	return &out[List[Counter]]{v}, nil
}

func (a *API) closeOffice(ctx context.Context, c *call, r *closureIn) (*out[ClosureNow], error) {
	b := r.Body
	if !may.CloseOffice(a.cat, c.who, r.ID, b.Queue) {
		return nil, fault.New(fault.NotAllowed)
	}
	if b.Queue != "" {
		if q := a.cat.Queue(b.Queue); q == nil || q.Office != r.ID {
			return nil, fault.New(fault.QueueNotHere)
		}
	}
	done, err := a.Hall.CloseOffice(ctx, c.act(), hall.CloseRequestOffice{Office: r.ID, Queue: b.Queue, From: b.From, To: b.To, Reason: b.Reason})
	if err != nil {
		return nil, err
	}
	for _, q := range a.cat.QueuesOf(r.ID) {
		a.fresh.touch(q.ID)
	}
	v := a.closureShape(r.ID, done.Closure)
	v.Displaced = done.Displaced
	return &out[ClosureNow]{v}, nil
}

func (a *API) closureShape(id string, c office.Closure) ClosureNow {
	o := a.cat.Office(id)
	return ClosureNow{ID: c.ID, Office: id, Queue: c.Queue, From: c.From.In(o.Location()), To: c.To.In(o.Location()), Reason: c.Reason}
}

func (a *API) pause(ctx context.Context, c *call, r *pauseIn) (*out[HallNow], error) {
	if err := a.allowHall(c, r.ID); err != nil {
		return nil, err
	}
	reason := ""
	if r.Body != nil {
		reason = r.Body.Reason
	}
	return a.hallOut(a.Hall.PauseHall(ctx, c.act(), r.ID, reason))
}

func (a *API) resume(ctx context.Context, c *call, r *OfficePath) (*out[HallNow], error) {
	if err := a.allowHall(c, r.ID); err != nil {
		return nil, err
	}
	return a.hallOut(a.Hall.ResumeHall(ctx, c.act(), r.ID))
}

func (a *API) hallOut(s office.State, err error) (*out[HallNow], error) {
	if err != nil {
		return nil, err
	}
	o := a.cat.Office(s.Office)
	v := HallNow{Office: s.Office, Day: string(s.Day), Paused: s.Paused(), PausedAt: in(o, s.PausedAt), Reason: s.PauseReason, Closures: []ClosureNow{}}
	for _, c := range s.Closures {
		v.Closures = append(v.Closures, a.closureShape(s.Office, c))
	}
	return &out[HallNow]{v}, nil
}
