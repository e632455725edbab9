package io.conshelf.streams.format;

import io.conshelf.streams.input.DataError;
import io.conshelf.streams.value.Value;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.zip.ZipException;

/// Events of messages and files that are packed. They are unpacked as they are read, up to a limit: a message of a few bytes can unpack to gigabytes.
final class UnpackedEvents implements EventReader {
    private static final long MESSAGE_BYTES_MAX = 1L << 26;
    private static final long MESSAGE_EVENTS_MAX = 1 << 20;
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
            Counted counted = new Counted(out);
            while (events.next(counted)) {
                if (counted.count > MESSAGE_EVENTS_MAX) {
                    out.broken(broken.data(resource, "It holds more than " + MESSAGE_EVENTS_MAX + " events.", ""));
                    return;
                }
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

    /// All events of a message are in memory at once, and the smallest takes more there than in its text.
    private static final class Counted implements EventSink {
        private final EventSink out;
        private long count;

        Counted(EventSink out) {
            this.out = out;
        }

        @Override
        public void event(Value.Record event) {
            count++;
            out.event(event);
        }

        @Override
        public void broken(DataError error) {
            out.broken(error);
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
