package bench

import (
	"errors"
	"os"
	"runtime/pprof"
)

// profiled runs a part, with a profile of the processor's time if one is asked for.
func (b *Bench) profiled(p part) ([]Row, error) {
	if b.profiles == "" {
		return p.run(b)
	}
	if err := os.MkdirAll(b.profiles, 0o750); err != nil {
		return nil, err
	}
	f, err := os.Create(b.profilePath(p.name))
	if err != nil {
		return nil, err
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	rows, err := p.run(b)
	pprof.StopCPUProfile()
	return rows, errors.Join(err, f.Close())
}
