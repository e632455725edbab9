package io.conshelf.connectors.management;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;

/// Lists, a page at a time: `{"value": […], "nextLink": …}`.
public final class Pages {
    private static final String AFTER = "$skiptoken";

    private Pages() {}

    /// @param key   by which they are in order
    /// @param shown each as it is answered
    public static <T> ManagementAnswer page(ManagementRequest request, List<T> all, Function<T, String> key, Function<T, ? extends JsonNode> shown, int max) {
        String after = request.parameter(AFTER).orElse("");
        List<T> left = all.stream().filter(item -> after.isEmpty() || key.apply(item).compareTo(after) > 0).sorted(Comparator.comparing(key)).toList();
        ObjectNode page = ServiceJson.MAPPER.createObjectNode();
        ArrayNode value = page.putArray("value");
        left.stream().limit(max).forEach(item -> value.add(shown.apply(item)));
        if (left.size() > max) {
            StringBuilder link = new StringBuilder(request.origin() + request.rawPath() + "?" + AFTER + "=" + encoded(key.apply(left.get(max - 1))));
            request.query().forEach((name, text) -> {
                if (!name.equalsIgnoreCase(AFTER)) {
                    link.append('&').append(encoded(name)).append('=').append(encoded(text));
                }
            });
            page.put("nextLink", link.toString());
        }
        return ManagementAnswer.ok(page);
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
