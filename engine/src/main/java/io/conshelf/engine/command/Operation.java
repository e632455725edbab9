package io.conshelf.engine.command;

import io.conshelf.engine.Principal;
import io.conshelf.engine.ServiceError;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/// One run of a command.
///
/// @param type     as [CommandType] names it
/// @param text     as it was written, with its secrets masked, as much of it as is kept
/// @param table    the first table that the command names, empty if it names none
/// @param duration so far, while it runs
/// @param error    why it failed
/// @param result   what it answered; kept where nobody waited for the answer
public record Operation(
        UUID id,
        String type,
        String text,
        String database,
        String table,
        Principal principal,
        String user,
        String clientRequestId,
        UUID activityId,
        Instant startedOn,
        Duration duration,
        State state,
        Optional<ServiceError> error,
        Optional<CommandResult> result) {

    public enum State {
        IN_PROGRESS("InProgress"), COMPLETED("Completed"), FAILED("Failed");

        private final String serviceName;

        State(String serviceName) {
            this.serviceName = serviceName;
        }

        /// As the service writes it.
        String serviceName() {
            return serviceName;
        }
    }

    boolean isIngestion() {
        return type.equals("DataIngestPull") || type.startsWith("TableSet") || type.equals("TableAppend");
    }
}
