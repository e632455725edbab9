package io.conshelf.engine.ingest;

import io.conshelf.engine.KustoException;
import io.conshelf.engine.store.MappingKind;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// The data formats, by the names that `format` and `streamFormat` give them.
public enum Format {
    CSV(MappingKind.CSV, Kind.DELIMITED, ','),
    TSV(MappingKind.CSV, Kind.DELIMITED, '\t'),
    PSV(MappingKind.CSV, Kind.DELIMITED, '|'),
    SCSV(MappingKind.CSV, Kind.DELIMITED, ';'),
    SOHSV(MappingKind.CSV, Kind.DELIMITED, '\u0001'),
    TSVE(MappingKind.CSV, Kind.ESCAPED, '\t'),
    TXT(MappingKind.CSV, Kind.LINES, '\n'),
    RAW(MappingKind.CSV, Kind.WHOLE, '\0'),
    JSON(MappingKind.JSON, Kind.JSON_LINES, '\n'),
    MULTIJSON(MappingKind.JSON, Kind.JSON_MANY, '\0'),
    SINGLEJSON(MappingKind.JSON, Kind.JSON_ONE, '\0'),
    W3CLOGFILE(MappingKind.W3CLOGFILE, Kind.LOG_FILE, '\0'),
    AVRO(MappingKind.AVRO, Kind.AVRO, '\0'),
    APACHEAVRO(MappingKind.AVRO, Kind.AVRO, '\0'),
    PARQUET(MappingKind.PARQUET, Kind.PARQUET, '\0'),
    ORC(MappingKind.ORC, Kind.ORC, '\0');

    private static final Map<String, Format> ALIASES = Map.of("ndjson", JSON, "jsonl", JSON, "text", TXT);

    private final MappingKind mappingKind;
    private final Kind kind;
    private final char separator;

    Format(MappingKind mappingKind, Kind kind, char separator) {
        this.mappingKind = mappingKind;
        this.kind = kind;
        this.separator = separator;
    }

    /// The format of a name in any case, or the service's error.
    public static Format named(String name) {
        return find(name).orElseThrow(() -> new KustoException(IngestionErrors.formatNotSupported(name)));
    }

    public static Optional<Format> find(String name) {
        String key = name.strip().toLowerCase(Locale.ROOT);
        for (Format format : values()) {
            if (format.name().toLowerCase(Locale.ROOT).equals(key)) {
                return Optional.of(format);
            }
        }
        return Optional.ofNullable(ALIASES.get(key));
    }

    /// By the ending of a file's name, before `.gz` or `.zip`.
    public static Optional<Format> ofFileName(String fileName) {
        String name = fileName.toLowerCase(Locale.ROOT);
        for (String packed : new String[] {".gz", ".zip"}) {
            name = name.endsWith(packed) ? name.substring(0, name.length() - packed.length()) : name;
        }
        return find(name.substring(name.lastIndexOf('.') + 1));
    }

    /// The kind of mapping that reads it.
    public MappingKind mappingKind() {
        return mappingKind;
    }

    /// Refuses a mapping kind, as `ingestionMappingType` names it, that is not this format's.
    public void checkMappingKind(String name) {
        String kind = name.strip();
        boolean isOurs = kind.isEmpty() || kind.equalsIgnoreCase("unknown") || kind.equalsIgnoreCase(mappingKind.kustoName())
                || find(kind).filter(format -> format.mappingKind == mappingKind).isPresent();
        if (!isOurs) {
            throw new KustoException(IngestionErrors.otherMappingKind(name, name().toLowerCase(Locale.ROOT)));
        }
    }

    /// Whether it is no text: clients leave such data as it is, as it is compressed inside.
    public boolean isBinary() {
        return switch (kind) {
            case AVRO, PARQUET, ORC -> true;
            case DELIMITED, ESCAPED, LINES, WHOLE, JSON_LINES, JSON_MANY, JSON_ONE, LOG_FILE -> false;
        };
    }

    Kind kind() {
        return kind;
    }

    char separator() {
        return separator;
    }

    /// Whether fields have positions rather than names.
    boolean isPositional() {
        return mappingKind == MappingKind.CSV;
    }

    /// What a record is.
    enum Kind {
        /// RFC 4180 with some separator.
        DELIMITED,
        /// Tabs, with backslash escapes and no quotes.
        ESCAPED,
        LINES,
        WHOLE,
        JSON_LINES,
        JSON_MANY,
        JSON_ONE,
        /// Container files; there is no other Avro.
        AVRO,
        LOG_FILE,
        PARQUET,
        ORC;

        /// Whether it is read from a file as a whole, from its end, so that it can neither be streamed nor packed.
        boolean needsFile() {
            return this == PARQUET || this == ORC;
        }
    }
}
