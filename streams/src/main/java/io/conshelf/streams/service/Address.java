package io.conshelf.streams.service;

import static io.conshelf.connectors.management.ManagementPath.is;

import io.conshelf.connectors.management.ManagementPath;
import io.conshelf.connectors.management.Refusal;
import java.util.List;
import java.util.Locale;

/// What a path of the management interface names.
sealed interface Address {
    /// `/providers/Microsoft.StreamAnalytics/operations`
    record Operations() implements Address {}

    record JobsOfSubscription(String subscription) implements Address {}

    record JobsOfGroup(String subscription, String resourceGroup) implements Address {}

    /// A job, or what lies in it.
    ///
    /// @param rest the segments behind the job's name
    record InJob(JobId job, List<String> rest) implements Address {}

    /// What belongs to a subscription and a place.
    ///
    /// @param rest the segments behind the place's name
    record InLocation(String subscription, String location, List<String> rest) implements Address {}

    /// Something else of the provider, which is not built.
    record Other(String kind) implements Address {}

    /// Whether a path belongs to the provider.
    static boolean isOurs(String rawPath) {
        String path = rawPath.toLowerCase(Locale.ROOT);
        return path.contains("/providers/microsoft.streamanalytics/") && (path.startsWith("/subscriptions/") || path.startsWith("/providers/"));
    }

    static Address of(String method, String rawPath) {
        List<String> segments = ManagementPath.segments(rawPath);
        if (is(segments, 0, "providers") && segments.size() == 3 && is(segments, 2, "operations")) {
            return new Operations();
        }
        if (is(segments, 0, "subscriptions") && segments.size() > 4) {
            if (is(segments, 2, "providers") && is(segments, 3, "Microsoft.StreamAnalytics")) {
                if (is(segments, 4, "streamingjobs") && segments.size() == 5) {
                    return new JobsOfSubscription(segments.get(1));
                }
                if (is(segments, 4, "locations") && segments.size() > 6) {
                    return new InLocation(segments.get(1), segments.get(5), List.copyOf(segments.subList(6, segments.size())));
                }
                return new Other(segments.get(4));
            }
            if (is(segments, 2, "resourceGroups") && is(segments, 4, "providers") && is(segments, 5, "Microsoft.StreamAnalytics") && segments.size() > 6) {
                if (!is(segments, 6, "streamingjobs")) {
                    return new Other(segments.get(6));
                }
                return segments.size() == 7 ? new JobsOfGroup(segments.get(1), segments.get(3))
                        : new InJob(new JobId(segments.get(1), segments.get(3), segments.get(7)), List.copyOf(segments.subList(8, segments.size())));
            }
        }
        throw Refusal.noPath(method, rawPath);
    }
}
