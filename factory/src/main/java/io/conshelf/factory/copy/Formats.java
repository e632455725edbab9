package io.conshelf.factory.copy;

import static io.conshelf.factory.copy.Declaration.source;
import static io.conshelf.factory.copy.Declaration.type;
import static io.conshelf.factory.copy.RowStores.sink;

import io.conshelf.factory.activity.ValueKind;
import java.util.List;
import java.util.Optional;

/// The formats of files. To add one, add its [FormatType] to the list and its record to [FileFormat].
final class Formats {
    private static final String OWN_PACKING = "files of this format pack themselves";

    static final List<FormatType> ALL = List.of(
            new FormatType(
                    type("DelimitedText").takes("location", "rowDelimiter", "encodingName", "compressionCodec", "nullValue")
                            .takes(ValueKind.CHARACTER, "columnDelimiter").takes(ValueKind.CHARACTER_OR_NONE, "quoteChar", "escapeChar")
                            .takes(ValueKind.FLAG, "firstRowAsHeader").ignores("compressionLevel", "the codec's own is used").build(),
                    source("DelimitedTextSource").takes("storeSettings", "formatSettings").holdsMany("additionalColumns", CopyParts.ADDED_COLUMN).build(),
                    Optional.of(sink("DelimitedTextSink").takes("storeSettings", "formatSettings").build()),
                    type("DelimitedTextReadSettings").takes(ValueKind.from(0), "skipLineCount").holds("compressionProperties", CopyParts.UNPACKING).build(),
                    Optional.of(type("DelimitedTextWriteSettings").takes("fileExtension", "fileNamePrefix").takes(ValueKind.FLAG, "quoteAllText")
                            .takes(ValueKind.from(1), "maxRowsPerFile").build()),
                    FileFormat::delimited),
            new FormatType(
                    type("Json").takes("location", "encodingName", "compression").build(),
                    source("JsonSource").takes("storeSettings", "formatSettings").holdsMany("additionalColumns", CopyParts.ADDED_COLUMN).build(),
                    Optional.of(sink("JsonSink").takes("storeSettings", "formatSettings").build()),
                    type("JsonReadSettings").holds("compressionProperties", CopyParts.UNPACKING).build(),
                    Optional.of(type("JsonWriteSettings").takes(ValueKind.oneOf("setOfObjects", "arrayOfObjects"), "filePattern").build()),
                    FileFormat::json),
            new FormatType(
                    type("Parquet").takes("location", "compressionCodec").build(),
                    source("ParquetSource").takes("storeSettings", "formatSettings").holdsMany("additionalColumns", CopyParts.ADDED_COLUMN).build(),
                    Optional.of(sink("ParquetSink").takes("storeSettings", "formatSettings").build()),
                    type("ParquetReadSettings").refuses("compressionProperties", OWN_PACKING).build(),
                    Optional.of(type("ParquetWriteSettings").takes(ValueKind.from(1), "maxRowsPerFile").takes("fileNamePrefix").build()),
                    FileFormat::parquet),
            new FormatType(
                    type("Avro").takes("location", "avroCompressionCodec").ignores("avroCompressionLevel", "the codec's own is used").build(),
                    source("AvroSource").takes("storeSettings", "formatSettings").holdsMany("additionalColumns", CopyParts.ADDED_COLUMN).build(),
                    Optional.of(sink("AvroSink").takes("storeSettings", "formatSettings").build()),
                    type("AvroReadSettings").refuses("compressionProperties", OWN_PACKING).build(),
                    Optional.of(type("AvroWriteSettings").takes("recordName", "recordNamespace", "fileNamePrefix").takes(ValueKind.from(1), "maxRowsPerFile").build()),
                    FileFormat::avro),
            new FormatType(
                    type("Binary").takes("location", "compression").build(),
                    source("BinarySource").takes("storeSettings", "formatSettings").build(),
                    Optional.of(sink("BinarySink").takes("storeSettings", "formatSettings").build()),
                    type("BinaryReadSettings").holds("compressionProperties", CopyParts.UNPACKING).build(),
                    Optional.empty(),
                    FileFormat::binary));

    private Formats() {}
}
