package io.conshelf.engine.external;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.engine.Errors;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.command.FunctionParameters;
import io.conshelf.engine.duck.DuckInstance;
import io.conshelf.engine.external.ExternalTables.FileCheck;
import io.conshelf.engine.external.Places.Found;
import io.conshelf.engine.ingest.Format;
import io.conshelf.engine.ingest.SchemaInference;
import io.conshelf.engine.ingest.SchemaInference.Inferred;
import io.conshelf.engine.ingest.SchemaInference.Range;
import io.conshelf.engine.store.Reading;
import io.conshelf.kql.bind.Outside;
import io.conshelf.kql.type.ColumnSchema;
import io.conshelf.kql.type.Type;
import io.conshelf.kql.value.DynamicParts;
import io.conshelf.kql.value.DynamicText;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/// The plugins `infer_storage_schema` and `infer_storage_schema_with_suggestions`: the columns of files, told from their content.
final class StorageSchemas {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final String SUGGESTING = "infer_storage_schema_with_suggestions";

    /// Of all files; each is read from its beginning to its end.
    private static final int FILES_MAX = 1_000;

    /// Numbers outside of these years are numbers: the service's page tells no bounds.
    private static final long EARLIEST = LocalDate.of(1990, 1, 1).atStartOfDay(ZoneOffset.UTC).toEpochSecond();
    private static final long LATEST = LocalDate.of(2100, 1, 1).atStartOfDay(ZoneOffset.UTC).toEpochSecond();
    private static final Map<String, Long> UNITS_OF_A_SECOND = units();

    private final DuckInstance duck;
    private final ExternalTables tables;

    StorageSchemas(DuckInstance duck, ExternalTables tables) {
        this.duck = duck;
        this.tables = tables;
    }

    private static Map<String, Long> units() {
        var units = new LinkedHashMap<String, Long>();
        units.put("DateTimeFromUnixSeconds", 1L);
        units.put("DateTimeFromUnixMilliseconds", 1_000L);
        units.put("DateTimeFromUnixMicroseconds", 1_000_000L);
        units.put("DateTimeFromUnixNanoseconds", 1_000_000_000L);
        return units;
    }

    /// The one column of the answer.
    static ColumnSchema answer(Outside.Call call) {
        return new ColumnSchema(call.name().equals(SUGGESTING) ? "SuggestedTableSchema" : "CslSchema", Type.STRING);
    }

    private enum Mode { ANY, LAST, ALL }

    /// What the one argument says.
    record Options(List<String> places, Format format, String prefix, String extension, Mode mode, boolean hasHeader) {
        static Options of(Outside.Call call) {
            var given = new LinkedHashMap<String, String>();
            if (!DynamicParts.isBag(call.text(0))) {
                throw bad(call, "the options are a bag");
            }
            DynamicParts.properties(call.text(0)).forEach((name, value) -> given.put(name.toLowerCase(Locale.ROOT), value));
            var places = array(call, given.remove("storagecontainers"));
            String format = text(given.remove("dataformat")).orElseThrow(() -> bad(call, "'DataFormat' is missing"));
            var options = new Options(
                    places, Format.named(format), text(given.remove("filenameprefix")).orElse(""), text(given.remove("fileextension")).orElse(""),
                    mode(call, text(given.remove("mode")).orElse("last")), header(call, given.remove("inferenceoptions")));
            given.keySet().stream().findFirst().ifPresent(name -> {
                throw bad(call, "the option '" + name + "' is not known");
            });
            return options;
        }

        private static Optional<String> text(String value) {
            return value == null ? Optional.empty() : DynamicText.stringValue(value);
        }

        private static List<String> array(Outside.Call call, String value) {
            if (value == null || !DynamicParts.isArray(value) || DynamicParts.elements(value).isEmpty()) {
                throw bad(call, "'StorageContainers' is an array of connection strings");
            }
            return DynamicParts.elements(value).stream()
                    .map(place -> DynamicText.stringValue(place).orElseThrow(() -> bad(call, "'StorageContainers' is an array of connection strings")))
                    .toList();
        }

        private static Mode mode(Outside.Call call, String name) {
            for (Mode mode : Mode.values()) {
                if (mode.name().equalsIgnoreCase(name)) {
                    return mode;
                }
            }
            throw bad(call, "'Mode' is any, last or all, found '" + name + "'");
        }

        private static boolean header(Outside.Call call, String value) {
            if (value == null || value.equals(DynamicParts.NULL)) {
                return false;
            }
            if (!DynamicParts.isBag(value)) {
                throw bad(call, "'InferenceOptions' is a bag");
            }
            var options = DynamicParts.properties(value);
            options.keySet().stream().filter(name -> !name.equalsIgnoreCase("UseFirstRowAsHeader")).findFirst().ifPresent(name -> {
                throw bad(call, "the inference option '" + name + "' is not known");
            });
            return options.values().stream().anyMatch("true"::equals);
        }

        private boolean matches(Found file) {
            String name = file.path().substring(file.path().lastIndexOf('/') + 1);
            return name.startsWith(prefix) && name.endsWith(extension);
        }

        @Override
        public String toString() {
            return "Options[" + places.size() + " places]";
        }
    }

    private static KustoException bad(Outside.Call call, String problem) {
        return new KustoException(Errors.badRequest(call.name() + ": " + problem));
    }

    /// The text that the plugin answers with, from files that are there until the reading ends.
    ///
    /// @param check of each file that may be read
    /// @param taken counts those that are fetched
    String row(Reading reading, Outside.Call call, Options options, FileCheck check, CalloutLimits.OfRequest taken) {
        var chosen = chosen(call, options, check).stream().map(taken::counted).toList();
        var inferred = new ArrayList<Inferred>();
        for (Found file : chosen) {
            Path content = file.content(reading).get();
            inferred.add(reading.stop().call(() -> SchemaInference.infer(duck, content, new SchemaInference.Content(
                    file.uri(), options.format().name().toLowerCase(Locale.ROOT), options.hasHeader()))));
        }
        Inferred all = inferred.stream().reduce(StorageSchemas::merged).orElseThrow();
        return call.name().equals(SUGGESTING) ? suggestions(all) : text(all.columns());
    }

    private static String text(List<ColumnSchema> columns) {
        return columns.stream().map(column -> FunctionParameters.csl(List.of(column))).collect(Collectors.joining(", "));
    }

    private List<Found> chosen(Outside.Call call, Options options, FileCheck check) {
        var found = new ArrayList<Found>();
        for (String place : options.places()) {
            tables.places().list(place, file -> {
                if (options.matches(file)) {
                    check.check(place, file);
                    if (options.mode() == Mode.LAST && !found.isEmpty()) {
                        found.add(file);
                        found.remove(found.getFirst().modified().isAfter(file.modified()) ? found.getLast() : found.getFirst());
                    } else {
                        found.add(file);
                    }
                }
                if (found.size() > FILES_MAX) {
                    throw bad(call, "there are more than " + FILES_MAX + " files; name them closer, or ask for the mode last");
                }
                return options.mode() != Mode.ANY || found.isEmpty();
            });
            if (options.mode() == Mode.ANY && !found.isEmpty()) {
                break;
            }
        }
        if (found.isEmpty()) {
            throw bad(call, "no file was found whose name begins with '" + options.prefix() + "' and ends with '" + options.extension() + "'");
        }
        found.sort(Comparator.comparing(Found::uri));
        return found;
    }

    private static Inferred merged(Inferred one, Inferred other) {
        Map<String, Type> types = new LinkedHashMap<>();
        one.columns().forEach(column -> types.put(column.name(), column.type()));
        other.columns().forEach(column -> types.merge(column.name(), column.type(), StorageSchemas::both));
        Map<String, Range> ranges = new LinkedHashMap<>(one.ranges());
        other.ranges().forEach((name, range) -> ranges.merge(
                name, range, (a, b) -> new Range(Math.min(a.least(), b.least()), Math.max(a.most(), b.most()))));
        ranges.keySet().removeIf(name -> types.get(name) != Type.LONG);
        return new Inferred(types.entrySet().stream().map(entry -> new ColumnSchema(entry.getKey(), entry.getValue())).toList(), ranges);
    }

    /// A type for the values of both.
    private static Type both(Type one, Type other) {
        if (one == other) {
            return one;
        }
        if (one == Type.DYNAMIC || other == Type.DYNAMIC) {
            return Type.DYNAMIC;
        }
        if (!one.isNumeric() || !other.isNumeric()) {
            return Type.STRING;
        }
        if (one.isInteger() && other.isInteger()) {
            return Type.LONG;
        }
        return one == Type.DECIMAL || other == Type.DECIMAL ? Type.DECIMAL : Type.REAL;
    }

    private static String suggestions(Inferred inferred) {
        var columns = JSON.arrayNode();
        for (ColumnSchema column : inferred.columns()) {
            boolean isId = column.type() == Type.LONG && column.name().toLowerCase(Locale.ROOT).endsWith("id");
            Optional<String> moment = isId ? Optional.empty() : Optional.ofNullable(inferred.ranges().get(column.name())).flatMap(StorageSchemas::unit);
            Type recommended = isId ? Type.STRING : moment.isPresent() ? Type.DATETIME : column.type();
            var suggestion = columns.addObject();
            suggestion.set("OriginalColumn", column(column.name(), column.type()));
            suggestion.set("RecommendedColumn", column(column.name(), recommended));
            suggestion.put("ApplicableTransformationMapping", moment.orElse("None"));
        }
        return JSON.objectNode().set("Columns", columns).toString();
    }

    /// What makes moments of all values of a column.
    private static Optional<String> unit(Range range) {
        return UNITS_OF_A_SECOND.entrySet().stream()
                .filter(unit -> Math.floorDiv(range.least(), unit.getValue()) >= EARLIEST && Math.floorDiv(range.most(), unit.getValue()) < LATEST)
                .map(Map.Entry::getKey).findFirst();
    }

    private static ObjectNode column(String name, Type type) {
        var node = JSON.objectNode().put("Name", name);
        node.putObject("CslType").put("type", type.kustoName()).put("IsNumeric", type.isNumeric())
                .put("IsSummable", type.isNumeric() || type == Type.DATETIME || type == Type.TIMESPAN);
        return node;
    }
}
