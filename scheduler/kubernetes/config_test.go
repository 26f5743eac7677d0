package kubernetes

import (
	"bytes"
	"encoding/json"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"sigs.k8s.io/yaml"
)

// The configuration fits the schema, its variables are those of the container, and its paths lie in the volumes that are
// meant for them.
func TestConfiguration(t *testing.T) {
	for name, d := range deployments(t) {
		text := d.config.Data["vaultreport.yaml"]
		for _, variable := range regexp.MustCompile(`\$\{(\w+)\}`).FindAllStringSubmatch(text, -1) {
			value, isSet := "postgres://vault@db/vault", false
			for _, e := range container(d).Env {
				if e.Name == variable[1] {
					isSet = true
					if e.ValueFrom == nil {
						value = e.Value
					}
				}
			}
			if !isSet {
				t.Errorf("%s: the container has no variable %s", name, variable[1])
			}
			text = strings.ReplaceAll(text, variable[0], value)
		}
		checkSchema(t, name, []byte(text))

		var config struct {
			Zone, Warehouse string
			Events          []struct{ Path string }
			Tables          []struct{ Name, Env, DSN string }
			Privacy         struct {
				KeyFile string `json:"key_file"`
			}
		}
		if err := yaml.Unmarshal([]byte(text), &config); err != nil {
			t.Fatal(err)
		}
		if !is(d.cron.Spec.TimeZone, config.Zone) {
			t.Errorf("%s: the zone of the configuration is %s, that of the schedule is another", name, config.Zone)
		}
		// A folder of the volume, not its root: some file systems put lost+found there.
		if volume := volumeAt(d, path.Dir(config.Warehouse)); volume.PersistentVolumeClaim == nil || !slices.Contains(writable(d), path.Dir(config.Warehouse)) {
			t.Errorf("%s: the warehouse %s lies on no claim", name, config.Warehouse)
		}
		secret := volumeAt(d, path.Dir(config.Privacy.KeyFile)).Secret
		if secret == nil || len(secret.Items) != 1 || secret.Items[0].Path != path.Base(config.Privacy.KeyFile) {
			t.Errorf("%s: the key file %s is not that of the secret", name, config.Privacy.KeyFile)
		}
		if len(config.Tables) != 1 || config.Tables[0].Env != variable(d, "VAULT_ENV") {
			t.Errorf("%s: tables %v", name, config.Tables)
		}
	}
}

// checkSchema applies the schema that the tool itself applies.
func checkSchema(t *testing.T, name string, text []byte) {
	t.Helper()
	schemaText, err := os.ReadFile("../../cmd/vaultreport/vaultreport.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	schema, err := jsonschema.UnmarshalJSON(bytes.NewReader(schemaText))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("schema", schema); err != nil {
		t.Fatal(err)
	}
	compiled, err := compiler.Compile("schema")
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := yaml.YAMLToJSONStrict(text)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	var value any
	if err := json.Unmarshal(encoded, &value); err != nil {
		t.Fatal(err)
	}
	if err := compiled.Validate(value); err != nil {
		t.Errorf("%s: %v", name, err)
	}
}
