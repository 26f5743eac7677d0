package reports

import "testing"

func TestFormats(t *testing.T) {
	for _, c := range []struct{ name, got, want string }{
		{"thousands have commas", count(1234567), "1,234,567"},
		{"a small count has none", count(999), "999"},
		{"nothing counted", count(0), "0"},
		{"a ratio has one digit", percent(0.41249), "41.2%"},
		{"none", percent(0), "0.0%"},
		{"nearly none is not none", percent(0.00005), "<0.1%"},
		{"the least that rounds up", percent(0.0005), "0.1%"},
		{"all", percent(1), "100.0%"},
		{"nearly all is not all", percent(0.99996), ">99.9%"},
		{"more than all", percent(1.0909), "109.1%"},
		{"an interval", interval(0.3911, 0.4338), "39.1–43.4%"},
		{"a narrow interval has more digits", interval(0.00001, 0.00028), "0.00–0.03%"},
		{"an interval of one point has four", interval(0.5, 0.5), "50.0000–50.0000%"},
		{"up", signedPercent(0.0309), "+3.1%"},
		{"down, with a minus sign", signedPercent(-0.0309), "−3.1%"},
		{"not moved", signedPercent(0), "0.0%"},
		{"hardly down keeps its sign", signedPercent(-0.00004), "−0.0%"},
		{"hardly up keeps its sign", signedPercent(0.00004), "+0.0%"},
		{"points", signedHundredfold(-0.013), "−1.3"},
		{"a p-value", pValue(0.0214), "p = 0.021"},
		{"a small p-value", pValue(1e-12), "p < 0.001"},
		{"the least p-value with digits", pValue(0.001), "p = 0.001"},
		{"a large p-value", pValue(0.99951), "p > 0.999"},
		{"a p-value of one", pValue(1), "p = 1"},
		{"milliseconds have what digits they need", plainNumber(8974.4), "8,974.4"},
		{"a depth has none", plainNumber(1200), "1,200"},
	} {
		if c.got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, c.got, c.want)
		}
	}
}
