package kubernetes

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/yaml"
)

// deployment is what "kubectl apply -k" would send.
type deployment struct {
	cron    batchv1.CronJob
	account corev1.ServiceAccount
	claim   corev1.PersistentVolumeClaim
	config  corev1.ConfigMap
}

// build runs kustomize over a folder and decodes what comes out.
func build(t *testing.T, folder string) *deployment {
	t.Helper()
	resources, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), folder)
	if err != nil {
		t.Fatalf("kustomize %s: %v", folder, err)
	}
	d := new(deployment)
	kinds := map[string]any{"CronJob": &d.cron, "ServiceAccount": &d.account, "PersistentVolumeClaim": &d.claim, "ConfigMap": &d.config}
	for _, resource := range resources.Resources() {
		into, known := kinds[resource.GetKind()]
		if !known {
			t.Fatalf("%s has a second, or an unexpected, %s: no test looks at it", folder, resource.GetKind())
		}
		delete(kinds, resource.GetKind())
		text, err := resource.AsYAML()
		if err != nil {
			t.Fatal(err)
		}
		strictly(t, folder, text, into)
	}
	if len(kinds) > 0 {
		t.Fatalf("%s lacks %v", folder, kinds)
	}
	return d
}

// strictly decodes text; a field that the type does not have is an error, and so is one that stands twice.
func strictly(t *testing.T, name string, text []byte, into any) {
	t.Helper()
	if err := yaml.UnmarshalStrict(text, into); err != nil {
		t.Errorf("%s: %v", name, err)
	}
}

// deployments are the base and each overlay.
func deployments(t *testing.T) map[string]*deployment {
	t.Helper()
	overlays, err := filepath.Glob("overlays/*")
	if err != nil || len(overlays) == 0 {
		t.Fatalf("no overlay: %v", err)
	}
	all := map[string]*deployment{}
	for _, folder := range append(overlays, "base") {
		all[folder] = build(t, folder)
	}
	return all
}

// kustomize drops no field that it does not know, but it reads patches leniently: here each file is read as it lies there.
func TestEveryManifestDecodesStrictly(t *testing.T) {
	files, err := filepath.Glob("*/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	patches, err := filepath.Glob("overlays/*/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	decoded := 0
	for _, file := range append(files, patches...) {
		if filepath.Base(file) == "vaultreport.yaml" {
			continue // ours, see TestConfiguration
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var header struct{ APIVersion, Kind string }
		if err := yaml.Unmarshal(text, &header); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		var into any
		switch header.APIVersion + " " + header.Kind {
		case "batch/v1 CronJob":
			into = new(batchv1.CronJob)
		case "v1 ServiceAccount":
			into = new(corev1.ServiceAccount)
		case "v1 PersistentVolumeClaim":
			into = new(corev1.PersistentVolumeClaim)
		case "kustomize.config.k8s.io/v1beta1 Kustomization":
			into = new(types.Kustomization)
		default:
			t.Errorf("%s: no test knows %s %s", file, header.APIVersion, header.Kind)
			continue
		}
		strictly(t, file, text, into)
		decoded++
	}
	if decoded < 7 {
		t.Errorf("%d manifests only", decoded)
	}
}

// What only production has: a namespace, an image that can be told from the next one, and the env of its rows.
func TestProduction(t *testing.T) {
	prod, base := build(t, "overlays/prod"), build(t, "base")
	for _, namespace := range []string{prod.cron.Namespace, prod.account.Namespace, prod.claim.Namespace, prod.config.Namespace} {
		if namespace != "vaultreport" {
			t.Errorf("namespace %q", namespace)
		}
	}
	if tag := tagOf(container(prod).Image); tag == "" || tag == "latest" {
		t.Errorf("image %s: its tag names no version", container(prod).Image)
	}
	if got := variable(prod, "VAULT_ENV"); got != "prod" {
		t.Errorf("VAULT_ENV is %q", got)
	}
	if got := variable(base, "VAULTREPORT_FAIL_ON"); got != "" {
		t.Errorf("the base fails on alarms (%s): that is for an overlay to want", got)
	}
	if storage := prod.claim.Spec.Resources.Requests.Storage(); storage.Cmp(*base.claim.Spec.Resources.Requests.Storage()) <= 0 {
		t.Errorf("the claim of production is not larger: %s", storage)
	}
}

func jobOf(d *deployment) *batchv1.JobSpec { return &d.cron.Spec.JobTemplate.Spec }

func podOf(d *deployment) *corev1.PodSpec { return &jobOf(d).Template.Spec }

// container is the only one of the pod.
func container(d *deployment) *corev1.Container { return &podOf(d).Containers[0] }

// variable is the plain value of an environment variable, "" if it has none.
func variable(d *deployment, name string) string {
	env := container(d).Env
	if i := slices.IndexFunc(env, func(e corev1.EnvVar) bool { return e.Name == name }); i >= 0 {
		return env[i].Value
	}
	return ""
}

func (d *deployment) deepCopy() *deployment {
	return &deployment{*d.cron.DeepCopy(), *d.account.DeepCopy(), *d.claim.DeepCopy(), *d.config.DeepCopy()}
}

// volumeAt is the volume that is mounted at a path, an empty one if none is.
func volumeAt(d *deployment, path string) *corev1.Volume {
	for _, mount := range container(d).VolumeMounts {
		if mount.MountPath != path || mount.SubPath != "" || mount.SubPathExpr != "" {
			continue
		}
		for i := range podOf(d).Volumes {
			if podOf(d).Volumes[i].Name == mount.Name {
				return &podOf(d).Volumes[i]
			}
		}
	}
	return new(corev1.Volume)
}

// writable are the paths that the container may write to, sorted.
func writable(d *deployment) (paths []string) {
	for _, mount := range container(d).VolumeMounts {
		if !mount.ReadOnly {
			paths = append(paths, mount.MountPath)
		}
	}
	slices.Sort(paths)
	return paths
}

// tagOf is the tag of an image's name, "" if it has none.
func tagOf(image string) string {
	_, tag, _ := strings.Cut(image[strings.LastIndex(image, "/")+1:], ":")
	return tag
}

func is[T comparable](value *T, want T) bool { return value != nil && *value == want }
