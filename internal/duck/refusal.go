package duck

import (
	"errors"
	"slices"

	"github.com/duckdb/duckdb-go/v2"
)

// IsRefusal says whether the engine refuses what a statement says or computes: nothing that memory, disk or time would mend.
func IsRefusal(err error) bool {
	var e *duckdb.Error
	return errors.As(err, &e) && slices.Contains([]duckdb.ErrorType{
		duckdb.ErrorTypeParser, duckdb.ErrorTypeSyntax, duckdb.ErrorTypeBinder, duckdb.ErrorTypeCatalog, duckdb.ErrorTypeInvalidInput,
		duckdb.ErrorTypeConversion, duckdb.ErrorTypeOutOfRange, duckdb.ErrorTypeMismatchType, duckdb.ErrorTypeDivideByZero,
		duckdb.ErrorTypeInvalidType, duckdb.ErrorTypeNotImplemented, duckdb.ErrorTypeParameterNotResolved, duckdb.ErrorTypeExpression,
	}, e.Type)
}
