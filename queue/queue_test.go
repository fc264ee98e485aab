package queue_test

import (
	"testing"

	"go.uber.org/goleak"

	"vez/queue/queuetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestProjectionOnMiniredis(t *testing.T) { queuetest.Suite(t, queuetest.Mini) }

func TestProjectionOnRedis(t *testing.T) { queuetest.Suite(t, queuetest.Real) }
