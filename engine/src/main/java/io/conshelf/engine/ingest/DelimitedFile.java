package io.conshelf.engine.ingest;

import io.conshelf.engine.duck.Sql;
import io.conshelf.engine.ingest.MappedField.Origin;
import io.conshelf.engine.store.ExtentWriter;
import io.conshelf.engine.store.StorageTypes;
import io.conshelf.engine.store.TableColumn;
import io.conshelf.kql.type.Type;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A file of delimited text, read by DuckDB on all cores. It reads what is well formed; whatever it stumbles over is for
/// [DelimitedFeed], which knows exactly what is wrong, and what Kusto lets pass.
///
/// @param fieldCount of its first record
record DelimitedFile(Path path, Format format, boolean isGzip, int fieldCount, long rawBytes) {
    private static final int FIELDS_MAX = 10_000;

    /// The file, if its records are such as DuckDB reads in the same way.
    static Optional<DelimitedFile> open(Path path, Format format, RecordMapping mapping, long bytesMax)
            throws IOException {
        boolean needsNumber = mapping.targets().stream().anyMatch(t -> t.transform() == Transform.SOURCE_LINE_NUMBER);
        if (format.kind() != Format.Kind.DELIMITED || needsNumber || Sources.isZip(path)) {
            return Optional.empty();
        }
        boolean isGzip = Sources.isGzip(path);
        long rawBytes;
        if (isGzip) {
            // Inflated once to be sure of its end and size: it may be far larger than it looks.
            try (var raw = Files.newInputStream(path);
                    var inflated = Sources.stream(raw, bytesMax)) {
                inflated.transferTo(OutputStream.nullOutputStream());
                rawBytes = inflated.bytes();
            }
        } else {
            rawBytes = Files.size(path);
        }
        if (rawBytes > bytesMax) {
            return Optional.empty();
        }
        try (var raw = Files.newInputStream(path);
                var content = Sources.stream(raw, bytesMax)) {
            var text = new DelimitedText(content.text(), format.separator(), false);
            // Where records have one field, blank lines count; the two readers differ in which.
            if (!text.next(false) || text.fields().size() < 2 || text.fields().size() > FIELDS_MAX) {
                return Optional.empty();
            }
            return Optional.of(new DelimitedFile(path, format, isGzip, text.fields().size(), rawBytes));
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
        List<String> columns = new ArrayList<>();
        for (int i = 0; i < fieldCount; i++) {
            columns.add("'v" + i + "': 'VARCHAR'");
        }
        return "read_csv(" + Sql.text(path.toString()) + ", auto_detect = false, strict_mode = true, header = "
                + options.ignoreFirstRecord() + ", delim = " + Sql.text(String.valueOf(format.separator()))
                + ", quote = '\"', escape = '\"', compression = '" + (isGzip ? "gzip" : "none") + "', columns = {"
                + String.join(", ", columns) + "})";
    }

    private String value(RecordMapping.Target target, ReadOptions options) {
        Type type = target.column().type();
        if (target.transform() == Transform.SOURCE_LOCATION) {
            return FieldSql.convert(type, Sql.text(options.sourceLocation()));
        }
        Optional<String> text = switch (target.origin()) {
            case Origin.Constant(String constant) -> Optional.of(Sql.text(constant));
            case Origin.Ordinal(int position) when position < fieldCount -> Optional.of("v" + position);
            case Origin.Ordinal _, Origin.Path _, Origin.None _ -> Optional.empty();
        };
        String none = "CAST(NULL AS " + StorageTypes.duckType(type) + ")";
        if (target.transform().hundredthTicksOfUnit().isPresent()) {
            return text.filter(_ -> type == Type.DATETIME)
                    .map(t -> FieldSql.unixTime(target.transform(), t))
                    .orElse(none);
        }
        return text.map(t -> FieldSql.convert(type, t)).orElse(none);
    }
}
