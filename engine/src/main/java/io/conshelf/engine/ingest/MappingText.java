package io.conshelf.engine.ingest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.store.MappingKind;
import io.conshelf.kql.type.Type;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Reads the JSON of ingestion mappings, in the present form (`Column`, `Properties`) and the old flat one (`column`, `path`).
public final class MappingText {
    private static final int FIELDS_MAX = 20_000;
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(
                    JsonReadFeature.ALLOW_TRAILING_COMMA,
                    JsonReadFeature.ALLOW_SINGLE_QUOTES,
                    JsonReadFeature.ALLOW_JAVA_COMMENTS)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private MappingText() {}

    /// Refuses a text that is not a mapping of the kind; to be called before one is stored.
    public static void check(MappingKind kind, String json) {
        parse(kind, json);
    }

    /// A mapping as it is kept and shown, however it was spelled: `Column`, `Datatype` where there is one, and `Properties`.
    ///
    /// @throws KustoException when it is no mapping of the kind
    public static String normalised(MappingKind kind, String json) {
        check(kind, json);
        var array = JSON.createArrayNode();
        for (JsonNode element : read(json)) {
            var field = array.addObject();
            column(element).ifPresent(name -> field.put("Column", name));
            datatype(element).ifPresent(name -> field.put("Datatype", name));
            JsonNode given = properties(element);
            var properties = field.putObject("Properties");
            for (var name : kind == MappingKind.CSV ? List.of("Ordinal") : List.of("Path", "Field")) {
                text(given, name).filter(text -> !text.isEmpty()).ifPresent(text -> properties.put(name, text.strip()));
            }
            text(given, "ConstValue").or(() -> text(given, "ConstantValue")).ifPresent(text -> properties.put("ConstValue", text));
            text(given, "Transform").flatMap(Transform::named).filter(transform -> transform != Transform.NONE)
                    .ifPresent(transform -> properties.put("Transform", transform.kustoName()));
        }
        return array.toString();
    }

    private static JsonNode read(String json) {
        try {
            return JSON.readTree(json);
        } catch (JsonProcessingException e) {
            // Of what follows its end the library tells which of its classes and settings do not have it.
            throw bad("it is not JSON: " + (e instanceof MismatchedInputException ? "more stands behind its end" : e.getOriginalMessage()));
        }
    }

    static List<MappedField> parse(MappingKind kind, String json) {
        JsonNode array = read(json);
        if (!array.isArray() || array.isEmpty()) {
            throw bad("a JSON array with an element a column is expected");
        }
        if (array.size() > FIELDS_MAX) {
            throw bad("it has " + array.size() + " elements, more than " + FIELDS_MAX);
        }
        var fields = new ArrayList<MappedField>();
        Set<String> columns = new HashSet<>();
        for (JsonNode element : array) {
            MappedField field = field(kind, element, fields.size() + 1);
            if (!columns.add(field.column())) {
                throw bad("the column '" + field.column() + "' is mapped twice");
            }
            fields.add(field);
        }
        return fields;
    }

    private static MappedField field(MappingKind kind, JsonNode element, int number) {
        if (!element.isObject()) {
            throw bad("element " + number + " is not an object");
        }
        String column = column(element).orElseThrow(() -> bad("element " + number + " has no 'Column'"));
        Optional<Type> type = datatype(element)
                .map(name -> Type.named(name.startsWith("System.") ? name.substring("System.".length()) : name)
                        .orElseThrow(() -> bad("column '" + column + "': there is no type '" + name + "'")));
        JsonNode properties = properties(element);
        Transform transform = text(properties, "Transform")
                .filter(name -> !name.isEmpty())
                .map(name -> Transform.named(name)
                        .orElseThrow(() -> bad("column '" + column + "': there is no transformation '" + name + "'")))
                .orElse(Transform.NONE);
        checkTransform(kind, transform);
        return new MappedField(column, type, origin(kind, column, properties, transform), transform);
    }

    private static Optional<String> column(JsonNode element) {
        return text(element, "Column")
                .or(() -> text(element, "Name"))
                // The Java client's own spelling, also of the type.
                .or(() -> text(element, "ColumnName"))
                .filter(name -> !name.isEmpty());
    }

    private static Optional<String> datatype(JsonNode element) {
        return text(element, "Datatype")
                .or(() -> text(element, "CslDataType"))
                .or(() -> text(element, "ColumnType"))
                .filter(name -> !name.isEmpty());
    }

    /// Of the old flat form they stand beside the column.
    private static JsonNode properties(JsonNode element) {
        return node(element, "Properties").filter(JsonNode::isObject).orElse(element);
    }

    private static void checkTransform(MappingKind kind, Transform transform) {
        boolean fits = switch (transform) {
            case PROPERTY_BAG_ARRAY_TO_DICTIONARY, DROP_MAPPED_FIELDS ->
                kind == MappingKind.JSON || kind == MappingKind.AVRO;
            case BYTES_AS_BASE64 -> kind == MappingKind.AVRO;
            case NONE, SOURCE_LOCATION, SOURCE_LINE_NUMBER, DATETIME_FROM_UNIX_SECONDS, DATETIME_FROM_UNIX_MILLISECONDS,
                    DATETIME_FROM_UNIX_MICROSECONDS, DATETIME_FROM_UNIX_NANOSECONDS -> true;
        };
        if (!fits) {
            throw new KustoException(IngestionErrors.transformNotSupported(transform.kustoName(), kind.kustoName()));
        }
    }

    private static MappedField.Origin origin(
            MappingKind kind, String column, JsonNode properties, Transform transform) {
        Optional<String> constant =
                text(properties, "ConstValue").or(() -> text(properties, "ConstantValue"));
        if (constant.isPresent()) {
            return new MappedField.Origin.Constant(constant.get());
        }
        if (kind == MappingKind.CSV) {
            Optional<String> ordinal = text(properties, "Ordinal").filter(text -> !text.isEmpty());
            if (ordinal.isPresent()) {
                if (!ordinal.get().strip().matches("\\d{1,6}")) {
                    throw bad("column '" + column + "': the ordinal '" + ordinal.get() + "' is not a position from 0");
                }
                return new MappedField.Origin.Ordinal(Integer.parseInt(ordinal.get().strip()));
            }
        } else {
            Optional<String> field = text(properties, "Field").filter(text -> !text.isEmpty());
            Optional<String> path = text(properties, "Path").filter(text -> !text.isEmpty());
            if (field.isPresent() && path.isPresent()) {
                throw bad("column '" + column + "' has both 'Field' and 'Path'");
            }
            if (field.isPresent()) {
                return new MappedField.Origin.Path(JsonPath.ofName(field.get()));
            }
            if (path.isPresent() && kind == MappingKind.W3CLOGFILE) {
                throw bad("column '" + column + "': a line of a log has no paths, its fields are named by 'Field'");
            }
            if (path.isPresent()) {
                return path.get().startsWith("$")
                        ? new MappedField.Origin.Path(JsonPath.parse(path.get()))
                        : new MappedField.Origin.Constant(path.get());
            }
        }
        if (transform.needsNoField()) {
            return new MappedField.Origin.None();
        }
        throw bad("column '" + column + "' has neither " + (switch (kind) {
                    case CSV -> "'Ordinal'";
                    case W3CLOGFILE -> "'Field'";
                    case JSON, AVRO, PARQUET, ORC -> "'Path'";
                })
                + " nor 'ConstValue'");
    }

    // Keys are compared without regard to case; an ordinal may be a number or its text.
    private static Optional<String> text(JsonNode object, String key) {
        return node(object, key)
                .filter(value -> !value.isNull())
                .map(value -> value.isValueNode() ? value.asText() : value.toString());
    }

    private static Optional<JsonNode> node(JsonNode object, String key) {
        return object.properties().stream()
                .filter(entry -> entry.getKey().equalsIgnoreCase(key))
                .map(Map.Entry::getValue)
                .findFirst();
    }

    private static KustoException bad(String reason) {
        return new KustoException(IngestionErrors.invalidMapping(reason));
    }
}
