package reports

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"vaultreport/internal/errs"
)

// texts are the messages of one language by key.
type texts map[string]string

// loadTexts returns the messages of a language of messages.yaml; an error of class Usage names those that exist.
func loadTexts(language string) (texts, error) {
	file, err := assets.ReadFile("messages.yaml")
	if err != nil {
		return nil, fmt.Errorf("messages.yaml: %w", err)
	}
	var table map[string]map[string]string
	if err := yaml.Unmarshal(file, &table); err != nil {
		return nil, fmt.Errorf("messages.yaml: %w", err)
	}
	result := texts{}
	for key, byLanguage := range table {
		text, ok := byLanguage[language]
		if !ok {
			known := slices.Sorted(maps.Keys(byLanguage))
			return nil, errs.New(errs.Usage, fmt.Sprintf("report.language: %q is not a language of the report", language),
				"use one of: "+strings.Join(known, ", "))
		}
		result[key] = text
	}
	return result, nil
}

// say returns the message of key with each {name} replaced; pairs are names and values in turn. A key that is not there
// comes back as itself, so that a report still comes out; a test looks for such keys.
func (t texts) say(key string, pairs ...string) string {
	oldnew := slices.Clone(pairs)
	for i := 0; i < len(oldnew); i += 2 {
		oldnew[i] = "{" + oldnew[i] + "}"
	}
	return strings.NewReplacer(oldnew...).Replace(t.sayOr(key, key))
}

// sayOr returns the message of key, or text where there is none.
func (t texts) sayOr(key, text string) string {
	if message, ok := t[key]; ok {
		return message
	}
	return text
}
