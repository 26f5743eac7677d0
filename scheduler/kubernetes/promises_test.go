package kubernetes

import (
	"slices"
	"strings"
	"testing"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
)

// promises are what holds in the base and in every overlay. Each comes with a way to break it, so that each check is seen
// to fail.
var promises = []struct {
	promise string
	holds   func(*deployment) bool
	spoil   func(*deployment)
}{
	{"there is one container and no other that could be forgotten",
		func(d *deployment) bool {
			return len(podOf(d).Containers) == 1 && podOf(d).InitContainers == nil && podOf(d).EphemeralContainers == nil
		},
		func(d *deployment) { podOf(d).InitContainers = []corev1.Container{{}} }},
	{"the pod must not be root",
		func(d *deployment) bool { return is(podOf(d).SecurityContext.RunAsNonRoot, true) },
		func(d *deployment) { podOf(d).SecurityContext.RunAsNonRoot = nil }},
	{"user and group are those of the image",
		func(d *deployment) bool {
			s := podOf(d).SecurityContext
			return is(s.RunAsUser, imageUser) && is(s.RunAsGroup, imageUser)
		},
		func(d *deployment) { *podOf(d).SecurityContext.RunAsGroup = 0 }},
	{"the warehouse belongs to the group, and is given to it once",
		func(d *deployment) bool {
			s := podOf(d).SecurityContext
			return is(s.FSGroup, imageUser) && is(s.FSGroupChangePolicy, corev1.FSGroupChangeOnRootMismatch)
		},
		func(d *deployment) { podOf(d).SecurityContext.FSGroup = nil }},
	{"seccomp is the runtime's default",
		func(d *deployment) bool {
			profile := podOf(d).SecurityContext.SeccompProfile
			return profile != nil && profile.Type == corev1.SeccompProfileTypeRuntimeDefault
		},
		func(d *deployment) {
			podOf(d).SecurityContext.SeccompProfile.Type = corev1.SeccompProfileTypeUnconfined
		}},
	{"the container overrides none of that",
		func(d *deployment) bool {
			s := container(d).SecurityContext
			return s.RunAsNonRoot == nil && s.RunAsUser == nil && s.RunAsGroup == nil && s.SeccompProfile == nil && s.Privileged == nil && s.ProcMount == nil
		},
		func(d *deployment) { container(d).SecurityContext.RunAsUser = new(int64) }},
	{"the root file system is read-only",
		func(d *deployment) bool { return is(container(d).SecurityContext.ReadOnlyRootFilesystem, true) },
		func(d *deployment) { *container(d).SecurityContext.ReadOnlyRootFilesystem = false }},
	{"privileges cannot grow",
		func(d *deployment) bool { return is(container(d).SecurityContext.AllowPrivilegeEscalation, false) },
		func(d *deployment) { container(d).SecurityContext.AllowPrivilegeEscalation = nil }},
	{"there are no capabilities",
		func(d *deployment) bool {
			c := container(d).SecurityContext.Capabilities
			return c != nil && slices.Equal(c.Drop, []corev1.Capability{"ALL"}) && c.Add == nil
		},
		func(d *deployment) {
			container(d).SecurityContext.Capabilities.Add = []corev1.Capability{"NET_RAW"}
		}},
	{"nothing of the node is shared",
		func(d *deployment) bool {
			p := podOf(d)
			return !p.HostNetwork && !p.HostPID && !p.HostIPC && p.ShareProcessNamespace == nil && container(d).Ports == nil
		},
		func(d *deployment) { podOf(d).HostNetwork = true }},
	{"there is no token of the API server",
		func(d *deployment) bool {
			return is(d.account.AutomountServiceAccountToken, false) && is(podOf(d).AutomountServiceAccountToken, false) &&
				podOf(d).ServiceAccountName == d.account.Name
		},
		func(d *deployment) { podOf(d).AutomountServiceAccountToken = nil }},
	{"services set no variables",
		func(d *deployment) bool { return is(podOf(d).EnableServiceLinks, false) },
		func(d *deployment) { podOf(d).EnableServiceLinks = nil }},
	{"writable are the warehouse and /tmp only",
		func(d *deployment) bool { return slices.Equal(writable(d), []string{"/tmp", "/var/lib/vaultreport"}) },
		func(d *deployment) { container(d).VolumeMounts[0].ReadOnly = false }},
	{"the warehouse lies on the claim, and /tmp is empty and bounded",
		func(d *deployment) bool {
			claim, tmp := volumeAt(d, "/var/lib/vaultreport").PersistentVolumeClaim, volumeAt(d, "/tmp").EmptyDir
			return claim != nil && claim.ClaimName == d.claim.Name && !claim.ReadOnly && tmp != nil && tmp.SizeLimit != nil && !tmp.SizeLimit.IsZero()
		},
		func(d *deployment) { volumeAt(d, "/tmp").EmptyDir.SizeLimit = nil }},
	{"temporary files go to /tmp",
		func(d *deployment) bool { return variable(d, "TMPDIR") == "/tmp" },
		func(d *deployment) { container(d).Env = nil }},
	{"the key is a file that the owner and the group may read, and nothing else of the secret is",
		func(d *deployment) bool {
			secret := volumeAt(d, "/run/secrets/vaultreport").Secret
			return secret != nil && is(secret.DefaultMode, 0o440) && slices.Equal(secret.Items, []corev1.KeyToPath{{Key: "user.key", Path: "user.key"}})
		},
		func(d *deployment) { *volumeAt(d, "/run/secrets/vaultreport").Secret.DefaultMode = 0o444 }},
	{"the connection string is referred to and must be there",
		func(d *deployment) bool {
			for _, e := range container(d).Env {
				if e.Name == "VAULT_DSN" {
					return e.Value == "" && e.ValueFrom != nil && e.ValueFrom.SecretKeyRef != nil && e.ValueFrom.SecretKeyRef.Optional == nil
				}
			}
			return false
		},
		func(d *deployment) {
			for i := range container(d).Env {
				container(d).Env[i] = corev1.EnvVar{Name: container(d).Env[i].Name, Value: "postgres://vault:pw@db/vault"}
			}
		}},
	{"no manifest holds a secret",
		func(d *deployment) bool {
			for _, e := range container(d).Env {
				if strings.Contains(e.Value, "://") {
					return false
				}
			}
			return container(d).EnvFrom == nil && !strings.Contains(d.config.Data["vaultreport.yaml"], "://")
		},
		func(d *deployment) {
			d.config.Data["vaultreport.yaml"] += "\n# dsn: postgres://vault:pw@db/vault"
		}},
	{"the configuration that is mounted is the one of this deployment",
		func(d *deployment) bool {
			config := volumeAt(d, "/etc/vaultreport").ConfigMap
			return config != nil && config.Name == d.config.Name && d.config.Data["vaultreport.yaml"] != "" &&
				slices.Contains(container(d).Args, "--config=/etc/vaultreport/vaultreport.yaml")
		},
		func(d *deployment) { volumeAt(d, "/etc/vaultreport").ConfigMap.Name = "vaultreport" }},
	{"the log is for collectors",
		func(d *deployment) bool { return slices.Contains(container(d).Args, "--log-format=json") },
		func(d *deployment) { container(d).Args = []string{"run"} }},
	{"it is the nightly job, in the image's binary",
		func(d *deployment) bool { return container(d).Command == nil && container(d).Args[0] == "run" },
		func(d *deployment) { container(d).Args = []string{"query"} }},
	{"one run at a time",
		func(d *deployment) bool { return d.cron.Spec.ConcurrencyPolicy == batchv1.ForbidConcurrent },
		func(d *deployment) { d.cron.Spec.ConcurrencyPolicy = batchv1.AllowConcurrent }},
	{"one pod at a time, to its end",
		func(d *deployment) bool {
			j := jobOf(d)
			return j.Parallelism == nil && j.Completions == nil && j.CompletionMode == nil && j.Suspend == nil
		},
		func(d *deployment) { jobOf(d).Parallelism = new(int32) }},
	{"the pod is not restarted in place, where podFailurePolicy would not see it",
		func(d *deployment) bool { return podOf(d).RestartPolicy == corev1.RestartPolicyNever },
		func(d *deployment) { podOf(d).RestartPolicy = corev1.RestartPolicyOnFailure }},
	{"a run that is told to stop has the time that it was promised",
		func(d *deployment) bool {
			seconds := podOf(d).TerminationGracePeriodSeconds
			return seconds != nil && time.Duration(*seconds)*time.Second >= 10*time.Second // docs/operators.md, "Interrupted runs"
		},
		func(d *deployment) { *podOf(d).TerminationGracePeriodSeconds = 5 }},
	{"finished jobs are kept for a look, and not for ever",
		func(d *deployment) bool {
			good, bad := d.cron.Spec.SuccessfulJobsHistoryLimit, d.cron.Spec.FailedJobsHistoryLimit
			return good != nil && bad != nil && *good > 0 && *bad > 0 && *good <= 30 && *bad <= 30
		},
		func(d *deployment) { *d.cron.Spec.FailedJobsHistoryLimit = 0 }},
	{"CPU and memory have requests and limits, and memory is reserved in full",
		func(d *deployment) bool {
			r := container(d).Resources
			return !r.Requests.Cpu().IsZero() && !r.Limits.Cpu().IsZero() && !r.Limits.Memory().IsZero() &&
				r.Requests.Cpu().Cmp(*r.Limits.Cpu()) <= 0 && r.Requests.Memory().Equal(*r.Limits.Memory())
		},
		func(d *deployment) { delete(container(d).Resources.Limits, corev1.ResourceCPU) }},
	{"the claim has a size, and one node writes",
		func(d *deployment) bool {
			return !d.claim.Spec.Resources.Requests.Storage().IsZero() && slices.Equal(d.claim.Spec.AccessModes, []corev1.PersistentVolumeAccessMode{corev1.ReadWriteOnce})
		},
		func(d *deployment) { d.claim.Spec.AccessModes[0] = corev1.ReadOnlyMany }},
}

func TestPromises(t *testing.T) {
	for name, d := range deployments(t) {
		for _, p := range promises {
			t.Run(name+"/"+p.promise, func(t *testing.T) {
				if !p.holds(d) {
					t.Errorf("broken")
				}
				spoiled := d.deepCopy()
				p.spoil(spoiled)
				if p.holds(spoiled) {
					t.Errorf("the check does not see it broken")
				}
			})
		}
	}
}
