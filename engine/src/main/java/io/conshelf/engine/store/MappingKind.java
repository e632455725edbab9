package io.conshelf.engine.store;

import java.util.Arrays;
import java.util.Optional;

/// What kind of records an ingestion mapping reads.
public enum MappingKind {
    CSV("Csv"), JSON("Json"), AVRO("Avro"), PARQUET("Parquet"), ORC("Orc"), W3CLOGFILE("W3CLogFile");

    private final String kustoName;

    MappingKind(String kustoName) {
        this.kustoName = kustoName;
    }

    /// As commands print it.
    public String kustoName() {
        return kustoName;
    }

    /// In any case.
    public static Optional<MappingKind> named(String name) {
        return Arrays.stream(values()).filter(k -> k.kustoName.equalsIgnoreCase(name)).findFirst();
    }
}
