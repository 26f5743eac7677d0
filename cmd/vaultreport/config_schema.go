package main

import (
	_ "embed"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"vaultreport/internal/bizday"
	"vaultreport/internal/yamlschema"
)

// schemaName is the name under which init writes the schema beside a configuration.
const schemaName = "vaultreport.schema.json"

//go:embed vaultreport.schema.json
var schemaText []byte

func configSchema() yamlschema.Schema {
	return yamlschema.Schema{Name: schemaName, Text: schemaText, Formats: []*jsonschema.Format{
		yamlschema.Format("time-zone", bizday.LoadZone),
		yamlschema.Format("byte-size", parseByteSize),
		yamlschema.Format("line-size", parseLineSize),
		yamlschema.Format("memory", parseMemory),
		yamlschema.Format("rows-or-share", parseQuarantineLimit),
		yamlschema.Format("time-span", parseTimeSpan),
		yamlschema.Format("event-kind", parseEventKind),
	}}
}
