package io.conshelf.factory.definition;

import io.conshelf.connectors.definition.Located;
import io.conshelf.connectors.definition.Problem;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// One activity of a pipeline: the envelope that all types share. The type reads the rest from `properties`.
public record Activity(String name, String type, List<Dependency> dependencies, Policy policy, Optional<InactiveAs> inactive, Located definition) {
    private static final Pattern DURATION = Pattern.compile("(?:(\\d+)\\.)?(\\d+):(\\d+)(?::(\\d+)(?:\\.\\d+)?)?");
    private static final Duration TIMEOUT = Duration.ofHours(12);

    /// How another activity must have ended for this one to start.
    public enum Condition { SUCCEEDED, FAILED, SKIPPED, COMPLETED }

    public record Dependency(String activity, Set<Condition> conditions) {}

    /// What an inactive activity counts as.
    public enum InactiveAs { SUCCEEDED, FAILED, SKIPPED }

    /// @param retry an integer or an expression; absent means none
    public record Policy(Duration timeout, Located retry, Duration retryInterval, boolean hidesInput, boolean hidesOutput) {}

    public Located typeProperties() {
        return definition.at("typeProperties");
    }

    /// The activities of a list; what cannot be read is reported to `problems`.
    public static List<Activity> readAll(Located list, Consumer<Problem> problems) {
        List<Activity> activities = new ArrayList<>();
        for (Located item : list.items()) {
            activities.add(read(item, problems));
        }
        return List.copyOf(activities);
    }

    private static Activity read(Located definition, Consumer<Problem> problems) {
        String name = definition.at("name").text().orElseGet(() -> {
            problems.accept(definition.at("name").problem("an activity needs a name"));
            return "";
        });
        String type = definition.at("type").text().orElseGet(() -> {
            problems.accept(definition.at("type").problem("activity '" + name + "' needs a type"));
            return "";
        });
        List<Dependency> dependencies = new ArrayList<>();
        for (Located dependency : definition.at("dependsOn").items()) {
            dependencies.add(dependency(dependency, problems));
        }
        return new Activity(name, type, List.copyOf(dependencies), policy(definition.at("policy"), problems), inactive(definition), definition);
    }

    private static Dependency dependency(Located dependency, Consumer<Problem> problems) {
        Set<Condition> conditions = EnumSet.noneOf(Condition.class);
        for (Located condition : dependency.at("dependencyConditions").items()) {
            try {
                conditions.add(Condition.valueOf(condition.text("").toUpperCase(Locale.ROOT)));
            } catch (IllegalArgumentException unknown) {
                problems.accept(condition.problem("the conditions are Succeeded, Failed, Skipped and Completed, found " + condition.value()));
            }
        }
        if (conditions.isEmpty()) {
            conditions.add(Condition.SUCCEEDED);
        }
        return new Dependency(dependency.at("activity").text(""), Set.copyOf(conditions));
    }

    private static Policy policy(Located policy, Consumer<Problem> problems) {
        Duration timeout = policy.at("timeout").text().map(text -> duration(text).orElseGet(() -> {
            problems.accept(policy.at("timeout").problem("'" + text + "' is not a duration; write d.hh:mm:ss"));
            return TIMEOUT;
        })).orElse(TIMEOUT);
        long interval = policy.at("retryIntervalInSeconds").integer().orElse(30L);
        return new Policy(timeout, policy.at("retry"), Duration.ofSeconds(interval), policy.at("secureInput").flag().orElse(false),
                policy.at("secureOutput").flag().orElse(false));
    }

    private static Optional<InactiveAs> inactive(Located definition) {
        if (!definition.at("state").text("Active").equalsIgnoreCase("Inactive")) {
            return Optional.empty();
        }
        return Optional.of(switch (definition.at("onInactiveMarkAs").text("Succeeded").toLowerCase(Locale.ROOT)) {
            case "failed" -> InactiveAs.FAILED;
            case "skipped" -> InactiveAs.SKIPPED;
            default -> InactiveAs.SUCCEEDED;
        });
    }

    /// Reads `d.hh:mm:ss`; parts beyond their range count on, as in `60:00:00`.
    public static Optional<Duration> duration(String text) {
        Matcher matcher = DURATION.matcher(text.strip());
        if (!matcher.matches()) {
            return Optional.empty();
        }
        try {
            return Optional.of(Duration.ofDays(part(matcher, 1)).plusHours(part(matcher, 2)).plusMinutes(part(matcher, 3)).plusSeconds(part(matcher, 4)));
        } catch (ArithmeticException | NumberFormatException tooLarge) {
            return Optional.empty();
        }
    }

    private static long part(Matcher matcher, int group) {
        return matcher.group(group) == null ? 0 : Long.parseLong(matcher.group(group));
    }
}
