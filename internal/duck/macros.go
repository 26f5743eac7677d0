package duck

// macros are the four functions of docs/scale.md section 2 that engines spell differently.
var macros = []string{
	// An instant without a zone, read as UTC, in the local time of z: "t at time zone z" alone goes the wrong way.
	"create macro vr_local_ts(t, z) as (t at time zone 'UTC') at time zone z",
	"create macro vr_days_between(a, b) as date_diff('day', a, b)",
	"create macro vr_days(a, b) as table select cast(d as date) as dt from generate_series(cast(a as timestamp), cast(b as timestamp), interval '1' day) as span(d)",
	"create macro vr_sha256(s) as sha256(s)",
}
