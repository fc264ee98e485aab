package pgtest

import (
	"errors"
	"testing"
)

func TestAServerIsNotTakenForTheOneThatHasItsPort(t *testing.T) {
	first, second := New(t), New(t)
	second.Kill(t)
	second.port = first.port
	if err := second.start(); !errors.Is(err, errPortTaken) {
		t.Errorf("the error is %v", err)
	}
}
