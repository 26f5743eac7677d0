package sample

import (
	"fmt"
	"strings"
)

// canaries are literals that look like what must never leave a log. Every one of them is planted, and only where the
// product has to drop it (unlisted fields, columns that no table lists), to hash it (req_id, tx_id, compensation_id)
// or to mask it (refused lines).
type canaries struct {
	nickname, memo, phone, email, rrn, card, jwt, session, invite []string
	reqID, txID, compensationID                                   []string
	variant                                                       []string // well formed for variant_id, and refused as PII
	refused                                                       []string
}

const perKind = 12

// plantable returns the canaries, the same for every sample.
func plantable() canaries {
	var c canaries
	for i := range perKind {
		add := func(list *[]string, format string, args ...any) { *list = append(*list, fmt.Sprintf(format, args...)) }
		add(&c.nickname, "달토끼왕자%02d호", i)
		add(&c.memo, "canary memo %02d, call after work", i)
		add(&c.phone, "010-7340-%04d", 1100+i)
		add(&c.email, "canary.%02d.minji@example.com", i)
		add(&c.rrn, "9%05d-2%06d", 1201+i, 734000+i)
		add(&c.card, "%s", cardNumber(i))
		add(&c.jwt, "eyJhbGciOiJIUzI1NiJ9.eyJjYW5hcnkiOjE%02d.c2FsdHktc2lnbmF0dXJl", i)
		add(&c.session, "sess_cnry_%02d_9b1c44e0", i)
		add(&c.invite, "INVITE-CNRY-%02d", i)
		add(&c.reqID, "req canary %02d by hand", i)
		add(&c.txID, "TX/canary/%02d/kakao", i)
		add(&c.compensationID, "COMP canary %02d", i)
		add(&c.refused, "refused canary text %02d", i)
	}
	for i := range 4 {
		c.variant = append(c.variant, fmt.Sprintf("010-9340-%04d", 2200+i), fmt.Sprintf("880%03d-1%06d", 101+i, 734100+i),
			fmt.Sprintf("eyJhbGciOiJub25lIn0.eyJjbnJ5IjoiMSJ9.c2lnbmF0dXJl%02d", i))
	}
	return c
}

// all returns every canary, in the order of canaries.txt.
func (c canaries) all() []string {
	var all []string
	for _, list := range [][]string{c.nickname, c.memo, c.phone, c.email, c.rrn, c.card, c.jwt, c.session, c.invite,
		c.reqID, c.txID, c.compensationID, c.variant, c.refused} {
		all = append(all, list...)
	}
	return all
}

// cardNumber returns sixteen digits that pass the Luhn test.
func cardNumber(i int) string {
	digits := fmt.Sprintf("4734%011d", 5500+i)
	sum := 0
	for j, digit := range digits {
		n := int(digit - '0')
		if j%2 == 0 {
			n *= 2
			n = n/10 + n%10
		}
		sum += n
	}
	return digits + fmt.Sprint((10-sum%10)%10)
}

func canaryFile() []byte { return []byte(strings.Join(plantable().all(), "\n") + "\n") }
