package e2e

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"vez/ledger/pgtest"
	"vez/ledger/porttest"
)

// atOnce is how long a reply may take while Redis is gone or stuck: no move
// waits for Redis, only the first few questions to it learn that it is stuck.
const atOnce = 6 * time.Second

// TestRedisMayForgetFreezeAndGoBack empties Redis, freezes it, and gives it its
// memory of a while ago, in an order of chance and under load.
func TestRedisMayForgetFreezeAndGoBack(t *testing.T) {
	seed, rng := seedOf(t)
	live := newRedis(t)
	c := live.client()
	h := newHouse(t, houseIs{hubs: 2, database: pgtest.URL(t), redis: c, address: live.url()})
	w := h.opens(seed, 1, 2, 1)
	w.goesOn(100, 30*time.Second)
	faults := []struct {
		what string
		do   func()
	}{
		{"emptied", func() {
			if err := c.FlushAll(context.Background()).Err(); err != nil {
				t.Fatal(err)
			}
		}},
		{"frozen", func() {
			live.signal(syscall.SIGSTOP)
			time.Sleep(time.Duration(rounds(1)) * between(rng, 3*time.Second, 5*time.Second)) // over a minute in a soak
			w.goesOn(40, 10*time.Second)                                                      // the counters go on meanwhile
			live.signal(syscall.SIGCONT)
		}},
		{"as it was a while ago", func() {
			if err := c.Save(context.Background()).Err(); err != nil {
				t.Fatal(err)
			}
			w.goesOn(rounds(100), 5*time.Minute)
			live.kill()
			live.start() // with the copy that SAVE has made
		}},
	}
	for range rounds(2) {
		for _, i := range rng.Perm(len(faults)) {
			faults[i].do()
			h.catchesUp(soon(2*time.Second), "Redis "+faults[i].what)
			w.goesOn(30, 20*time.Second)
		}
	}
	w.closes(30 * time.Second)
	w.quick(atOnce)
	w.proves()
}

// quick fails when somebody waited too long for an answer.
func (w *town) quick(d time.Duration) {
	w.t.Helper()
	if most := soon(d); w.slowest > most {
		w.t.Errorf("an answer took %s, at most %s is promised", w.slowest, most)
	}
}

// TestSentinelFailsOverToAReplicaThatLagsBehind kills the master under load
// while its replica has not heard the latest, and lets it come back as a replica.
func TestSentinelFailsOverToAReplicaThatLagsBehind(t *testing.T) {
	t.Parallel() // it mostly waits
	seed, rng := seedOf(t)
	one := newRedis(t, "--repl-diskless-sync-delay", "0")
	two := newRedis(t, "--replicaof", "127.0.0.1 "+strconv.Itoa(one.port), "--replica-announce-ip", "127.0.0.1", "--repl-timeout", "60")
	linked := func(r *redisServer) bool {
		return strings.Contains(r.client().Info(context.Background(), "replication").Val(), "master_link_status:up")
	}
	within(t, 20*time.Second, "the replica follows", func() bool { return linked(two) })
	var guards []string
	for range 3 {
		guards = append(guards, sentinel(t, one))
	}
	q := url.Values{"master_name": {"vez"}, "addr": guards[1:]}
	address := "redis+sentinel://" + guards[0] + "/0?" + q.Encode()
	within(t, 20*time.Second, "the sentinels know each other", func() bool {
		for _, g := range guards {
			all, err := sentinelOf(t, g).Sentinels(context.Background(), "vez").Result()
			replicas, err2 := sentinelOf(t, g).Replicas(context.Background(), "vez").Result()
			if err != nil || err2 != nil || len(all) < 2 || len(replicas) < 1 {
				return false
			}
		}
		return true
	})
	h := newHouse(t, houseIs{hubs: 2, database: pgtest.URL(t), redis: dials(t, address), address: address})
	w := h.opens(seed, 1, 2, 1)
	w.goesOn(100, 30*time.Second)
	master, replica := one, two
	for range rounds(1) {
		replica.signal(syscall.SIGSTOP) // it misses what comes now
		time.Sleep(between(rng, 300*time.Millisecond, 800*time.Millisecond))
		master.kill()
		replica.signal(syscall.SIGCONT)
		w.goesOn(50, 20*time.Second)
		within(t, 30*time.Second, "the replica becomes the master", func() bool {
			return strings.Contains(replica.client().Info(context.Background(), "replication").Val(), "role:master")
		})
		h.catchesUp(soon(3*time.Second), "failed over by Sentinel") // the client asks the sentinels first
		w.goesOn(30, 20*time.Second)
		master.args = nil
		master.start()
		// Sentinels that were short of processors may have failed over once more.
		within(t, 30*time.Second, "one follows the other", func() bool { return linked(one) != linked(two) })
		h.catchesUp(soon(2*time.Second), "the old master is back")
		if master, replica = one, two; linked(one) {
			master, replica = two, one
		}
	}
	w.goesOn(30, 20*time.Second)
	w.closes(30 * time.Second)
	w.quick(atOnce)
	w.proves()
}

// sentinel starts a guard over a master.
func sentinel(t *testing.T, master *redisServer) string {
	t.Helper()
	r := &redisServer{t: t, dir: t.TempDir(), port: porttest.Port(t)}
	conf := filepath.Join(r.dir, "sentinel.conf")
	text := fmt.Sprintf("port %d\nbind 127.0.0.1\ndir %s\nlogfile %s\nsentinel monitor vez 127.0.0.1 %d 2\n"+
		"sentinel down-after-milliseconds vez 3000\nsentinel failover-timeout vez 6000\nsentinel parallel-syncs vez 1\n",
		r.port, r.dir, filepath.Join(r.dir, "log"), master.port)
	if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	r.runs([]string{conf, "--sentinel"})
	t.Cleanup(func() {
		r.kill()
		if t.Failed() {
			said, _ := os.ReadFile(filepath.Join(r.dir, "log"))
			t.Logf("a sentinel said:\n%s", said[max(0, len(said)-2000):])
		}
	})
	return r.address()
}

func sentinelOf(t *testing.T, address string) *redis.SentinelClient {
	t.Helper()
	c := redis.NewSentinelClient(&redis.Options{Addr: address, MaxRetries: -1})
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// TestASlotMovesBetweenNodesOfAClusterUnderLoad moves the slot of a hall's keys
// to another node, key by key, while the hall is busy; then redis-cli moves some more.
func TestASlotMovesBetweenNodesOfAClusterUnderLoad(t *testing.T) {
	seed, rng := seedOf(t)
	var nodes []*redisServer
	var all []string
	for range 3 {
		n := newRedis(t, "--cluster-enabled", "yes", "--cluster-node-timeout", "2000", "--cluster-announce-ip", "127.0.0.1")
		nodes, all = append(nodes, n), append(all, n.address())
	}
	cli(t, append(append([]string{"--cluster", "create"}, all...), "--cluster-replicas", "0", "--cluster-yes")...)
	within(t, 20*time.Second, "the cluster is whole", func() bool {
		for _, n := range nodes {
			if info := n.client().ClusterInfo(context.Background()).Val(); !strings.Contains(info, "cluster_state:ok") || !strings.Contains(info, "cluster_known_nodes:3") {
				return false
			}
		}
		return true
	})
	address := "redis+cluster://" + all[0] + "?" + url.Values{"addr": all[1:]}.Encode()
	h := newHouse(t, houseIs{hubs: 2, database: pgtest.URL(t), redis: dials(t, address), address: address})
	w := h.opens(seed, 1, 2, 1)
	w.goesOn(100, 30*time.Second)
	for range rounds(2) {
		hall := townHalls[rng.IntN(len(townHalls))] + "-hall"
		moved := moveSlot(t, w, nodes, hall)
		h.catchesUp(soon(2*time.Second), fmt.Sprintf("slot of %s moved with %d keys", hall, moved))
		w.goesOn(30, 20*time.Second)
	}
	from, to := nodeID(nodes[0]), nodeID(nodes[1])
	cli(t, "--cluster", "reshard", all[0], "--cluster-from", from, "--cluster-to", to, "--cluster-slots", "100", "--cluster-yes")
	h.catchesUp(soon(2*time.Second), "100 slots moved by redis-cli")
	w.goesOn(30, 20*time.Second)
	nodes[2].kill()
	w.goesOn(40, 20*time.Second) // a third of the slots is away, the counters go on
	nodes[2].start()
	within(t, 20*time.Second, "the cluster is whole again", func() bool {
		return strings.Contains(nodes[0].client().ClusterInfo(context.Background()).Val(), "cluster_state:ok")
	})
	h.catchesUp(soon(3*time.Second), "a node was killed and came back empty")
	w.closes(30 * time.Second)
	w.quick(atOnce)
	w.proves()
}

func cli(t *testing.T, args ...string) {
	t.Helper()
	if out, err := exec.Command("redis-cli", args...).CombinedOutput(); err != nil {
		t.Fatalf("redis-cli %v: %v\n%s", args, err, out)
	}
}

func nodeID(n *redisServer) string {
	id, _ := n.client().Do(context.Background(), "CLUSTER", "MYID").Text()
	return id
}

// moveSlot moves the slot of a hall from its node to the next, with all its keys.
func moveSlot(t *testing.T, w *town, nodes []*redisServer, hall string) (moved int) {
	t.Helper()
	ctx := context.Background()
	slot, err := nodes[0].client().ClusterKeySlot(ctx, "{"+hall+"}").Result()
	if err != nil {
		t.Fatal(err)
	}
	from := 0
	for i, n := range nodes {
		if keys, err := n.client().ClusterCountKeysInSlot(ctx, int(slot)).Result(); err == nil && keys > 0 {
			from = i
		}
	}
	source, target := nodes[from], nodes[(from+1)%len(nodes)]
	must := func(r *redisServer, args ...any) {
		if err := r.client().Do(ctx, args...).Err(); err != nil {
			t.Fatalf("%v: %v", args, err)
		}
	}
	must(target, "CLUSTER", "SETSLOT", slot, "IMPORTING", nodeID(source))
	must(source, "CLUSTER", "SETSLOT", slot, "MIGRATING", nodeID(target))
	for {
		keys, err := source.client().ClusterGetKeysInSlot(ctx, int(slot), 3).Result()
		if err != nil {
			t.Fatal(err)
		}
		if len(keys) == 0 {
			break
		}
		for _, k := range keys {
			must(source, "MIGRATE", "127.0.0.1", target.port, k, 0, 5000, "REPLACE")
			moved++
		}
		w.goesOn(5, 20*time.Second) // half a hall here, half of it there
	}
	for _, n := range []*redisServer{target, source} {
		must(n, "CLUSTER", "SETSLOT", slot, "NODE", nodeID(target))
	}
	for _, n := range nodes {
		if n != target && n != source {
			must(n, "CLUSTER", "SETSLOT", slot, "NODE", nodeID(target))
		}
	}
	return moved
}
