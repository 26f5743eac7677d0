package extract

import (
	"bytes"
	"encoding/binary"
	"errors"

	"vaultreport/extract/rows"
	"vaultreport/internal/bizday"
	"vaultreport/internal/vfs"
)

// oversize brings a bucket that memory does not hold, as that of a user who has everything or of events without a user, to
// the same end as a bucket in memory: it sorts the lines on disk by identity to find the kept ones, and these by their order.
type oversize struct {
	fs      vfs.FS
	scratch string
	limit   int // bytes that are sorted in memory, twice
}

// write calls each for the kept lines of a bucket, in their order, and counts the others.
func (o oversize) write(from *spill, day bizday.Day, number int, f *fates, each func(line []byte) error) (err error) {
	identities, kept := rows.NewSorter(o.fs, o.scratch, o.limit), rows.NewSorter(o.fs, o.scratch, o.limit)
	defer func() { err = errors.Join(err, identities.Close(), kept.Close()) }()
	var row []byte
	err = from.read(day, number, func(line []byte) error {
		row = appendIdentity(row[:0], line)
		identity := len(row)
		row = append(row, line...)
		// No identity is the beginning of another, so that what stands behind the line decides between equal rows only.
		row = binary.BigEndian.AppendUint16(row, uint16(identity))
		return identities.Add(row)
	})
	if err != nil {
		return err
	}
	var identity, keeper []byte
	err = rows.Each([]*rows.Sorter{identities}, func(row []byte) error {
		n := int(binary.BigEndian.Uint16(row[len(row)-2:]))
		line := row[n : len(row)-2]
		if !bytes.Equal(identity, row[:n]) {
			identity, keeper = append(identity[:0], row[:n]...), append(keeper[:0], line...)
			if _, err := f.decide(line, nil); err != nil {
				return err
			}
			return kept.Add(line)
		}
		_, err := f.decide(line, keeper)
		return err
	})
	if err != nil {
		return err
	}
	return rows.Each([]*rows.Sorter{kept}, each)
}
