package printjobs

import (
	"bytes"
	"context"
	"encoding/json"
	"time"

	"vez/event"
	"vez/hall"
	"vez/printer"
)

const (
	// kept is how long hall keeps a settled job: by its end one finds the latest.
	kept = 31 * 24 * time.Hour
	// lostMost is how many papers are looked through.
	lostMost = 200
)

// Records are the ledger's; *ledger.DB has them.
type Records interface {
	Recent(ctx context.Context, kind string, expires time.Time, limit int, wanted func(data []byte) bool) ([]event.Record, error)
}

// Lost finds the papers that did not come out, or perhaps did not.
type Lost struct{ Records Records }

// LostPapers lists an office's jobs of all kinds but test pages that failed, or
// of which nobody knows, since an instant of machine time; the latest first.
// One of them may have been printed again meanwhile.
func (l Lost) LostPapers(ctx context.Context, office string, since time.Time) ([]hall.PrintJob, error) {
	all, err := l.Records.Recent(ctx, hall.PrintSettled, since.Add(kept), lostMost, func(data []byte) bool {
		var j hall.PrintJob
		return bytes.Contains(data, []byte(office)) && json.Unmarshal(data, &j) == nil && j.Office == office && lost(j)
	})
	out := make([]hall.PrintJob, len(all))
	for i, rec := range all {
		if err := json.Unmarshal(rec.Data, &out[i]); err != nil {
			return nil, err
		}
	}
	return out, err
}

func lost(j hall.PrintJob) bool {
	state := printer.State(j.State)
	return j.Kind != string(printer.KindProbe) && (state == printer.Failed || state == printer.Unknown)
}
