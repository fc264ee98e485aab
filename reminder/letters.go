package reminder

import (
	"context"
	"errors"
	"time"

	"vez/event"
	"vez/office"
)

// The hours of an office day, office time, in which its letters are made.
const (
	lettersFrom  = 7*time.Hour + 30*time.Minute
	lettersUntil = 18 * time.Hour
	// lettersAhead is the shortest cause that paper can keep up with.
	lettersAhead = day
)

// Letters makes each office's batch of the day, once, and asks for its paper,
// if this hub leads. A batch holds what falls due before the next day on which
// the office works, for people who get no mail.
func (s *Service) Letters(ctx context.Context) error {
	if s.cfg.Letters == nil || !s.Leads(ctx) || !s.hasLooked() {
		return nil
	}
	var errs []error
	for _, o := range s.cfg.Catalogue.Offices {
		if ctx.Err() != nil || s.over() || !s.Leads(ctx) {
			break
		}
		errs = append(errs, s.batch(ctx, o))
	}
	return errors.Join(append(errs, s.ask(ctx))...)
}

func (s *Service) hasLooked() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.looked
}

// batch makes an office's batch if it is time.
func (s *Service) batch(ctx context.Context, o *office.Office) error {
	now := s.cfg.House.Now()
	today, zone := o.Day(now), o.Location()
	s.mu.Lock()
	made := s.lettered[o.ID] == today
	s.mu.Unlock()
	if made || now.Before(today.Time(lettersFrom, zone)) || !now.Before(today.Time(lettersUntil, zone)) || !s.cfg.Catalogue.WorkingDay(o, today) {
		return nil
	}
	next := s.cfg.Catalogue.WorkingDays(o, today, 1)
	rows, err := s.cfg.Store.MakeBatch(ctx, o.ID, today, next.Time(0, zone), lettersAhead, s.cfg.Post != nil, s.cfg.Hub, now)
	if err != nil {
		return err
	}
	s.mu.Lock()
	s.lettered[o.ID] = today
	s.mu.Unlock()
	if len(rows) > 0 {
		s.cfg.Log.Info("reminders: letters", "office", o.ID, "day", today, "count", len(rows))
	}
	return nil
}

// Batches lists the batches that hubs may have made between two instants of
// house time, by office and day.
func Batches(c *office.Catalogue, from, to time.Time) (out []event.LetterBatch) {
	for _, o := range c.Offices {
		zone := o.Location()
		for day := o.Day(from); !day.Time(lettersFrom, zone).After(to); day = day.Add(1) {
			if from.Before(day.Time(lettersUntil, zone)) && c.WorkingDay(o, day) {
				out = append(out, event.LetterBatch{Office: o.ID, Day: day, Until: c.WorkingDays(o, day, 1).Time(0, zone), Before: lettersAhead})
			}
		}
	}
	return out
}

// ask asks for the paper of every batch that has none yet. Asked again, hall
// gives the job that is there, so that a crash in between does no harm.
func (s *Service) ask(ctx context.Context) error {
	open, err := s.cfg.Store.OpenBatches(ctx)
	var marks []event.ReminderMark
	jobs := map[string]string{}
	for _, r := range open {
		ref := Ref(r.Office, r.Day)
		if _, asked := jobs[ref]; !asked {
			job, e := s.cfg.Letters(ctx, r.Office, ref)
			jobs[ref], err = job, errors.Join(err, e)
		}
		if jobs[ref] != "" {
			marks = append(marks, event.ReminderMark{ReminderKey: r.ReminderKey, From: event.RemindSending, To: event.RemindSent,
				Hub: r.Hub, Reason: jobs[ref], At: s.cfg.House.Now()})
		}
	}
	return errors.Join(err, s.cfg.Store.MarkReminders(ctx, marks))
}

// Ref names an office's batch of a day to the printing room.
func Ref(id string, on office.Day) string { return id + "/" + string(on) }
