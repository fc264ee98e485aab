package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var unit = regexp.MustCompile("(?s)```ini\n# /etc/systemd/system/([a-z-]+)\\.service(.*?)```")

// units are the services that backup.md tells to set up.
func units(t *testing.T) map[string]string {
	t.Helper()
	text, err := os.ReadFile("../docs/operations/backup.md")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, m := range unit.FindAllStringSubmatch(string(text), -1) {
		out[m[1]] = m[2]
		if !strings.Contains(m[2], "\nEnvironmentFile=") {
			t.Errorf("%s does not get the hub's settings", m[1])
		}
	}
	return out
}

// runs does what systemd does with the lines of a service, and stops at the first that fails.
func runs(t *testing.T, service string, env []string) error {
	t.Helper()
	lines := regexp.MustCompile(`(?m)^ExecStart=(.*)$`).FindAllStringSubmatch(service, -1)
	if len(lines) == 0 {
		t.Fatal("the service does nothing")
	}
	for _, l := range lines {
		line := strings.NewReplacer("%%", "%", "$$", "$", "/usr/bin/vez", binary, "/mnt/safe", "safe", "/var/lib/vez/figures", "figures").Replace(l[1])
		cmd := exec.Command("/bin/sh", "-c", line)
		cmd.Env = env
		for _, e := range env {
			if dir, ok := strings.CutPrefix(e, "RUNTIME_DIRECTORY="); ok {
				cmd.Dir = dir
			}
		}
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Logf("%s: %v %s", line, err, out)
			return err
		}
	}
	return nil
}

// TestTheRecipesOfBackupsWorkAndFailAloud runs the services of backup.md with
// the settings of a hub and without.
func TestTheRecipesOfBackupsWorkAndFailAloud(t *testing.T) {
	data, dir, bin := t.TempDir(), t.TempDir(), t.TempDir()
	hub := serve(t, nil, "--data", data)
	takesQuiet(hub.as("device", "k", "dsi-main"))
	for _, name := range []string{"safe", "figures", "elsewhere"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(bin, "ssh"), []byte("#!/bin/sh\ncd elsewhere && exec sh -c \"$3\"\n"), 0o700); err != nil { //nolint:gosec // it is run
		t.Fatal(err)
	}
	all := units(t)
	base := []string{"PATH=" + bin + ":" + os.Getenv("PATH"), "RUNTIME_DIRECTORY=" + dir}
	made := func(pattern string, want int) {
		t.Helper()
		files, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil || len(files) != want {
			t.Errorf("%s: %v %v, not %d", pattern, files, err, want)
		}
		for _, f := range files {
			if info, err := os.Stat(f); err != nil || info.Size() == 0 {
				t.Errorf("%s is empty, %v", f, err)
			}
		}
	}
	for _, name := range []string{"vez-backup", "vez-head"} {
		if err := runs(t, all[name], base); err == nil {
			t.Errorf("%s says nothing of settings that are missing", name)
		}
	}
	made("safe/*", 0)
	made("figures/*", 0)
	made("elsewhere/*", 0)
	for _, name := range []string{"vez-backup", "vez-head"} {
		if err := runs(t, all[name], append(base, "VEZ_DATA="+data)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	made("safe/vez-backup-*.tar", 1)
	made("figures/vez.prom", 1)
	made("elsewhere/head-2*Z.json", 1)
	heads, err := filepath.Glob(filepath.Join(dir, "elsewhere", "*"))
	if err != nil || len(heads) != 1 {
		t.Fatal(heads, err)
	}
	mustVez(t, nil, "ledger", "head", "--check", heads[0], "--data", data)
}
