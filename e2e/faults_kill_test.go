package e2e

import (
	"testing"
	"time"
)

// TestKilledProcessesLoseNothingAndAreMissedByNobody kills, in an order of
// chance and while people come and go at two hubs, a hub, Redis, PostgreSQL's
// first process, one of its connections, and all of them at once.
func TestKilledProcessesLoseNothingAndAreMissedByNobody(t *testing.T) {
	seed, rng := seedOf(t)
	db, live := newPostgres(t), newRedis(t)
	h := newHouse(t, houseIs{hubs: 2, database: db.url, redis: live.client(), address: live.url()})
	w := h.opens(seed, 1, 2, 1)
	w.goesOn(100, 30*time.Second)
	kills := []struct {
		what string
		do   func()
	}{
		{"a hub killed", func() {
			i := rng.IntN(2)
			h.killsHub(i)
			h.catchesUp(soon(2*time.Second), "a hub killed, the other alone")
			h.replaces(i)
		}},
		{"a hub killed right after a reply", func() {
			i := rng.IntN(2)
			w.goesOn(1, 10*time.Second)
			h.killsHub(i)
			h.catchesUp(soon(2*time.Second), "a hub killed right after a reply")
			h.replaces(i)
		}},
		{"Redis killed", func() {
			live.kill()
			w.goesOn(40, 20*time.Second) // the counters go on without it
			live.start()
		}},
		{"PostgreSQL killed", func() {
			db.killsPostmaster()
			time.Sleep(between(rng, 0, time.Second))
			db.start()
		}},
		{"a connection of PostgreSQL killed", func() {
			db.killsBackend()
			db.asks("SELECT 'is it there again'")
		}},
		{"all killed at once", func() {
			done := make(chan struct{})
			go func() {
				defer close(done)
				h.killsHub(0)
				h.killsHub(1)
				live.kill()
			}()
			db.killsPostmaster()
			<-done
			db.start()
			live.start()
			h.replaces(0)
			h.replaces(1)
		}},
	}
	for range rounds(1) {
		for _, i := range rng.Perm(len(kills)) {
			t.Log(kills[i].what)
			kills[i].do()
			h.catchesUp(soon(2*time.Second), kills[i].what)
			w.goesOn(30, 30*time.Second)
		}
	}
	w.closes(60 * time.Second)
	w.proves()
}
