package io.conshelf.factory;

import io.conshelf.connectors.definition.Located;
import io.conshelf.factory.ExpressionCheck.Place;
import io.conshelf.factory.definition.Factory;
import io.conshelf.factory.definition.Kind;
import io.conshelf.factory.definition.Parameter;
import io.conshelf.factory.definition.Resource;
import io.conshelf.factory.trigger.TriggerDefinition;
import java.time.DateTimeException;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Checks triggers, integration runtimes, credentials and global parameters.
final class TriggerCheck {
    private static final Set<String> RECURRENCES = Set.of("minute", "hour", "day", "week", "month", "year");
    private static final Set<String> WINDOWS = Set.of("minute", "hour", "month");
    private static final Set<String> RUNTIMES = Set.of("managed", "selfhosted");
    private static final Set<String> CREDENTIALS = Set.of("managedidentity", "serviceprincipal");
    private static final int CONCURRENCY_MAX = 50;
    private static final int WINDOW_MINUTES_MIN = 5;
    private static final int INTERVAL_MAX = 1_000;

    private final Factory factory;
    private final Set<String> globals;
    private final Findings findings;
    private final ExpressionCheck expressions;

    TriggerCheck(Factory factory, Set<String> globals, Findings findings, ExpressionCheck expressions) {
        this.factory = factory;
        this.globals = globals;
        this.findings = findings;
        this.expressions = expressions;
    }

    void everything() {
        factory.globalParameters(findings::problem).values().forEach(parameter -> parameter.value()
                .filter(value -> !parameter.accepts(value)).ifPresent(value -> findings.problem(parameter.declaration().problem("'" + parameter.name()
                        + "' is of type " + parameter.type().title() + ", and " + value + " is not one"))));
        factory.resources(Kind.INTEGRATION_RUNTIME).values().forEach(runtime -> oneOf(runtime, "an integration runtime is Managed or SelfHosted", RUNTIMES));
        factory.resources(Kind.CREDENTIAL).values().forEach(credential ->
                oneOf(credential, "a credential is a ManagedIdentity or a ServicePrincipal", CREDENTIALS));
        factory.resources(Kind.TRIGGER).values().forEach(this::trigger);
    }

    private void oneOf(Resource resource, String rule, Set<String> types) {
        Names.check(resource.definition().at("name"), resource.kind().title(), resource.name(), findings);
        if (!types.contains(resource.type().toLowerCase(Locale.ROOT))) {
            findings.problem(resource.properties().at("type").problem(rule + ", found '" + resource.type() + "'"));
        }
    }

    private void trigger(Resource trigger) {
        Names.check(trigger.definition().at("name"), "trigger", trigger.name(), findings);
        Located properties = trigger.properties().at("typeProperties");
        switch (trigger.type().toLowerCase(Locale.ROOT)) {
            case "scheduletrigger" -> schedule(properties.at("recurrence"));
            case "tumblingwindowtrigger" -> window(properties);
            case "blobeventstrigger" -> {
                if (properties.at("events").items().isEmpty()) {
                    findings.problem(properties.at("events").problem("a BlobEventsTrigger waits for Microsoft.Storage.BlobCreated or BlobDeleted"));
                }
                properties.at("events").items().stream().filter(event -> !TriggerDefinition.BlobEvents.isEvent(event.text(""))).forEach(event -> findings.problem(
                        event.problem("the events are Microsoft.Storage.BlobCreated and Microsoft.Storage.BlobDeleted, found " + event.value())));
                if (!properties.at("blobPathBeginsWith").isPresent() && !properties.at("blobPathEndsWith").isPresent()) {
                    findings.problem(properties.at("blobPathBeginsWith").problem("a BlobEventsTrigger needs blobPathBeginsWith or blobPathEndsWith"));
                }
            }
            case "customeventstrigger" -> {}
            default -> findings.problem(trigger.properties().at("type").problem("the trigger type '" + trigger.type()
                    + "' is not supported; there are ScheduleTrigger, TumblingWindowTrigger, BlobEventsTrigger and CustomEventsTrigger"));
        }
        List<Located> started = new ArrayList<>(trigger.properties().at("pipelines").items());
        if (trigger.properties().at("pipeline").isPresent()) {
            started.add(trigger.properties().at("pipeline"));
        }
        started.forEach(this::started);
        // What a start would refuse, where nothing was said of that place yet.
        TriggerDefinition.read(trigger, problem -> {
            if (!findings.hasProblemAt(problem)) {
                findings.problem(problem);
            }
        });
    }

    private void schedule(Located recurrence) {
        if (!recurrence.isPresent()) {
            findings.problem(recurrence.problem("a ScheduleTrigger needs a recurrence"));
            return;
        }
        String frequency = frequency(recurrence.at("frequency"), RECURRENCES, "Minute, Hour, Day, Week, Month and Year");
        interval(recurrence.at("interval"), 1);
        times(recurrence);
        Located schedule = recurrence.at("schedule");
        within(schedule.at("minutes"), 0, 59);
        within(schedule.at("hours"), 0, 23);
        schedule.at("monthlyOccurrences").items().forEach(one -> within(one.at("occurrence"), -5, 5));
        only(schedule.at("weekDays"), frequency.equals("week"), "weekDays go with the frequency Week");
        only(schedule.at("monthDays"), frequency.equals("month"), "monthDays go with the frequency Month");
        only(schedule.at("monthlyOccurrences"), frequency.equals("month"), "monthlyOccurrences go with the frequency Month");
    }

    /// A number, or each of a list.
    private void within(Located stated, long min, long max) {
        (stated.value().isArray() ? stated.items() : List.of(stated)).stream().filter(Located::isPresent)
                .filter(one -> one.integer().filter(number -> number >= min && number <= max).isEmpty())
                .forEach(one -> findings.problem(one.problem("a number between " + min + " and " + max + " is needed, found " + one.value())));
    }

    private void only(Located value, boolean isAllowed, String rule) {
        if (!isAllowed && value.value().isArray() && !value.value().isEmpty()) {
            findings.problem(value.problem(rule));
        }
    }

    private void window(Located properties) {
        String frequency = frequency(properties.at("frequency"), WINDOWS, "Minute, Hour and Month");
        interval(properties.at("interval"), frequency.equals("minute") ? WINDOW_MINUTES_MIN : 1);
        times(properties);
        Located concurrency = properties.at("maxConcurrency");
        if (concurrency.integer().filter(value -> value >= 1 && value <= CONCURRENCY_MAX).isEmpty()) {
            findings.problem(concurrency.problem("maxConcurrency is between 1 and " + CONCURRENCY_MAX
                    + (concurrency.isPresent() ? ", found " + concurrency.value() : "")));
        }
        within(properties.at("retryPolicy").at("count"), 0, Integer.MAX_VALUE);
        within(properties.at("retryPolicy").at("intervalInSeconds"), 0, Integer.MAX_VALUE);
        for (Located dependency : properties.at("dependsOn").items()) {
            Located other = dependency.at("referenceTrigger").at("referenceName");
            if (other.isPresent() && !factory.resources(Kind.TRIGGER).containsKey(other.text(""))) {
                findings.problem(factory.broken(Kind.TRIGGER, other.text("")).orElseGet(() -> other.problem("there is no trigger '" + other.text("") + "'; there are "
                        + factory.resources(Kind.TRIGGER).keySet())));
            }
            Located offset = dependency.at("offset");
            if (dependency.at("type").text("").toLowerCase(Locale.ROOT).startsWith("self") && !offset.text("").startsWith("-")) {
                findings.problem(offset.problem("a window that depends on earlier ones of its own has a negative offset"));
            }
        }
    }

    private String frequency(Located stated, Set<String> known, String names) {
        String frequency = stated.text("").toLowerCase(Locale.ROOT);
        if (!known.contains(frequency)) {
            findings.problem(stated.problem("the frequencies are " + names + ", found " + (stated.isPresent() ? stated.value() : "none")));
        }
        return frequency;
    }

    private void interval(Located stated, int min) {
        if (stated.isPresent() && stated.integer().filter(value -> value >= min && value <= INTERVAL_MAX).isEmpty()) {
            findings.problem(stated.problem("the interval is between " + min + " and " + INTERVAL_MAX + ", found " + stated.value()));
        }
    }

    private void times(Located recurrence) {
        Optional<LocalDateTime> start = time(recurrence.at("startTime"));
        Optional<LocalDateTime> end = time(recurrence.at("endTime"));
        if (!recurrence.at("startTime").isPresent()) {
            findings.problem(recurrence.at("startTime").problem("a trigger needs a startTime"));
        }
        if (start.isPresent() && end.isPresent() && !end.get().isAfter(start.get())) {
            findings.problem(recurrence.at("endTime").problem("the endTime is not after the startTime"));
        }
    }

    private Optional<LocalDateTime> time(Located stated) {
        if (!stated.isPresent()) {
            return Optional.empty();
        }
        String text = stated.text("");
        try {
            return Optional.of(text.matches(".*(Z|z|[+-]\\d{2}:?\\d{2})$") ? OffsetDateTime.parse(text).toLocalDateTime() : LocalDateTime.parse(text));
        } catch (DateTimeException notATime) {
            findings.problem(stated.problem("'" + text + "' is not a time; write 2024-01-31T00:00:00Z"));
            return Optional.empty();
        }
    }

    private void started(Located started) {
        Located reference = started.at("pipelineReference");
        Located named = reference.at("referenceName").isPresent() ? reference.at("referenceName") : reference.at("name");
        Resource pipeline = factory.pipelines().get(named.text(""));
        if (pipeline == null) {
            findings.problem(factory.broken(Kind.PIPELINE, named.text("")).orElseGet(() -> named.problem("there is no pipeline '" + named.text("")
                    + "'; there are " + factory.pipelines().keySet())));
        } else {
            Map<String, Parameter> declared = Parameter.readAll(pipeline.properties().at("parameters"), _ -> {});
            for (Map.Entry<String, Located> given : started.at("parameters").properties()) {
                if (declared.keySet().stream().noneMatch(given.getKey()::equalsIgnoreCase)) {
                    findings.problem(given.getValue().problem("'" + pipeline.name() + "' declares no parameter '" + given.getKey() + "'"));
                }
            }
            declared.values().stream().filter(parameter -> parameter.value().isEmpty() && !started.at("parameters").at(parameter.name()).isPresent())
                    .forEach(parameter -> findings.problem(started.at("parameters").problem("'" + pipeline.name() + "' needs the parameter '"
                            + parameter.name() + "'")));
        }
        expressions.check(started.at("parameters"), Place.trigger(globals));
    }
}
