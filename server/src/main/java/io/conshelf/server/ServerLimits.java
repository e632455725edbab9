package io.conshelf.server;

import java.time.Duration;

/// Everything the front door bounds, in one place; what a query or command may use is in the engine's limits.
///
/// @param requestBytesMax        body of a query or command, and every other JSON body, inflated
/// @param nestingMax             depth of JSON in a body
/// @param headersBytesMax        all headers of one request
/// @param requestLineBytesMax    method, path and query string; a GET query travels here
/// @param connectionsMax         connections open at once; more wait to be accepted
/// @param concurrentRequests     requests being answered at once; more are refused with 429
/// @param concurrentRequestsOfPrincipal of one principal, who is told by a token; more are refused with 429
/// @param requestsPerMinuteOfPrincipal  as many at once, and then as many in each minute; more are refused with 429
/// @param requestsPerMinuteOfAddress   of those who are not known, to sign in or with a token that is none: as many at once, and then as many in each minute
/// @param messageBytesMax        one message of the ready queue
/// @param identityTokenLifetime  how long `.get kusto identity token` is good for
/// @param storageUriLifetime     how long the URIs of `.get ingestion resources` are good for
/// @param attemptsMax            tries of a batch that fails for a passing reason before it is given up as exhausted
/// @param deliveriesMax          deliveries of a queued message, one a start of the server, before it is given up
public record ServerLimits(
        long requestBytesMax,
        int nestingMax,
        int headersBytesMax,
        int requestLineBytesMax,
        int connectionsMax,
        int concurrentRequests,
        int concurrentRequestsOfPrincipal,
        int requestsPerMinuteOfPrincipal,
        int requestsPerMinuteOfAddress,
        int messageBytesMax,
        Duration identityTokenLifetime,
        Duration storageUriLifetime,
        int attemptsMax,
        int deliveriesMax) {
    public static final ServerLimits DEFAULT = new ServerLimits(
            32L << 20,
            200,
            64 << 10,
            64 << 10,
            4_096,
            1_000,
            500,
            600_000,
            6_000,
            256 << 10,
            Duration.ofDays(1),
            Duration.ofDays(7),
            5,
            50);

    public ServerLimits withRequestBytesMax(long bytes) {
        return new ServerLimits(bytes, nestingMax, headersBytesMax, requestLineBytesMax, connectionsMax,
                concurrentRequests, concurrentRequestsOfPrincipal, requestsPerMinuteOfPrincipal, requestsPerMinuteOfAddress,
                messageBytesMax, identityTokenLifetime, storageUriLifetime, attemptsMax, deliveriesMax);
    }

    public ServerLimits withConnectionsMax(int connections) {
        return new ServerLimits(requestBytesMax, nestingMax, headersBytesMax, requestLineBytesMax, connections,
                concurrentRequests, concurrentRequestsOfPrincipal, requestsPerMinuteOfPrincipal, requestsPerMinuteOfAddress,
                messageBytesMax, identityTokenLifetime, storageUriLifetime, attemptsMax, deliveriesMax);
    }

    /// Of which one principal may have as many as it had before, or all.
    public ServerLimits withConcurrentRequests(int requests) {
        return new ServerLimits(requestBytesMax, nestingMax, headersBytesMax, requestLineBytesMax, connectionsMax,
                requests, Math.min(requests, concurrentRequestsOfPrincipal), requestsPerMinuteOfPrincipal, requestsPerMinuteOfAddress,
                messageBytesMax, identityTokenLifetime, storageUriLifetime, attemptsMax, deliveriesMax);
    }

    public ServerLimits withConcurrentRequestsOfPrincipal(int requests) {
        return new ServerLimits(requestBytesMax, nestingMax, headersBytesMax, requestLineBytesMax, connectionsMax,
                concurrentRequests, requests, requestsPerMinuteOfPrincipal, requestsPerMinuteOfAddress,
                messageBytesMax, identityTokenLifetime, storageUriLifetime, attemptsMax, deliveriesMax);
    }

    public ServerLimits withRequestsPerMinuteOfPrincipal(int requests) {
        return new ServerLimits(requestBytesMax, nestingMax, headersBytesMax, requestLineBytesMax, connectionsMax,
                concurrentRequests, concurrentRequestsOfPrincipal, requests, requestsPerMinuteOfAddress,
                messageBytesMax, identityTokenLifetime, storageUriLifetime, attemptsMax, deliveriesMax);
    }

    public ServerLimits withRequestsPerMinuteOfAddress(int requests) {
        return new ServerLimits(requestBytesMax, nestingMax, headersBytesMax, requestLineBytesMax, connectionsMax,
                concurrentRequests, concurrentRequestsOfPrincipal, requestsPerMinuteOfPrincipal, requests,
                messageBytesMax, identityTokenLifetime, storageUriLifetime, attemptsMax, deliveriesMax);
    }

    public ServerLimits withAttemptsMax(int attempts) {
        return new ServerLimits(requestBytesMax, nestingMax, headersBytesMax, requestLineBytesMax, connectionsMax,
                concurrentRequests, concurrentRequestsOfPrincipal, requestsPerMinuteOfPrincipal, requestsPerMinuteOfAddress,
                messageBytesMax, identityTokenLifetime, storageUriLifetime, attempts, deliveriesMax);
    }
}
