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
/// @param isErased        whether what was purged is gone from the file as well
public record Purge(
        UUID id,
        String target,
        boolean isView,
        String predicate,
        Instant scheduledOn,
        Instant updatedOn,
        State state,
        String details,
        Optional<UUID> engineOperation,
        Optional<Instant> engineStartedOn,
        Duration engineDuration,
        int retries,
        String clientRequestId,
        String principal,
        boolean isErased) {

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
        return new Purge(id, target, isView, predicate, scheduledOn, now, State.IN_PROGRESS, "", Optional.of(operation),
                Optional.of(now), engineDuration, retries, clientRequestId, principal, false);
    }

    /// As it is when it ended, or is to be tried again.
    public Purge ended(State how, String why, Duration took, Instant now) {
        return new Purge(id, target, isView, predicate, scheduledOn, now, how, why, engineOperation, engineStartedOn,
                engineDuration.plus(took), how == State.SCHEDULED ? retries + 1 : retries, clientRequestId, principal, false);
    }

    /// As it is when nothing of it is left in the file.
    public Purge erased(Instant now) {
        return new Purge(id, target, isView, predicate, scheduledOn, now, state, "Purge completed successfully", engineOperation,
                engineStartedOn, engineDuration, retries, clientRequestId, principal, true);
    }
}
