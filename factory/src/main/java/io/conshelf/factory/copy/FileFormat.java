package io.conshelf.factory.copy;

import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.definition.Located;
import io.conshelf.connectors.format.AvroWriter;
import io.conshelf.connectors.format.Compression;
import io.conshelf.connectors.format.DelimitedText;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// What the files of a dataset hold.
sealed interface FileFormat {
    Compression compression();

    record Delimited(DelimitedText dialect, Compression compression) implements FileFormat {}

    record Json(Charset encoding, Compression compression) implements FileFormat {}

    /// Parquet packs its pages itself.
    ///
    /// @param codec of the pages that are written
    record Parquet(String codec) implements FileFormat {
        @Override
        public Compression compression() {
            return Compression.NONE;
        }
    }

    /// Avro packs its blocks itself.
    record Avro(AvroWriter.Options options) implements FileFormat {
        @Override
        public Compression compression() {
            return Compression.NONE;
        }
    }

    record Binary(Compression compression) implements FileFormat {}

    /// The same format, not packed.
    default FileFormat unpacked() {
        return switch (this) {
            case Delimited(var dialect, var _) -> new Delimited(dialect, Compression.NONE);
            case Json(var encoding, var _) -> new Json(encoding, Compression.NONE);
            case Binary _ -> new Binary(Compression.NONE);
            case Parquet _, Avro _ -> this;
        };
    }

    /// @param settings the `formatSettings` of the source or sink
    static FileFormat of(Dataset dataset, Located settings) throws StoreException {
        FormatType type = Catalogue.format(dataset.type()).orElseThrow(() -> StoreException.user("UserErrorUnsupportedDataset", "Dataset '"
                + dataset.name() + "' of type '" + dataset.type() + "' does not hold files"));
        return type.reader().read(dataset, settings);
    }

    static FileFormat delimited(Dataset dataset, Located settings) throws StoreException {
        int skipLines = settings.at("skipLineCount").integer().or(() -> dataset.properties().at("skipLineCount").integer()).orElse(0L).intValue();
        return new Delimited(dialect(dataset.properties(), skipLines), compression(dataset.properties()));
    }

    static FileFormat json(Dataset dataset, Located settings) throws StoreException {
        return new Json(encoding(dataset.properties()), compression(dataset.properties()));
    }

    static FileFormat parquet(Dataset dataset, Located settings) throws StoreException {
        String codec = dataset.properties().at("compressionCodec").text("snappy");
        if (!List.of("none", "uncompressed", "gzip", "snappy", "zstd", "lz4").contains(codec.toLowerCase(Locale.ROOT))) {
            throw StoreException.user("UserErrorUnsupportedCompressionType", "'" + dataset.properties().at("compressionCodec").path()
                    + "' of Parquet is none, gzip, snappy, zstd or lz4, found '" + codec + "'");
        }
        return new Parquet(codec);
    }

    static FileFormat avro(Dataset dataset, Located settings) {
        return new Avro(new AvroWriter.Options(settings.at("recordName").text("Record"), settings.at("recordNamespace").text(""),
                dataset.properties().at("avroCompressionCodec").text("none")));
    }

    static FileFormat binary(Dataset dataset, Located settings) throws StoreException {
        return new Binary(compression(dataset.properties()));
    }

    private static DelimitedText dialect(Located properties, int skipLines) throws StoreException {
        String delimiter = properties.at("columnDelimiter").text(",");
        if (delimiter.length() != 1) {
            throw StoreException.user("UserErrorInvalidColumnDelimiter", "'" + properties.at("columnDelimiter").path()
                    + "' is to be one character; more or none work in data flows only");
        }
        Optional<Character> quote = character(properties.at("quoteChar"), '"');
        Optional<Character> escape = character(properties.at("escapeChar"), '\\');
        if (quote.isPresent() && escape.isEmpty()) {
            throw StoreException.user("UserErrorInvalidEscapeChar", "'" + properties.at("escapeChar").path()
                    + "' can be empty only where quoteChar is empty");
        }
        return new DelimitedText(delimiter.charAt(0), properties.at("rowDelimiter").text().filter(text -> !text.isEmpty()), quote,
                quote.isEmpty() ? Optional.empty() : escape, properties.at("firstRowAsHeader").flag().orElse(false),
                nullTexts(properties), skipLines, encoding(properties));
    }

    /// One text, or those that an earlier dataset means.
    private static List<String> nullTexts(Located properties) {
        List<String> several = properties.at("nullTexts").items().stream().map(text -> text.text("")).toList();
        return several.isEmpty() ? List.of(properties.at("nullValue").text("")) : several;
    }

    private static Optional<Character> character(Located property, char otherwise) throws StoreException {
        if (!property.isPresent()) {
            return Optional.of(otherwise);
        }
        String text = property.text("");
        if (text.length() > 1) {
            throw StoreException.user("UserErrorInvalidQuoteChar", "'" + property.path() + "' is to be one character or empty, found '" + text + "'");
        }
        return text.isEmpty() ? Optional.empty() : Optional.of(text.charAt(0));
    }

    private static Charset encoding(Located properties) throws StoreException {
        String name = properties.at("encodingName").text("UTF-8");
        try {
            return name.equalsIgnoreCase("UTF-8 without BOM") ? StandardCharsets.UTF_8 : Charset.forName(name);
        } catch (IllegalArgumentException unknown) {
            throw StoreException.user("UserErrorUnsupportedEncoding", "'" + properties.at("encodingName").path() + "' names no encoding: '" + name + "'");
        }
    }

    private static Compression compression(Located properties) throws StoreException {
        Located codec = properties.at("compressionCodec").isPresent() ? properties.at("compressionCodec") : properties.at("compression").at("type");
        return Compression.of(codec.text(""));
    }
}
