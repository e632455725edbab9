package io.conshelf.factory.copy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.ValueType;
import io.conshelf.connectors.definition.Located;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.text.DecimalFormatSymbols;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/// The type conversion of a copy: the settings that all its columns share.
///
/// @param dateTimeFormat of .NET; empty where ISO 8601 and the usual forms are read and ISO 8601 is written
/// @param timeSpanFormat of .NET; empty where the constant form is read and written
record Conversion(boolean truncates, boolean booleansAsNumbers, Optional<String> dateTimeFormat, Optional<String> timeSpanFormat, Locale culture) {
    /// Nothing stated: what columns need and no more.
    static final Conversion PLAIN = new Conversion(true, false, Optional.empty(), Optional.empty(), Locale.US);
    private static final String ISO = "yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'";
    private static final List<String> USUAL = List.of("yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd HH:mm:ss.FFFFFFFK", "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd HH:mm",
            "yyyy-MM-dd", "M/d/yyyy h:mm:ss tt", "M/d/yyyy H:mm:ss", "M/d/yyyy H:mm", "M/d/yyyy", "yyyy/M/d H:mm:ss", "yyyy/M/d", "yyyyMMdd");
    private static final List<NetDateFormat> USUAL_FORMATS = USUAL.stream().map(format -> NetDateFormat.of(format, Locale.US)).toList();

    /// What a column is converted by, beside the shared settings.
    ///
    /// @param from what its values are; text where a file does not say
    /// @param fromFormat how texts of it are read, and `toFormat` how they are written
    record ColumnRule(String column, ValueType from, ValueType to, Optional<String> fromFormat, Optional<String> toFormat, Optional<Locale> culture) {}

    /// The settings of a translator; empty where it does not convert.
    static Optional<Conversion> of(Located translator) throws StoreException {
        Located settings = translator.at("typeConversionSettings");
        if (!translator.at("typeConversion").flag().orElse(false)) {
            return Optional.empty();
        }
        // One format serves both: a moment with an offset is kept as UTC.
        Optional<String> format = stated(settings.at("dateTimeFormat")).or(() -> stated(settings.at("dateTimeOffsetFormat")));
        Locale culture = culture(settings.at("culture")).orElse(Locale.US);
        if (format.isPresent()) {
            check(format.get(), culture, settings);
        }
        Optional<String> timeSpanFormat = stated(settings.at("timeSpanFormat"));
        if (timeSpanFormat.isPresent()) {
            checkTimeSpan(timeSpanFormat.get(), culture, settings.at("timeSpanFormat"));
        }
        return Optional.of(new Conversion(settings.at("allowDataTruncation").flag().orElse(true), settings.at("treatBooleanAsNumber").flag().orElse(false),
                format, timeSpanFormat, culture));
    }

    static void checkTimeSpan(String format, Locale culture, Located where) throws StoreException {
        try {
            NetTimeSpanFormat.of(format, culture);
        } catch (IllegalArgumentException wrong) {
            throw StoreException.user("UserErrorInvalidTypeConversionSettings", "'" + where.path() + "': " + wrong.getMessage());
        }
    }

    static void check(String format, Locale culture, Located where) throws StoreException {
        try {
            NetDateFormat.of(format, culture);
        } catch (IllegalArgumentException wrong) {
            throw StoreException.user("UserErrorInvalidTypeConversionSettings", "'" + where.path() + "': " + wrong.getMessage());
        }
    }

    static Optional<Locale> culture(Located stated) throws StoreException {
        Optional<String> name = stated(stated);
        if (name.isEmpty()) {
            return Optional.empty();
        }
        Locale culture = Locale.forLanguageTag(name.get());
        if (culture.getLanguage().isEmpty()) {
            throw StoreException.user("UserErrorInvalidTypeConversionSettings", "'" + stated.path() + "' names no culture: '" + name.get() + "'");
        }
        return Optional.of(culture);
    }

    static Optional<String> stated(Located value) {
        return value.text().filter(text -> !text.isBlank());
    }

    /// Whether values must be looked at one by one, because a cluster would not convert them so by itself.
    boolean differsFromTheClusters() {
        return !truncates || booleansAsNumbers || dateTimeFormat.isPresent() || timeSpanFormat.isPresent() || !culture.equals(Locale.US);
    }

    JsonNode apply(JsonNode cell, ColumnRule rule) throws StoreException {
        if (cell.isNull() || cell.isMissingNode()) {
            return cell;
        }
        Optional<JsonNode> converted = cell.isContainerNode() ? structure(cell, rule) : switch (rule.to()) {
            case STRING -> Optional.of(TextNode.valueOf(text(cell, rule)));
            case BOOL -> bool(cell);
            case INT -> whole(cell, rule, Integer.MIN_VALUE, Integer.MAX_VALUE);
            case LONG -> whole(cell, rule, Long.MIN_VALUE, Long.MAX_VALUE);
            case REAL -> real(cell, rule);
            case DECIMAL -> number(cell, rule).map(DecimalNode::valueOf);
            case DATETIME -> moment(cell, rule).map(at -> TextNode.valueOf(printed(at, ISO, Locale.US)));
            case TIMESPAN -> timeSpan(cell, rule);
            case GUID -> guid(cell);
            case DYNAMIC -> Optional.of(cell);
        };
        if (converted.isEmpty()) {
            throw StoreException.user("TypeConversionFailure", "The value '" + shorten(cell.asText()) + "' of column '" + rule.column()
                    + "' cannot be converted from " + rule.from().kustoName() + " to " + rule.to().kustoName());
        }
        return converted.get();
    }

    private static Optional<JsonNode> structure(JsonNode cell, ColumnRule rule) {
        return switch (rule.to()) {
            case DYNAMIC -> Optional.of(cell);
            case STRING -> Optional.of(TextNode.valueOf(cell.toString()));
            case BOOL, INT, LONG, REAL, DECIMAL, DATETIME, TIMESPAN, GUID -> Optional.empty();
        };
    }

    private String text(JsonNode cell, ColumnRule rule) {
        if (cell.isBoolean()) {
            return booleansAsNumbers ? cell.booleanValue() ? "1" : "0" : cell.booleanValue() ? "True" : "False";
        }
        if (rule.from() == ValueType.TIMESPAN && (rule.toFormat().isPresent() || timeSpanFormat.isPresent())) {
            OptionalLong ticks = NetTimeSpanFormat.constant(cell.asText().strip());
            return ticks.isEmpty() ? cell.asText() : NetTimeSpanFormat.of(rule.toFormat().or(() -> timeSpanFormat).get(), rule.culture().orElse(culture))
                    .print(ticks.getAsLong());
        }
        Optional<String> format = rule.toFormat().or(() -> dateTimeFormat);
        if (rule.from() == ValueType.DATETIME && format.isPresent()) {
            return moment(cell, rule).map(at -> printed(at, format.get(), rule.culture().orElse(culture))).orElse(cell.asText());
        }
        return cell.asText();
    }

    private static String printed(OffsetDateTime at, String format, Locale culture) {
        return NetDateFormat.of(format, culture).print(at);
    }

    private static Optional<JsonNode> bool(JsonNode cell) {
        if (cell.isBoolean()) {
            return Optional.of(cell);
        }
        if (cell.isNumber()) {
            return Optional.of(BooleanNode.valueOf(cell.decimalValue().signum() != 0));
        }
        return switch (cell.asText().strip().toLowerCase(Locale.ROOT)) {
            case "true", "1" -> Optional.of(BooleanNode.TRUE);
            case "false", "0" -> Optional.of(BooleanNode.FALSE);
            default -> Optional.empty();
        };
    }

    private Optional<BigDecimal> number(JsonNode cell, ColumnRule rule) {
        if (cell.isNumber()) {
            return Optional.of(cell.decimalValue());
        }
        if (cell.isBoolean()) {
            return Optional.of(cell.booleanValue() ? BigDecimal.ONE : BigDecimal.ZERO);
        }
        DecimalFormatSymbols symbols = DecimalFormatSymbols.getInstance(rule.culture().orElse(culture));
        String text = cell.asText().strip().replace(String.valueOf(symbols.getGroupingSeparator()), "").replace(symbols.getDecimalSeparator(), '.');
        try {
            return text.length() > 400 ? Optional.empty() : Optional.of(new BigDecimal(text));
        } catch (NumberFormatException notANumber) {
            return Optional.empty();
        }
    }

    private Optional<JsonNode> whole(JsonNode cell, ColumnRule rule, long min, long max) {
        Optional<BigDecimal> number = number(cell, rule).filter(value -> Math.abs((long) value.scale()) < 400);
        // Text that is no whole number was never one; a number may lose its fraction where that is allowed.
        if (number.isEmpty() || number.get().stripTrailingZeros().scale() > 0 && (cell.isTextual() || !truncates)) {
            return Optional.empty();
        }
        BigDecimal rounded = number.get().setScale(0, RoundingMode.HALF_EVEN);
        return rounded.compareTo(BigDecimal.valueOf(min)) < 0 || rounded.compareTo(BigDecimal.valueOf(max)) > 0 ? Optional.empty()
                : Optional.of(LongNode.valueOf(rounded.longValueExact()));
    }

    private Optional<JsonNode> real(JsonNode cell, ColumnRule rule) {
        if (cell.isTextual() && List.of("nan", "infinity", "-infinity").contains(cell.textValue().strip().toLowerCase(Locale.ROOT))) {
            return Optional.of(cell);
        }
        return number(cell, rule).map(BigDecimal::doubleValue).filter(Double::isFinite).map(DoubleNode::valueOf);
    }

    private Optional<OffsetDateTime> moment(JsonNode cell, ColumnRule rule) {
        if (!cell.isTextual()) {
            return Optional.empty();
        }
        Locale local = rule.culture().orElse(culture);
        Optional<String> format = rule.fromFormat().or(() -> rule.from() == ValueType.STRING ? dateTimeFormat : Optional.empty());
        if (format.isPresent()) {
            return NetDateFormat.of(format.get(), local).parse(cell.textValue());
        }
        for (NetDateFormat usual : USUAL_FORMATS) {
            Optional<OffsetDateTime> at = usual.parse(cell.textValue());
            if (at.isPresent()) {
                return at;
            }
        }
        return Optional.empty();
    }

    private Optional<JsonNode> timeSpan(JsonNode cell, ColumnRule rule) {
        if (!cell.isTextual()) {
            return Optional.empty();
        }
        String text = cell.textValue().strip();
        Optional<String> format = rule.fromFormat().or(() -> rule.from() == ValueType.STRING ? timeSpanFormat : Optional.empty());
        if (format.isEmpty()) {
            return NetTimeSpanFormat.constant(text).isPresent() ? Optional.of(TextNode.valueOf(text)) : Optional.empty();
        }
        OptionalLong ticks = NetTimeSpanFormat.of(format.get(), rule.culture().orElse(culture)).parse(text);
        return ticks.isPresent() ? Optional.of(TextNode.valueOf(NetTimeSpanFormat.constant(ticks.getAsLong()))) : Optional.empty();
    }

    private static final Pattern GUID = Pattern.compile("[({]?[0-9a-fA-F]{8}(-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12}[)}]?");

    private static Optional<JsonNode> guid(JsonNode cell) {
        return GUID.matcher(cell.asText().strip()).matches() ? Optional.of(TextNode.valueOf(cell.asText().strip().replaceAll("[(){}]", "").toLowerCase(Locale.ROOT)))
                : Optional.empty();
    }

    private static String shorten(String text) {
        return text.length() > 100 ? text.substring(0, 100) + "…" : text;
    }
}
