package io.conshelf.engine;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;

/// A query or command as `.show queries` tells of it.
///
/// @param text          its first characters, as many as the limits keep
/// @param failureReason empty unless it failed
/// @param options       that came with it, as in [Request]
public record RunningQuery(
        String clientRequestId,
        String activityId,
        Kind kind,
        String text,
        String database,
        Principal principal,
        String application,
        String user,
        State state,
        Instant startedOn,
        Duration duration,
        Answer.Usage usage,
        String failureReason,
        Map<String, Object> options,
        String workloadGroup) {

    public enum Kind { QUERY, COMMAND }

    public enum State {
        /// For a place among those that run.
        WAITING("Throttled"),
        /// Turned away because there are too many.
        THROTTLED("Throttled"),
        RUNNING("InProgress"), COMPLETED("Completed"), FAILED("Failed"), CANCELLED("Failed");

        private final String serviceName;

        State(String serviceName) {
            this.serviceName = serviceName;
        }

        /// As the service writes it.
        public String serviceName() {
            return serviceName;
        }
    }
}
