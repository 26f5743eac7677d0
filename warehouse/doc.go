// Package warehouse turns staged files into a published snapshot, and is the only room that renames or deletes data.
// What is inside a file is none of its business.
//
// Words. An object is immutable content under the name of its SHA-256. A snapshot is one published state of the whole
// warehouse; its manifest lists every live file with its object. The glob tree is lake/, marts/ and reports/: one file a
// partition, which people read with any tool. The commit point is the moment in which a manifest appears in _snapshots;
// the switch makes the glob tree follow. The disk format is in FORMAT.md, the public layout in docs/contract.md section 2.
//
// What it promises, whatever call fails and whenever the process dies:
//
//  1. A snapshot is there whole or not at all, and with it every object that it names, durable before the commit point.
//  2. A snapshot never changes, and no number is given twice: of two writers for one number the second has lost. Collect
//     removes snapshots, never the newest; what is left of a snapshot is whole as long as its manifest is there.
//  3. At any instant a partition of the glob tree holds exactly one complete version: the old one or the new one.
//  4. The next Begin finishes what a dead run left: the switch, if it died after the commit point; nothing, but the
//     rubbish, if it died before. The bytes are then those of an undisturbed run.
//  5. One writer at a time, through a lease. One whose holder is gone is taken over; a holder that was taken for gone and
//     comes back can neither commit nor switch.
//  6. Readers take no lock, wait for nobody, and write nothing.
//  7. A publication in which no byte of a file differs makes no snapshot.
//  8. A warehouse has one key id and one zone, for ever.
//
// Not promised: that two partitions of the glob tree are of one snapshot while a switch is under way. The manifest is.
//
// Begin with Open, Warehouse.Begin and Tx.Publish; then publish.go, which is the proof of 1 to 3.
package warehouse
