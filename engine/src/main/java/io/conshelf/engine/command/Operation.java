package io.conshelf.engine.command;

import io.conshelf.engine.ServiceError;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/// One run of a command as it was at one moment.
///
/// @param type      as [CommandType] names it
/// @param text      as it was written, with its secrets masked, as much of it as is kept
/// @param database  that it concerns
/// @param table     the first table that the command names, empty if it names none
/// @param principal fully qualified
/// @param duration  so far, while it runs
/// @param status    what there is to say beside the state
/// @param error     why it failed
record Operation(
        UUID id,
        String type,
        String text,
        String database,
        String table,
        String principal,
        String user,
        String clientRequestId,
        UUID activityId,
        Instant startedOn,
        Duration duration,
        State state,
        String status,
        Optional<ServiceError> error) {

    enum State {
        IN_PROGRESS("InProgress"), COMPLETED("Completed"), FAILED("Failed"), PARTIALLY_SUCCEEDED("PartiallySucceeded"),
        ABANDONED("Abandoned"), BAD_INPUT("BadInput"), THROTTLED("Throttled"), CANCELED("Canceled"), SKIPPED("Skipped");

        private final String serviceName;

        State(String serviceName) {
            this.serviceName = serviceName;
        }

        /// As the service writes it.
        String serviceName() {
            return serviceName;
        }

        boolean isEnd() {
            return this != IN_PROGRESS;
        }
    }

    /// As it is a while later.
    Operation after(Duration soFar, State now, String saying, Optional<ServiceError> failure) {
        return new Operation(
                id, type, text, database, table, principal, user, clientRequestId, activityId, startedOn, soFar, now, saying, failure);
    }

    boolean isIngestion() {
        return CommandType.isIngestion(type);
    }
}
