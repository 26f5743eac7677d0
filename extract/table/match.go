package table

import (
	"fmt"
	"slices"

	"vaultreport/internal/errs"
)

// Match says which attributes of a source fill the columns of a Spec.
type Match struct {
	Names   []string // of the attributes to select
	Missing []string // columns, by their names in the source, that the source lacks or has in an impossible type
	place   []int    // of each column among Names, -1 if it is missing
	types   []Type   // of each column's attribute
}

// MatchColumns finds the columns by name: that of the configuration (rename: name in the source -> name of
// docs/sources.md), then the column's own, then its alias. Columns in without count as missing.
//
// A required column that is missing or of an impossible type is an error of class Gate that names table and column.
func (s *Spec) MatchColumns(has []Attribute, rename map[string]string, without []string) (Match, error) {
	m := Match{place: make([]int, len(s.Columns)), types: make([]Type, len(s.Columns))}
	for i, c := range s.Columns {
		m.place[i] = -1
		attribute, there, err := s.find(c, has, rename)
		if err != nil {
			return Match{}, err
		}
		there = there && !slices.Contains(without, c.Source)
		switch {
		case !there && c.Required:
			return Match{}, errs.New(errs.Gate, fmt.Sprintf("read table %s: required column %s is missing", s.Name, c.Source),
				"grant SELECT on it, or name it under rename")
		case there && !fits(attribute.Type, c.Type) && c.Required:
			return Match{}, s.Impossible(c.Source, attribute.TypeName)
		case !there || !fits(attribute.Type, c.Type):
			m.Missing = append(m.Missing, c.Source)
		default:
			m.place[i], m.types[i] = len(m.Names), attribute.Type
			m.Names = append(m.Names, attribute.Name)
		}
	}
	return m, nil
}

// Impossible is the error about a required column of a type that cannot hold its values.
func (s *Spec) Impossible(column, typeName string) error {
	c, _ := s.ColumnOf(column)
	return errs.New(errs.Gate, fmt.Sprintf("read table %s: required column %s is of type %s, which is not %s", s.Name, column, typeName, c.Type),
		"cast it in a view or in the dump, or name the right column under rename")
}

func (s *Spec) find(c Column, has []Attribute, rename map[string]string) (found Attribute, there bool, err error) {
	names := make([]string, 0, 2)
	for from, to := range rename {
		if to == c.Source {
			names = append(names, from)
		}
	}
	slices.Sort(names) // a configuration has at most one; nothing may depend on the order of a map
	if _, elsewhere := rename[c.Source]; !elsewhere {
		names = append(names, c.Source)
	}
	if _, elsewhere := rename[c.Alias]; c.Alias != "" && !elsewhere {
		names = append(names, c.Alias)
	}
	for _, name := range names {
		for _, a := range has {
			switch {
			case a.Name != name:
			case there:
				return found, there, errs.New(errs.Gate, fmt.Sprintf("read table %s: column %s stands there twice", s.Name, name), "give each column a name of its own")
			default:
				found, there = a, true
			}
		}
		if there {
			break
		}
	}
	return found, there, nil
}

func fits(has, wanted Type) bool { return has == wanted || has == UntypedType }
