package io.conshelf.factory.service;

import io.conshelf.connectors.management.ManagementPath;
import io.conshelf.connectors.management.Refusal;
import java.util.List;
import java.util.Locale;

/// What a path of the management interface names.
sealed interface Address {
    /// `/providers/Microsoft.DataFactory/operations`
    record Operations() implements Address {}

    record FactoriesOfSubscription(String subscription) implements Address {}

    record FactoriesOfGroup(String subscription, String resourceGroup) implements Address {}

    /// A factory, or what lies in it.
    ///
    /// @param rest the segments behind the factory's name
    record InFactory(FactoryId factory, List<String> rest) implements Address {}

    /// Something else of the provider, which is not built.
    record Other(String operation) implements Address {}

    /// Whether a path belongs to the provider.
    static boolean isOurs(String rawPath) {
        String path = rawPath.toLowerCase(Locale.ROOT);
        return path.contains("/providers/microsoft.datafactory/") && (path.startsWith("/subscriptions/") || path.startsWith("/providers/"));
    }

    static Address of(String method, String rawPath) {
        List<String> segments = ManagementPath.segments(rawPath);
        if (ManagementPath.is(segments, 0, "providers") && segments.size() == 3 && ManagementPath.is(segments, 2, "operations")) {
            return new Operations();
        }
        if (ManagementPath.is(segments, 0, "subscriptions") && segments.size() > 4) {
            if (ManagementPath.is(segments, 2, "providers") && ManagementPath.is(segments, 3, "Microsoft.DataFactory")) {
                if (ManagementPath.is(segments, 4, "factories") && segments.size() == 5) {
                    return new FactoriesOfSubscription(segments.get(1));
                }
                if (ManagementPath.is(segments, 4, "locations") && segments.size() == 7) {
                    return new Other(segments.get(6));
                }
            } else if (ManagementPath.is(segments, 2, "resourceGroups") && ManagementPath.is(segments, 4, "providers") && ManagementPath.is(segments, 5, "Microsoft.DataFactory")
                    && ManagementPath.is(segments, 6, "factories")) {
                return segments.size() == 7 ? new FactoriesOfGroup(segments.get(1), segments.get(3))
                        : new InFactory(new FactoryId(segments.get(1), segments.get(3), segments.get(7)), List.copyOf(segments.subList(8, segments.size())));
            }
        }
        throw Refusal.noPath(method, rawPath);
    }
}
