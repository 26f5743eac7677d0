// Package pii turns what identifies a person into keyed hashes, and finds in text what should never have reached it
// (docs/security.md, "Privacy").
//
// Words: a Key is the secret of a warehouse, its id is public; a Hasher hashes with it; a pattern is a named shape of
// personal data; a literal is a text that may occur nowhere, a canary.
//
// Promises:
//  1. No form of printing, formatting, logging or encoding a Key shows more than its id, and no error shows its text.
//  2. A hash depends on the key, the prefix and the text, and on nothing else.
//  3. Find takes time that grows with the length of the text and no faster, whatever the text.
//  4. A literal is found wherever it stands, in one pass, whatever the number of literals.
//
// Begin with ParseKey, Find and ParseLiterals.
package pii
