// Package yamlschema turns a YAML file that people write into JSON values, and what is wrong with it into sentences with a
// line and a way out.
//
// Words: a document is a file as values with the line of every key; a problem is one error of a file; a format is a check of
// a text that a pattern cannot describe; a path is the keys and indices that lead to a place.
//
// Promises:
//  1. All problems of a file are found at once, in the order of its lines.
//  2. An unknown key is a problem, and names the nearest one that exists.
//  3. A key without a value counts as absent.
//  4. No problem shows a value that came from the environment.
//
// Begin with Read.
package yamlschema
