package io.conshelf.engine.command;

import io.conshelf.engine.Errors;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.store.ExternalTable;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/// How an export to storage writes: what the command says before `to`, the format, and its properties.
///
/// @param sizeLimitBytes after so many bytes, before compression, an artifact is closed and the next one begins
/// @param compression    `none`, `gzip`, or one of Parquet's own
record ExportOptions(
        ExportFormat format,
        String namePrefix,
        String extension,
        String compression,
        Headers headers,
        boolean hasMark,
        long sizeLimitBytes,
        long rowGroupRows,
        boolean isMillisecond) {
    /// What each `with (…)` property does; a name that is not here is refused.
    static final Set<String> PROPERTIES = Set.of(
            "sizelimit", "includeheaders", "fileextension", "nameprefix", "encoding", "compressiontype", "parquetrowgroupsize",
            "parquetdatetimeprecision",
            // One node writes one artifact after the other, there is one Parquet writer, and operations keep their details:
            // these are checked and change nothing here.
            "distribution", "distributed", "usenativeparquetwriter", "persistdetails");

    private static final long MEGABYTE = 1L << 20;
    private static final long SIZE_LIMIT_MIN = 100 * MEGABYTE;
    private static final long SIZE_LIMIT_MAX = 4096 * MEGABYTE;
    private static final long TABLE_SIZE_LIMIT_MAX = 1024 * MEGABYTE;
    private static final long ROW_GROUP_ROWS = 100_000;
    private static final long ROW_GROUP_ROWS_MAX = 10_000_000;

    enum ExportFormat { CSV, TSV, JSON, PARQUET }

    enum Headers { NONE, ALL, FIRST_FILE }

    static ExportOptions of(CommandContext context) {
        ExportFormat format = Arrays.stream(ExportFormat.values())
                .filter(f -> context.match().has(f.name()))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("the grammar lets no other format pass"));
        oneOf(context, "distribution", "per_shard", "single", "per_node", "per_shard");
        context.isTrue("distributed");
        context.isTrue("usenativeparquetwriter");
        context.isTrue("persistdetails");
        String extension = context.property("fileextension").orElse("." + format.name().toLowerCase(Locale.ROOT));
        if (!extension.matches("\\.[A-Za-z0-9._-]{1,30}")) {
            throw bad(context, "fileExtension", "'" + extension + "' is not an extension such as '.csv'");
        }
        String prefix = context.property("nameprefix").orElseGet(() -> UUID.randomUUID().toString().replace("-", ""));
        if (!prefix.matches("[\\p{L}\\p{N} _.=-][\\p{L}\\p{N} _.=/-]{0,200}") || prefix.contains("..")) {
            throw bad(context, "namePrefix", "'" + prefix + "' may have letters, digits and any of ' _.=/-'");
        }
        var headers = switch (oneOf(context, "includeheaders", "none", "none", "all", "firstfile")) {
            case "all" -> Headers.ALL;
            case "firstfile" -> Headers.FIRST_FILE;
            default -> Headers.NONE;
        };
        boolean isDelimited = format == ExportFormat.CSV || format == ExportFormat.TSV;
        if (headers != Headers.NONE && !isDelimited) {
            throw bad(context, "includeHeaders", "files of " + format.name().toLowerCase(Locale.ROOT) + " have no header");
        }
        boolean isParquet = format == ExportFormat.PARQUET;
        for (String name : List.of("parquetrowgroupsize", "parquetdatetimeprecision")) {
            if (!isParquet && context.property(name).isPresent()) {
                throw bad(context, name, "the property is for parquet");
            }
        }
        boolean hasMark = oneOf(context, "encoding", "utf8nobom", "utf8nobom", "utf8bom").equals("utf8bom");
        if (hasMark && isParquet) {
            throw bad(context, "encoding", "files of parquet have no byte order mark");
        }
        String compression = compression(context, isParquet);
        return new ExportOptions(
                format, prefix, extension + (compression.equals("gzip") && !isParquet ? ".gz" : ""), compression, headers, hasMark,
                // The pages tell of a least limit, and articles print commands with a lower one.
                Math.max(SIZE_LIMIT_MIN, number(context, "sizelimit", SIZE_LIMIT_MIN, 1, SIZE_LIMIT_MAX)),
                number(context, "parquetrowgroupsize", ROW_GROUP_ROWS, 1, ROW_GROUP_ROWS_MAX),
                oneOf(context, "parquetdatetimeprecision", "microsecond", "microsecond", "millisecond").equals("millisecond"));
    }

    /// How an external table's files are written: nothing of its definition can be said otherwise.
    static ExportOptions of(ExternalTable.Files files, Map<String, String> properties) {
        check(properties);
        var format = ExportFormat.valueOf(files.format().toUpperCase(Locale.ROOT));
        var options = files.options();
        boolean isParquet = format == ExportFormat.PARQUET;
        String type = options.compressionType();
        String compression = isParquet
                ? type.isEmpty() ? "snappy" : type
                : options.isCompressed() ? "gzip" : "none";
        String extension = options.fileExtension().isEmpty() ? "." + files.format() : options.fileExtension();
        return new ExportOptions(
                format, options.namePrefix(), extension + (compression.equals("gzip") && !isParquet ? ".gz" : ""), compression,
                isParquet || format == ExportFormat.JSON ? Headers.NONE : switch (options.headers()) {
                    case NONE -> Headers.NONE;
                    case ALL -> Headers.ALL;
                    case FIRST_FILE -> Headers.FIRST_FILE;
                },
                options.hasMark() && !isParquet,
                number(properties, "sizelimit", SIZE_LIMIT_MIN, SIZE_LIMIT_MIN, TABLE_SIZE_LIMIT_MAX),
                number(properties, "parquetrowgroupsize", ROW_GROUP_ROWS, 1, ROW_GROUP_ROWS_MAX), false);
    }

    /// Refuses properties of an export to an external table that mean nothing.
    static void check(Map<String, String> properties) {
        number(properties, "sizelimit", SIZE_LIMIT_MIN, SIZE_LIMIT_MIN, TABLE_SIZE_LIMIT_MAX);
        number(properties, "parquetrowgroupsize", ROW_GROUP_ROWS, 1, ROW_GROUP_ROWS_MAX);
        number(properties, "concurrency", 1, 1, Integer.MAX_VALUE);
        number(properties, "spread", 1, 1, Integer.MAX_VALUE);
        oneOf(properties, "distribution", "single", "per_node", "per_shard");
        oneOf(properties, "distributionkind", "uniform", "default");
        oneOf(properties, "distributed", "true", "false");
        oneOf(properties, "persistdetails", "true", "false");
    }

    private static long number(Map<String, String> properties, String name, long otherwise, long min, long max) {
        String text = properties.getOrDefault(name, Long.toString(otherwise));
        if (!text.matches("\\d{1,18}") || Long.parseLong(text) < min || Long.parseLong(text) > max) {
            throw new KustoException(Errors.badRequest("export: " + name + ": '" + text + "' is not a number from " + min + " to " + max));
        }
        return Long.parseLong(text);
    }

    private static void oneOf(Map<String, String> properties, String name, String... allowed) {
        String value = properties.getOrDefault(name, allowed[0]).toLowerCase(Locale.ROOT);
        if (!List.of(allowed).contains(value)) {
            throw new KustoException(Errors.badRequest("export: " + name + ": '" + value + "' is none of " + String.join(", ", allowed)));
        }
    }

    private static String compression(CommandContext context, boolean isParquet) {
        boolean isAsked = context.match().has("compressed") || context.property("compressiontype").isPresent();
        if (isParquet) {
            return oneOf(context, "compressiontype", "snappy", "snappy", "gzip", "lz4_raw", "brotli", "zstd");
        }
        String type = oneOf(context, "compressiontype", "gzip", "gzip");
        return isAsked ? type : "none";
    }

    private static String oneOf(CommandContext context, String property, String otherwise, String... allowed) {
        String value = context.property(property).map(text -> text.toLowerCase(Locale.ROOT)).orElse(otherwise);
        if (!List.of(allowed).contains(value)) {
            throw bad(context, property, "'" + value + "' is none of " + String.join(", ", allowed));
        }
        return value;
    }

    private static long number(CommandContext context, String property, long otherwise, long min, long max) {
        Optional<String> text = context.property(property);
        if (text.isEmpty()) {
            return otherwise;
        }
        boolean isNumber = text.get().matches("\\d{1,18}");
        if (!isNumber || Long.parseLong(text.get()) < min || Long.parseLong(text.get()) > max) {
            throw bad(context, property, "'" + text.get() + "' is not a number from " + min + " to " + max);
        }
        return Long.parseLong(text.get());
    }

    private static KustoException bad(CommandContext context, String property, String reason) {
        return new KustoException(CommandErrors.badArgument(context.match(), property, reason));
    }
}
