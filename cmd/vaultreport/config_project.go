package main

import (
	"io/fs"

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

// checkedModels are the models, of which those of the configured folder can be loaded.
func (c config) checkedModels() (fs.FS, error) {
	files, err := c.models()
	if err == nil && c.Project != "" {
		_, err = c.project()
	}
	return files, err
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
