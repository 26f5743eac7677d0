package scan

import (
	"bufio"
	"errors"
	"io"

	"github.com/klauspost/compress/gzip"
)

var errTrailingBytes = errors.New("bytes that are no gzip member follow the last one")

// members decodes the members of a gzip file one after the other. Zeros after the last are padding.
type members struct {
	from *bufio.Reader
	gzip gzip.Reader // of the present member
	err  error
}

// newMembers begins the first member, which is there.
func newMembers(from *bufio.Reader) *members {
	m := &members{from: from}
	m.begin()
	return m
}

func (m *members) Read(p []byte) (int, error) {
	for m.err == nil {
		n, err := m.gzip.Read(p)
		if err == io.EOF {
			err = nil
			m.next()
		}
		if err != nil {
			m.err = err
		}
		if n > 0 {
			return n, nil
		}
	}
	return 0, m.err
}

// Close does nothing: the decoder holds nothing but memory.
func (m *members) Close() error { return nil }

// begin reads the header of a member that is there.
func (m *members) begin() {
	m.err = m.gzip.Reset(m.from)
	m.gzip.Multistream(false)
}

// next begins the member behind the one that has ended, or ends the file.
func (m *members) next() {
	first, err := m.from.ReadByte()
	if err != nil {
		m.err = err
		return
	}
	if first != 0 {
		m.from.UnreadByte()
		m.begin()
		return
	}
	for first == 0 {
		if first, m.err = m.from.ReadByte(); m.err != nil {
			return
		}
	}
	m.err = errTrailingBytes
}
