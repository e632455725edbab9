package io.conshelf.engine.orc;

import io.conshelf.engine.orc.Stripe.Part;
import io.conshelf.kql.value.Ticks;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;

/// Reads a column of a stripe from its beginning to its end.
abstract class ColumnReader {
    /// Children that lists and maps may have in the rows that are read at once.
    private static final int ELEMENTS_MAX = 16 << 20;
    private static final int DICTIONARY_BYTES_MAX = 256 << 20;
    /// Of one value and whether it is null.
    private static final int SLOT_BYTES = Long.BYTES + 1;
    private static final int VECTOR_BYTES = 128;
    /// Of an object beside its bytes, and the reference to it.
    private static final int OBJECT_BYTES = 24;
    private static final int DECIMAL_BYTES = 112;
    private static final int VALUE_BYTES_MAX = 64 << 20;
    private static final long TICKS_MAX = 3_155_378_975_999_999_999L;

    final Budget budget;
    private final Optional<Runs.Bits> present;

    private ColumnReader(Stripe stripe, OrcType type) throws OrcException {
        budget = stripe.source().rows();
        present = stripe.has(type, Part.PRESENT)
                ? Optional.of(new Runs.Bits(stripe.open(type, Part.PRESENT)))
                : Optional.empty();
    }

    /// The next values; in rows that `absent` holds, the parent has none, and neither has this.
    final OrcVector read(int count, BitSet absent) throws IOException {
        budget.take(VECTOR_BYTES + (long) SLOT_BYTES * count);
        var nulls = (BitSet) absent.clone();
        if (present.isPresent()) {
            for (int i = nulls.nextClearBit(0); i < count; i = nulls.nextClearBit(i + 1)) {
                if (!present.get().next()) {
                    nulls.set(i);
                }
            }
        }
        return values(count, nulls);
    }

    abstract OrcVector values(int count, BitSet nulls) throws IOException;

    static ColumnReader of(Stripe stripe, OrcType type) throws IOException {
        boolean isSecond = stripe.encoding(type).isSecondVersion();
        return switch (type.kind()) {
            case BOOLEAN -> new Bools(stripe, type);
            case BYTE -> new SmallIntegers(stripe, type);
            case SHORT, INT, LONG -> new Integers(stripe, type, isSecond);
            case FLOAT, DOUBLE -> new Reals(stripe, type);
            case STRING, VARCHAR, CHAR, BINARY -> stripe.encoding(type).isDictionary()
                    ? new Dictionary(stripe, type, isSecond)
                    : new Texts(stripe, type, isSecond);
            case DECIMAL -> new Decimals(stripe, type, isSecond);
            case DATE -> new Dates(stripe, type, isSecond);
            case TIMESTAMP -> new Timestamps(stripe, type, isSecond, stripe.zone());
            case TIMESTAMP_INSTANT -> new Timestamps(stripe, type, isSecond, ZoneOffset.UTC);
            case LIST -> new Lists(stripe, type, isSecond);
            case MAP -> new Maps(stripe, type, isSecond);
            case STRUCT -> new Structs(stripe, type, of(stripe, type.children()));
            case UNION -> new Unions(stripe, type);
        };
    }

    private static List<Optional<ColumnReader>> of(Stripe stripe, List<OrcType> types) throws IOException {
        var readers = new ArrayList<Optional<ColumnReader>>();
        for (OrcType type : types) {
            readers.add(Optional.of(of(stripe, type)));
        }
        return readers;
    }

    private static final class Bools extends ColumnReader {
        private final Runs.Bits data;

        Bools(Stripe stripe, OrcType type) throws OrcException {
            super(stripe, type);
            data = new Runs.Bits(stripe.open(type, Part.DATA));
        }

        @Override
        OrcVector values(int count, BitSet nulls) throws IOException {
            var values = new BitSet(count);
            for (int i = nulls.nextClearBit(0); i < count; i = nulls.nextClearBit(i + 1)) {
                values.set(i, data.next());
            }
            return new OrcVector.Bools(nulls, values);
        }
    }

    private static final class SmallIntegers extends ColumnReader {
        private final Runs.Bytes data;

        SmallIntegers(Stripe stripe, OrcType type) throws OrcException {
            super(stripe, type);
            data = new Runs.Bytes(stripe.open(type, Part.DATA));
        }

        @Override
        OrcVector values(int count, BitSet nulls) throws IOException {
            var values = new long[count];
            for (int i = nulls.nextClearBit(0); i < count; i = nulls.nextClearBit(i + 1)) {
                values[i] = (byte) data.next();
            }
            return new OrcVector.Integers(nulls, values);
        }
    }

    private static final class Integers extends ColumnReader {
        private final Runs.Integers data;

        Integers(Stripe stripe, OrcType type, boolean isSecond) throws OrcException {
            super(stripe, type);
            data = Runs.Integers.of(stripe.open(type, Part.DATA), isSecond, true);
        }

        @Override
        OrcVector values(int count, BitSet nulls) throws IOException {
            var values = new long[count];
            for (int i = nulls.nextClearBit(0); i < count; i = nulls.nextClearBit(i + 1)) {
                values[i] = data.next();
            }
            return new OrcVector.Integers(nulls, values);
        }
    }

    private static final class Reals extends ColumnReader {
        private final OrcStream data;
        private final boolean isSingle;
        private final byte[] bytes = new byte[8];

        Reals(Stripe stripe, OrcType type) throws OrcException {
            super(stripe, type);
            data = stripe.open(type, Part.DATA);
            isSingle = type.kind() == OrcType.Kind.FLOAT;
        }

        @Override
        OrcVector values(int count, BitSet nulls) throws IOException {
            var values = new double[count];
            int width = isSingle ? 4 : 8;
            for (int i = nulls.nextClearBit(0); i < count; i = nulls.nextClearBit(i + 1)) {
                data.read(bytes, 0, width);
                long bits = 0;
                for (int b = width - 1; b >= 0; b--) {
                    bits = bits << 8 | bytes[b] & 0xFF;
                }
                values[i] = isSingle ? Float.intBitsToFloat((int) bits) : Double.longBitsToDouble(bits);
            }
            return new OrcVector.Reals(nulls, values);
        }
    }

    private static final class Texts extends ColumnReader {
        private final OrcStream data;
        private final Runs.Integers lengths;
        private final boolean isText;

        Texts(Stripe stripe, OrcType type, boolean isSecond) throws OrcException {
            super(stripe, type);
            data = stripe.open(type, Part.DATA);
            lengths = Runs.Integers.of(stripe.open(type, Part.LENGTH), isSecond, false);
            isText = type.kind() != OrcType.Kind.BINARY;
        }

        @Override
        OrcVector values(int count, BitSet nulls) throws IOException {
            var values = new byte[count][];
            for (int i = nulls.nextClearBit(0); i < count; i = nulls.nextClearBit(i + 1)) {
                long length = lengths.next();
                if (length < 0 || length > VALUE_BYTES_MAX) {
                    throw new OrcException("a value has " + length + " bytes, more than " + VALUE_BYTES_MAX);
                }
                budget.take(OBJECT_BYTES + length);
                // In steps: the length may claim more than there is.
                byte[] value = new byte[(int) Math.min(length, 1 << 16)];
                data.read(value, 0, value.length);
                if (length > value.length) {
                    int head = value.length;
                    value = java.util.Arrays.copyOf(value, (int) length);
                    data.read(value, head, value.length - head);
                }
                values[i] = value;
            }
            return new OrcVector.Bytes(nulls, values, isText);
        }
    }

    private static final class Dictionary extends ColumnReader {
        private final byte[][] words;
        private final Runs.Integers data;
        private final boolean isText;

        Dictionary(Stripe stripe, OrcType type, boolean isSecond) throws IOException {
            super(stripe, type);
            var shared = stripe.source().stripe();
            byte[] all = stripe.open(type, Part.DICTIONARY).readAll(DICTIONARY_BYTES_MAX, shared);
            var lengths = Runs.Integers.of(stripe.open(type, Part.LENGTH), isSecond, false);
            int size = stripe.encoding(type).dictionarySize();
            if (size < 0 || size > DICTIONARY_BYTES_MAX / 8) {
                throw new OrcException("a dictionary claims " + size + " entries");
            }
            shared.take((long) OBJECT_BYTES * size + all.length);
            var list = new ArrayList<byte[]>();
            int at = 0;
            for (int i = 0; i < size; i++) {
                long length = lengths.next();
                if (length < 0 || length > all.length - at) {
                    throw new OrcException("a dictionary is broken");
                }
                list.add(java.util.Arrays.copyOfRange(all, at, at + (int) length));
                at += (int) length;
            }
            words = list.toArray(byte[][]::new);
            data = Runs.Integers.of(stripe.open(type, Part.DATA), isSecond, false);
            isText = type.kind() != OrcType.Kind.BINARY;
        }

        @Override
        OrcVector values(int count, BitSet nulls) throws IOException {
            var values = new byte[count][];
            for (int i = nulls.nextClearBit(0); i < count; i = nulls.nextClearBit(i + 1)) {
                long word = data.next();
                if (word < 0 || word >= words.length) {
                    throw new OrcException("a value is not in its dictionary");
                }
                values[i] = words[(int) word];
            }
            return new OrcVector.Bytes(nulls, values, isText);
        }
    }

    private static final class Decimals extends ColumnReader {
        private static final int BYTES_MAX = 24;

        private final OrcStream data;
        private final Runs.Integers scales;

        Decimals(Stripe stripe, OrcType type, boolean isSecond) throws OrcException {
            super(stripe, type);
            data = stripe.open(type, Part.DATA);
            scales = Runs.Integers.of(stripe.open(type, Part.SECONDARY), isSecond, true);
        }

        @Override
        OrcVector values(int count, BitSet nulls) throws IOException {
            var values = new BigDecimal[count];
            for (int i = nulls.nextClearBit(0); i < count; i = nulls.nextClearBit(i + 1)) {
                budget.take(DECIMAL_BYTES);
                long scale = scales.next();
                if (scale < 0 || scale > 100) {
                    throw new OrcException("a decimal has the scale " + scale);
                }
                values[i] = new BigDecimal(unbounded(), (int) scale);
            }
            return new OrcVector.Decimals(nulls, values);
        }

        private BigInteger unbounded() throws IOException {
            var value = BigInteger.ZERO;
            for (int i = 0; i < BYTES_MAX; i++) {
                int b = data.read();
                value = value.or(BigInteger.valueOf(b & 0x7F).shiftLeft(7 * i));
                if (b < 0x80) {
                    var half = value.shiftRight(1);
                    return value.testBit(0) ? half.not() : half;
                }
            }
            throw new OrcException("a decimal is longer than " + BYTES_MAX + " bytes");
        }
    }

    private static final class Dates extends ColumnReader {
        private static final long DAYS_MAX = TICKS_MAX / Ticks.DAY;

        private final Runs.Integers data;

        Dates(Stripe stripe, OrcType type, boolean isSecond) throws OrcException {
            super(stripe, type);
            data = Runs.Integers.of(stripe.open(type, Part.DATA), isSecond, true);
        }

        @Override
        OrcVector values(int count, BitSet nulls) throws IOException {
            var values = new long[count];
            for (int i = nulls.nextClearBit(0); i < count; i = nulls.nextClearBit(i + 1)) {
                long days = data.next();
                if (days < -DAYS_MAX || days > DAYS_MAX || !Ticks.isDateTime(days * Ticks.DAY + Ticks.UNIX_EPOCH)) {
                    nulls.set(i);
                } else {
                    values[i] = days * Ticks.DAY + Ticks.UNIX_EPOCH;
                }
            }
            return new OrcVector.Moments(nulls, values);
        }
    }

    /// Seconds since 2015 where the file was written, and nanoseconds without their zeros.
    private static final class Timestamps extends ColumnReader {
        private static final long SECONDS_MAX = TICKS_MAX / Ticks.SECOND;
        private static final LocalDateTime BASE = LocalDateTime.of(2015, 1, 1, 0, 0);

        private final Runs.Integers seconds;
        private final Runs.Integers nanoseconds;
        private final ZoneId zone;
        private final long base;

        Timestamps(Stripe stripe, OrcType type, boolean isSecond, ZoneId zone) throws OrcException {
            super(stripe, type);
            seconds = Runs.Integers.of(stripe.open(type, Part.DATA), isSecond, true);
            nanoseconds = Runs.Integers.of(stripe.open(type, Part.SECONDARY), isSecond, false);
            this.zone = zone;
            base = BASE.atZone(zone).toEpochSecond();
        }

        @Override
        OrcVector values(int count, BitSet nulls) throws IOException {
            var values = new long[count];
            for (int i = nulls.nextClearBit(0); i < count; i = nulls.nextClearBit(i + 1)) {
                long second = seconds.next();
                long nanosecond = nanosecond(nanoseconds.next());
                if (second < -2 * SECONDS_MAX || second > 2 * SECONDS_MAX) {
                    nulls.set(i);
                    continue;
                }
                second += base;
                if (second < 0 && nanosecond > 999_999) {
                    // The writers divide milliseconds by a thousand, which rounds towards zero.
                    second--;
                }
                if (second < -SECONDS_MAX || second > SECONDS_MAX) {
                    nulls.set(i);
                    continue;
                }
                if (zone != ZoneOffset.UTC) {
                    second += zone.getRules().getOffset(java.time.Instant.ofEpochSecond(second)).getTotalSeconds();
                }
                long ticks = second * Ticks.SECOND + Ticks.UNIX_EPOCH + nanosecond / 100;
                if (Ticks.isDateTime(ticks)) {
                    values[i] = ticks;
                } else {
                    nulls.set(i);
                }
            }
            return new OrcVector.Moments(nulls, values);
        }

        private static long nanosecond(long coded) {
            long value = coded >>> 3;
            int zeros = (int) (coded & 7);
            for (int i = 0; zeros != 0 && i <= zeros; i++) {
                value *= 10;
            }
            return value;
        }
    }

    /// Where the children of each value begin, and where the last ones end.
    private static int[] starts(Runs.Integers lengths, int count, BitSet nulls) throws IOException {
        var starts = new int[count + 1];
        long total = 0;
        for (int i = 0; i < count; i++) {
            starts[i] = (int) total;
            if (!nulls.get(i)) {
                long length = lengths.next();
                total += length;
                if (length < 0 || total > ELEMENTS_MAX) {
                    throw new OrcException("lists of " + count + " rows have more than " + ELEMENTS_MAX + " elements");
                }
            }
        }
        starts[count] = (int) total;
        return starts;
    }

    private static final class Lists extends ColumnReader {
        private final Runs.Integers lengths;
        private final ColumnReader elements;

        Lists(Stripe stripe, OrcType type, boolean isSecond) throws IOException {
            super(stripe, type);
            lengths = Runs.Integers.of(stripe.open(type, Part.LENGTH), isSecond, false);
            elements = of(stripe, type.children().getFirst());
        }

        @Override
        OrcVector values(int count, BitSet nulls) throws IOException {
            int[] starts = starts(lengths, count, nulls);
            return new OrcVector.Lists(nulls, starts, elements.read(starts[count], new BitSet()));
        }
    }

    private static final class Maps extends ColumnReader {
        private final Runs.Integers lengths;
        private final ColumnReader keys;
        private final ColumnReader values;

        Maps(Stripe stripe, OrcType type, boolean isSecond) throws IOException {
            super(stripe, type);
            lengths = Runs.Integers.of(stripe.open(type, Part.LENGTH), isSecond, false);
            keys = of(stripe, type.children().getFirst());
            values = of(stripe, type.children().getLast());
        }

        @Override
        OrcVector values(int count, BitSet nulls) throws IOException {
            int[] starts = starts(lengths, count, nulls);
            return new OrcVector.Maps(
                    nulls, starts, keys.read(starts[count], new BitSet()), values.read(starts[count], new BitSet()));
        }
    }

    static final class Structs extends ColumnReader {
        private final List<String> names;
        private final List<Optional<ColumnReader>> fields;

        /// @param fields nothing for those that nobody asks for
        Structs(Stripe stripe, OrcType type, List<Optional<ColumnReader>> fields) throws OrcException {
            super(stripe, type);
            this.names = type.names();
            this.fields = fields;
        }

        @Override
        OrcVector values(int count, BitSet nulls) throws IOException {
            var vectors = new ArrayList<OrcVector>();
            for (Optional<ColumnReader> field : fields) {
                vectors.add(field.isPresent() ? field.get().read(count, nulls) : new OrcVector.Nothing(new BitSet()));
            }
            return new OrcVector.Structs(nulls, names, vectors);
        }
    }

    private static final class Unions extends ColumnReader {
        private final Runs.Bytes tags;
        private final List<ColumnReader> members = new ArrayList<>();

        Unions(Stripe stripe, OrcType type) throws IOException {
            super(stripe, type);
            tags = new Runs.Bytes(stripe.open(type, Part.DATA));
            for (OrcType member : type.children()) {
                members.add(of(stripe, member));
            }
        }

        @Override
        OrcVector values(int count, BitSet nulls) throws IOException {
            var tagOf = new int[count];
            var positions = new int[count];
            var counts = new int[members.size()];
            for (int i = nulls.nextClearBit(0); i < count; i = nulls.nextClearBit(i + 1)) {
                tagOf[i] = tags.next();
                if (tagOf[i] >= members.size()) {
                    throw new OrcException("a union has no member " + tagOf[i]);
                }
                positions[i] = counts[tagOf[i]]++;
            }
            var vectors = new ArrayList<OrcVector>();
            for (int m = 0; m < counts.length; m++) {
                vectors.add(members.get(m).read(counts[m], new BitSet()));
            }
            return new OrcVector.Unions(nulls, tagOf, positions, vectors);
        }
    }
}
