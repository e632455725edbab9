package io.conshelf.engine.ingest;

import io.conshelf.engine.duck.DuckTypes;
import io.conshelf.engine.duck.Sql;
import io.conshelf.engine.store.EncodingPolicy;
import io.conshelf.engine.store.ForeignRows;
import io.conshelf.engine.store.Reading;
import io.conshelf.engine.store.TableColumn;
import io.conshelf.kql.type.Type;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/// Files as rows of a query, converted as ingestion converts them. Nothing is copied: Parquet is read by DuckDB where it
/// lies, everything else is parsed while it is asked for.
public final class FileRows {
    private final Format format;
    private final List<TableColumn> columns;
    private final RecordMapping mapping;

    private FileRows(Format format, List<TableColumn> columns, RecordMapping mapping) {
        this.format = format;
        this.columns = List.copyOf(columns);
        this.mapping = mapping;
    }

    /// One file.
    ///
    /// @param location   what the transformation `SourceLocation` writes
    /// @param content    gives the file when its turn comes
    /// @param hasHeader  whether its first record is names of columns
    /// @param pathValues what its path says, as text, by the column's name; what is missing is null
    public record SourceFile(String location, Supplier<Path> content, boolean hasHeader, Map<String, String> pathValues) {
        public SourceFile {
            pathValues = Map.copyOf(pathValues);
        }
    }

    /// @param declared how many of the columns stand in the files, by position or name
    public static FileRows of(Format format, List<TableColumn> columns, int declared) {
        return new FileRows(format, columns, RecordMapping.identity(columns.subList(0, declared), format));
    }

    /// @param table   for errors
    /// @param mapping which field goes to which column, as JSON text
    public static FileRows of(Format format, List<TableColumn> columns, String table, String mapping) {
        return new FileRows(format, columns, RecordMapping.of(table, columns, MappingText.parse(format.mappingKind(), mapping)));
    }

    /// The rows of all files as an item for `FROM`, valid while the reading is open.
    ///
    /// @param inspector looks into files whose columns have names and types
    public String relation(Reading reading, Connection inspector, List<SourceFile> files) {
        if (files.isEmpty()) {
            return "(SELECT " + columns.stream().map(c -> nothing(c) + " AS " + c.id()).collect(Collectors.joining(", "))
                    + " WHERE false)";
        }
        if (format.kind() == Format.Kind.PARQUET) {
            reading.readsFiles();
            return "(" + parquet(inspector, files) + ")";
        }
        return reading.relation(columns, wanted -> parsed(files, wanted));
    }

    private ForeignRows.Scan parsed(List<SourceFile> files, List<TableColumn> wanted) {
        return new FilesScan(files.iterator(), format, file -> mapped(file).only(wanted));
    }

    private RecordMapping mapped(SourceFile file) {
        Map<TableColumn, String> constants = new LinkedHashMap<>();
        columns.stream()
                .filter(c -> file.pathValues().containsKey(c.name()))
                .forEach(c -> constants.put(c, file.pathValues().get(c.name())));
        return mapping.with(constants);
    }

    /// A SELECT for the files of each shape: what a file doesn't have is null in its rows.
    private String parquet(Connection inspector, List<SourceFile> files) {
        boolean needsLocation = mapping.targets().stream().anyMatch(t -> t.transform().needsNoField());
        Map<Object, List<ParquetFile>> shapes = new LinkedHashMap<>();
        Map<Path, SourceFile> sources = new HashMap<>();
        for (SourceFile source : files) {
            var file = ParquetFile.open(inspector, source.content().get());
            sources.put(file.path(), source);
            shapes.computeIfAbsent(needsLocation ? file.path() : file.columns(), _ -> new ArrayList<>()).add(file);
        }
        return shapes.values().stream().map(shape -> select(shape, sources)).collect(Collectors.joining(" UNION ALL "));
    }

    private String select(List<ParquetFile> shape, Map<Path, SourceFile> sources) {
        ParquetFile first = shape.getFirst();
        var ofPath = columns.stream()
                .filter(c -> sources.values().stream().anyMatch(s -> s.pathValues().containsKey(c.name())))
                .toList();
        var names = new ArrayList<String>();
        for (int i = 0; i < first.columns().size(); i++) {
            names.add("p" + i);
        }
        String from = ParquetFile.scanNamed(shape.stream().map(ParquetFile::path).toList()) + " AS p(" + String.join(", ", names)
                + (names.isEmpty() ? "" : ", ") + "f)";
        if (mapping.targets().stream().anyMatch(t -> t.transform() == Transform.SOURCE_LINE_NUMBER)) {
            from = "(SELECT *, row_number() OVER () AS n FROM " + from + ") AS p";
        }
        if (!ofPath.isEmpty()) {
            from += " JOIN (VALUES " + shape.stream().map(file -> values(file.path(), sources.get(file.path()), ofPath))
                    .collect(Collectors.joining(", ")) + ") AS w(w, " + String.join(", ", numbered("w", ofPath.size())) + ") ON f = w";
        }
        var options = new ReadOptions(sources.get(first.path()).location(), false, false);
        var items = new ArrayList<String>();
        for (TableColumn column : columns) {
            int pathColumn = ofPath.indexOf(column);
            Optional<RecordMapping.Target> target = mapping.targets().stream().filter(t -> t.column().equals(column)).findFirst();
            String value = pathColumn >= 0
                    ? FieldSql.convert(column.type(), "w" + pathColumn, EncodingPolicy.VALUE_BYTES_USUAL)
                    : target.map(t -> first.value(t, options)).orElse(nothing(column));
            items.add((column.type() == Type.STRING ? "coalesce(" + value + ", '')" : value) + " AS " + column.id());
        }
        return "SELECT " + String.join(", ", items) + " FROM " + from;
    }

    private static List<String> numbered(String prefix, int count) {
        var names = new ArrayList<String>();
        for (int i = 0; i < count; i++) {
            names.add(prefix + i);
        }
        return names;
    }

    private static String values(Path path, SourceFile source, List<TableColumn> ofPath) {
        var cells = new ArrayList<String>();
        cells.add(Sql.text(path.toString()));
        ofPath.forEach(c -> cells.add(Optional.ofNullable(source.pathValues().get(c.name()))
                .map(Sql::text).orElse("CAST(NULL AS VARCHAR)")));
        return "(" + String.join(", ", cells) + ")";
    }

    private static String nothing(TableColumn column) {
        return column.type() == Type.STRING ? "''" : "CAST(NULL AS " + DuckTypes.of(column.type()) + ")";
    }
}
