package scheduler

import (
	"bytes"
	"errors"
	"io"

	"golang.org/x/net/html"
)

// page searches the text of a report, each piece between two tags for itself: joined, the numbers of neighbouring cells
// would look like card numbers. The names of the day's sources and files are no text of events (see contentOf). Attributes
// hold no text of events either, only coordinates and ids, and are searched for canaries, with their escapes undone as the
// bytes of the file are not.
func (s *search) page(r io.Reader, isName func(text string) bool) error {
	tokens := html.NewTokenizer(r)
	for {
		switch tokens.Next() {
		case html.ErrorToken:
			if err := tokens.Err(); !errors.Is(err, io.EOF) {
				return err
			}
			return nil
		case html.TextToken:
			s.at.place = "text"
			if text := bytes.TrimSpace(tokens.Text()); len(text) > 0 {
				s.piece(text, !isName(string(text)) && !s.sources[string(text)])
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			s.at.place = "attributes"
			for _, more := tokens.TagName(); more; {
				var value []byte
				_, value, more = tokens.TagAttr()
				s.piece(value, false)
			}
		}
	}
}

func (s *search) piece(text []byte, isText bool) {
	s.values++
	for _, h := range s.look(text, isText) {
		s.add(h, 1)
	}
}
