package io.conshelf.factory.copy;

import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.ValueType;
import io.conshelf.factory.definition.Located;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

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
    /// @param type the target's type, where the mapping says it
    record Field(From from, String to, Optional<ValueType> type) {}

    Translator {
        fields = List.copyOf(fields);
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
        refuseConversions(translator.at("typeConversionSettings"));
        List<Field> fields = new ArrayList<>();
        for (Located mapping : translator.at("mappings").items()) {
            fields.add(field(mapping));
        }
        legacyColumns(translator.at("columnMappings"), fields);
        for (Map.Entry<String, Located> entry : translator.at("schemaMapping").properties()) {
            fields.add(new Field(new From.Path(JsonPath.parse(entry.getKey())), entry.getValue().text(""), Optional.empty()));
        }
        Optional<String> collection = translator.at("collectionReference").text().filter(text -> !text.isBlank());
        boolean mapsComplex = translator.at("mapComplexValuesToString").flag().orElse(false);
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
        return new Field(from, to, sink.at("type").text().flatMap(ValueType::of));
    }

    private static String lastStep(String path) {
        return path.replaceAll(".*\\['?|.*\\.", "").replaceAll("'?]$", "");
    }

    /// The older form: an object, or `"a: x, b: y"`.
    private static void legacyColumns(Located mappings, List<Field> fields) throws StoreException {
        for (Map.Entry<String, Located> entry : mappings.properties()) {
            fields.add(new Field(new From.Name(entry.getKey()), entry.getValue().text(""), Optional.empty()));
        }
        for (String pair : mappings.text("").split(",")) {
            if (!pair.isBlank()) {
                String[] sides = pair.split(":");
                if (sides.length != 2) {
                    throw StoreException.user("UserErrorInvalidTranslator", "'" + mappings.path() + "' is to be 'source: sink, …', found '" + pair.strip() + "'");
                }
                fields.add(new Field(new From.Name(sides[0].strip()), sides[1].strip(), Optional.empty()));
            }
        }
    }

    // The values that the authoring UI always writes change nothing; formats of one's own would.
    private static void refuseConversions(Located settings) throws StoreException {
        for (String property : List.of("treatBooleanAsNumber", "dateTimeFormat", "dateTimeOffsetFormat", "timeSpanFormat", "culture")) {
            Located value = settings.at(property);
            boolean isDefault = property.equals("culture") && value.text("").equalsIgnoreCase("en-us");
            if (Declaration.isMeant(value) && !isDefault) {
                throw StoreException.user("UserErrorUnsupportedTypeConversion", "'" + value.path() + "' is not supported yet");
            }
        }
    }
}
