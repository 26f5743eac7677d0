package scan

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/klauspost/compress/zstd"
)

// ErrDamaged is the error of a compressed stream that ends early or does not decode. What was read before it was
// decoded before the damage and counts (docs/sources.md section 1, "truncated").
var ErrDamaged = errors.New("the compressed stream is damaged")

// maxWindow is the largest window of a zstd frame that is decoded, which bounds the memory of a stream; it is what the
// zstd command decodes without being told to use more.
const maxWindow = 128 << 20

const (
	gzipMagic     = "\x1f\x8b"
	zstdMagic     = "\x28\xb5\x2f\xfd"
	skippableTail = "\x2a\x4d\x18" // of the magic number of a skippable frame, whose first byte is 0x50 to 0x5f
)

// Open returns the decompressed bytes of raw, which are gzip, zstd or plain as its first bytes say; an input that ends
// within the magic number of gzip or zstd is a damaged stream. Read returns ErrDamaged, wrapped with the cause, for
// damage, and errors of raw as they are. The caller still closes raw. The only error of Open is one of raw.
func Open(raw io.Reader) (io.ReadCloser, error) {
	from := &source{r: raw}
	buffered := bufio.NewReaderSize(from, readSize)
	start, err := buffered.Peek(len(zstdMagic))
	if err != nil && err != io.EOF {
		return nil, err
	}
	switch head := string(start); {
	case strings.HasPrefix(head, gzipMagic):
		return &decoding{from: from, decoder: newMembers(buffered)}, nil
	case head == zstdMagic || isSkippable(head) && len(head) == len(zstdMagic):
		decoder, err := zstd.NewReader(buffered, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(maxWindow))
		if err != nil {
			return nil, fmt.Errorf("start the zstd decoder: %w", err)
		}
		return &decoding{from: from, decoder: decoder.IOReadCloser()}, nil
	case head != "" && (strings.HasPrefix(gzipMagic, head) || strings.HasPrefix(zstdMagic, head) || isSkippable(head)):
		return &decoding{from: from, decoder: io.NopCloser(strings.NewReader("")), failed: io.ErrUnexpectedEOF}, nil
	default:
		return io.NopCloser(buffered), nil
	}
}

// isSkippable says whether head is the magic number of a skippable frame, or the start of one.
func isSkippable(head string) bool {
	return head != "" && head[0]&0xf0 == 0x50 && strings.HasPrefix(skippableTail, head[1:])
}

// source remembers the error of what it reads from: decoders hide it, and it must not be taken for damage.
type source struct {
	r   io.Reader
	err error
}

func (s *source) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	if err != nil && err != io.EOF {
		s.err = err
	}
	return n, err
}

// decoding reads from a decoder and sorts its errors into those of the source and damage.
type decoding struct {
	from    *source
	decoder io.ReadCloser
	failed  error // of the decoder
}

func (d *decoding) Read(p []byte) (int, error) {
	for len(p) > 0 {
		n, err := d.decoder.Read(p)
		if d.failed == nil {
			d.failed = err
		} else if n == 0 {
			return 0, d.failure()
		}
		// A decoder that has failed may still hold what it decoded before: it is read until nothing comes.
		if n > 0 || err == nil {
			return n, nil
		}
	}
	return 0, nil
}

// failure says what a failed decoder's error is.
func (d *decoding) failure() error {
	switch {
	case d.from.err != nil:
		return d.from.err
	case d.failed == io.EOF:
		return io.EOF
	default:
		return fmt.Errorf("%w: %w", ErrDamaged, d.failed)
	}
}

func (d *decoding) Close() error { return d.decoder.Close() }
