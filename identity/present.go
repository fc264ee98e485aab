package identity

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"time"

	"vez/fault"
)

// Present is somebody of staff who is signed in.
type Present struct {
	Subject, Name string
	// Roles that they hold at the office asked for.
	Roles []Role
	// Since is their earliest sign-in, Seen their latest use; machine time.
	Since, Seen time.Time
	// Browsers counts their sessions.
	Browsers int
}

// Present lists the staff who are signed in and hold a role at an office, by
// name and subject.
func (s *Service) Present(ctx context.Context, office string) ([]Present, error) {
	found, err := s.present(ctx, office, "")
	if err != nil {
		return nil, err
	}
	out := make([]Present, 0, len(found))
	for _, p := range found {
		out = append(out, *p)
	}
	slices.SortFunc(out, func(a, b Present) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Subject, b.Subject))
	})
	return out, nil
}

// SignOut ends everything that somebody of staff has open, at every hub within
// Limits.Cache. Faults: fault.NotAllowed unless by is manager or admin of the
// office, and admin where the other is one; fault.UnknownThing for who is not
// signed in there.
func (s *Service) SignOut(ctx context.Context, by Principal, office, subject string) (Present, error) {
	if !mayPair(by, office) {
		return Present{}, fault.New(fault.NotAllowed)
	}
	found, err := s.present(ctx, office, subject)
	if err != nil {
		return Present{}, err
	}
	p := found[subject]
	if p == nil {
		return Present{}, fault.New(fault.UnknownThing, "what", "session")
	}
	if !p.Yields(by, office) {
		return Present{}, fault.New(fault.NotAllowed)
	}
	s.cfg.Log.Info("signed out by a colleague", "who", subject, "by", by.Subject, "office", office)
	return *p, s.EndAll(ctx, subject)
}

// Yields tells whether by may sign them out: a manager does not reach an admin.
func (p Present) Yields(by Principal, office string) bool {
	return mayPair(by, office) && (!slices.Contains(p.Roles, Admin) || by.May(Admin, office) || by.Subject == p.Subject)
}

// present finds the sessions of staff with a role at an office, by subject; an
// empty subject is everybody.
func (s *Service) present(ctx context.Context, office, subject string) (map[string]*Present, error) {
	docs, err := s.cfg.Store.List(ctx, kindSession, subject)
	if err != nil {
		return nil, away(err)
	}
	out := map[string]*Present{}
	for hash, text := range docs {
		var doc sessionDoc
		if err := json.Unmarshal(text, &doc); err != nil {
			return nil, err
		}
		roles := s.rolesAt(doc, office)
		if doc.Sort != SortStaff || len(roles) == 0 {
			continue
		}
		e, err := s.load(ctx, hash, SortStaff)
		if fault.CodeOf(err) == fault.SessionExpired {
			continue
		}
		if err != nil {
			return nil, err
		}
		p := out[doc.Subject]
		if p == nil {
			p = &Present{Subject: doc.Subject, Name: doc.Name, Roles: roles, Since: doc.Born, Seen: e.seen}
			out[doc.Subject] = p
		}
		p.Browsers++
		if doc.Born.Before(p.Since) {
			p.Since = doc.Born
		}
		if e.seen.After(p.Seen) {
			p.Seen = e.seen
		}
	}
	return out, nil
}

// rolesAt lists the roles that a session's grants name for an office.
func (s *Service) rolesAt(doc sessionDoc, office string) (out []Role) {
	for _, g := range s.expand(doc.Grants) {
		if (g.Office == office || g.Office == Any && g.Department == Any) && !slices.Contains(out, g.Role) {
			out = append(out, g.Role)
		}
	}
	slices.Sort(out)
	return out
}
