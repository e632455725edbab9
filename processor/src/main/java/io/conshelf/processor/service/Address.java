package io.conshelf.processor.service;

import static io.conshelf.connectors.management.ManagementPath.is;

import io.conshelf.connectors.management.ManagementPath;
import io.conshelf.connectors.management.Refusal;
import java.util.List;
import java.util.Locale;

/// What a path of the management interface names.
sealed interface Address {
    /// `/providers/Microsoft.IoTOperationsDataProcessor/operations`
    record OperationNames() implements Address {}

    /// @param resourceGroup empty for all of the subscription
    record Instances(String subscription, String resourceGroup) implements Address {}

    /// @param kind `operationstatuses` or `operationresults`
    record Operation(String subscription, String kind, String id) implements Address {}

    record One(ResourceId id) implements Address {}

    record Inside(ResourceId instance, Kind kind) implements Address {}

    /// How a pipeline does, which the service's own interface does not tell.
    record Status(ResourceId id) implements Address {}

    /// Whether a path belongs to the provider.
    static boolean isOurs(String rawPath) {
        String path = rawPath.toLowerCase(Locale.ROOT);
        return path.contains("/providers/" + ResourceId.PROVIDER.toLowerCase(Locale.ROOT) + "/") && (path.startsWith("/subscriptions/") || path.startsWith("/providers/"));
    }

    static Address of(String method, String rawPath) {
        List<String> segments = ManagementPath.segments(rawPath);
        if (is(segments, 0, "providers") && segments.size() == 3 && is(segments, 2, "operations")) {
            return new OperationNames();
        }
        if (is(segments, 0, "subscriptions") && is(segments, 2, "providers") && is(segments, 3, ResourceId.PROVIDER)) {
            if (is(segments, 4, "instances") && segments.size() == 5) {
                return new Instances(segments.get(1), "");
            }
            if (is(segments, 4, "locations") && segments.size() == 8 && (is(segments, 6, "operationstatuses") || is(segments, 6, "operationresults"))) {
                return new Operation(segments.get(1), segments.get(6).toLowerCase(Locale.ROOT), segments.get(7));
            }
        }
        if (is(segments, 0, "subscriptions") && is(segments, 2, "resourceGroups") && is(segments, 4, "providers") && is(segments, 5, ResourceId.PROVIDER)
                && is(segments, 6, "instances")) {
            return of(method, rawPath, segments);
        }
        throw Refusal.noPath(method, rawPath);
    }

    private static Address of(String method, String rawPath, List<String> segments) {
        if (segments.size() == 7) {
            return new Instances(segments.get(1), segments.get(3));
        }
        ResourceId instance = ResourceId.instance(segments.get(1), segments.get(3), segments.get(7));
        if (segments.size() == 8) {
            return new One(instance);
        }
        Kind kind = Kind.inInstance(segments.get(8)).orElseThrow(() -> Refusal.noPath(method, rawPath));
        if (segments.size() == 9) {
            return new Inside(instance, kind);
        }
        ResourceId id = instance.in(kind, segments.get(9));
        if (segments.size() == 10) {
            return new One(id);
        }
        if (segments.size() == 11 && kind == Kind.PIPELINE && is(segments, 10, "status")) {
            return new Status(id);
        }
        throw Refusal.noPath(method, rawPath);
    }
}
