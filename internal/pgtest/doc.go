// Package pgtest gives tests a real PostgreSQL.
//
// One server runs per test binary, begun by the first Start; every Start makes a database of its own on it. The server listens
// on 127.0.0.1 at a free port, asks for passwords, does not sync to disk, and goes with its files when the test process is gone,
// however that ends. PostgreSQL refuses to run as root: a root's tests run it as the user postgres or nobody.
//
// Without PostgreSQL a test is skipped, and under CI=true it fails.
package pgtest
