package io.conshelf.engine.ingest;

import io.conshelf.engine.KustoException;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.avro.Schema;

/// What a file's schema may be, as a few bytes may stand for very much: the library makes room for what a value claims to have before it reads it.
final class AvroSchemas {
    /// Of one value; cells hold less.
    static final int VALUE_BYTES_MAX = 64 << 20;
    /// Of one record, with those of the records in it.
    private static final long PARTS_MAX = 1 << 20;

    private AvroSchemas() {}

    /// For the library, which looks these up when it is first used.
    static void boundValues() {
        for (String limit : List.of("org.apache.avro.limits.bytes.maxLength", "org.apache.avro.limits.string.maxLength")) {
            if (System.getProperty(limit) == null) {
                System.setProperty(limit, Integer.toString(VALUE_BYTES_MAX));
            }
        }
    }

    /// @throws KustoException when its records take no bytes, of which a file has as many as it likes, or have more parts than is read, or
    ///     values more
    static void check(Schema schema) {
        requireFewParts(schema, new IdentityHashMap<>());
        if (isEmpty(schema, new IdentityHashMap<>())) {
            throw new KustoException(IngestionErrors.invalidBlob("the records of the Avro have no field with content"));
        }
        checkSizes(schema, seen());
    }

    /// Whether values of the schema have parts that take no bytes, of which there may be any number.
    static boolean hasPartsOfNothing(Schema schema) {
        return hasPartsOfNothing(schema, seen());
    }

    /// Whether a value may take no bytes of its own; one that chooses between types has the number of the type.
    static boolean mayTakeNoBytes(Schema schema) {
        return switch (schema.getType()) {
            case NULL, RECORD -> true;
            case FIXED -> schema.getFixedSize() == 0;
            case ARRAY, MAP, UNION, ENUM, STRING, BYTES, INT, LONG, FLOAT, DOUBLE, BOOLEAN -> false;
        };
    }

    private static Set<Schema> seen() {
        return Collections.newSetFromMap(new IdentityHashMap<>());
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
        boolean isEmpty = schema.getFields().stream().allMatch(field -> isEmpty(field.schema(), known));
        known.put(schema, isEmpty);
        return isEmpty;
    }

    private static boolean hasPartsOfNothing(Schema schema, Set<Schema> seen) {
        return seen.add(schema) && switch (schema.getType()) {
            case RECORD -> schema.getFields().stream().anyMatch(field -> isOrHasNothing(field.schema(), seen));
            case ARRAY -> isOrHasNothing(schema.getElementType(), seen);
            case MAP -> isOrHasNothing(schema.getValueType(), seen);
            case UNION -> schema.getTypes().stream().anyMatch(type -> hasPartsOfNothing(type, seen));
            case NULL, FIXED, ENUM, STRING, BYTES, INT, LONG, FLOAT, DOUBLE, BOOLEAN -> false;
        };
    }

    private static boolean isOrHasNothing(Schema part, Set<Schema> seen) {
        boolean isNothing = part.getType() == Schema.Type.RECORD ? part.getFields().isEmpty() : mayTakeNoBytes(part);
        return isNothing || hasPartsOfNothing(part, seen);
    }

    /// The library writes down the parts of a record one after the other before it reads the first, and a schema of a few lines, each of which
    /// names the type of the line before twice, has any number of them.
    ///
    /// @param known parts of the records that were looked at: a type may be named very often
    /// @return how many parts the schema adds to a record that has it
    private static long requireFewParts(Schema schema, Map<Schema, Long> known) {
        Optional<Long> before = Optional.ofNullable(known.get(schema));
        if (before.isPresent()) {
            return before.get();
        }
        // One that is in itself is written down once.
        known.put(schema, 1L);
        long parts = 1;
        switch (schema.getType()) {
            case RECORD -> {
                for (Schema.Field field : schema.getFields()) {
                    parts += requireFewParts(field.schema(), known);
                    if (parts > PARTS_MAX) {
                        throw new KustoException(IngestionErrors.invalidBlob("the Avro's type '" + schema.getFullName() + "' has more than "
                                + PARTS_MAX + " parts, with those of the types in it"));
                    }
                }
            }
            case ARRAY -> requireFewParts(schema.getElementType(), known);
            case MAP -> requireFewParts(schema.getValueType(), known);
            case UNION -> schema.getTypes().forEach(type -> requireFewParts(type, known));
            case FIXED, NULL, ENUM, STRING, BYTES, INT, LONG, FLOAT, DOUBLE, BOOLEAN -> { }
        }
        known.put(schema, parts);
        return parts;
    }

    private static void checkSizes(Schema schema, Set<Schema> seen) {
        if (!seen.add(schema)) {
            return;
        }
        switch (schema.getType()) {
            case FIXED -> {
                if (schema.getFixedSize() > VALUE_BYTES_MAX) {
                    throw new KustoException(IngestionErrors.invalidBlob("the Avro's type '" + schema.getFullName() + "' has " + schema.getFixedSize()
                            + " bytes; up to " + VALUE_BYTES_MAX + " are read"));
                }
            }
            case RECORD -> schema.getFields().forEach(field -> checkSizes(field.schema(), seen));
            case ARRAY -> checkSizes(schema.getElementType(), seen);
            case MAP -> checkSizes(schema.getValueType(), seen);
            case UNION -> schema.getTypes().forEach(type -> checkSizes(type, seen));
            case NULL, ENUM, STRING, BYTES, INT, LONG, FLOAT, DOUBLE, BOOLEAN -> { }
        }
    }
}
