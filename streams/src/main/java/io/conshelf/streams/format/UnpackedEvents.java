package io.conshelf.streams.format;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.zip.ZipException;

/// Events of messages and files that are packed. They are unpacked as they are read, up to a limit: a message of a few bytes can unpack to gigabytes.
final class UnpackedEvents implements EventReader {
    private static final long MESSAGE_BYTES_MAX = 1L << 28;
    private static final long FILE_BYTES_MAX = 1L << 36;

    private final InputFormat format;
    private final EventReader plain;
    private final Broken broken;

    UnpackedEvents(InputFormat format, EventReader plain) {
        this.format = format;
        this.plain = plain;
        this.broken = Broken.of(format);
    }

    @Override
    public void message(byte[] message, String resource, EventSink out) {
        try (Events events = new Unpacked(new ByteArrayInputStream(message), resource, MESSAGE_BYTES_MAX)) {
            while (events.next(out)) {
                // one after another
            }
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    @Override
    public Events file(InputStream bytes, String resource) {
        return new Unpacked(bytes, resource, FILE_BYTES_MAX);
    }

    private final class Unpacked implements Events {
        private final InputStream packed;
        private final String resource;
        private final long bytesMax;
        private Events events;
        private boolean isEnded;

        Unpacked(InputStream packed, String resource, long bytesMax) {
            this.packed = packed;
            this.resource = resource;
            this.bytesMax = bytesMax;
        }

        @Override
        public boolean next(EventSink out) throws IOException {
            if (isEnded) {
                return false;
            }
            try {
                if (events == null) {
                    events = plain.file(new Bounded(format.compression().unpack(packed), bytesMax), resource);
                }
                return events.next(out);
            } catch (ZipException | EOFException notPackedSo) {
                out.broken(broken.compression(resource));
                isEnded = true;
                return true;
            } catch (TooLarge tooLarge) {
                out.broken(broken.data(resource, tooLarge.getMessage(), ""));
                isEnded = true;
                return true;
            }
        }

        @Override
        public void close() throws IOException {
            if (events != null) {
                events.close();
            }
            packed.close();
        }
    }

    private static final class TooLarge extends IOException {
        TooLarge(long bytesMax) {
            super("It unpacks to more than " + bytesMax + " bytes.");
        }
    }

    private static final class Bounded extends FilterInputStream {
        private final long bytesMax;
        private long count;

        Bounded(InputStream unpacked, long bytesMax) {
            super(unpacked);
            this.bytesMax = bytesMax;
        }

        @Override
        public int read() throws IOException {
            int one = super.read();
            count(one < 0 ? 0 : 1);
            return one;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            int read = super.read(into, offset, length);
            count(Math.max(0, read));
            return read;
        }

        private void count(int read) throws TooLarge {
            count += read;
            if (count > bytesMax) {
                throw new TooLarge(bytesMax);
            }
        }
    }
}
