package io.conshelf.factory.service;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
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
        List<String> segments = segments(rawPath);
        if (is(segments, 0, "providers") && segments.size() == 3 && is(segments, 2, "operations")) {
            return new Operations();
        }
        if (is(segments, 0, "subscriptions") && segments.size() > 4) {
            if (is(segments, 2, "providers") && is(segments, 3, "Microsoft.DataFactory")) {
                if (is(segments, 4, "factories") && segments.size() == 5) {
                    return new FactoriesOfSubscription(segments.get(1));
                }
                if (is(segments, 4, "locations") && segments.size() == 7) {
                    return new Other(segments.get(6));
                }
            } else if (is(segments, 2, "resourceGroups") && is(segments, 4, "providers") && is(segments, 5, "Microsoft.DataFactory")
                    && is(segments, 6, "factories")) {
                return segments.size() == 7 ? new FactoriesOfGroup(segments.get(1), segments.get(3))
                        : new InFactory(new FactoryId(segments.get(1), segments.get(3), segments.get(7)), List.copyOf(segments.subList(8, segments.size())));
            }
        }
        throw Refusal.noPath(method, rawPath);
    }

    private static boolean is(List<String> segments, int at, String name) {
        return at < segments.size() && segments.get(at).equalsIgnoreCase(name);
    }

    private static List<String> segments(String rawPath) {
        List<String> segments = new ArrayList<>();
        for (String segment : rawPath.replaceAll("^/+|/+$", "").split("/+")) {
            try {
                // A plus sign is itself in a path; the decoder is made for forms.
                segments.add(URLDecoder.decode(segment.replace("+", "%2B"), StandardCharsets.UTF_8));
            } catch (IllegalArgumentException broken) {
                throw Refusal.badRequest(rawPath, "The path segment '" + segment + "' is not valid percent-encoding.");
            }
        }
        return segments;
    }
}
