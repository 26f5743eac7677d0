package warehouse

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
)

// process is who we are, as a lease names its holder.
type process struct {
	host  string
	pid   int
	boot  string
	alive func(pid int) bool
}

func (p process) String() string { return fmt.Sprintf("%s:%d", p.host, p.pid) }

// bootOfThisProcess returns the machine's boot id and our pid namespace, "" where the kernel does not tell. A pid says
// something about another process only if both are equal: containers of one machine may share name and boot id.
func bootOfThisProcess() string {
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	namespace, err := os.Readlink("/proc/self/ns/pid")
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(boot)) + " " + namespace
}

// isAlive says whether a process may be running: only a sure no is a no.
func isAlive(pid int) bool {
	p, err := os.FindProcess(pid)
	if err != nil {
		return true
	}
	defer p.Release()
	return !errors.Is(p.Signal(syscall.Signal(0)), os.ErrProcessDone)
}
