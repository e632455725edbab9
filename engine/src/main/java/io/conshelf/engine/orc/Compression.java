package io.conshelf.engine.orc;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdException;
import java.io.IOException;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.xerial.snappy.Snappy;

/// How the chunks of a file are compressed, in the order of the numbers in the file.
enum Compression {
    NONE, ZLIB, SNAPPY, LZO, LZ4, ZSTD, BROTLI;

    /// Decompresses one chunk.
    ///
    /// @return how many bytes there are in `target` now
    int expand(byte[] source, int length, byte[] target) throws IOException {
        return switch (this) {
            case NONE -> throw new IllegalStateException("there are no chunks without compression");
            case ZLIB -> inflate(source, length, target);
            case SNAPPY -> snappy(source, length, target);
            case LZ4 -> Lz4.expand(source, length, target);
            case ZSTD -> zstd(source, length, target);
            case LZO, BROTLI -> throw new OrcException("its compression " + this + " is not supported; it may be zlib, snappy, lz4, zstd or none");
        };
    }

    private static int inflate(byte[] source, int length, byte[] target) throws OrcException {
        try (var inflater = new Inflater(true)) {
            inflater.setInput(source, 0, length);
            int count = 0;
            while (!inflater.finished()) {
                int more = inflater.inflate(target, count, target.length - count);
                if (more == 0 && !inflater.finished()) {
                    throw new OrcException("a chunk is broken or larger than " + target.length + " bytes");
                }
                count += more;
            }
            return count;
        } catch (DataFormatException e) {
            throw new OrcException("a chunk is broken: " + e.getMessage(), e);
        }
    }

    private static int snappy(byte[] source, int length, byte[] target) throws IOException {
        if (Snappy.uncompressedLength(source, 0, length) > target.length) {
            throw new OrcException("a chunk is larger than " + target.length + " bytes");
        }
        return Snappy.uncompress(source, 0, length, target, 0);
    }

    private static int zstd(byte[] source, int length, byte[] target) throws OrcException {
        try {
            long count = Zstd.decompressByteArray(target, 0, target.length, source, 0, length);
            if (Zstd.isError(count)) {
                throw new OrcException("a chunk is broken: " + Zstd.getErrorName(count));
            }
            return (int) count;
        } catch (ZstdException e) {
            throw new OrcException("a chunk is broken: " + e.getMessage(), e);
        }
    }

    /// A block of LZ4: runs of bytes as they are, each followed by a piece of what came before.
    private static final class Lz4 {
        private final byte[] source;
        private final int end;
        private int at;

        private Lz4(byte[] source, int end) {
            this.source = source;
            this.end = end;
        }

        static int expand(byte[] source, int length, byte[] target) throws OrcException {
            try {
                return new Lz4(source, length).expand(target);
            } catch (IndexOutOfBoundsException e) {
                throw new OrcException("a chunk is broken or larger than " + target.length + " bytes", e);
            }
        }

        private int expand(byte[] target) throws OrcException {
            int count = 0;
            while (at < end) {
                int token = source[at++] & 0xFF;
                int literals = length(token >>> 4);
                System.arraycopy(source, at, target, count, literals);
                at += literals;
                count += literals;
                if (at >= end) {
                    break;
                }
                int distance = source[at] & 0xFF | (source[at + 1] & 0xFF) << 8;
                at += 2;
                int matched = length(token & 15) + 4;
                if (distance == 0 || distance > count) {
                    throw new OrcException("a chunk is broken: it repeats what was not there");
                }
                // One by one: what is repeated may be what is just being written.
                for (int i = 0; i < matched; i++, count++) {
                    target[count] = target[count - distance];
                }
            }
            return count;
        }

        private int length(int first) {
            int length = first;
            if (first == 15) {
                int more;
                do {
                    more = source[at++] & 0xFF;
                    length += more;
                } while (more == 255);
            }
            return length;
        }
    }
}
