package io.conshelf.streams.job;

import static io.conshelf.streams.job.Setting.text;
import static io.conshelf.streams.job.Setting.withoutEffect;

import io.conshelf.streams.job.Setting.Kind;
import java.util.List;
import java.util.Optional;

/// The formats of events and rows, `serialization.type`, and how inputs are compressed.
public final class Formats {
    /// @param refusal why it is not built; empty where it is
    public record FormatType(String type, List<Setting> settings, String refusal) {
        public FormatType {
            settings = List.copyOf(settings);
        }
    }

    private static final Setting ENCODING = text("encoding", "UTF8, the only encoding there is");
    private static final List<FormatType> ALL = List.of(
            new FormatType("Json", List.of(ENCODING, text("format", "LineSeparated or Array")), ""),
            new FormatType("Csv", List.of(text("fieldDelimiter", "what separates fields: a comma, semicolon, tab, blank or vertical bar"), ENCODING), ""),
            new FormatType("Avro", List.of(withoutEffect("encoding", Kind.TEXT, "Avro is binary")), ""),
            new FormatType("Parquet", List.of(withoutEffect("encoding", Kind.TEXT, "Parquet is binary")), ""),
            new FormatType("Delta", List.of(), "tables of Delta Lake are not written"),
            new FormatType("CustomClr", List.of(), "deserializers of .NET do not run here"),
            new FormatType("Protobuf", List.of(), "Protobuf is not read yet"));
    private static final List<String> COMPRESSIONS = List.of("None", "GZip", "Deflate");

    private Formats() {}

    public static List<FormatType> all() {
        return ALL;
    }

    static Optional<FormatType> find(String type) {
        return ALL.stream().filter(known -> known.type().equalsIgnoreCase(type)).findFirst();
    }

    static Optional<String> compression(String type) {
        return COMPRESSIONS.stream().filter(type::equalsIgnoreCase).findFirst();
    }

    static List<String> compressions() {
        return COMPRESSIONS;
    }
}
