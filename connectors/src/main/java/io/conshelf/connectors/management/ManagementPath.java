package io.conshelf.connectors.management;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// The path of a request, segment by segment.
public final class ManagementPath {
    private ManagementPath() {}

    public static boolean is(List<String> segments, int at, String name) {
        return at < segments.size() && segments.get(at).equalsIgnoreCase(name);
    }

    /// The decoded segments; a slash in front or behind says nothing.
    public static List<String> segments(String rawPath) {
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
