package io.conshelf.connectors.format;

import java.io.IOException;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.Decoder;
import org.apache.avro.io.ResolvingDecoder;

/// Reads records of an Avro file and keeps to bounds what the file claims to hold: the library makes room for what a value says it has before it
/// reads it, and a schema of a few lines may stand for any number of parts, or for values that take no bytes. The cluster has the same bounds
/// for what it ingests.
final class AvroClaims extends GenericDatumReader<GenericRecord> {
    private static final int VALUE_BYTES_MAX = 64 << 20;
    /// Of one record's type, with those of the types in it.
    private static final long PARTS_MAX = 1 << 20;
    /// In one record.
    private static final int EMPTY_VALUES_MAX = 1 << 20;

    private int emptyValues;

    static {
        // The library looks these up when it is first used.
        for (String limit : List.of("org.apache.avro.limits.bytes.maxLength", "org.apache.avro.limits.string.maxLength")) {
            if (System.getProperty(limit) == null) {
                System.setProperty(limit, Integer.toString(VALUE_BYTES_MAX));
            }
        }
    }

    /// A file that says more of itself than is believed.
    static final class TooMuch extends AvroRuntimeException {
        private TooMuch(String message) {
            super(message);
        }
    }

    private AvroClaims(GenericData data) {
        super(data);
    }

    /// As fast as the library's own until a file's schema needs counting.
    static AvroClaims reader() {
        return new AvroClaims(new GenericData());
    }

    /// @throws TooMuch when its records take no bytes, of which a file has as many as it likes, or have more parts than are read
    void check(Schema schema) {
        requireFewParts(schema, new IdentityHashMap<>());
        if (isEmpty(schema, new IdentityHashMap<>())) {
            throw new TooMuch("states records that have no field with content");
        }
        if (hasEmptyParts(schema, seen())) {
            // The fast way goes by others than what is overridden here.
            getData().setFastReaderEnabled(false);
        }
    }

    @Override
    public GenericRecord read(GenericRecord reuse, Decoder in) throws IOException {
        emptyValues = 0;
        return super.read(reuse, in);
    }

    @Override
    protected Object readWithoutConversion(Object old, Schema expected, ResolvingDecoder in) throws IOException {
        if (mayTakeNoBytes(expected) && ++emptyValues > EMPTY_VALUES_MAX) {
            throw new TooMuch("states a record of more than " + EMPTY_VALUES_MAX + " values that take no bytes");
        }
        return super.readWithoutConversion(old, expected, in);
    }

    /// One that chooses between types has the number of the type.
    private static boolean mayTakeNoBytes(Schema schema) {
        return switch (schema.getType()) {
            case NULL, RECORD -> true;
            case FIXED -> schema.getFixedSize() == 0;
            case ARRAY, MAP, UNION, ENUM, STRING, BYTES, INT, LONG, FLOAT, DOUBLE, BOOLEAN -> false;
        };
    }

    private static Set<Schema> seen() {
        return Collections.newSetFromMap(new IdentityHashMap<>());
    }

    private static List<Schema> parts(Schema schema) {
        return switch (schema.getType()) {
            case RECORD -> schema.getFields().stream().map(Schema.Field::schema).toList();
            case ARRAY -> List.of(schema.getElementType());
            case MAP -> List.of(schema.getValueType());
            case UNION -> schema.getTypes();
            case FIXED, NULL, ENUM, STRING, BYTES, INT, LONG, FLOAT, DOUBLE, BOOLEAN -> List.of();
        };
    }

    /// @param known what is known of records already: a type may be named very often
    private static boolean isEmpty(Schema schema, Map<Schema, Boolean> known) {
        if (schema.getType() != Schema.Type.RECORD) {
            return mayTakeNoBytes(schema);
        }
        Optional<Boolean> before = Optional.ofNullable(known.get(schema));
        if (before.isPresent()) {
            return before.get();
        }
        // One that is in itself has no end, which reading it tells.
        known.put(schema, false);
        boolean isEmpty = parts(schema).stream().allMatch(part -> isEmpty(part, known));
        known.put(schema, isEmpty);
        return isEmpty;
    }

    private static boolean hasEmptyParts(Schema schema, Set<Schema> seen) {
        boolean isContainer = schema.getType() != Schema.Type.UNION;
        return seen.add(schema) && parts(schema).stream().anyMatch(part -> isContainer && isNothing(part) || hasEmptyParts(part, seen));
    }

    private static boolean isNothing(Schema part) {
        return part.getType() == Schema.Type.RECORD ? part.getFields().isEmpty() : mayTakeNoBytes(part);
    }

    /// The library writes down the parts of a record one after the other before it reads the first, and each of a few types that names the one
    /// before it twice doubles them.
    ///
    /// @return how many the schema adds to a record that has it
    private static long requireFewParts(Schema schema, Map<Schema, Long> known) {
        Optional<Long> before = Optional.ofNullable(known.get(schema));
        if (before.isPresent()) {
            return before.get();
        }
        // One that is in itself is written down once.
        known.put(schema, 1L);
        long count = 1;
        for (Schema part : parts(schema)) {
            long more = requireFewParts(part, known);
            count += schema.getType() == Schema.Type.RECORD ? more : 0;
            if (count > PARTS_MAX) {
                throw new TooMuch("states a type '" + schema.getFullName() + "' of more than " + PARTS_MAX + " parts, with those of the types in it");
            }
        }
        known.put(schema, count);
        return count;
    }
}
