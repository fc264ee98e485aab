package reminder

import (
	"context"
	"time"

	"vez/event"
	"vez/office"
)

// Plan finds bookings to remind of and decides about the causes that are due,
// if this hub leads. It may run at any time, and stop at any point.
func (s *Service) Plan(ctx context.Context) error {
	if !s.Leads(ctx) {
		return nil
	}
	if err := s.tidy(ctx, s.cfg.House.Now()); err != nil {
		return err
	}
	if err := s.takeOver(ctx); err != nil {
		return err
	}
	horizon := func(now time.Time) time.Time { return now.Add(s.longest + aheadMore) }
	err := s.pages(ctx, func(now time.Time) ([]event.Remindable, error) {
		return s.cfg.Store.NewRemindable(ctx, now, horizon(now), page)
	})
	if err != nil {
		return err
	}
	return s.pages(ctx, func(now time.Time) ([]event.Remindable, error) {
		return s.cfg.Store.DueRemindable(ctx, now, page)
	})
}

// tidy skips what waits in vain, and calls unknown what another hub was
// sending. If that hub lives after all it will say what became of it.
func (s *Service) tidy(ctx context.Context, now time.Time) error {
	if _, err := s.cfg.Store.TidyReminders(ctx, now); err != nil {
		return err
	}
	n, err := s.cfg.Store.StrandedReminders(ctx, s.cfg.Hub, now)
	if n > 0 {
		s.cfg.Log.Warn("reminders: mails that another hub was sending may not have arrived", "count", n)
	}
	return err
}

// takeOver is done once after the lead was taken: every booking is looked at
// again, for the catalogue may have other rules than the last leader's.
func (s *Service) takeOver(ctx context.Context) error {
	s.mu.Lock()
	looked := s.looked
	s.mu.Unlock()
	if looked {
		return nil
	}
	after, id := s.cfg.House.Now(), ""
	err := s.pages(ctx, func(now time.Time) ([]event.Remindable, error) {
		found, err := s.cfg.Store.AllRemindable(ctx, after, id, now.Add(s.longest+aheadMore), page)
		if len(found) > 0 {
			last := found[len(found)-1].Booking
			after, id = last.Start, last.ID
		}
		return found, err
	})
	if err == nil && s.Leads(ctx) {
		s.mu.Lock()
		s.looked = true
		s.mu.Unlock()
	}
	return err
}

// pages plans what find finds, page by page, as long as this hub leads.
func (s *Service) pages(ctx context.Context, find func(now time.Time) ([]event.Remindable, error)) error {
	for s.Leads(ctx) && !s.over() {
		now := s.cfg.House.Now()
		found, err := find(now)
		if err != nil || len(found) == 0 {
			return err
		}
		if err := s.plan(ctx, found, now); err != nil {
			return err
		}
		if len(found) < page {
			return nil
		}
	}
	return ctx.Err()
}

// plan decides about some bookings and writes what has changed.
func (s *Service) plan(ctx context.Context, found []event.Remindable, now time.Time) error {
	ids := make([]string, len(found))
	for i, f := range found {
		ids[i] = f.Booking.ID
	}
	rows, err := s.cfg.Store.RemindersOf(ctx, ids...)
	if err != nil {
		return err
	}
	known := make(map[event.ReminderKey]event.Reminder, len(rows))
	for _, r := range rows {
		known[r.ReminderKey] = r
	}
	var out []event.Reminder
	for _, f := range found {
		for _, r := range s.decide(f, now) {
			if was, ok := known[r.ReminderKey]; changes(was, ok, r) && (r.Channel == event.ChannelMemo || waits(known, r)) {
				out = append(out, r)
				known[r.ReminderKey] = r
			}
		}
	}
	return s.cfg.Store.PlanReminders(ctx, out)
}

// changes tells whether a reminder goes on from what it was.
func changes(was event.Reminder, ok bool, r event.Reminder) bool {
	switch {
	case !ok:
		return r.Channel == event.ChannelMemo || r.State == event.RemindQueued
	case was.State == event.RemindPlanned:
		return r.State != event.RemindPlanned || !r.Due.Equal(was.Due)
	}
	return was.State == event.RemindQueued && r.State == event.RemindSkipped
}

// waits tells whether a mail is still wanted: its cause is being decided now,
// or it is queued. A cause that was decided gets no mail later on.
func waits(known map[event.ReminderKey]event.Reminder, r event.Reminder) bool {
	if _, queued := known[r.ReminderKey]; queued {
		return true
	}
	memo := r.ReminderKey
	memo.Channel = event.ChannelMemo
	was, ok := known[memo]
	return !ok || was.State == event.RemindPlanned
}

// decide gives what the reminders of a booking are now: mails first, then the
// memo of the same cause.
func (s *Service) decide(f event.Remindable, now time.Time) []event.Reminder {
	b := f.Booking
	facts := Facts{Start: b.Start, Agreed: f.Agreed, Zone: s.zoneOf(b.Office)}
	row := func(c Due, on event.Channel, state event.Remind, reason string) event.Reminder {
		return event.Reminder{ReminderKey: event.ReminderKey{Booking: b.ID, Start: b.Start, Before: c.Before, Channel: on}, State: state,
			Due: c.At, Office: b.Office, Day: office.DayOf(c.At, facts.Zone), At: now, Hub: s.cfg.Hub, Reason: reason}
	}
	var rules []time.Duration
	if service := s.cfg.Catalogue.Service(b.Service); service != nil {
		rules = service.RulesAt(b.Queue, b.Day).Remind
	}
	var out []event.Reminder
	ruled := f.Before == 0
	for _, c := range Choose(facts, rules, now) {
		ruled = ruled || c.Before == f.Before
		switch c.Verdict {
		case Later:
			out = append(out, row(c, event.ChannelMemo, event.RemindPlanned, ""))
			continue
		case Never:
			if s.mails(f) {
				out = append(out, row(c, event.ChannelMail, event.RemindSkipped, c.Reason))
			}
			out = append(out, row(c, event.ChannelMemo, event.RemindSkipped, c.Reason))
			continue
		}
		if s.mails(f) {
			out = append(out, row(c, event.ChannelMail, event.RemindQueued, ""))
		}
		if f.Held {
			out = append(out, row(c, event.ChannelMemo, event.RemindSent, ""))
		} else {
			out = append(out, row(c, event.ChannelMemo, event.RemindSkipped, Bearer))
		}
	}
	if !ruled {
		out = append(out, row(Due{f.Before, DueAt(b.Start, f.Before, facts.Zone), Never, NoRule}, event.ChannelMemo, event.RemindSkipped, NoRule))
	}
	if len(out) == 0 { // so that it is not found anew each time
		out = append(out, row(Due{At: b.Start}, event.ChannelMemo, event.RemindSkipped, NoRule))
	}
	return out
}

// mails tells whether reminders of a booking go by e-mail.
func (s *Service) mails(f event.Remindable) bool { return s.cfg.Post != nil && f.Held && f.Contact }
