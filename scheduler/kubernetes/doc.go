// Package kubernetes is the deployment of the nightly job: manifests and a Containerfile, and the tests that hold them to
// their promises. It has no code that the product runs.
//
// base is one CronJob with what it needs; overlays/prod is what differs in production. Names and values are read from the
// manifests, never from a copy in Go.
//
// Promises, each checked on the decoded manifests of the base and of the overlay:
//  1. Every manifest decodes strictly into the types of the Kubernetes API: a misspelt field fails a test, not a night.
//  2. The container is not root, cannot become it, writes to the warehouse and to /tmp only, and talks to no API server.
//  3. Secrets are referred to and stand in no manifest.
//  4. At most one run at a time, inside one day: a late start or a retry never takes another day for yesterday.
//  5. Each exit code of docs/contract.md is retried, or not, as docs/operators.md says.
//  6. The image has every library that the binary needs.
//
// Begin with README.md, then base/cronjob.yaml.
package kubernetes
