package io.conshelf.engine.store;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.conshelf.kql.value.TimeSpanText;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// Which extents of a table are to become one.
///
/// Extents are a list here, so that merging serves to keep the list short: many of about the same size are taken at a time, which
/// writes a row's extent a few times in its life, and none beyond a million rows.
///
/// @param from extents created before are left as they are
public record MergePolicy(boolean isAllowed, long rowsMax, long bytesMax, int extentsMax, Duration range, Instant from) {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long BYTES_PER_MB = 1L << 20;
    private static final long ROWS_MAX = 1L << 20;
    private static final long SMALLEST_KIND_ROWS = 10_000;
    private static final int KIND_FACTOR = 10;
    private static final int EXTENTS_MIN = 10;
    private static final int TAG_CHARACTERS_MAX = 1_000_000;
    private static final Duration USUAL_LOOKBACK = Duration.ofDays(14);
    /// What the service recommends for the range, in percent of how long rows are kept: the oldest of an extent stay as long as
    /// the youngest.
    private static final int RANGE_PERCENT = 3;
    private static final long TICKS_PER_SECOND = 10_000_000;
    private static final long NANOSECONDS_PER_TICK = 100;

    /// The policy in effect for a table.
    public static MergePolicy of(Database database, Table table, Instant now) {
        var json = parsed(database.effectivePolicy(table, PolicyKind.MERGE).orElse("{}"));
        var range = hours(json.path("MaxRangeInHours").asLong(24));
        var from = lookback(json.path("Lookback"), database, table).map(period -> before(now, period)).orElse(Instant.MIN);
        var kept = RetentionPolicy.horizon(database, table, now);
        if (kept.isPresent()) {
            var share = Duration.between(kept.get(), now).multipliedBy(RANGE_PERCENT).dividedBy(100);
            range = share.compareTo(range) < 0 ? share : range;
            from = kept.get().isAfter(from) ? kept.get() : from;
        }
        return new MergePolicy(
                json.path("AllowMerge").asBoolean(true) || json.path("AllowRebuild").asBoolean(true),
                Math.min(ROWS_MAX, json.path("RowCountUpperBoundForMerge").asLong(ROWS_MAX)),
                json.path("OriginalSizeMBUpperBoundForMerge").asLong(30_000) * BYTES_PER_MB,
                json.path("MaxExtentsToMerge").asInt(100),
                range,
                from);
    }

    private static JsonNode parsed(String policy) {
        try {
            return JSON.readTree(policy);
        } catch (JacksonException e) {
            throw new IllegalStateException("a stored policy is not JSON: " + policy, e);
        }
    }

    private static Duration hours(long hours) {
        return Duration.ofHours(Math.min(hours, Integer.MAX_VALUE));
    }

    private static Instant before(Instant now, Duration period) {
        try {
            return now.minus(period);
        } catch (ArithmeticException | DateTimeException _) {
            return Instant.MIN;
        }
    }

    /// Nothing where extents of any age are merged.
    private static Optional<Duration> lookback(JsonNode lookback, Database database, Table table) {
        return switch (lookback.path("Kind").asText("Default").toLowerCase(Locale.ROOT)) {
            case "all" -> Optional.empty();
            case "hotcache" -> database.effectivePolicy(table, PolicyKind.CACHING)
                    .flatMap(policy -> period(parsed(policy).path("DataHotSpan").path("Value").asText()));
            case "custom" -> period(lookback.path("CustomPeriod").asText()).or(() -> Optional.of(USUAL_LOOKBACK));
            default -> Optional.of(USUAL_LOOKBACK);
        };
    }

    private static Optional<Duration> period(String text) {
        var ticks = TimeSpanText.parse(text);
        return ticks.isEmpty()
                ? Optional.empty()
                : Optional.of(Duration.ofSeconds(
                        ticks.getAsLong() / TICKS_PER_SECOND, ticks.getAsLong() % TICKS_PER_SECOND * NANOSECONDS_PER_TICK));
    }

    /// Why extents may not become one, whoever asks for it; nothing where they may.
    public static Optional<String> hindrance(Collection<Extent> extents) {
        if (extents.stream().map(MergePolicy::dropBy).distinct().count() > 1) {
            return Optional.of("extents whose 'drop-by:' tags differ are not merged");
        }
        long characters = extents.stream().flatMap(extent -> extent.tags().stream()).distinct().mapToLong(String::length).sum();
        return characters > TAG_CHARACTERS_MAX
                ? Optional.of("their tags have more than " + TAG_CHARACTERS_MAX + " characters together")
                : Optional.empty();
    }

    private static Set<String> dropBy(Extent extent) {
        return extent.tags().stream().filter(tag -> tag.startsWith("drop-by:")).collect(Collectors.toUnmodifiableSet());
    }

    private record Kind(Set<String> dropBy, long rows) {
        static Kind of(Extent extent) {
            long rows = SMALLEST_KIND_ROWS;
            while (rows <= extent.rowCount()) {
                rows *= KIND_FACTOR;
            }
            return new Kind(MergePolicy.dropBy(extent), rows);
        }
    }

    /// Of a table's extents those that are to be merged, each list into one.
    public List<List<Extent>> groups(Collection<Extent> extents) {
        var groups = new ArrayList<List<Extent>>();
        if (isAllowed) {
            extents.stream()
                    .filter(extent -> !extent.createdOn().isBefore(from) && extent.rowCount() < rowsMax)
                    .sorted(Comparator.comparing(Extent::createdOn).thenComparing(Extent::number))
                    .collect(Collectors.groupingBy(Kind::of, LinkedHashMap::new, Collectors.toList()))
                    .values()
                    .forEach(ofOneKind -> split(ofOneKind, groups));
        }
        return groups;
    }

    private void split(List<Extent> sorted, List<List<Extent>> groups) {
        int few = Math.min(EXTENTS_MIN, extentsMax);
        var group = new Group();
        for (Extent extent : sorted) {
            if (!group.takes(extent)) {
                group.addTo(groups, few);
                group = new Group();
            }
            if (group.takes(extent)) {
                group.add(extent);
            }
        }
        group.addTo(groups, few);
    }

    /// Grows by younger and younger extents.
    private final class Group {
        private final List<Extent> extents = new ArrayList<>();
        private final Set<String> tags = new HashSet<>();
        private Instant oldest = Instant.MAX;
        private long rows;
        private long bytes;
        private long tagCharacters;

        boolean takes(Extent extent) {
            var first = extent.minCreatedOn().isBefore(oldest) ? extent.minCreatedOn() : oldest;
            return extents.size() < extentsMax
                    && rows + extent.rowCount() <= rowsMax
                    && bytes + extent.originalBytes() <= bytesMax
                    && tagCharacters + newTagCharacters(extent) <= TAG_CHARACTERS_MAX
                    && Duration.between(first, extent.createdOn()).compareTo(range) <= 0;
        }

        private long newTagCharacters(Extent extent) {
            return extent.tags().stream().filter(tag -> !tags.contains(tag)).mapToLong(String::length).sum();
        }

        void add(Extent extent) {
            tagCharacters += newTagCharacters(extent);
            tags.addAll(extent.tags());
            rows += extent.rowCount();
            bytes += extent.originalBytes();
            oldest = extent.minCreatedOn().isBefore(oldest) ? extent.minCreatedOn() : oldest;
            extents.add(extent);
        }

        void addTo(List<List<Extent>> groups, int few) {
            if (extents.size() >= few) {
                groups.add(List.copyOf(extents));
            }
        }
    }
}
