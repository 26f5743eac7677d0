package explain

import (
	"context"
	"strings"

	"vaultreport/internal/duck"
	"vaultreport/internal/errs"
	"vaultreport/warehouse"
)

// causesOf says why partitions differ. A partition that is on one side only differs by its inputs: its day is new or gone.
func causesOf(ctx context.Context, before, after Reading, was, is map[string]warehouse.File, paths []string) (map[string]string, error) {
	causes := map[string]string{}
	var filesBefore, filesAfter []warehouse.File
	for _, path := range paths {
		causes[path] = "input"
		if was[path].Path != "" && is[path].Path != "" && after.Project.IsModel(is[path].Table) {
			filesBefore, filesAfter = append(filesBefore, was[path]), append(filesAfter, is[path])
		}
	}
	madeBefore, err := before.madeFrom(ctx, filesBefore)
	if err != nil {
		return nil, err
	}
	madeAfter, err := after.madeFrom(ctx, filesAfter)
	if err != nil {
		return nil, err
	}
	for i, f := range filesAfter {
		switch w := filesBefore[i]; {
		case madeBefore[w.SHA256].model != madeAfter[f.SHA256].model:
			causes[f.Path] = "code"
		case madeBefore[w.SHA256].inputs == madeAfter[f.SHA256].inputs:
			causes[f.Path] = "parameters"
		}
	}
	return causes, nil
}

// made is what a file of a mart says of itself: the digests of its model and of what it was computed from.
type made struct{ model, inputs string }

// madeFrom returns what files say of themselves, by their digests.
func (r Reading) madeFrom(ctx context.Context, files []warehouse.File) (map[string]made, error) {
	digests := map[string]string{}
	paths := []string{}
	for _, f := range files {
		path := r.Published.ReadPath(f)
		digests[path] = f.SHA256
		paths = append(paths, duck.Quote(path))
	}
	byDigest := map[string]made{}
	if len(paths) == 0 {
		return byDigest, nil
	}
	rows, err := r.Conn.QueryContext(ctx, `
		select
			file_name,
			coalesce(max(decode(value)) filter (where decode(key) = 'model_digest'), ''),
			coalesce(max(decode(value)) filter (where decode(key) = 'input_digest'), '')
		from parquet_kv_metadata([`+strings.Join(paths, ", ")+`])
		group by file_name`)
	if err != nil {
		return nil, errs.Wrap(errs.Unexpected, "explain: read what files are made from", err)
	}
	defer rows.Close()
	for rows.Next() {
		var path string
		var m made
		if err := rows.Scan(&path, &m.model, &m.inputs); err != nil {
			return nil, errs.Wrap(errs.Unexpected, "explain: read what files are made from", err)
		}
		byDigest[digests[path]] = m
	}
	if err := rows.Err(); err != nil {
		return nil, errs.Wrap(errs.Unexpected, "explain: read what files are made from", err)
	}
	return byDigest, nil
}
