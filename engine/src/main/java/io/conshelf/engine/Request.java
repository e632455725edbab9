package io.conshelf.engine;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/// What comes with every query and command besides its text. The engine reads no clock for query semantics: `now` is
/// the request's.
///
/// @param database        as the client wrote it; may be empty for cluster-scoped commands
/// @param clientRequestId what `.cancel query` names
/// @param options         request options (`servertimeout`, `notruncation` …), names in lower case; values are `Boolean`,
///                        `Long`, `Double`, `String`, or a `JsonNode` where it is an array or an object
/// @param parameters      query parameters; values are `Boolean`, `Long`, `Double` or `String`
/// @param isReadOnly      the caller forbids anything that writes
public record Request(
        Principal principal,
        String database,
        String clientRequestId,
        UUID activityId,
        Map<String, Object> options,
        Map<String, Object> parameters,
        String application,
        String user,
        Instant now,
        Duration timeout,
        boolean isReadOnly) {
    public Request {
        options = Map.copyOf(options);
        parameters = Map.copyOf(parameters);
    }

    /// Whether one of the options is on.
    public boolean isOn(String option) {
        return isOn(options, option);
    }

    /// Whether an option that is on or off is on.
    ///
    /// @param options as [#options]
    public static boolean isOn(Map<String, Object> options, String name) {
        return Optional.ofNullable(options.get(name)).flatMap(RequestOption::flag).orElse(false);
    }

    /// The same with another time to run.
    Request within(Duration other) {
        return new Request(principal, database, clientRequestId, activityId, options, parameters, application, user, now, other, isReadOnly);
    }

    /// The same of a principal whose roles on the cluster are known.
    Request by(Principal resolved) {
        return resolved.equals(principal)
                ? this
                : new Request(resolved, database, clientRequestId, activityId, options, parameters, application, user, now, timeout,
                        isReadOnly);
    }
}
