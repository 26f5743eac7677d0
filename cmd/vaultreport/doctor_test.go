package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"vaultreport/internal/checkup"
	"vaultreport/internal/pgtest"
)

// The configuration of the CronJob against a database with one of the tables.
func TestDoctorPrintsTheGrantThatIsMissing(t *testing.T) {
	server, config := cronJob(t)
	doctor := func(code int) (lines []checkup.Line) {
		t.Helper()
		var out, complaints bytes.Buffer
		cmd := exec.Command(mustBuild(t), "doctor", "--config", config, "--warehouse", filepath.Join(filepath.Dir(config), "warehouse"), "-o", "json")
		cmd.Stdout, cmd.Stderr = &out, &complaints
		var exit *exec.ExitError
		if err := cmd.Run(); err != nil && !errors.As(err, &exit) {
			t.Fatal(err)
		}
		if got := cmd.ProcessState.ExitCode(); got != code {
			t.Fatalf("exit code %d, want %d: %s", got, code, complaints.String())
		}
		if strings.Contains(out.String()+complaints.String(), pgtest.Password) {
			t.Errorf("a secret is shown: %s", out.String())
		}
		if err := json.Unmarshal(out.Bytes(), &lines); err != nil {
			t.Fatal(err)
		}
		return lines
	}
	const check = "tables vault-db vault_status"
	for _, l := range doctor(0) {
		if l.Check == check && l.Status != checkup.Warning { // it has few of the columns
			t.Errorf("%+v", l)
		}
	}
	server.Exec("revoke select on vault_status from nightly; grant select (user_id) on vault_status to nightly")
	want := checkup.Fail(check, "role nightly may not read gold_status, platinum_status, diamond_status, expires_at",
		"GRANT SELECT (gold_status, platinum_status, diamond_status, expires_at) ON public.vault_status TO nightly")
	for _, l := range doctor(2) {
		if l.Check == check && l != want {
			t.Errorf("got %+v\nwant %+v", l, want)
		}
	}
}
