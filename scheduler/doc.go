// Package scheduler is one night: which days and models, under which lease, and whether the result may be published.
//
// The way: warehouse.Begin -> extract.Run -> transform.Run -> alarm.Run -> reports.Build -> gates -> warehouse publish. Each room stages
// files in one transaction; nothing is visible before the commit, and any error before it leaves the warehouse as it was.
//
// Promises:
//  1. All days asked for are published at once, or none.
//  2. A run whose input did not change publishes nothing and says so.
//  3. What is published was searched for personal data and canaries (docs/security.md, "What is scanned"), and found free.
//  4. Plan tells what Run would do and writes nothing; PlanFull does it, tells what would change, and drops it.
//
// Begin with Run; Replay is one over the files of refused lines, Extract, Transform, Evaluate and Report are parts of it alone.
// Collect removes old snapshots.
package scheduler
