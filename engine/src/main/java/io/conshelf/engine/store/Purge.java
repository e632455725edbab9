package io.conshelf.engine.store;

import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import java.util.UUID;

/// An order to purge records, and how far it has come.
///
/// @param target          a table or materialized view
/// @param predicate       `where …`
/// @param engineOperation the run that carries it out; none before there is one
/// @param engineDuration  of all runs
/// @param principal       by its fully qualified name
/// @param notBefore       when it may be carried out; later than it was asked for once a run of it has failed
/// @param isErased        whether what was purged is gone from the file as well
public record Purge(
        UUID id,
        String target,
        boolean isView,
        String predicate,
        Instant scheduledOn,
        Instant updatedOn,
        Instant notBefore,
        State state,
        String details,
        Optional<UUID> engineOperation,
        Optional<Instant> engineStartedOn,
        Duration engineDuration,
        int retries,
        String clientRequestId,
        String principal,
        boolean isErased) {

    private static final Duration RETRY_AFTER = Duration.ofMinutes(1);

    /// As `.show purges` prints it.
    public enum State {
        SCHEDULED("Scheduled"), IN_PROGRESS("InProgress"), COMPLETED("Completed"), BAD_INPUT("BadInput"), FAILED("Failed"),
        CANCELED("Canceled");

        private final String kustoName;

        State(String kustoName) {
            this.kustoName = kustoName;
        }

        public String kustoName() {
            return kustoName;
        }

        static State named(String name) {
            return Arrays.stream(values()).filter(s -> s.kustoName.equals(name)).findFirst().orElseThrow();
        }
    }

    /// Whether somebody still has to carry it out.
    public boolean isPending() {
        return state == State.SCHEDULED || state == State.IN_PROGRESS;
    }

    /// As it is when a run of it begins.
    public Purge begun(UUID operation, Instant now) {
        return new Purge(id, target, isView, predicate, scheduledOn, now, notBefore, State.IN_PROGRESS, "", Optional.of(operation),
                Optional.of(now), engineDuration, retries, clientRequestId, principal, false);
    }

    /// As it is when it ended.
    public Purge ended(State how, String why, Duration took, Instant now) {
        return new Purge(id, target, isView, predicate, scheduledOn, now, notBefore, how, why, engineOperation, engineStartedOn,
                engineDuration.plus(took), retries, clientRequestId, principal, false);
    }

    /// As it is when a run of it failed and it is to be tried again: after a pause twice as long as the one before, so that what
    /// is in the way, such as a full disk, has the time to go.
    public Purge toRepeat(String why, Duration took, Instant now) {
        return new Purge(id, target, isView, predicate, scheduledOn, now, now.plus(RETRY_AFTER.multipliedBy(1L << retries)),
                State.SCHEDULED, why, engineOperation, engineStartedOn, engineDuration.plus(took), retries + 1, clientRequestId, principal,
                false);
    }

    /// As it is when nothing of it is left in the file.
    public Purge erased(Instant now) {
        return new Purge(id, target, isView, predicate, scheduledOn, now, notBefore, state, "Purge completed successfully", engineOperation,
                engineStartedOn, engineDuration, retries, clientRequestId, principal, true);
    }
}
