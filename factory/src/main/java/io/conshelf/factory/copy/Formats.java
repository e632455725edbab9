package io.conshelf.factory.copy;

import static io.conshelf.factory.copy.Declaration.type;
import static io.conshelf.factory.copy.RowStores.sink;
import static io.conshelf.factory.copy.RowStores.source;

import java.util.List;
import java.util.Optional;

/// The formats of files. To add one, add its [FormatType] to the list and its record to [FileFormat].
final class Formats {
    private static final String NO_ARCHIVES = "archives are not unpacked yet";

    static final List<FormatType> ALL = List.of(
            new FormatType(
                    type("DelimitedText").takes("location", "columnDelimiter", "rowDelimiter", "encodingName", "compressionCodec",
                            "quoteChar", "escapeChar", "firstRowAsHeader", "nullValue").ignores("compressionLevel", "the codec's own is used").build(),
                    source("DelimitedTextSource").takes("storeSettings", "formatSettings", "additionalColumns").build(),
                    Optional.of(sink("DelimitedTextSink").takes("storeSettings", "formatSettings").build()),
                    type("DelimitedTextReadSettings").takes("skipLineCount").refuses("compressionProperties", NO_ARCHIVES).build(),
                    Optional.of(type("DelimitedTextWriteSettings").takes("fileExtension", "quoteAllText", "maxRowsPerFile", "fileNamePrefix").build()),
                    FileFormat::delimited),
            new FormatType(
                    type("Json").takes("location", "encodingName", "compression").build(),
                    source("JsonSource").takes("storeSettings", "formatSettings", "additionalColumns").build(),
                    Optional.of(sink("JsonSink").takes("storeSettings", "formatSettings").build()),
                    type("JsonReadSettings").refuses("compressionProperties", NO_ARCHIVES).build(),
                    Optional.of(type("JsonWriteSettings").takes("filePattern").build()),
                    FileFormat::json),
            new FormatType(
                    type("Parquet").takes("location").ignores("compressionCodec", "a file says itself how its pages are packed").build(),
                    source("ParquetSource").takes("storeSettings", "formatSettings")
                            .refuses("additionalColumns", "Parquet files go to the cluster as they are").build(),
                    Optional.empty(),
                    type("ParquetReadSettings").refuses("compressionProperties", NO_ARCHIVES).build(),
                    Optional.empty(),
                    (_, _) -> new FileFormat.Parquet()),
            new FormatType(
                    type("Binary").takes("location").refuses("compression", "packing and unpacking binary files is not supported yet").build(),
                    source("BinarySource").takes("storeSettings", "formatSettings").build(),
                    Optional.of(sink("BinarySink").takes("storeSettings", "formatSettings").build()),
                    type("BinaryReadSettings").refuses("compressionProperties", NO_ARCHIVES).build(),
                    Optional.empty(),
                    (_, _) -> new FileFormat.Binary()));

    private Formats() {}
}
