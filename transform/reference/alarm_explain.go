package reference

import "math/big"

func sum(numbers ...*big.Rat) *big.Rat {
	total := new(big.Rat)
	for _, n := range numbers {
		total.Add(total, n)
	}
	return total
}

func less(a, b *big.Rat) *big.Rat { return new(big.Rat).Sub(a, b) }

func times(a, b *big.Rat) *big.Rat { return new(big.Rat).Mul(a, b) }

func half(a *big.Rat) *big.Rat { return times(a, big.NewRat(1, 2)) }

// splitOf returns the parts of a change by the midpoint split.
func splitOf(vaultType string, sides sidesOf) []Part {
	current, previous := sides(vaultType)
	if vaultType != "ALL" {
		return splitOfOne(vaultType, current, previous)
	}
	share := func(part, total *Metric) *big.Rat { return big.NewRat(*part.Denominator, *total.Denominator) }
	rate := func(m *Metric) *big.Rat { return big.NewRat(*m.Numerator, *m.Denominator) }
	var parts []Part
	for _, t := range []string{"DIAMOND", "GOLD", "PLATINUM"} {
		one, zero := sides(t)
		if one.State == "suppressed" || zero.State == "suppressed" {
			return nil
		}
		if *one.Denominator == 0 && *zero.Denominator == 0 {
			continue
		}
		w1, w0 := share(one, current), share(zero, previous)
		var r1, r0 *big.Rat
		switch {
		case *one.Denominator == 0:
			r0 = rate(zero)
			r1 = r0
		case *zero.Denominator == 0:
			r1 = rate(one)
			r0 = r1
		default:
			r1, r0 = rate(one), rate(zero)
		}
		parts = append(parts,
			Part{t, "rate", times(half(sum(w0, w1)), less(r1, r0))},
			Part{t, "mix", times(less(w1, w0), half(sum(r0, r1)))})
	}
	return parts
}

// splitOfOne splits the change of one rate into what its numerator and what its denominator did.
func splitOfOne(name string, current, previous *Metric) []Part {
	n1, n0 := whole(*current.Numerator), whole(*previous.Numerator)
	d1, d0 := big.NewRat(1, *current.Denominator), big.NewRat(1, *previous.Denominator)
	return []Part{
		{name, "numerator", times(less(n1, n0), half(sum(d0, d1)))},
		{name, "denominator", times(less(d1, d0), half(sum(n0, n1)))},
	}
}
