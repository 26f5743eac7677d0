package transform

// Key returns the columns that identify a row of a table, nil if its rows have no key or the table is not known.
func (p *Project) Key(table string) []string {
	if c := p.contract(table); c != nil {
		return c.Key
	}
	return nil
}
