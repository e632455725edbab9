package io.conshelf.kql.function;

import static io.conshelf.kql.function.Kernels.kernel;
import static io.conshelf.kql.type.Type.*;

import io.conshelf.kql.value.DynamicParts;
import io.conshelf.kql.value.DynamicText;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.TreeSet;

/// What `buildschema()` tells of dynamic values: the least schema that admits all of them. The rows' schemas are made first, so
/// that those that are the same are put together once.
final class ValueSchema {
    private static final String INDEXER = "`indexer`";
    private static final List<String> ORDER = List.of("bool", "long", "double", "decimal", "datetime", "timespan", "guid", "string");

    static final List<Kernel> KERNELS = List.of(
            kernel("kql_schema_of", DYNAMIC, (in, row, out) -> {
                ValueSchema schema = new ValueSchema();
                schema.admit(in.text(0, row));
                out.text(row, schema.text());
            }, DYNAMIC),
            kernel("kql_schema_merge", DYNAMIC, (in, row, out) -> {
                ValueSchema schema = new ValueSchema();
                DynamicParts.elements(in.text(0, row)).stream().sorted().forEach(schema::join);
                out.text(row, schema.text());
            }, DYNAMIC));

    private final TreeSet<Integer> plain = new TreeSet<>();
    private Optional<SequencedMap<String, ValueSchema>> properties = Optional.empty();
    private Optional<ValueSchema> items = Optional.empty();

    private ValueSchema() {}

    private void admit(String value) {
        if (DynamicParts.isArray(value)) {
            ValueSchema all = array();
            DynamicParts.elements(value).forEach(all::admit);
        } else if (DynamicParts.isBag(value)) {
            SequencedMap<String, ValueSchema> all = bag();
            DynamicParts.properties(value).forEach((name, property) -> all.computeIfAbsent(name, _ -> new ValueSchema()).admit(property));
        } else if (!value.equals(DynamicParts.NULL)) {
            plain.add(ORDER.indexOf(type(value)));
        }
    }

    private static String type(String value) {
        if (DynamicNumbers.isNumber(value)) {
            return DynamicNumbers.isReal(value) ? "double" : "long";
        }
        if (value.equals("true") || value.equals("false")) {
            return "bool";
        }
        return switch (DynamicText.tag(value)) {
            case 't' -> "datetime";
            case 's' -> "timespan";
            case 'g' -> "guid";
            case 'd' -> "decimal";
            default -> "string";
        };
    }

    private ValueSchema array() {
        items = Optional.of(items.orElseGet(ValueSchema::new));
        return items.get();
    }

    private SequencedMap<String, ValueSchema> bag() {
        properties = Optional.of(properties.orElseGet(LinkedHashMap::new));
        return properties.get();
    }

    /// Admits also what another schema, as written, admits.
    private void join(String schema) {
        if (DynamicParts.isArray(schema)) {
            DynamicParts.elements(schema).forEach(this::join);
        } else if (DynamicParts.isBag(schema)) {
            Map<String, String> parts = DynamicParts.properties(schema);
            if (parts.size() == 1 && parts.containsKey(INDEXER)) {
                array().join(parts.get(INDEXER));
            } else {
                SequencedMap<String, ValueSchema> all = bag();
                parts.forEach((name, part) -> all.computeIfAbsent(name, _ -> new ValueSchema()).join(part));
            }
        } else {
            DynamicText.stringValue(schema).map(ORDER::indexOf).filter(index -> index >= 0).ifPresent(plain::add);
        }
    }

    /// One kind of value alone, or an array of several; an empty one where only nulls were seen.
    private String text() {
        List<String> kinds = new ArrayList<>();
        plain.forEach(index -> kinds.add(DynamicText.ofString(ORDER.get(index))));
        items.ifPresent(schema -> kinds.add(DynamicParts.bag(Map.of(INDEXER, schema.text()))));
        properties.ifPresent(all -> {
            Map<String, String> parts = new LinkedHashMap<>();
            all.forEach((name, schema) -> parts.put(name, schema.text()));
            kinds.add(DynamicParts.bag(parts));
        });
        return kinds.size() == 1 ? kinds.getFirst() : DynamicParts.array(kinds);
    }
}
