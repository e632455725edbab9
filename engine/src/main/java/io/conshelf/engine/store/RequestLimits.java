package io.conshelf.engine.store;

import com.fasterxml.jackson.databind.JsonNode;
import io.conshelf.kql.value.TimeSpanText;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Predicate;
import java.util.stream.Stream;

/// What a workload group lets each of its queries use, where that is less than the configuration does.
public record RequestLimits(Map<Kind, Limit> limits) {
    public static final RequestLimits NONE = new RequestLimits(Map.of());
    private static final long TIME_TICKS_MAX = 36_000_000_000L;
    private static final long TICK_NANOS = 100;

    public RequestLimits {
        limits = Map.copyOf(limits);
    }

    /// Those that are acted on, as the policy calls them.
    public enum Kind {
        MEMORY_PER_QUERY("MaxMemoryPerQueryPerNode"), MEMORY_PER_ITERATOR("MaxMemoryPerIterator"), RESULT_RECORDS("MaxResultRecords"),
        RESULT_BYTES("MaxResultBytes"), EXECUTION_TIME("MaxExecutionTime");

        private final String kustoName;

        Kind(String kustoName) {
            this.kustoName = kustoName;
        }

        public String kustoName() {
            return kustoName;
        }

        public static Optional<Kind> named(String name) {
            return Arrays.stream(values()).filter(kind -> kind.kustoName.equalsIgnoreCase(name)).findFirst();
        }

        /// In ticks where it is a time; empty where it is no value of this limit.
        OptionalLong value(JsonNode value) {
            if (this == EXECUTION_TIME) {
                var ticks = value.isTextual() ? TimeSpanText.parse(value.textValue()) : OptionalLong.empty();
                return ticks.isPresent() && ticks.getAsLong() >= 0 && ticks.getAsLong() <= TIME_TICKS_MAX ? ticks : OptionalLong.empty();
            }
            return value.isIntegralNumber() && value.canConvertToLong() && value.longValue() > 0
                    ? OptionalLong.of(value.longValue()) : OptionalLong.empty();
        }

        String allowed() {
            return this == EXECUTION_TIME ? "a timespan from 00:00:00 to 01:00:00" : "a whole number greater than zero";
        }
    }

    /// Those that one node without a cache of results meets whatever they say: all of its data is hot, and nothing is fanned out.
    private static final Map<String, Predicate<JsonNode>> MET = Map.of(
            "DataScope", value -> value.asText().equalsIgnoreCase("All") || value.asText().equalsIgnoreCase("HotCache"),
            "MaxFanoutThreadsPercentage", RequestLimits::isPercentage,
            "MaxFanoutNodesPercentage", RequestLimits::isPercentage,
            "QueryResultsCacheMaxAge", value -> value.isTextual() && TimeSpanText.parse(value.textValue()).isPresent());

    private static boolean isPercentage(JsonNode value) {
        return value.isIntegralNumber() && value.intValue() >= 1 && value.intValue() <= 100;
    }

    /// @param isRelaxable whether a request may ask for more
    public record Limit(long value, boolean isRelaxable) {}

    /// As a policy has them. What it leaves null is not limited.
    static RequestLimits of(JsonNode policy) {
        var limits = new EnumMap<Kind, Limit>(Kind.class);
        policy.properties().forEach(member -> Kind.named(member.getKey()).ifPresent(kind -> kind.value(member.getValue().path("Value"))
                .ifPresent(value -> limits.put(kind, new Limit(value, member.getValue().path("IsRelaxable").asBoolean())))));
        return new RequestLimits(limits);
    }

    /// What is wrong with a policy, in words.
    public static Optional<String> problem(JsonNode policy) {
        if (!policy.isObject()) {
            return Optional.of("'RequestLimitsPolicy' is an object, found " + policy);
        }
        for (var member : policy.properties()) {
            var limit = member.getValue();
            var kind = Kind.named(member.getKey());
            if (kind.isEmpty()) {
                var met = MET.get(member.getKey());
                if (met == null) {
                    return Optional.of("'" + member.getKey() + "' of 'RequestLimitsPolicy' is not supported; supported are "
                            + String.join(", ", Stream.concat(Arrays.stream(Kind.values()).map(Kind::kustoName), MET.keySet().stream().sorted()).toList()));
                }
                if (!limit.isNull() && !limit.path("Value").isNull() && !met.test(limit.path("Value"))) {
                    return Optional.of("'" + member.getKey() + "' of 'RequestLimitsPolicy' cannot be " + limit);
                }
                continue;
            }
            boolean isUnset = limit.isNull() || limit.isObject() && limit.path("Value").isNull();
            if (!isUnset && (!limit.path("IsRelaxable").isMissingNode() && !limit.path("IsRelaxable").isBoolean()
                    || kind.get().value(limit.path("Value")).isEmpty())) {
                return Optional.of("'" + kind.get().kustoName() + "' has a 'Value', " + kind.get().allowed()
                        + ", and a bool 'IsRelaxable', found " + limit);
            }
        }
        return Optional.empty();
    }

    /// These, and for what they do not limit the others.
    RequestLimits over(RequestLimits others) {
        var all = new EnumMap<Kind, Limit>(Kind.class);
        all.putAll(others.limits);
        all.putAll(limits);
        return new RequestLimits(all);
    }

    /// Of one kind alone.
    RequestLimits only(Kind kind) {
        return new RequestLimits(limits.containsKey(kind) ? Map.of(kind, limits.get(kind)) : Map.of());
    }

    /// What holds for a request that asks for so much, where `otherwise` holds without a limit of this kind.
    public OptionalLong of(Kind kind, OptionalLong asked, OptionalLong otherwise) {
        var limit = Optional.ofNullable(limits.get(kind));
        if (limit.isEmpty()) {
            return asked.isPresent() ? asked : otherwise;
        }
        if (asked.isEmpty()) {
            return OptionalLong.of(limit.get().value());
        }
        return limit.get().isRelaxable() ? asked : OptionalLong.of(Math.min(asked.getAsLong(), limit.get().value()));
    }

    /// Whether requests may ask for no limit at all.
    public boolean mayBeLifted(Kind kind) {
        return Optional.ofNullable(limits.get(kind)).map(Limit::isRelaxable).orElse(true);
    }

    /// Never longer than `time`.
    public Duration time(Duration time, boolean isAsked) {
        return Optional.ofNullable(limits.get(Kind.EXECUTION_TIME))
                .filter(limit -> !(isAsked && limit.isRelaxable()))
                .map(limit -> Duration.ofSeconds(0, limit.value() * TICK_NANOS))
                .filter(most -> most.compareTo(time) < 0)
                .orElse(time);
    }
}
