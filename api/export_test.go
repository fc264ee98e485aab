package api

import "context"

// SlotsOf is what list-slots answers with, without HTTP.
func (a *API) SlotsOf(ctx context.Context, service, from, to string) ([]byte, error) {
	out, err := a.slots(ctx, nil, &slotsIn{IDPath: IDPath{ID: service}, From: from, To: to})
	if err != nil {
		return nil, err
	}
	return out.Body, nil
}
