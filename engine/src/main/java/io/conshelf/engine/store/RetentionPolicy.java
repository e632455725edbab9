package io.conshelf.engine.store;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.conshelf.kql.value.TimeSpanText;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// How long the rows of a table are kept.
public final class RetentionPolicy {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long TICKS_PER_SECOND = 10_000_000;
    private static final long NANOSECONDS_PER_TICK = 100;

    private RetentionPolicy() {}

    /// Extents created before this have had their time; nothing where none is too old.
    public static Optional<Instant> horizon(Database database, Table table, Instant now) {
        return horizon(database.effectivePolicy(table, PolicyKind.RETENTION), now);
    }

    /// As [#horizon(Database, Table, Instant)], of the part of a materialized view: its source's policy has no part in it.
    public static Optional<Instant> horizon(Database database, MaterializedView view, Instant now) {
        return horizon(
                database.rules(new EntityId(EntityId.Kind.MATERIALIZED_VIEW, view.name())).policy(PolicyKind.RETENTION)
                        .or(() -> database.policy(PolicyKind.RETENTION)).or(PolicyKind.RETENTION::defaultPolicy),
                now);
    }

    private static Optional<Instant> horizon(Optional<String> policy, Instant now) {
        return policy.flatMap(RetentionPolicy::period).flatMap(period -> {
            try {
                return Optional.of(now.minus(period));
            } catch (ArithmeticException | DateTimeException _) {
                return Optional.empty(); // nothing is as old as that
            }
        });
    }

    private static Optional<Duration> period(String policy) {
        try {
            var ticks = TimeSpanText.parse(JSON.readTree(policy).path("SoftDeletePeriod").asText());
            return ticks.isEmpty()
                    ? Optional.empty()
                    : Optional.of(Duration.ofSeconds(
                            ticks.getAsLong() / TICKS_PER_SECOND, ticks.getAsLong() % TICKS_PER_SECOND * NANOSECONDS_PER_TICK));
        } catch (JacksonException e) {
            throw new IllegalStateException("a stored policy is not JSON: " + policy, e);
        }
    }
}
