package main

import (
	"context"
	"io/fs"

	"vaultreport/internal/duck"
	"vaultreport/internal/errs"
	"vaultreport/sql"
	"vaultreport/transform"
)

// models are the files of the shipped models, together with those of the folder that the configuration names.
func (c config) models() (fs.FS, error) {
	if c.Project == "" {
		return sql.FS, nil
	}
	return transform.WithProject(sql.FS, c.resolve(c.Project))
}

// loadedModels are the models, of which those of the configured folder can be loaded.
func (c config) loadedModels() (fs.FS, error) {
	files, err := c.models()
	if err == nil && c.Project != "" {
		_, err = c.project()
	}
	return files, err
}

// checkedModels are loadedModels whose queries can be planned.
func (c config) checkedModels(ctx context.Context) (fs.FS, error) {
	files, err := c.models()
	if err != nil || c.Project == "" {
		return files, err
	}
	project, err := c.project()
	if err != nil {
		return nil, err
	}
	return files, c.checkQueries(ctx, project)
}

// checkQueries has the engine plan the queries of the configured folder. What it refuses is of class Gate.
func (c config) checkQueries(ctx context.Context, project *transform.Project) error {
	db, err := duck.Open(ctx, duck.Options{Threads: 1, Conns: 1})
	if err != nil {
		return err
	}
	defer db.Close()
	if err := project.CheckAdded(ctx, db); err != nil {
		return &errs.Error{Class: errs.ClassOf(err), What: "project " + c.Project, Err: err, Hint: errs.HintOf(err)}
	}
	return nil
}

// project reads the models of the configuration.
func (a *app) project() (*transform.Project, error) {
	c, err := a.loadConfig()
	if err != nil {
		return nil, err
	}
	return c.project()
}

// project reads the models. What is wrong with those of the configured folder is said with its name.
func (c config) project() (*transform.Project, error) {
	files, err := c.models()
	if err != nil {
		return nil, err
	}
	p, err := transform.Load(files)
	if err != nil && c.Project != "" {
		return nil, &errs.Error{Class: errs.Usage, What: "project " + c.Project, Err: err, Hint: errs.HintOf(err)}
	}
	return p, err
}
