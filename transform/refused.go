package transform

import (
	"fmt"

	"vaultreport/internal/bizday"
	"vaultreport/internal/duck"
	"vaultreport/internal/errs"
)

// refused is the error of a model that could not be built: of class Gate if its query, or what it says of its own accord, is at
// fault, as that of an analyst's may be.
func refused(m *model, dt bizday.Day, err error) error {
	what := fmt.Sprintf("build %s of %s", m.table.Name, dt)
	if duck.IsRefusal(err) {
		return &errs.Error{Class: errs.Gate, What: what, Err: err, Hint: "repair " + sqlFile(m.file) + " or a view that it reads; nothing of this run is published"}
	}
	return errs.Wrap(errs.Unexpected, what, err)
}
