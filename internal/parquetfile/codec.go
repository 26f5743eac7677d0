package parquetfile

import (
	"fmt"
	"runtime"

	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go/compress"
	parquetzstd "github.com/parquet-go/parquet-go/compress/zstd"
)

// codec compresses as parquet-go's own does, within a smaller window: with the usual one of 8 MiB every encoder holds 16 MiB,
// and no page is as long. It is safe for concurrent use.
type codec struct {
	parquetzstd.Codec
	encoder *zstd.Encoder
}

// newCodec returns what all files of a run are compressed with: ZSTD level 3 (docs/contract.md section 2).
func newCodec() (compress.Codec, error) {
	const window = 1 << 20
	encoder, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedDefault), zstd.WithWindowSize(window), zstd.WithLowerEncoderMem(true),
		zstd.WithEncoderConcurrency(runtime.GOMAXPROCS(0)), zstd.WithZeroFrames(true), zstd.WithEncoderCRC(false))
	if err != nil {
		return nil, fmt.Errorf("start the zstd encoder: %w", err)
	}
	return &codec{encoder: encoder}, nil
}

// Encode returns the compressed src in the memory of dst, if that is enough.
func (c *codec) Encode(dst, src []byte) ([]byte, error) {
	return c.encoder.EncodeAll(src, dst[:0]), nil
}
