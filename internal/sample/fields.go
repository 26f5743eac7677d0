package sample

import "strconv"

// body appends the fields that the event's kind lists. They follow from the event alone.
func (s *speller) body(b []byte, e *event) []byte {
	if e.user != nobody {
		b = s.user(b, e.user)
	}
	if e.vault != untyped {
		b = s.text(b, "vault_type", e.vault.String())
	}
	if e.before != unsaid {
		b = s.text(b, "status_before", e.before.String())
		b = s.text(b, "status_after", e.after.String())
	}
	if e.expires != 0 {
		b = s.key(b, "expires_at")
		b = append(b, '"')
		b = s.instant(b, e.expires*second)
		b = append(b, '"', ',')
	}
	if e.variant != "" {
		b = s.text(b, "variant_id", e.variant)
	}
	if e.notify != "" {
		b = s.text(b, "notify_type", e.notify)
	}
	switch e.kind {
	case attendanceMarked:
		b = s.integer(b, "attendance_day", e.number)
	case depositRecorded:
		b = s.integer(b, "amount", e.number)
		b = s.text(b, "tx_id", reference("tx-", s.canaries.txID, e.ref))
	case expiryExtended:
		b = s.text(b, "extension_reason", e.word)
		b = s.key(b, "shadow")
		b = strconv.AppendBool(b, e.shadow)
		b = append(b, ',')
	case compensationEnqueued:
		b = s.text(b, "compensation_id", reference("comp-", s.canaries.compensationID, e.ref))
	case compensationRetried:
		b = s.text(b, "compensation_id", reference("comp-", s.canaries.compensationID, e.ref))
		b = s.integer(b, "attempt", e.number)
		b = s.text(b, "outcome", e.word)
	case notifyEnqueued:
		b = s.integer(b, "latency_ms", e.number)
	case batchRunFinished:
		b = s.text(b, "job", e.name)
		b = s.text(b, "outcome", e.word)
	case dlqDepthSampled:
		b = s.text(b, "queue", e.name)
		b = s.integer(b, "depth", e.number)
	}
	return b
}

func (s *speller) user(b []byte, i int32) []byte {
	b = s.key(b, "user_id")
	id := userID(int(i))
	if s.r.IntN(100) < 12 {
		b = append(b, '"')
		b = strconv.AppendInt(b, id, 10)
		return append(b, '"', ',')
	}
	b = strconv.AppendInt(b, id, 10)
	return append(b, ',')
}

// reference returns the text of a transaction or compensation. One in sixteen holds a canary.
func reference(prefix string, canaries []string, ref uint64) string {
	if ref%16 == 0 {
		return canaries[ref/16%perKind] + " " + strconv.FormatUint(ref, 36)
	}
	return prefix + strconv.FormatUint(ref, 36)
}

// unlisted appends, to one line in ten, fields that no event lists: the personal data that must be dropped unread.
func (s *speller) unlisted(b []byte, e *event) []byte {
	n := s.r.IntN(120)
	if n >= 12 {
		return b
	}
	c, i := s.canaries, s.r.IntN(perKind)
	switch n {
	case 0:
		b = s.text(b, "nickname", c.nickname[i])
	case 1:
		b = s.text(b, "memo", c.memo[i]+`, \"urgent\"\n`+c.phone[i])
	case 2:
		b = s.text(b, "session_token", c.session[i])
		b = s.text(b, "authorization", "Bearer "+c.jwt[i])
	case 3:
		b = s.key(b, "payload")
		b = append(b, `{"email":"`+c.email[i]+`","card":["`+c.card[i]+`"],"email":null},`...)
	case 4:
		b = s.text(b, "invite_code", c.invite[i])
		b = s.text(b, "phone", c.phone[i])
	case 5:
		b = s.text(b, "metadata", `{\"rrn\":\"`+c.rrn[i]+`\"}`)
	case 6:
		if e.user != nobody {
			b = s.text(b, "external_user_id", "kakao:"+strconv.FormatInt(userID(int(e.user)), 10))
		}
	case 7:
		b = s.text(b, c.email[i], "a name that is none")
	case 8:
		b = s.key(b, "payload")
		b = append(b, `[[1.5e300,-0,true,{"memo":"`+c.memo[i]+`"}]],`...)
	case 9:
		b = s.text(b, "card", c.card[i])
	case 10:
		b = s.text(b, "service", "vault-api")
	case 11:
		b = s.text(b, "app_version", "4.2.0")
	}
	return b
}
