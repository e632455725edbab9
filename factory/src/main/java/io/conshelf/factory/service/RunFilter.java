package io.conshelf.factory.service;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.connectors.management.Refusal;
import io.conshelf.connectors.management.ServiceJson;
import io.conshelf.factory.expression.Timestamp;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// What a query for runs asks for: a time, conditions, an order, and where an earlier answer ended.
///
/// @param continuation the sort key of the last run that was told
record RunFilter(Instant after, Instant before, List<Condition> conditions, List<Order> orders, Optional<List<String>> continuation) {

    /// The records that can be asked for, with what can be asked about them and where that stands.
    enum Subject {
        PIPELINE_RUN("runId", "runStart", true, Map.of("pipelinename", "pipelineName", "status", "status", "runstart", "runStart", "runend", "runEnd",
                "rungroupid", "runGroupId", "triggername", "invokedBy.name", "latestonly", "isLatest")),
        ACTIVITY_RUN("activityRunId", "activityRunStart", false, Map.of("pipelinename", "pipelineName", "status", "status", "activityname", "activityName",
                "activitytype", "activityType", "activityrunstart", "activityRunStart", "activityrunend", "activityRunEnd")),
        TRIGGER_RUN("triggerRunId", "triggerRunTimestamp", true, Map.of("triggername", "triggerName", "status", "status",
                "triggerruntimestamp", "triggerRunTimestamp", "rungroupid", "runGroupId", "latestonly", "isLatest"));

        private final String id;
        private final String start;
        private final boolean isLatestFirst;
        private final Map<String, String> operands;

        Subject(String id, String start, boolean isLatestFirst, Map<String, String> operands) {
            this.id = id;
            this.start = start;
            this.isLatestFirst = isLatestFirst;
            this.operands = operands;
        }
    }

    enum Operator { EQUALS, NOTEQUALS, IN, NOTIN }

    record Condition(String path, Operator operator, List<String> values) {
        boolean holds(ObjectNode run) {
            String value = text(run, path);
            boolean isAmong = values.stream().anyMatch(one -> isSame(value, one));
            return switch (operator) {
                case EQUALS, IN -> isAmong;
                case NOTEQUALS, NOTIN -> !isAmong;
            };
        }

        private static boolean isSame(String value, String asked) {
            return value.equalsIgnoreCase(asked) || instant(value).isPresent() && instant(value).equals(instant(asked));
        }
    }

    record Order(String path, boolean isDescending) {}

    /// @param target names the request in errors
    static RunFilter read(Subject subject, ObjectNode body, String target) {
        List<Condition> conditions = new ArrayList<>();
        for (JsonNode filter : list(body, "filters", target)) {
            String operand = filter.path("operand").asText();
            String path = path(subject, operand, "operand", target);
            Operator operator = operator(filter.path("operator").asText(), target);
            List<String> values = new ArrayList<>();
            filter.path("values").forEach(value -> values.add(value.asText()));
            if (values.isEmpty()) {
                throw Refusal.badRequest(target, "The filter on '" + operand + "' has no 'values'.");
            }
            // Asking for others as well as the latest is asking for all.
            if (!operand.equalsIgnoreCase("LatestOnly") || values.getFirst().equalsIgnoreCase("true")) {
                conditions.add(new Condition(path, operator, List.copyOf(values)));
            }
        }
        List<Order> orders = new ArrayList<>();
        for (JsonNode order : list(body, "orderBy", target)) {
            String direction = order.path("order").asText();
            if (!direction.equalsIgnoreCase("ASC") && !direction.equalsIgnoreCase("DESC")) {
                throw Refusal.badRequest(target, "'order' is ASC or DESC, found '" + direction + "'.");
            }
            orders.add(new Order(path(subject, order.path("orderBy").asText(), "orderBy", target), direction.equalsIgnoreCase("DESC")));
        }
        if (orders.isEmpty()) {
            orders.add(new Order(subject.start, subject.isLatestFirst));
        }
        Optional<List<String>> continuation = Optional.ofNullable(body.get("continuationToken")).filter(token -> !token.isNull() && !token.asText().isEmpty())
                .map(token -> decode(token.asText(), orders.size() + 1, target));
        return new RunFilter(time(body, "lastUpdatedAfter", target), time(body, "lastUpdatedBefore", target), List.copyOf(conditions), List.copyOf(orders),
                continuation);
    }

    private static ArrayNode list(ObjectNode body, String key, String target) {
        JsonNode value = body.path(key);
        if (value.isMissingNode() || value.isNull()) {
            return body.arrayNode();
        }
        if (value instanceof ArrayNode array) {
            return array;
        }
        throw Refusal.badRequest(target, "'" + key + "' is to be a list.");
    }

    private static String path(Subject subject, String name, String what, String target) {
        return Optional.ofNullable(subject.operands.get(name.toLowerCase(Locale.ROOT))).orElseThrow(() -> Refusal.badRequest(target,
                "'" + name + "' is not an " + what + " of this query; there are " + subject.operands.keySet().stream().sorted().toList() + "."));
    }

    private static Operator operator(String name, String target) {
        try {
            return Operator.valueOf(name.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException unknown) {
            throw Refusal.badRequest(target, "The operators are Equals, NotEquals, In and NotIn, found '" + name + "'.");
        }
    }

    private static Instant time(ObjectNode body, String key, String target) {
        String text = body.path(key).asText("");
        return instant(text).orElseThrow(() -> Refusal.badRequest(target, "'" + key + "' is required and is a time such as 2024-05-01T00:00:00Z, found '"
                + text + "'."));
    }

    /// A time with or without an offset, or a day; without an offset it is UTC.
    static Optional<Instant> instant(String text) {
        return Timestamp.parse(text).map(Timestamp::instant);
    }

    /// One answer: the runs that are asked for, in order, as many as one answer holds, and how to ask for the others.
    ObjectNode page(Subject subject, List<ObjectNode> runs, int max) {
        Comparator<List<String>> order = comparator();
        List<ObjectNode> found = runs.stream().filter(run -> conditions.stream().allMatch(condition -> condition.holds(run)))
                .filter(run -> continuation.isEmpty() || order.compare(key(subject, run), continuation.get()) > 0)
                .sorted(Comparator.comparing(run -> key(subject, run), order)).limit(max + 1L).toList();
        ObjectNode page = ServiceJson.MAPPER.createObjectNode();
        ArrayNode value = page.putArray("value");
        found.stream().limit(max).forEach(value::add);
        if (found.size() > max) {
            page.put("continuationToken", encode(key(subject, found.get(max - 1))));
        }
        return page;
    }

    private List<String> key(Subject subject, ObjectNode run) {
        List<String> key = new ArrayList<>();
        orders.forEach(order -> key.add(text(run, order.path())));
        key.add(text(run, subject.id));
        return key;
    }

    // Times have a fixed form, in which text and time have one order.
    private Comparator<List<String>> comparator() {
        return (left, right) -> {
            for (int i = 0; i < orders.size(); i++) {
                int compared = left.get(i).compareToIgnoreCase(right.get(i));
                if (compared != 0) {
                    return orders.get(i).isDescending() ? -compared : compared;
                }
            }
            return left.getLast().compareTo(right.getLast());
        };
    }

    private static String text(ObjectNode run, String path) {
        JsonNode value = run;
        for (String step : path.split("\\.")) {
            value = value.path(step);
        }
        return value.isNull() ? "" : value.asText();
    }

    private static String encode(List<String> key) {
        ArrayNode json = ServiceJson.MAPPER.createArrayNode();
        key.forEach(json::add);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(json.toString().getBytes(StandardCharsets.UTF_8));
    }

    private static List<String> decode(String token, int size, String target) {
        try {
            List<String> key = new ArrayList<>();
            ServiceJson.MAPPER.readTree(new String(Base64.getUrlDecoder().decode(token), StandardCharsets.UTF_8)).forEach(text -> key.add(text.asText()));
            if (key.size() == size) {
                return key;
            }
        } catch (IllegalArgumentException | JsonProcessingException broken) {
            // Told below.
        }
        throw Refusal.badRequest(target, "'continuationToken' is not one of an answer to this query.");
    }
}
