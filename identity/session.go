package identity

import (
	"context"
	"time"

	"vez/fault"
)

// Sort is which of a browser's sessions one is.
type Sort string

// The sorts. Each has a cookie of its own.
const (
	SortCitizen Sort = "citizen"
	SortStaff   Sort = "staff"
	SortKiosk   Sort = "kiosk"
	SortBoard   Sort = "board"
	sortToken   Sort = "" // a bearer token: no cookie
)

var sorts = []Sort{SortCitizen, SortStaff, SortKiosk, SortBoard}

// person says whether a session of the sort ends by itself.
func (s Sort) person() bool { return s == SortCitizen || s == SortStaff }

// passesAs says whether what was made as one sort may be presented as another:
// a device may send its cookie's secret as a bearer token, a person may not.
func (s Sort) passesAs(other Sort) bool { return s == other || other == sortToken && !s.person() }

// sessionDoc is the stored form of a session or token. It never changes; when
// it was last used stands in a document of its own, so that a late note of use
// cannot bring back a session that was ended meanwhile.
type sessionDoc struct {
	Subject string    `json:"subject"`
	Grants  []Grant   `json:"grants,omitempty"`
	Name    string    `json:"name,omitempty"`
	Lang    string    `json:"lang,omitempty"`
	Kind    string    `json:"kind,omitempty"`
	Sort    Sort      `json:"sort,omitempty"`
	Email   []byte    `json:"email,omitempty"` // sealed; see email.go
	Born    time.Time `json:"born"`
	Ends    time.Time `json:"ends"` // zero: never
}

type seenDoc struct {
	At time.Time `json:"at"`
}

// idle and most give a sort's limits; 0 means none.
func (s *Service) idle(sort Sort) time.Duration {
	switch sort {
	case SortCitizen:
		return s.limits.CitizenIdle
	case SortStaff:
		return s.limits.StaffIdle
	}
	return 0
}

func (s *Service) most(sort Sort) time.Duration {
	switch sort {
	case SortCitizen:
		return s.limits.CitizenMost
	case SortStaff:
		return s.limits.StaffMost
	}
	return 0
}

// kindOf tells sessions of people from tokens of devices and programs.
func kindOf(sort Sort) string {
	if sort.person() {
		return kindSession
	}
	return kindToken
}

// start makes a session or a token that ends after most (0: never) and gives
// its secret, which is nowhere stored. A citizen's session may carry an e-mail
// address; "" for none.
func (s *Service) start(ctx context.Context, p Principal, sort Sort, most time.Duration, email string) (string, error) {
	now := s.now()
	doc := sessionDoc{
		Subject: p.Subject, Grants: p.Grants, Name: p.Name, Lang: p.Lang, Kind: p.Kind, Sort: sort, Born: now,
	}
	if most > 0 {
		doc.Ends = now.Add(most)
	}
	secret := newSecret()
	hash := hashOf(secret)
	if sort == SortCitizen && email != "" {
		sealed, err := s.sealEmail(email, hash)
		if err != nil {
			return "", err
		}
		doc.Email = sealed
	}
	if err := s.put(ctx, kindOf(sort), hash, p.Subject, doc, doc.Ends); err != nil {
		return "", away(err)
	}
	return secret, nil
}

// find resolves the secret of a session or token: fault.SessionExpired when
// there is none (any more), fault.LedgerAway when the store cannot be asked and
// it was not seen lately.
func (s *Service) find(ctx context.Context, secret string, sort Sort) (Principal, error) {
	hash := hashOf(secret)
	if e, ok := s.cache.get(hash, s.limits.Cache); ok && e.who.sort.passesAs(sort) {
		return s.use(ctx, hash, e, sort)
	}
	e, err := s.load(ctx, hash, sort)
	if fault.CodeOf(err) == fault.LedgerAway {
		if e, ok := s.cache.get(hash, s.limits.Stale); ok && e.who.sort.passesAs(sort) {
			return e.who, nil
		}
	}
	if err != nil {
		if fault.CodeOf(err) == fault.SessionExpired {
			s.cache.forget(hash)
		}
		return Principal{}, err
	}
	s.cache.put(hash, e)
	return s.use(ctx, hash, e, sort)
}

// lives tells whether a principal's session or token is still good, without
// noting a use of it. While the store is away nobody is sent off.
func (s *Service) lives(ctx context.Context, p Principal) bool {
	if e, ok := s.cache.get(p.session, s.limits.Cache); ok && e.who.sort == p.sort {
		return true
	}
	_, err := s.load(ctx, p.session, p.sort)
	if fault.CodeOf(err) != fault.SessionExpired {
		return true
	}
	s.cache.forget(p.session)
	return false
}

// load reads a session from the store and judges its age.
func (s *Service) load(ctx context.Context, hash string, sort Sort) (cached, error) {
	var doc sessionDoc
	ok, err := s.get(ctx, kindOf(sort), hash, &doc)
	if err != nil {
		return cached{}, err
	}
	now := s.now()
	if !ok || !doc.Sort.passesAs(sort) || !doc.Ends.IsZero() && !now.Before(doc.Ends) {
		return cached{}, fault.New(fault.SessionExpired)
	}
	seen := seenDoc{At: doc.Born}
	if idle := s.idle(sort); idle > 0 {
		if _, err := s.get(ctx, kindSeen, hash, &seen); err != nil {
			return cached{}, err
		}
		if now.Sub(seen.At) > idle {
			return cached{}, fault.New(fault.SessionExpired)
		}
	}
	who := Principal{
		Subject: doc.Subject, Grants: s.expand(doc.Grants), Name: doc.Name, Lang: doc.Lang, Kind: doc.Kind,
		session: hash, sort: doc.Sort,
	}
	return cached{who: who, at: now, seen: seen.At, ends: doc.Ends, email: doc.Email}, nil
}

// use notes that a session is in use, a few times per idle limit and not at
// every request. That the note fails is no reason to refuse anybody.
func (s *Service) use(ctx context.Context, hash string, e cached, sort Sort) (Principal, error) {
	idle, now := s.idle(sort), s.now()
	if idle <= 0 || now.Sub(e.seen) < idle/8 {
		return e.who, nil
	}
	e.seen = now
	s.cache.put(hash, e)
	if err := s.put(ctx, kindSeen, hash, "", seenDoc{At: now}, now.Add(idle)); err != nil {
		s.cfg.Log.Warn("identity: a session's use could not be noted", "why", err)
	}
	return e.who, nil
}

// expand adds to a grant for a department everywhere the offices where that
// department is served today.
func (s *Service) expand(grants []Grant) []Grant {
	out := append([]Grant(nil), grants...)
	for _, g := range grants {
		if g.Office == Any && g.Department != Any {
			for _, office := range s.cfg.Offices(g.Department) {
				out = append(out, Grant{g.Role, g.Department, office})
			}
		}
	}
	return out
}

// end ends the session of a secret.
func (s *Service) end(ctx context.Context, secret string, sort Sort) error {
	hash := hashOf(secret)
	err := s.cfg.Store.Delete(ctx, kindOf(sort), hash)
	s.cache.forget(hash)
	if err != nil {
		return away(err)
	}
	if sort.person() {
		_ = s.cfg.Store.Delete(ctx, kindSeen, hash) // it is of no use alone, and expires
	}
	return nil
}

// EndAll ends every session and token of a subject: for staff who leave, a
// changed password, a stolen device. Other hubs follow within Limits.Cache.
func (s *Service) EndAll(ctx context.Context, subject string) error {
	for _, kind := range []string{kindSession, kindToken} {
		ids, err := s.drop(ctx, kind, subject)
		s.cache.forget(ids...)
		if err != nil {
			return err
		}
	}
	return nil
}
