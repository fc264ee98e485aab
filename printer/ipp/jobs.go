package ipp

import (
	"context"
	"fmt"
)

// States of a job (RFC 8011, section 5.3.7).
const (
	jobPending    = 3
	jobHeld       = 4
	jobProcessing = 5
	jobStopped    = 6
	jobCancelled  = 7
	jobAborted    = 8
	jobCompleted  = 9
)

// sent is a job as the printer knows it.
type sent struct {
	id    int
	name  string // "" where the printer hides it
	state int
	// sheets are those delivered so far; -1: not told.
	sheets int
	// created is the printer's up-time then, in seconds; -1: not told.
	created int
	// begun says that the printer had begun to work on it.
	begun bool
}

func (s sent) over() bool { return s.state >= jobCancelled }

var jobAsked = []string{
	"job-id", "job-name", "job-state", "job-media-sheets-completed", "job-impressions-completed", "time-at-creation", "time-at-processing",
}

func readJob(g Group) sent {
	s := sent{name: g.String("job-name"), sheets: -1, created: -1}
	s.id, _ = g.Int("job-id")
	s.state, _ = g.Int("job-state")
	for _, name := range []string{"job-media-sheets-completed", "job-impressions-completed"} {
		if n, ok := g.Int(name); ok {
			s.sheets = max(s.sheets, n)
		}
	}
	if n, ok := g.Int("time-at-creation"); ok {
		s.created = n
	}
	_, s.begun = g.Int("time-at-processing") // no-value before that
	return s
}

// job asks for one job.
func (c *Client) job(ctx context.Context, id int) (sent, error) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	req := c.Request(OpGetJobAttributes)
	req.Add(OperationGroup, Attr(Integer, "job-id", int32(id)), user(), Attr(Keyword, "requested-attributes", jobAsked...))
	res, err := c.Do(ctx, req, nil)
	if err != nil {
		return sent{}, err
	}
	s := readJob(res.Group(JobGroup))
	if s.state < jobPending || s.state > jobCompleted {
		return sent{}, fmt.Errorf("%w: a job in state %d", ErrMessage, s.state)
	}
	s.id = id
	return s, nil
}

// named asks for all jobs of a name, those at work and those of the printer's memory.
func (c *Client) named(ctx context.Context, name string) ([]sent, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*askTimeout)
	defer cancel()
	var found []sent
	for _, which := range []string{"not-completed", "completed"} {
		req := c.Request(OpGetJobs)
		req.Add(OperationGroup, user(), Attr(Keyword, "which-jobs", which), Attr(Boolean, "my-jobs", false),
			Attr(Keyword, "requested-attributes", jobAsked...))
		res, err := c.Do(ctx, req, nil)
		if err != nil {
			return nil, err
		}
		for _, g := range res.Groups {
			if s := readJob(g); g.Tag == JobGroup && s.name == name {
				found = append(found, s)
			}
		}
	}
	return found, nil
}

// cancel asks the printer to give a job up; it may take its time.
func (c *Client) cancel(ctx context.Context, id int) error {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	req := c.Request(OpCancelJob)
	req.Add(OperationGroup, Attr(Integer, "job-id", int32(id)), user())
	_, err := c.Do(ctx, req, nil)
	return err
}
