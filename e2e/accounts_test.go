package e2e

import (
	"context"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"vez/ledger/pgtest"
)

// aclLine is the account of Redis as the document says it.
func aclLine(t *testing.T, secret string) []string {
	t.Helper()
	text, err := os.ReadFile("../docs/operations/accounts.md")
	if err != nil {
		t.Fatal(err)
	}
	line := regexp.MustCompile(`(?m)^user (vez on .*)$`).FindStringSubmatch(string(text))
	if line == nil {
		t.Fatal("the document has no line of users.acl")
	}
	return strings.Fields(strings.ReplaceAll(line[1], "SECRET", secret))
}

// TestHubsWorkWithAccountsThatMayDoNoMoreThanTheyNeed lives a visit on two hubs
// with the accounts of docs/operations/accounts.md, loses Redis' memory in between, and
// wants nothing denied; what a hub never does, its account may not.
func TestHubsWorkWithAccountsThatMayDoNoMoreThanTheyNeed(t *testing.T) {
	const secret = "a-secret-of-this-test"
	live := newRedis(t, append([]string{"--user"}, aclLine(t, secret)...)...)
	owner := pgtest.URL(t)
	pgtest.Account(t, owner, "hubs")
	mustVez(t, []string{"VEZ_DATABASE=" + owner, testKey}, "migrate", "--hubs", "hubs")
	account := "redis://vez:" + secret + "@" + live.address() + "/0"
	env := []string{"VEZ_DATABASE=" + pgtest.As(t, owner, "hubs"), "VEZ_REDIS=" + account, testKey, "VEZ_URL=http://vez.test"}
	a, b := serve(t, env), serve(t, env)
	visit(t, a, b)
	ctx, admin := context.Background(), live.client()
	admin.FlushAll(ctx)
	within(t, 20*time.Second, "the live queues are built anew", func() bool { return admin.Exists(ctx, "vez:{dsi-main}:head").Val() == 1 })
	if out := mustVez(t, env, "rebuild"); strings.Contains(out, "NOPERM") {
		t.Error(out)
	}
	for _, p := range []*program{a, b} {
		if log := p.log.String(); strings.Contains(log, "NOPERM") || strings.Contains(log, "permission denied") {
			t.Errorf("a hub was denied something:\n%s", log)
		}
	}
	if denied, err := admin.ACLLog(ctx, 10).Result(); err != nil || len(denied) > 0 {
		t.Errorf("denied: %+v, %v", denied, err)
	}
	hub := dials(t, account)
	for _, command := range [][]any{{"FLUSHALL"}, {"CONFIG", "GET", "*"}, {"KEYS", "*"}, {"SET", "others", "1"}, {"SHUTDOWN"}, {"MODULE", "LIST"}, {"ACL", "LIST"}} {
		if err := hub.Do(ctx, command...).Err(); err == nil || !strings.Contains(strings.ToUpper(err.Error()), "NO PERMISSIONS") && !strings.Contains(err.Error(), "NOPERM") {
			t.Errorf("%v: %v, want to be denied", command, err)
		}
	}
}
