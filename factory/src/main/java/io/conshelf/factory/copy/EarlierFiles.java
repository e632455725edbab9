package io.conshelf.factory.copy;

import static io.conshelf.factory.copy.Declaration.type;
import static io.conshelf.factory.copy.RowStores.sink;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.connectors.definition.Located;
import io.conshelf.connectors.file.StorePath;
import io.conshelf.factory.activity.ActivityFailure;
import io.conshelf.factory.activity.ValueKind;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// The datasets, sources and sinks of files from before format and place were stated apart. Quickstarts of the official clients still make them.
/// They are turned into today's, which everything else reads.
final class EarlierFiles {
    /// Texts that mean null where a TextFormat does not say; the first is written.
    private static final List<String> NULL_TEXTS = List.of("\\N", "NULL");
    private static final String USE_TRANSLATOR = "a translator says where values go";

    /// @param container the location's property for the first step of `folderPath`; empty where stores have none
    private record Place(String dataset, String location, Optional<String> container) {}

    private static final List<Place> PLACES = List.of(
            new Place("AzureBlob", "AzureBlobStorageLocation", Optional.of("container")),
            new Place("AzureBlobFSFile", "AzureBlobFSLocation", Optional.of("fileSystem")),
            new Place("FileShare", "FileServerLocation", Optional.empty()));

    private static final Declaration FORMAT = type("format").takes(ValueKind.oneOf("TextFormat", "JsonFormat", "AvroFormat", "ParquetFormat"), "type")
            .takes(ValueKind.CHARACTER, "columnDelimiter").takes("rowDelimiter", "nullValue", "encodingName")
            .takes(ValueKind.CHARACTER_OR_NONE, "quoteChar", "escapeChar")
            .takes(ValueKind.FLAG, "firstRowAsHeader", "treatEmptyAsNull").takes(ValueKind.from(0), "skipLineCount")
            .takes(ValueKind.oneOf("setOfObjects", "arrayOfObjects"), "filePattern")
            .refuses("nestingSeparator", USE_TRANSLATOR).refuses("jsonNodeReference", USE_TRANSLATOR).refuses("jsonPathDefinition", USE_TRANSLATOR).build();
    private static final Declaration COMPRESSION = type("compression").takes("type").ignores("level", "the codec's own is used").build();

    static final List<Declaration> DATASETS = List.of(
            dataset("AzureBlob").takes(ValueKind.TIME, "modifiedDatetimeStart", "modifiedDatetimeEnd")
                    .refuses("tableRootLocation", "no root of a table is looked for").build(),
            dataset("AzureBlobFSFile").build(),
            dataset("FileShare").takes("fileFilter").takes(ValueKind.TIME, "modifiedDatetimeStart", "modifiedDatetimeEnd").build());

    static final List<Declaration> SOURCES = List.of(
            blobSource("BlobSource").build(), blobSource("AzureBlobFSSource").build(), source("FileSystemSource").build());

    static final List<Declaration> SINKS = List.of(
            fileSink("BlobSink").holdsMany("metadata", CopyParts.METADATA).ignores("blobWriterOverwriteFiles", "a file that is written replaces an older one")
                    .refuses("blobWriterDateTimeFormat", "a translator says how times are written")
                    .refuses("blobWriterAddHeader", "firstRowAsHeader of the dataset's format says whether there is a header").build(),
            fileSink("AzureBlobFSSink").holdsMany("metadata", CopyParts.METADATA).build(),
            fileSink("FileSystemSink").build());

    private EarlierFiles() {}

    private static Declaration.Builder dataset(String name) {
        return type(name).takes("folderPath", "fileName").holds("format", FORMAT).holds("compression", COMPRESSION);
    }

    private static Declaration.Builder source(String name) {
        return Declaration.source(name).takes(ValueKind.FLAG, "recursive").holdsMany("additionalColumns", CopyParts.ADDED_COLUMN);
    }

    private static Declaration.Builder blobSource(String name) {
        return source(name).takes(ValueKind.from(0), "skipHeaderLineCount").ignores("treatEmptyAsNull", "the dataset's format says it");
    }

    private static Declaration.Builder fileSink(String name) {
        return sink(name).takes(ValueKind.oneOf("PreserveHierarchy", "FlattenHierarchy", "MergeFiles"), "copyBehavior");
    }

    /// A dataset as it is stated today; one that already is stays as it is.
    static Dataset today(Dataset stated) throws ActivityFailure {
        Optional<Place> place = PLACES.stream().filter(one -> one.dataset().equalsIgnoreCase(stated.type())).findFirst();
        if (place.isEmpty()) {
            return stated;
        }
        Located properties = stated.properties();
        ObjectNode today = JsonNodeFactory.instance.objectNode();
        today.set("location", location(place.get(), properties));
        if (properties.at("compression").isPresent()) {
            today.set("compression", properties.at("compression").value());
        }
        String type = format(properties.at("format"), today);
        return new Dataset(stated.name(), type, new Located(properties.file(), properties.path(), today), stated.linkedService());
    }

    private static ObjectNode location(Place place, Located properties) {
        ObjectNode location = JsonNodeFactory.instance.objectNode().put("type", place.location());
        String folder = StorePath.of(properties.at("folderPath").text(""));
        if (place.container().isPresent()) {
            int slash = folder.indexOf('/');
            location.put(place.container().get(), slash < 0 ? folder : folder.substring(0, slash));
            folder = slash < 0 ? "" : folder.substring(slash + 1);
        }
        // Names with wildcards are filters here; FilesMeant reads them beside the activity's own settings.
        location.put(isPattern(folder) ? "wildcardFolderPath" : "folderPath", folder);
        String file = properties.at("fileName").text("");
        location.put(isPattern(file) ? "wildcardFileName" : "fileName", file);
        if (properties.at("fileFilter").isPresent()) {
            location.set("wildcardFileName", properties.at("fileFilter").value());
        }
        for (String time : List.of("modifiedDatetimeStart", "modifiedDatetimeEnd")) {
            if (properties.at(time).isPresent()) {
                location.set(time, properties.at(time).value());
            }
        }
        return location;
    }

    private static boolean isPattern(String text) {
        return text.contains("*") || text.contains("?");
    }

    /// @return the type of today's dataset
    private static String format(Located format, ObjectNode today) throws ActivityFailure {
        if (!format.isPresent()) {
            return "Binary"; // files go as they are
        }
        return switch (format.at("type").text("").toLowerCase(Locale.ROOT)) {
            case "textformat" -> {
                text(format, today);
                yield "DelimitedText";
            }
            case "jsonformat" -> {
                take(format, today, "encodingName");
                take(format, today, "filePattern");
                yield "Json";
            }
            case "avroformat" -> "Avro";
            case "parquetformat" -> "Parquet";
            default -> throw ActivityFailure.user("UserErrorUnsupportedFormat", "'" + format.at("type").path()
                    + "' is TextFormat, JsonFormat, AvroFormat or ParquetFormat, found '" + format.at("type").text("") + "'");
        };
    }

    private static void text(Located format, ObjectNode today) throws ActivityFailure {
        for (String name : List.of("columnDelimiter", "rowDelimiter", "encodingName", "firstRowAsHeader", "skipLineCount")) {
            take(format, today, name);
        }
        // Nothing quotes unless a character is named; then it is doubled inside, as the two exclude each other.
        String quote = format.at("quoteChar").text("");
        if (!format.at("escapeChar").text("").isEmpty()) {
            throw ActivityFailure.user("UserErrorInvalidEscapeChar", "'" + format.at("escapeChar").path()
                    + "' without quotes is not supported; a DelimitedText dataset has both");
        }
        today.put("quoteChar", quote).put("escapeChar", quote);
        ArrayNode nulls = today.putArray("nullTexts");
        format.at("nullValue").text().ifPresentOrElse(nulls::add, () -> NULL_TEXTS.forEach(nulls::add));
        if (format.at("treatEmptyAsNull").flag().orElse(true)) {
            nulls.add("");
        }
    }

    private static void take(Located from, ObjectNode to, String name) {
        if (from.at(name).isPresent()) {
            to.set(name, from.at(name).value());
        }
    }

    /// A source or sink as it is stated today: with settings of the store and of the format.
    static Located today(Located part) {
        String type = part.at("type").text("");
        if (!(part.value() instanceof ObjectNode stated) || !Catalogue.isAmong(SOURCES, type) && !Catalogue.isAmong(SINKS, type)) {
            return part;
        }
        ObjectNode store = JsonNodeFactory.instance.objectNode();
        for (String name : List.of("recursive", "copyBehavior", "metadata")) {
            take(part, store, name);
        }
        ObjectNode format = JsonNodeFactory.instance.objectNode();
        if (part.at("skipHeaderLineCount").isPresent()) {
            format.set("skipLineCount", part.at("skipHeaderLineCount").value());
        }
        ObjectNode today = JsonNodeFactory.instance.objectNode();
        today.setAll(stated);
        today.<JsonNode>set("storeSettings", store);
        today.<JsonNode>set("formatSettings", format);
        return new Located(part.file(), part.path(), today);
    }
}
