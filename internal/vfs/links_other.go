//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package vfs

import "io/fs"

// Links returns how many names a file has, 1 if the system does not tell.
func Links(fs.FileInfo) uint64 { return 1 }
