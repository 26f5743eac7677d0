// Package faultfs wraps a vfs.FS for tests: it records every call in order, and a rule lets chosen calls fail.
//
//  1. Every call counts, those on open files and locks too. The n-th call of one deterministic run is the n-th of the next.
//  2. A fault is one of three: the call fails and does nothing (a write writes half), the call does its work and still
//     reports an error, or the process dies: this call and all later ones fail.
//  3. A closed file or lock is closed below, whatever the rule says: a dead process holds nothing.
//  4. Sync and SyncDir are recorded and not passed on: tests want their order, and no disk to wait for.
//
// Begin with New and At.
package faultfs
