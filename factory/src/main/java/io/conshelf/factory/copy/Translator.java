package io.conshelf.factory.copy;

import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.ValueType;
import io.conshelf.connectors.definition.Located;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// The column mapping of a Copy activity.
///
/// @param collection the array whose elements become rows, where one is named
record Translator(List<Field> fields, Optional<JsonPath> collection, boolean mapsComplexValuesToText) {

    /// Where a value comes from.
    sealed interface From {
        record Name(String name) implements From {}

        /// Counted from 1.
        record Ordinal(int ordinal) implements From {}

        record Path(JsonPath path) implements From {}
    }

    /// One column of the target, by name or, in text without a header, by position.
    ///
    /// @param type       the target's type, where the mapping says it, and `fromType` the source's
    /// @param fromFormat how texts of the source are read, and `toFormat` how those of the target are written
    record Field(From from, String to, Optional<ValueType> type, Optional<ValueType> fromType, Optional<String> fromFormat, Optional<String> toFormat,
            Optional<Locale> culture) {
        static Field of(From from, String to) {
            return new Field(from, to, Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
        }
    }

    Translator {
        fields = List.copyOf(fields);
    }

    static Translator of(List<Field> fields) {
        return new Translator(fields, Optional.empty(), false);
    }

    /// Whether a column has a format or culture of its own.
    boolean hasFormats() {
        return fields.stream().anyMatch(field -> field.fromFormat().isPresent() || field.toFormat().isPresent()
                || field.culture().filter(culture -> !culture.equals(Locale.US)).isPresent());
    }

    /// The mapping, or empty where columns go by name.
    static Optional<Translator> of(Located translator) throws StoreException {
        if (!translator.isPresent()) {
            return Optional.empty();
        }
        if (!translator.at("type").text("").equalsIgnoreCase("TabularTranslator")) {
            throw StoreException.user("UserErrorInvalidTranslator", "'" + translator.path() + ".type' is to be TabularTranslator, found '"
                    + translator.at("type").text("") + "'");
        }
        List<Field> fields = new ArrayList<>();
        for (Located mapping : translator.at("mappings").items()) {
            fields.add(field(mapping));
        }
        legacyColumns(translator.at("columnMappings"), fields);
        for (Map.Entry<String, Located> entry : translator.at("schemaMapping").properties()) {
            fields.add(Field.of(new From.Path(JsonPath.parse(entry.getKey())), entry.getValue().text("")));
        }
        Optional<String> collection = translator.at("collectionReference").text().filter(text -> !text.isBlank());
        boolean mapsComplex = translator.at("mapComplexValuesToString").flag().orElse(false);
        refuseDuplicates(fields, translator);
        if (fields.isEmpty()) {
            if (collection.isPresent()) {
                throw StoreException.user("UserErrorInvalidTranslator", "'" + translator.path() + "' has a collectionReference but no mappings");
            }
            return Optional.empty();
        }
        return Optional.of(new Translator(fields, collection.isPresent() ? Optional.of(JsonPath.parse(collection.get())) : Optional.empty(), mapsComplex));
    }

    private static Field field(Located mapping) throws StoreException {
        Located source = mapping.at("source");
        Located sink = mapping.at("sink");
        From from;
        if (source.at("path").text().isPresent()) {
            from = new From.Path(JsonPath.parse(source.at("path").text("")));
        } else if (source.at("name").text().isPresent()) {
            from = new From.Name(source.at("name").text(""));
        } else if (source.at("ordinal").integer().isPresent()) {
            from = new From.Ordinal(source.at("ordinal").integer().get().intValue());
        } else {
            throw StoreException.user("UserErrorInvalidTranslator", "'" + source.path() + "' needs a name, an ordinal or a path");
        }
        String to = sink.at("name").text().or(() -> sink.at("path").text().map(Translator::lastStep))
                .or(() -> sink.at("ordinal").integer().map(ordinal -> "Prop_" + (ordinal - 1)))
                .orElseThrow(() -> StoreException.user("UserErrorInvalidTranslator", "'" + sink.path() + "' needs a name"));
        Optional<Locale> culture = Conversion.culture(source.at("culture"));
        Optional<Locale> written = Conversion.culture(sink.at("culture"));
        Optional<String> fromFormat = Conversion.stated(source.at("format"));
        Optional<String> toFormat = Conversion.stated(sink.at("format"));
        Optional<ValueType> toType = sink.at("type").text().flatMap(ValueType::of);
        Optional<ValueType> fromType = source.at("type").text().flatMap(ValueType::of);
        boolean isTimeSpan = toType.filter(type -> type == ValueType.TIMESPAN).isPresent() || fromType.filter(type -> type == ValueType.TIMESPAN).isPresent();
        for (Located format : List.of(source.at("format"), sink.at("format"))) {
            Optional<String> stated = Conversion.stated(format);
            if (stated.isPresent() && isTimeSpan) {
                Conversion.checkTimeSpan(stated.get(), Locale.US, format);
            } else if (stated.isPresent()) {
                Conversion.check(stated.get(), Locale.US, format);
            }
        }
        return new Field(from, to, toType, fromType, fromFormat, toFormat,
                culture.or(() -> written));
    }

    private static String lastStep(String path) {
        return path.replaceAll(".*\\['?|.*\\.", "").replaceAll("'?]$", "");
    }

    /// The older form: an object, or `"a: x, b: y"`.
    private static void legacyColumns(Located mappings, List<Field> fields) throws StoreException {
        for (Map.Entry<String, Located> entry : mappings.properties()) {
            fields.add(Field.of(new From.Name(entry.getKey()), entry.getValue().text("")));
        }
        for (String pair : mappings.text("").split(",")) {
            if (!pair.isBlank()) {
                String[] sides = pair.split(":");
                if (sides.length != 2) {
                    throw StoreException.user("UserErrorInvalidTranslator", "'" + mappings.path() + "' is to be 'source: sink, …', found '" + pair.strip() + "'");
                }
                fields.add(Field.of(new From.Name(sides[0].strip()), sides[1].strip()));
            }
        }
    }

    private static void refuseDuplicates(List<Field> fields, Located translator) throws StoreException {
        Set<String> targets = new HashSet<>();
        for (Field field : fields) {
            if (!targets.add(field.to())) {
                throw StoreException.user("UserErrorDuplicateColumnMapping", "'" + translator.path() + "' maps two columns to '" + field.to() + "'");
            }
        }
    }
}
