package scheduler

import (
	"vaultreport/internal/vfs"
	"vaultreport/warehouse"
)

// published is the newest snapshot, opened for reading.
type published struct {
	w *warehouse.Warehouse
	*warehouse.Manifest
}

func openPublished(o Options) (p published, err error) {
	if p.w, err = warehouse.Open(warehouse.Options{Root: o.Warehouse, FS: o.FS, Now: o.Now, Log: o.Log}); err != nil {
		return p, err
	}
	p.Manifest, err = p.w.Latest()
	return p, err
}

// ReadPath returns where the bytes of a file lie.
func (p published) ReadPath(f warehouse.File) string { return p.w.ObjectPath(f) }

// Open opens the content of a file.
func (p published) Open(f warehouse.File) (vfs.File, error) { return p.w.OpenObject(f) }
