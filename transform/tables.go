package transform

import (
	"io/fs"
	"path"
	"slices"
	"strings"

	"vaultreport/warehouse"
)

// LoadTables reads the contracts of the tables of these names, and of no others but those that they are like: what fills the
// tables takes far longer to read. It returns those that exist and have files. Errors are those of Load.
func LoadTables(fsys fs.FS, names []string) ([]warehouse.Table, error) {
	p := &Project{}
	files := contractFiles(fsys)
	toRead := slices.Clone(names)
	for i := 0; i < len(toRead); i++ {
		at := slices.IndexFunc(files, func(file string) bool { return tableName(file) == toRead[i] })
		if at < 0 {
			continue
		}
		c, err := loadContract(fsys, files[at])
		if err != nil {
			return nil, err
		}
		p.contracts = append(p.contracts, c)
		if c.Like != "" && !slices.Contains(toRead, c.Like) {
			toRead = append(toRead, c.Like)
		}
	}
	for _, c := range p.contracts {
		if err := p.adoptShape(c); err != nil {
			return nil, err
		}
	}
	return slices.DeleteFunc(p.Tables(), func(t warehouse.Table) bool { return !slices.Contains(names, t.Name) }), nil
}

func tableName(contractFile string) string {
	return strings.TrimSuffix(path.Base(contractFile), ".yaml")
}
