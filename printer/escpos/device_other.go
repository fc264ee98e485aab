//go:build !linux

package escpos

import (
	"context"
	"errors"

	"github.com/jonboulle/clockwork"
)

func dialDevice(string, int, clockwork.Clock) Dialer {
	return func(context.Context) (Line, error) {
		return nil, errors.New("escpos: printer devices are opened on Linux only")
	}
}
