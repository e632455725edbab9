package io.conshelf.engine.external;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/// The cluster's policy of what may be called. Its patterns are compiled once for each text of it.
public final class CalloutPolicy {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final Supplier<Optional<String>> stored;
    private volatile Compiled compiled = new Compiled("[]", List.of());

    /// @param stored the policy's text, where there is one
    CalloutPolicy(Supplier<Optional<String>> stored) {
        this.stored = stored;
    }

    private record Refusal(String type, Pattern uri) {}

    private record Compiled(String text, List<Refusal> refusals) {}

    /// The pattern that says no to a call.
    Optional<String> refusing(String type, String uri) {
        return current().refusals().stream()
                .filter(refusal -> refusal.type().equalsIgnoreCase(type) && refusal.uri().matcher(uri).find())
                .map(refusal -> refusal.uri().pattern())
                .findFirst();
    }

    private Compiled current() {
        String text = stored.get().orElse("[]");
        var known = compiled;
        if (!known.text().equals(text)) {
            known = new Compiled(text, refusals(text));
            compiled = known;
        }
        return known;
    }

    private static List<Refusal> refusals(String text) {
        try {
            var refusals = new ArrayList<Refusal>();
            for (var entry : JSON.readTree(text)) {
                if (!entry.path("CanCall").asBoolean()) {
                    refusals.add(new Refusal(entry.path("CalloutType").asText(), Pattern.compile(entry.path("CalloutUriRegex").asText())));
                }
            }
            return List.copyOf(refusals);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("the stored callout policy is not JSON: " + e.getOriginalMessage(), e);
        }
    }
}
