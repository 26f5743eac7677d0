package pgtest

import (
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// installation is where the binaries are and who runs them.
type installation struct {
	bin        string
	credential *syscall.Credential // nil: whoever runs the tests
}

func (i installation) program(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(i.bin, name), args...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: i.credential, Setpgid: true} // an interrupt of the tests is not the server's
	return cmd
}

// own gives a directory to whoever runs the server.
func (i installation) own(dir string) error {
	if i.credential == nil {
		return nil
	}
	return os.Chown(dir, int(i.credential.Uid), int(i.credential.Gid))
}

func findInstallation() (i installation, there bool, err error) {
	if i.bin, there = findBin(); !there {
		return i, false, nil
	}
	if os.Getuid() == 0 {
		i.credential, err = unprivileged()
	}
	return i, true, err
}

// findBin looks for the server's own directory: Debian has only the clients in PATH.
func findBin() (dir string, there bool) {
	if path, err := exec.LookPath("initdb"); err == nil {
		if path, err = filepath.EvalSymlinks(path); err == nil {
			return filepath.Dir(path), true
		}
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	newest := -1
	for _, path := range found {
		version, err := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(path))))
		if err == nil && version > newest {
			newest, dir = version, filepath.Dir(path)
		}
	}
	return dir, newest >= 0
}

func unprivileged() (*syscall.Credential, error) {
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err := strconv.ParseUint(u.Uid, 10, 32)
		if err != nil {
			return nil, err
		}
		gid, err := strconv.ParseUint(u.Gid, 10, 32)
		if err != nil {
			return nil, err
		}
		return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
	}
	return nil, fmt.Errorf("PostgreSQL refuses to run as root, and there is neither a user postgres nor nobody")
}
