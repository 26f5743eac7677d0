package extract

import (
	"fmt"

	"github.com/parquet-go/parquet-go"

	"vaultreport/internal/bizday"
)

// balance holds the lines of every file that was read against what became of them (docs/contract.md section 3):
// read = kept + duplicate + blank + quarantined + out_of_range. Lines of days that this run did not extract again are
// looked up in the ledger that is published for them.
func (x *run) balance() (Totals, error) {
	var totals Totals
	published := make(map[bizday.Day]map[[2]string]FileTotals)
	for i, t := range x.tallies {
		f := x.files[i]
		own := FileTotals{Source: f.source.Name, File: f.name}
		for d, lines := range t.days {
			switch {
			case x.wanted[d]:
				for k, rows := range x.ledgers[d] {
					if k.file == i {
						own.add(k.reason, rows)
					}
				}
			case x.extracted[d]:
				if published[d] == nil {
					ledger, err := x.publishedLedger(d)
					if err != nil {
						return Totals{}, err
					}
					published[d] = ledger
				}
				own.merge(published[d][[2]string{f.source.Name, f.name}])
			default:
				own.OutOfRange += lines.lines
			}
		}
		if accounted := own.accounted(); accounted != t.input.Lines {
			return Totals{}, gateError(f, t.input.Lines, accounted)
		}
		own.Read = t.input.Lines
		totals.Sum(own.Totals)
		x.accounted = append(x.accounted, own)
	}
	return totals, nil
}

// publishedLedger returns the sums of a published day's ledger by source and file.
func (x *run) publishedLedger(d bizday.Day) (map[[2]string]FileTotals, error) {
	file, there := x.store.Parent().File(x.Ledger.Name, d)
	if !there {
		return nil, fmt.Errorf("the snapshot has events of %s and no row_ledger", d)
	}
	rows, err := parquet.ReadFile[ledgerRow](x.store.ReadPath(file))
	if err != nil {
		return nil, fmt.Errorf("read row_ledger of %s: %w", d, err)
	}
	ledger := make(map[[2]string]FileTotals)
	for _, r := range rows {
		t := ledger[[2]string{r.Source, r.File}]
		t.add(r.Reason, r.Rows)
		ledger[[2]string{r.Source, r.File}] = t
	}
	return ledger, nil
}

func (t *Totals) add(reason string, rows int64) {
	switch reason {
	case kept:
		t.Kept += rows
	case duplicate:
		t.Duplicate += rows
	case blank:
		t.Blank += rows
	default:
		t.Quarantined += rows
	}
}

// Sum adds o to t.
func (t *Totals) Sum(o Totals) {
	t.Read += o.Read
	t.Kept += o.Kept
	t.Duplicate += o.Duplicate
	t.Blank += o.Blank
	t.Quarantined += o.Quarantined
	t.OutOfRange += o.OutOfRange
}

func (t Totals) accounted() int64 {
	return t.Kept + t.Duplicate + t.Blank + t.Quarantined + t.OutOfRange
}
