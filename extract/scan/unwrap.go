package scan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// Path says where the event object lies in a line that a log collector wrote: the names of the members that lead to it, none
// if the line is the object itself (docs/sources.md section 1).
type Path []string

// ParsePath reads the setting `unwrap`: none, the name of a collector, or names with points between them.
func ParsePath(text string) (Path, error) {
	switch text {
	case "none":
		return nil, nil
	case "cloud_logging":
		return Path{"jsonPayload"}, nil
	case "elastic":
		return Path{"_source"}, nil
	}
	path := Path(strings.Split(text, "."))
	if slices.Contains(path, "") {
		return nil, fmt.Errorf("%q is none of none, cloud_logging, elastic, and no path of names with points between them", text)
	}
	return path, nil
}

// wrapper finds the event object in wrapped lines. It serves one goroutine.
type wrapper struct {
	path   Path
	parser parser
	inner  []byte // what a string on the way to the object holds
}

// find returns the object that the path leads to. The shape is that of the line if this is no object, notObject if the path
// leads to none, and badObject if the line holds malformed UTF-8 anywhere, be the target there or not. Of members of one name the
// first is taken. The target is valid until the next call.
func (w *wrapper) find(line []byte) (shape, []byte) {
	whole, members := w.parser.parse(line)
	if whole < badObject {
		return whole, nil
	}
	absent := notObject
	if whole == badObject {
		absent = badObject
	}
	target, decoded := line, false
	for _, name := range w.path {
		i := slices.IndexFunc(members, func(m member) bool { return string(m.plainName()) == name })
		if i < 0 {
			return absent, nil
		}
		target = members[i].value
		if members[i].kind == jsontext.KindString && !decoded {
			w.inner, decoded = appendText(w.inner[:0], target), true
			target = w.inner
		} else if members[i].kind != jsontext.KindBeginObject {
			return absent, nil
		}
		var inner shape
		if inner, members = w.parser.parse(target); inner < badObject {
			return absent, nil
		}
	}
	return whole, target
}
