package io.conshelf.factory.trigger;

import io.conshelf.connectors.definition.Located;
import io.conshelf.connectors.definition.Problem;
import io.conshelf.factory.definition.Resource;
import io.conshelf.factory.expression.WindowsTimeZones;
import java.time.DateTimeException;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What a trigger's resource says. Validation has told of what is wrong with it in words; what is read here either stands or is
/// reported as not readable.
public sealed interface TriggerDefinition {
    Pattern SPAN = Pattern.compile("(-)?(?:(\\d{1,6})\\.)?(\\d{1,6}):(\\d{1,4})(?::(\\d{1,5})(?:\\.\\d+)?)?");

    int RETRY_SECONDS = 30;

    String name();

    /// The pipelines that it starts, each with the parameters it gives them, as they stand in the definition.
    List<Start> starts();

    record Start(String pipeline, Located parameters) {}

    record Schedule(String name, List<Start> starts, Recurrence recurrence) implements TriggerDefinition {
        public Schedule {
            starts = List.copyOf(starts);
        }
    }

    /// @param delay            how long after a window's end it runs
    /// @param maxConcurrency   how many windows run at once
    /// @param retries          further tries of a window that failed
    /// @param retryPause       between them
    record Tumbling(
            String name, List<Start> starts, WindowSequence windows, Duration delay, int maxConcurrency, int retries, Duration retryPause,
            List<Dependency> dependencies) implements TriggerDefinition {
        public Tumbling {
            starts = List.copyOf(starts);
            dependencies = List.copyOf(dependencies);
        }
    }

    /// What else must have succeeded before a window runs: the windows of a trigger that lie within a stretch.
    ///
    /// @param trigger its own name, when it depends on earlier windows of its own
    /// @param size    zero for the window's own length
    record Dependency(String trigger, Duration offset, Duration size) {}

    /// @param folder the container and the beginning of the blob's path, `container/prefix`; empty for any
    /// @param suffix how the path ends; empty for any
    record BlobEvents(String name, List<Start> starts, boolean onCreated, boolean onDeleted, String folder, String suffix, boolean ignoresEmpty)
            implements TriggerDefinition {
        private static final String CREATED = "Microsoft.Storage.BlobCreated";
        private static final String DELETED = "Microsoft.Storage.BlobDeleted";

        public BlobEvents {
            starts = List.copyOf(starts);
        }

        /// Whether there is an event of this name.
        public static boolean isEvent(String name) {
            return name.equalsIgnoreCase(CREATED) || name.equalsIgnoreCase(DELETED);
        }

        /// Whether an event is one that it waits for.
        public boolean accepts(String container, String blob, boolean isCreated, long bytes) {
            return (isCreated ? onCreated : onDeleted)
                    && (container + "/" + blob).startsWith(folder)
                    // A whole path may stand there too: `/container/blobs/file.txt`.
                    && ("/" + container + "/blobs/" + blob).endsWith(suffix)
                    && !(ignoresEmpty && isCreated && bytes == 0);
        }
    }

    /// Events that others send: nothing on this machine does.
    record CustomEvents(String name, List<Start> starts) implements TriggerDefinition {
        public CustomEvents {
            starts = List.copyOf(starts);
        }
    }

    /// Reads a trigger; empty when it is not readable, and then `problems` has been told why.
    static Optional<TriggerDefinition> read(Resource resource, Consumer<Problem> problems) {
        Located properties = resource.properties().at("typeProperties");
        List<Start> starts = starts(resource.properties());
        try {
            return Optional.of(switch (resource.type().toLowerCase(Locale.ROOT)) {
                case "scheduletrigger" -> new Schedule(resource.name(), starts, recurrence(properties.at("recurrence")));
                case "tumblingwindowtrigger" -> tumbling(resource.name(), starts, properties);
                case "blobeventstrigger" -> blobEvents(resource.name(), starts, properties);
                case "customeventstrigger" -> new CustomEvents(resource.name(), starts);
                default -> throw new Unreadable(resource.properties().at("type").problem("the trigger type '" + resource.type() + "' is not supported"));
            });
        } catch (Unreadable wrong) {
            problems.accept(wrong.problem);
            return Optional.empty();
        }
    }

    private static List<Start> starts(Located properties) {
        List<Located> stated = new ArrayList<>(properties.at("pipelines").items());
        if (properties.at("pipeline").isPresent()) {
            stated.add(properties.at("pipeline"));
        }
        return stated.stream().map(start -> {
            Located reference = start.at("pipelineReference");
            return new Start(reference.at("referenceName").text().or(() -> reference.at("name").text()).orElse(""), start.at("parameters"));
        }).toList();
    }

    private static Recurrence recurrence(Located stated) {
        ZoneId zone = stated.at("timeZone").text().map(name -> WindowsTimeZones.find(name)
                .orElseThrow(() -> new Unreadable(stated.at("timeZone").problem("there is no time zone '" + name + "'")))).orElse(ZoneOffset.UTC);
        Located schedule = stated.at("schedule");
        return new Recurrence(
                frequency(stated.at("frequency"), Recurrence.Frequency.class), interval(stated), local(stated.at("startTime"), zone), zone,
                stated.at("endTime").isPresent() ? local(stated.at("endTime"), zone).atZone(zone).toInstant() : Instant.MAX,
                schedule.isPresent()
                        ? new Recurrence.Schedule(numbers(schedule.at("minutes"), 0, 59), numbers(schedule.at("hours"), 0, 23),
                                values(schedule.at("weekDays")).stream().map(TriggerDefinition::day).toList(), monthDays(schedule.at("monthDays")),
                                values(schedule.at("monthlyOccurrences")).stream().map(one -> new Recurrence.Occurrence(
                                        day(one.at("day")), whole(one.at("occurrence"), 0))).toList())
                        : Recurrence.Schedule.NONE);
    }

    private static Tumbling tumbling(String name, List<Start> starts, Located properties) {
        Instant end = properties.at("endTime").isPresent() ? local(properties.at("endTime"), ZoneOffset.UTC).toInstant(ZoneOffset.UTC) : Instant.MAX;
        var windows = new WindowSequence(frequency(properties.at("frequency"), WindowSequence.Frequency.class), interval(properties),
                local(properties.at("startTime"), ZoneOffset.UTC).toInstant(ZoneOffset.UTC), end);
        List<Dependency> dependencies = properties.at("dependsOn").items().stream().map(one -> new Dependency(
                one.at("referenceTrigger").at("referenceName").text(name), span(one.at("offset")), span(one.at("size")))).toList();
        return new Tumbling(name, starts, windows, span(properties.at("delay")),
                whole(properties.at("maxConcurrency"), 1),
                whole(properties.at("retryPolicy").at("count"), 0),
                Duration.ofSeconds(whole(properties.at("retryPolicy").at("intervalInSeconds"), RETRY_SECONDS)), dependencies);
    }

    private static BlobEvents blobEvents(String name, List<Start> starts, Located properties) {
        List<String> events = properties.at("events").items().stream().map(event -> event.text("")).toList();
        String begins = properties.at("blobPathBeginsWith").text("").replaceFirst("^/", "");
        return new BlobEvents(name, starts, events.stream().anyMatch(BlobEvents.CREATED::equalsIgnoreCase), events.stream().anyMatch(BlobEvents.DELETED::equalsIgnoreCase),
                // `/container/blobs/prefix`: between the two stands a word that is no part of the path.
                begins.replaceFirst("^([^/]+)/blobs/", "$1/"), properties.at("blobPathEndsWith").text(""),
                properties.at("ignoreEmptyBlobs").flag().orElse(false));
    }

    private static <E extends Enum<E>> E frequency(Located stated, Class<E> known) {
        try {
            return Enum.valueOf(known, stated.text("").toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException _) {
            throw new Unreadable(stated.problem("'" + stated.text("") + "' is not a frequency"));
        }
    }

    private static int interval(Located stated) {
        long interval = stated.at("interval").isPresent() ? stated.at("interval").integer().orElse(0L) : 1;
        if (interval < 1 || interval > 1_000) {
            throw new Unreadable(stated.at("interval").problem("the interval is between 1 and 1000"));
        }
        return (int) interval;
    }

    private static int whole(Located stated, int otherwise) {
        if (!stated.isPresent()) {
            return otherwise;
        }
        return stated.integer().filter(number -> number == number.intValue()).map(Long::intValue)
                .orElseThrow(() -> new Unreadable(stated.problem("a whole number is needed, found " + stated.value())));
    }

    /// A time with an offset is turned to the zone; one without is the zone's own.
    private static LocalDateTime local(Located stated, ZoneId zone) {
        String text = stated.text("");
        try {
            return text.matches(".*(Z|z|[+-]\\d{2}:\\d{2})")
                    ? OffsetDateTime.parse(text).atZoneSameInstant(zone).toLocalDateTime()
                    : LocalDateTime.parse(text);
        } catch (DateTimeException _) {
            throw new Unreadable(stated.problem("'" + text + "' is not a time; write 2024-01-31T00:00:00Z"));
        }
    }

    private static Duration span(Located stated) {
        if (!stated.isPresent()) {
            return Duration.ZERO;
        }
        Matcher parts = SPAN.matcher(stated.text("").strip());
        if (!parts.matches()) {
            throw new Unreadable(stated.problem("'" + stated.text("") + "' is not a time span; write 01:00:00 or 1.00:00:00"));
        }
        Duration span = Duration.ofDays(part(parts, 2)).plusHours(part(parts, 3)).plusMinutes(part(parts, 4)).plusSeconds(part(parts, 5));
        return parts.group(1) == null ? span : span.negated();
    }

    private static long part(Matcher parts, int group) {
        return parts.group(group) == null ? 0 : Long.parseLong(parts.group(group));
    }

    private static List<Integer> numbers(Located stated, int min, int max) {
        return values(stated).stream().map(one -> one.integer().filter(number -> number >= min && number <= max).map(Math::toIntExact)
                .orElseThrow(() -> new Unreadable(one.problem("a number between " + min + " and " + max + " is needed")))).toList();
    }

    private static List<Integer> monthDays(Located stated) {
        return values(stated).stream().map(one -> one.integer().filter(day -> day != 0 && day >= -31 && day <= 31).map(Math::toIntExact)
                .orElseThrow(() -> new Unreadable(one.problem("a day of the month is 1 to 31, or -1 to -31 from its end")))).toList();
    }

    /// One value may stand for a list of one.
    private static List<Located> values(Located stated) {
        return stated.isPresent() && !stated.value().isArray() ? List.of(stated) : stated.items();
    }

    private static DayOfWeek day(Located stated) {
        try {
            return DayOfWeek.valueOf(stated.text("").toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException _) {
            throw new Unreadable(stated.problem("'" + stated.text("") + "' is not a day of the week"));
        }
    }

    /// Ends the reading at the first thing that cannot be read.
    final class Unreadable extends RuntimeException {
        private final transient Problem problem;

        private Unreadable(Problem problem) {
            super(problem.toString());
            this.problem = problem;
        }
    }
}
