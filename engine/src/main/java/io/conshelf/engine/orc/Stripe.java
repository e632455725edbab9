package io.conshelf.engine.orc;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/// Some of the file's rows: where the streams of each column are, and how they are encoded.
final class Stripe {
    /// What a reader holds beside the bytes of its stream: a run of integers.
    private static final int STREAM_BYTES = 512 * Long.BYTES + 512;

    /// What a stream of a column holds; the numbers are those in the file.
    enum Part {
        PRESENT(0), DATA(1), LENGTH(2), DICTIONARY(3), SECONDARY(5);

        private final int number;

        Part(int number) {
            this.number = number;
        }
    }

    private record Key(long column, long part) {}

    private record Place(long position, long length) {}

    /// @param isSecondVersion of the integers' encoding
    record Encoding(boolean isDictionary, boolean isSecondVersion, int dictionarySize) {}

    private final Source source;
    private final Map<Key, Place> places = new HashMap<>();
    private final List<Message> encodings;
    private final ZoneId zone;

    /// How streams of the file are opened, and what all of them together may hold.
    ///
    /// @param bytesRead counts what is read, decompressed
    /// @param stripe    for what is held as long as a stripe is read: dictionaries, and what is read ahead of each stream
    /// @param rows      for the values that are read at once
    record Source(
            FileChannel file, Compression compression, int chunkBytesMax, AtomicLong bytesRead, OrcStream.Scratch scratch, Budget stripe,
            Budget rows) {
        static Source of(FileChannel file, Compression compression, int chunkBytesMax) {
            return new Source(
                    file, compression, chunkBytesMax, new AtomicLong(), new OrcStream.Scratch(), new Budget("a stripe"),
                    new Budget("what is read at once"));
        }

        OrcStream open(long position, long length) {
            return new OrcStream(this, position, length);
        }
    }

    private Stripe(Source source, List<Message> encodings, ZoneId zone) {
        this.source = source;
        this.encodings = encodings;
        this.zone = zone;
    }

    /// @param information of the stripe, from the file's footer
    static Stripe open(Source source, Message information) throws IOException {
        long offset = information.number(1);
        long before = information.number(2) + information.number(3);
        long size = source.file().size();
        if (offset < 0 || before < 0 || offset > size - before || information.number(4) > size - before - offset) {
            throw new OrcException("a stripe lies beyond its end");
        }
        var footer = Message.parse(source.open(offset + before, information.number(4)).readAll(OrcFile.FOOTER_BYTES_MAX));
        var zones = footer.strings(3);
        var stripe = new Stripe(source, footer.messages(2), zone(zones.isEmpty() ? "UTC" : zones.getFirst()));
        long position = offset;
        for (Message stream : footer.messages(1)) {
            long length = stream.number(3);
            if (length < 0 || length > offset + before - position) {
                throw new OrcException("a column lies beyond its stripe");
            }
            stripe.places.put(new Key(stream.number(2), stream.number(1)), new Place(position, length));
            position += length;
        }
        return stripe;
    }

    private static ZoneId zone(String name) throws OrcException {
        try {
            return ZoneId.of(name, ZoneId.SHORT_IDS);
        } catch (DateTimeException e) {
            throw new OrcException("it was written in the time zone '" + name + "', which is not known here", e);
        }
    }

    Source source() {
        return source;
    }

    /// Where the clock on the wall stood that timestamps were read from.
    ZoneId zone() {
        return zone;
    }

    boolean has(OrcType type, Part part) {
        return places.containsKey(new Key(type.column(), part.number));
    }

    /// A stream; one that is not there is one of no bytes.
    OrcStream open(OrcType type, Part part) throws OrcException {
        source.stripe().take(STREAM_BYTES);
        Place place = places.getOrDefault(new Key(type.column(), part.number), new Place(0, 0));
        return source.open(place.position(), place.length());
    }

    Encoding encoding(OrcType type) throws OrcException {
        if (type.column() >= encodings.size()) {
            throw new OrcException("column " + type.column() + " has no encoding");
        }
        Message encoding = encodings.get(type.column());
        int kind = (int) encoding.number(1);
        return new Encoding(kind == 1 || kind == 3, kind >= 2, (int) encoding.number(2));
    }
}
