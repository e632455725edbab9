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
record DelimitedFile(
        Path path, Format format, boolean isGzip, int fieldCount, long rawBytes, boolean hasTrailingSeparators) {
    private static final int FIELDS_MAX = 10_000;
    private static final int BUFFER_BYTES = 1 << 18;

    /// What no field says: with it for null, an empty field stays apart from one that is not there.
    private static final String NO_FIELD = "\u0001no field";


    /// The file, if its records are such as DuckDB reads in the same way.
    static Optional<DelimitedFile> open(Path path, Format format, RecordMapping mapping, long bytesMax)
            throws IOException {
        boolean needsNumber = mapping.targets().stream().anyMatch(t -> t.transform() == Transform.SOURCE_LINE_NUMBER);
        if (format.kind() != Format.Kind.DELIMITED || needsNumber || Sources.isZip(path)) {
            return Optional.empty();
        }
        boolean isGzip = Sources.isGzip(path);
        if (!isGzip && Files.size(path) > bytesMax) {
            return Optional.empty();
        }
        long rawBytes;
        var lines = new LineEnds(format.separator());
        try (var raw = Files.newInputStream(path);
                var inflated = Sources.stream(raw, bytesMax)) {
            // Read once for its line ends; a gzip also to be sure of its end and size, as it may be far larger than it looks.
            byte[] buffer = new byte[BUFFER_BYTES];
            for (int count = inflated.read(buffer); count >= 0; count = inflated.read(buffer)) {
                lines.write(buffer, 0, count);
            }
            lines.end();
            rawBytes = inflated.bytes();
        }
        if (rawBytes > bytesMax || lines.hasOpenQuote()) {
            return Optional.empty();
        }
        try (var raw = Files.newInputStream(path);
                var content = Sources.stream(raw, bytesMax)) {
            var text = new DelimitedText(content, format.separator(), false);
            // Where records have one field, blank lines count; the two readers differ in which.
            if (!text.next(false) || text.fieldCount() < 2 || text.fieldCount() > FIELDS_MAX) {
                return Optional.empty();
            }
            return Optional.of(new DelimitedFile(
                    path, format, isGzip, text.fieldCount(), rawBytes, lines.hasTrailingSeparators()));
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
        String columns = IntStream.range(0, columnCount).mapToObj(i -> "'v" + i + "': 'VARCHAR'").collect(Collectors.joining(", "));
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
