package io.conshelf.engine.ingest;

import io.conshelf.engine.duck.DuckTypes;
import io.conshelf.engine.duck.Sql;
import io.conshelf.engine.ingest.MappedField.Origin;
import io.conshelf.engine.store.ExtentWriter;
import io.conshelf.engine.store.TableColumn;
import io.conshelf.kql.type.Type;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// A file of delimited text, read by DuckDB on all cores. It reads what is well formed; whatever it stumbles over is for
/// [DelimitedFeed], which knows exactly what is wrong, and what Kusto lets pass.
///
/// @param fieldCount             of its first record
/// @param hasTrailingSeparators  some line ends with a separator: DuckDB takes an empty field too many for nothing, so then
///                               fields are counted
/// @param shapes                 which columns DuckDB converts
record DelimitedFile(
        Path path, Format format, boolean isGzip, int fieldCount, long rawBytes, boolean hasTrailingSeparators, ColumnShapes shapes) {
    private static final int FIELDS_MAX = 10_000;
    private static final int BUFFER_BYTES = 1 << 18;
    private static final String TEXT = "VARCHAR";

    /// What no field says: with it for null, an empty field stays apart from one that is not there.
    private static final String NO_FIELD = "\u0001no field";


    /// The file, if its records are such as DuckDB reads in the same way.
    static Optional<DelimitedFile> open(Path path, Format format, RecordMapping mapping, ReadOptions options, long bytesMax)
            throws IOException {
        boolean needsNumber = mapping.targets().stream().anyMatch(t -> t.transform() == Transform.SOURCE_LINE_NUMBER);
        if (format.kind() != Format.Kind.DELIMITED || needsNumber || Sources.isZip(path)) {
            return Optional.empty();
        }
        boolean isGzip = Sources.isGzip(path);
        if (!isGzip && Files.size(path) > bytesMax) {
            return Optional.empty();
        }
        var shapes = ColumnShapes.wanted(format, mapping, options.ignoreFirstRecord());
        long rawBytes = look(path, bytesMax, shapes);
        if (rawBytes > bytesMax || shapes.hasOpenQuote()) {
            return Optional.empty();
        }
        if (shapes.hasQuotes() && !shapes.isComplete()) {
            // Quotes inside fields may make the number of them even, though one is open at the end.
            var ending = ColumnShapes.none(format);
            look(path, bytesMax, ending);
            if (ending.hasOpenQuote()) {
                return Optional.empty();
            }
        }
        try (var raw = Files.newInputStream(path);
                var content = Sources.stream(raw, bytesMax)) {
            var text = new DelimitedText(content, format.separator(), false);
            // Where records have one field, blank lines count; the two readers differ in which.
            if (!text.next(false) || text.fieldCount() < 2 || text.fieldCount() > FIELDS_MAX) {
                return Optional.empty();
            }
            return Optional.of(new DelimitedFile(
                    path, format, isGzip, text.fieldCount(), rawBytes, shapes.hasTrailingSeparators(), shapes));
        }
    }

    /// Reads the text once for its line ends and shapes; a gzip also to be sure of its end and size, as it may be far larger than it looks.
    ///
    /// @return its size
    private static long look(Path path, long bytesMax, ColumnShapes shapes) throws IOException {
        try (var raw = Files.newInputStream(path);
                var inflated = Sources.stream(raw, bytesMax)) {
            byte[] buffer = new byte[BUFFER_BYTES + ColumnShapes.SLACK_BYTES];
            int left = 0;
            for (int count = inflated.read(buffer, 0, BUFFER_BYTES); count >= 0; count = inflated.read(buffer, left, BUFFER_BYTES - left)) {
                left = shapes.look(buffer, left + count);
            }
            shapes.end(buffer, left);
            return inflated.bytes();
        }
    }

    long load(ExtentWriter extent, RecordMapping mapping, ReadOptions options) throws SQLException {
        var targets = new ArrayList<TableColumn>();
        var values = new ArrayList<String>();
        for (RecordMapping.Target target : mapping.targets()) {
            targets.add(target.column());
            values.add(value(target, options));
        }
        return extent.append("SELECT " + String.join(", ", values) + " FROM " + scan(options), targets, rawBytes);
    }

    private String scan(ReadOptions options) {
        return hasTrailingSeparators ? countedScan(options) : read(options, fieldCount, "");
    }

    /// The type that DuckDB reads a field as; text where nothing is known of it, or where it is looked at.
    private String duckType(int position) {
        return hasTrailingSeparators ? TEXT : shapes.duckType(position).orElse(TEXT);
    }

    /// Reads one field more than there should be: it is null where it is missing, which is right, and text where it is not. The
    /// error is only a signal; the strict reader then says which record it is.
    private String countedScan(ReadOptions options) {
        String fields = IntStream.range(0, fieldCount)
                .mapToObj(i -> "nullif(v" + i + ", '') AS v" + i)
                .collect(Collectors.joining(", "));
        String all = read(options, fieldCount + 1, ", null_padding = true, parallel = false, nullstr = " + Sql.text(NO_FIELD));
        return "(SELECT " + fields + " FROM " + all + " WHERE CASE WHEN v" + fieldCount + " IS NOT NULL OR v" + (fieldCount - 1)
                + " IS NULL THEN error('a record has another number of fields') ELSE true END)";
    }

    private String read(ReadOptions options, int columnCount, String more) {
        String columns = IntStream.range(0, columnCount).mapToObj(i -> "'v" + i + "': '" + duckType(i) + "'").collect(Collectors.joining(", "));
        return "read_csv(" + Sql.text(path.toString()) + ", auto_detect = false, strict_mode = true, header = "
                + options.ignoreFirstRecord() + ", delim = " + Sql.text(String.valueOf(format.separator()))
                + ", quote = '\"', escape = '\"', compression = '" + (isGzip ? "gzip" : "none") + "'" + more + ", columns = {"
                + columns + "})";
    }

    private String value(RecordMapping.Target target, ReadOptions options) {
        Type type = target.column().type();
        if (target.transform() == Transform.SOURCE_LOCATION) {
            return FieldSql.convert(type, Sql.text(options.sourceLocation()), target.bytesMax());
        }
        if (target.origin() instanceof Origin.Ordinal(int position) && position < fieldCount && !duckType(position).equals(TEXT)) {
            return ColumnShapes.stored(type, "v" + position);
        }
        Optional<String> text = switch (target.origin()) {
            case Origin.Constant(String constant) -> Optional.of(Sql.text(constant));
            case Origin.Ordinal(int position) when position < fieldCount -> Optional.of("v" + position);
            case Origin.Ordinal _, Origin.Path _, Origin.None _ -> Optional.empty();
        };
        String none = "CAST(NULL AS " + DuckTypes.of(type) + ")";
        if (target.transform().hundredthTicksOfUnit().isPresent()) {
            return text.filter(_ -> type == Type.DATETIME)
                    .map(t -> FieldSql.unixTime(target.transform(), t))
                    .orElse(none);
        }
        return text.map(t -> FieldSql.convert(type, t, target.bytesMax())).orElse(none);
    }
}
