package identity

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"vez/fault"
)

// Paired is a device that has been let in.
type Paired struct {
	ID     string `json:"id"` // its Principal.Subject, "device:…"
	Kind   string `json:"kind"`
	Office string `json:"office"` // Any only for a device of the demonstration
	// Name tells it apart from its neighbours: "by the entrance".
	Name string `json:"name,omitempty"`
	// By is the pseudonym of who confirmed it; "" when it paired itself in the
	// demonstration.
	By   string    `json:"by,omitempty"`
	At   time.Time `json:"at"`             // machine time
	Beat *Beat     `json:"beat,omitempty"` // nil: never heard of
}

// Beat is what a device says of itself from time to time.
type Beat struct {
	At      time.Time `json:"at"` // machine time, set by Heartbeat
	Version string    `json:"version,omitempty"`
	// Painted is the sequence number of the last event that a board has shown.
	Painted int64 `json:"painted,omitempty"`
	// Paper is "ok", "low", "out" or "".
	Paper string `json:"paper,omitempty"`
	// Problem is a coded complaint, "" when there is none.
	Problem string `json:"problem,omitempty"`
}

// beatEvery is how often an unchanged heartbeat is written down.
const beatEvery = 30 * time.Second

// pair lets a device in and gives the secret that it keeps.
func (s *Service) pair(ctx context.Context, p Paired) (Principal, string, error) {
	who := Principal{
		Subject: p.ID, Kind: p.Kind, Name: p.Name, Grants: []Grant{{Device, Any, p.Office}}, sort: Sort(p.Kind),
	}
	if !slices.Contains(sorts, who.sort) || who.sort.person() {
		who.sort = sortToken // a printer has no browser
	}
	if err := s.put(ctx, kindDevice, p.ID, p.Office, p, time.Time{}); err != nil {
		return Principal{}, "", away(err)
	}
	secret, err := s.start(ctx, who, who.sort, 0, "")
	return who, secret, err
}

// Devices lists the paired devices of an office, "" for all, by name and id,
// each with its last heartbeat; in the demonstration those of every office too.
func (s *Service) Devices(ctx context.Context, office string) ([]Paired, error) {
	owners := []string{office}
	if s.cfg.Demo && office != "" && office != Any {
		owners = append(owners, Any) // who let itself in stands in every office
	}
	var out []Paired
	for _, owner := range owners {
		some, err := s.devicesOf(ctx, owner)
		if err != nil {
			return nil, err
		}
		out = append(out, some...)
	}
	slices.SortFunc(out, func(a, b Paired) int { return strings.Compare(a.Name+"\x00"+a.ID, b.Name+"\x00"+b.ID) })
	return out, nil
}

func (s *Service) devicesOf(ctx context.Context, owner string) ([]Paired, error) {
	docs, err := s.cfg.Store.List(ctx, kindDevice, owner)
	if err != nil {
		return nil, away(err)
	}
	beats, err := s.cfg.Store.List(ctx, kindHeartbeat, owner)
	if err != nil {
		return nil, away(err)
	}
	out := make([]Paired, 0, len(docs))
	for id, doc := range docs {
		var p Paired
		if err := json.Unmarshal(doc, &p); err != nil {
			return nil, err
		}
		if beat, ok := beats[id]; ok {
			if err := json.Unmarshal(beat, &p.Beat); err != nil {
				return nil, err
			}
		}
		out = append(out, p)
	}
	return out, nil
}

// Heartbeat notes what a device says of itself, at most every 30 seconds while
// nothing but the painted number changes. Who is no device: fault.NotAllowed.
func (s *Service) Heartbeat(ctx context.Context, who Principal, b Beat) error {
	if !who.Holds(Device) {
		return fault.New(fault.NotAllowed)
	}
	b.At = s.now()
	var last Beat
	if ok, err := s.get(ctx, kindHeartbeat, who.Subject, &last); err != nil {
		return err
	} else if ok && b.At.Sub(last.At) < beatEvery &&
		last.Version == b.Version && last.Paper == b.Paper && last.Problem == b.Problem {
		return nil
	}
	office := Any
	if offices, all := who.Offices(Device); !all && len(offices) > 0 {
		office = offices[0]
	}
	if err := s.put(ctx, kindHeartbeat, who.Subject, office, b, time.Time{}); err != nil {
		return away(err)
	}
	return nil
}

// Unpair shuts a device out at once; other hubs follow within Limits.Cache. by
// must be a manager or admin of its office, else fault.NotAllowed; an unknown
// device is fault.UnknownThing.
func (s *Service) Unpair(ctx context.Context, by Principal, id string) error {
	var p Paired
	ok, err := s.get(ctx, kindDevice, id, &p)
	switch {
	case err != nil:
		return err
	case !ok:
		return fault.New(fault.UnknownThing, "what", "device")
	case !mayPair(by, p.Office):
		return fault.New(fault.NotAllowed)
	}
	if err := s.EndAll(ctx, id); err != nil {
		return err
	}
	for _, kind := range []string{kindDevice, kindHeartbeat} {
		if err := s.cfg.Store.Delete(ctx, kind, id); err != nil {
			return away(err)
		}
	}
	return nil
}

func mayPair(by Principal, office string) bool {
	return by.May(Manager, office) || by.May(Admin, office)
}
