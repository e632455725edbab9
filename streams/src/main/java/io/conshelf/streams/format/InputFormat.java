package io.conshelf.streams.format;

import com.fasterxml.jackson.databind.JsonNode;
import io.conshelf.connectors.format.Compression;
import io.conshelf.streams.plan.Step.DeclaredColumn;
import io.conshelf.streams.value.Compatibility;
import java.io.Serializable;
import java.util.List;
import java.util.Locale;

/// How the messages or files of an input are to be read.
///
/// @param input     as diagnostics name it
/// @param delimiter of CSV
/// @param metadata  whether the query asks what the store tells of events
/// @param columns   what CREATE TABLE says of it; CSV has nothing but texts, which become of these types where they can
public record InputFormat(String input, Type type, char delimiter, Compression compression, Compatibility level, Metadata metadata,
        List<DeclaredColumn> columns) implements Serializable {
    public InputFormat {
        columns = List.copyOf(columns);
    }

    public enum Metadata { LEFT_OUT, TOLD }

    public enum Type {
        JSON("Json"), CSV("Csv"), AVRO("Avro"), PARQUET("Parquet");

        private final String title;

        Type(String title) {
            this.title = title;
        }

        /// As definitions and diagnostics spell it.
        public String title() {
            return title;
        }
    }

    /// @param properties of the input in the management interface's form, `serialization` and `compression`; formats that are not read have been refused before
    public static InputFormat of(String input, JsonNode properties, Compatibility level, List<DeclaredColumn> columns) {
        return of(input, properties, level, Metadata.LEFT_OUT, columns);
    }

    /// @param metadata whether the query asks what the store tells of events
    public static InputFormat of(String input, JsonNode properties, Compatibility level, Metadata metadata, List<DeclaredColumn> columns) {
        JsonNode serialization = Member.of(properties, "serialization");
        Type type = switch (Member.text(serialization, "type", "Json").toLowerCase(Locale.ROOT)) {
            case "json" -> Type.JSON;
            case "csv" -> Type.CSV;
            case "avro" -> Type.AVRO;
            case "parquet" -> Type.PARQUET;
            default -> throw new IllegalArgumentException("events of '" + Member.text(serialization, "type", "") + "' are not read");
        };
        Compression compression = switch (Member.text(Member.of(properties, "compression"), "type", "None").toLowerCase(Locale.ROOT)) {
            case "none" -> Compression.NONE;
            case "gzip" -> Compression.GZIP;
            case "deflate" -> Compression.DEFLATE;
            default -> throw new IllegalArgumentException("the compression '" + Member.text(Member.of(properties, "compression"), "type", "") + "' is not known");
        };
        return new InputFormat(input, type, Member.delimiter(serialization), compression, level, metadata, columns);
    }

    /// CSV with commas.
    public static InputFormat csv(String input, Compatibility level, List<DeclaredColumn> columns) {
        return new InputFormat(input, Type.CSV, ',', Compression.NONE, level, Metadata.LEFT_OUT, columns);
    }

    /// Whether a query reads metadata of events.
    public static Metadata askedBy(String query) {
        return query.toLowerCase(Locale.ROOT).contains("getmetadatapropertyvalue") ? Metadata.TOLD : Metadata.LEFT_OUT;
    }

    /// What reads by it. Belongs to one thread.
    public EventReader reader() {
        EventReader plain = switch (type) {
            case JSON -> new JsonEvents(this);
            case CSV -> new CsvEvents(this);
            case AVRO -> new FileEvents(this, FileEvents.Kind.AVRO);
            case PARQUET -> new FileEvents(this, FileEvents.Kind.PARQUET);
        };
        return compression == Compression.NONE ? plain : new UnpackedEvents(this, plain);
    }
}
