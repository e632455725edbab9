package io.conshelf.connectors.rest;

import com.fasterxml.jackson.databind.JsonNode;
import io.conshelf.connectors.StoreException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The `paginationRules` of a source.
///
/// @param followsLinks whether the header `Link: …; rel="next"` leads to the next page
record Paging(List<Rule> rules, List<End> ends, OptionalLong requestsMax, boolean followsLinks) {
    private static final Pattern VARIABLE = Pattern.compile("(?i)(AbsoluteUrl|QueryParameters|Headers)\\.\\{([^{}]+)}");
    private static final Pattern NAMED = Pattern.compile("(?i)(QueryParameters|Headers)(?:\\.(.+)|\\['([^']+)'])");
    private static final Pattern HEADER = Pattern.compile("(?i)Headers(?:\\.(.+)|\\['([^']+)'])");
    private static final Pattern RANGE = Pattern.compile("(?i)RANGE:(-?\\d{1,18}):(-?\\d{1,18})?:(-?\\d{1,18})");

    /// One part of the next request, and where its value comes from.
    record Rule(Target target, Value value) {}

    sealed interface Target {
        record Url() implements Target {}

        record Query(String name) implements Target {}

        record Header(String name) implements Target {}

        /// `{name}` wherever it stands in the address or in a header.
        record Variable(String name) implements Target {}
    }

    sealed interface Value {
        record Body(JsonValue path) implements Value {}

        record Header(String name) implements Value {}

        /// @param end inclusive; absent for none
        record Range(long start, OptionalLong end, long step) implements Value {}

        record Constant(String text) implements Value {}
    }

    /// When there is no next page.
    record End(Value value, Condition condition, String constant) {
        enum Condition { EMPTY, NON_EXIST, EXIST, CONST }
    }

    static Paging of(Map<String, String> stated) throws StoreException {
        List<Rule> rules = new ArrayList<>();
        List<End> ends = new ArrayList<>();
        OptionalLong max = OptionalLong.empty();
        Optional<Boolean> links = Optional.empty();
        for (Map.Entry<String, String> entry : stated.entrySet()) {
            String key = entry.getKey().strip();
            String value = entry.getValue().strip();
            if (key.equalsIgnoreCase("MaxRequestNumber")) {
                max = OptionalLong.of(number(key, value));
            } else if (key.equalsIgnoreCase("SupportRFC5988")) {
                links = Optional.of(Boolean.parseBoolean(value));
            } else if (key.toLowerCase(Locale.ROOT).startsWith("endcondition:")) {
                ends.add(end(key.substring("endcondition:".length()).strip(), value));
            } else {
                rules.add(new Rule(target(key), value(value)));
            }
        }
        return new Paging(List.copyOf(rules), List.copyOf(ends), max, links.orElse(rules.isEmpty()));
    }

    private static long number(String key, String value) throws StoreException {
        if (!value.matches("\\d{1,18}") || Long.parseLong(value) < 1) {
            throw invalid("'" + key + "' is a number of requests, found '" + value + "'");
        }
        return Long.parseLong(value);
    }

    private static Target target(String key) throws StoreException {
        Matcher variable = VARIABLE.matcher(key);
        if (variable.matches()) {
            return new Target.Variable(variable.group(2));
        }
        if (key.equalsIgnoreCase("AbsoluteUrl")) {
            return new Target.Url();
        }
        Matcher named = NAMED.matcher(key);
        if (!named.matches()) {
            throw invalid("'" + key + "' is not a pagination rule; there are AbsoluteUrl, QueryParameters.x, Headers.x, AbsoluteUrl.{x}, QueryParameters.{x}, "
                    + "Headers.{x}, EndCondition:x, MaxRequestNumber and SupportRFC5988");
        }
        String name = named.group(2) != null ? named.group(2) : named.group(3);
        return named.group(1).equalsIgnoreCase("Headers") ? new Target.Header(name) : new Target.Query(name);
    }

    private static Value value(String text) throws StoreException {
        Matcher range = RANGE.matcher(text);
        if (range.matches()) {
            long step = Long.parseLong(range.group(3));
            if (step == 0) {
                throw invalid("the step of '" + text + "' is 0");
            }
            return new Value.Range(Long.parseLong(range.group(1)), range.group(2) == null ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(range.group(2))), step);
        }
        if (text.toUpperCase(Locale.ROOT).startsWith("RANGE:")) {
            throw invalid("'" + text + "' is not a range; write RANGE:start:end:step, the end may be empty");
        }
        if (text.startsWith("$")) {
            return new Value.Body(JsonValue.parse(text));
        }
        Matcher header = HEADER.matcher(text);
        return header.matches() ? new Value.Header(header.group(1) != null ? header.group(1) : header.group(2)) : new Value.Constant(text);
    }

    private static End end(String of, String condition) throws StoreException {
        Value value = value(of);
        return switch (condition.toLowerCase(Locale.ROOT)) {
            case "empty" -> new End(value, End.Condition.EMPTY, "");
            case "nonexist" -> new End(value, End.Condition.NON_EXIST, "");
            case "exist" -> new End(value, End.Condition.EXIST, "");
            default -> {
                if (!condition.toLowerCase(Locale.ROOT).startsWith("const:")) {
                    throw invalid("'" + condition + "' is not an end condition; there are Empty, NonExist, Exist and Const:<value>");
                }
                yield new End(value, End.Condition.CONST, condition.substring("const:".length()));
            }
        };
    }

    private static StoreException invalid(String message) {
        return StoreException.user("UserErrorInvalidPaginationRule", message);
    }

    /// The ranges, by their place in the rules, at their start.
    Map<Integer, Long> starts() {
        Map<Integer, Long> at = new LinkedHashMap<>();
        for (int i = 0; i < rules.size(); i++) {
            if (rules.get(i).value() instanceof Value.Range(long start, OptionalLong _, long _)) {
                at.put(i, start);
            }
        }
        return at;
    }

    static boolean isReached(End end, JsonNode value) {
        return switch (end.condition()) {
            case EMPTY -> value.isMissingNode() || value.isNull() || value.isContainerNode() && value.isEmpty() || value.isTextual() && value.textValue().isEmpty();
            case NON_EXIST -> value.isMissingNode() || value.isNull();
            case EXIST -> !value.isMissingNode() && !value.isNull();
            case CONST -> value.asText().equalsIgnoreCase(end.constant());
        };
    }
}
