package io.conshelf.engine.external;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.conshelf.engine.Errors;
import io.conshelf.engine.KustoException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/// The cluster's policy of what may be called. An entry that says no keeps everything from what it matches; queries call only what an
/// entry says yes to. Its patterns are compiled once for each text of it.
public final class CalloutPolicy {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final Supplier<Optional<String>> stored;
    private volatile Compiled compiled = new Compiled("[]", List.of());

    /// @param stored the policy's text, where there is one
    CalloutPolicy(Supplier<Optional<String>> stored) {
        this.stored = stored;
    }

    private record Entry(String type, Pattern uri, boolean canCall) {
        boolean isOf(String wanted) {
            return type.equalsIgnoreCase(wanted);
        }
    }

    private record Compiled(String text, List<Entry> entries) {}

    /// What is to be called, without what opens it.
    ///
    /// @param origin which server: `https://host:8443/`, or `host:5432`; a match of an entry that says yes begins in it, as what stands
    ///               behind is for the caller to choose
    /// @param rest   of the URI, behind the origin
    record Target(String origin, String rest) {
        static Target of(URI location) {
            String port = location.getPort() < 0 ? "" : ":" + location.getPort();
            return new Target(
                    (location.getScheme() + "://" + location.getHost()).toLowerCase(Locale.ROOT) + port + "/",
                    String.valueOf(location.getRawPath()).replaceFirst("^/", ""));
        }

        @Override
        public String toString() {
            return origin + rest;
        }

        /// The forms that patterns are written for: with a port and without, to the end of the server's name or of the URI.
        private List<String> texts() {
            String bare = origin.replaceFirst("/$", "");
            return List.of(toString(), origin, bare, bare.replaceFirst(":\\d+$", ""));
        }

        boolean isPermittedBy(Pattern pattern) {
            return texts().stream().anyMatch(text -> {
                var match = pattern.matcher(text);
                return match.find() && match.start() < origin.length();
            });
        }

        boolean isRefusedBy(Pattern pattern) {
            return texts().stream().anyMatch(text -> pattern.matcher(text).find());
        }
    }

    /// The pattern that says no to a call.
    Optional<String> refusing(String type, String uri) {
        return refusing(type, new Target(uri, ""));
    }

    private Optional<String> refusing(String type, Target target) {
        return current().entries().stream()
                .filter(entry -> !entry.canCall() && entry.isOf(type) && target.isRefusedBy(entry.uri()))
                .map(entry -> entry.uri().pattern())
                .findFirst();
    }

    /// @throws KustoException when queries may not call it
    void requireForQueries(String type, Target target) {
        refusing(type, target).ifPresent(pattern -> {
            throw new KustoException(Errors.badRequest("the callout policy of the cluster forbids calls of the type '" + type + "' to '"
                    + target + "' (CalloutUriRegex '" + pattern + "')"));
        });
        if (current().entries().stream().noneMatch(entry -> entry.canCall() && entry.isOf(type) && target.isPermittedBy(entry.uri()))) {
            throw new KustoException(Errors.badRequest("no entry of the cluster's callout policy lets queries make calls of the type '" + type
                    + "' to '" + target + "': an administrator of the cluster adds one with CanCall=true by "
                    + "'.alter-merge cluster policy callout'"));
        }
    }

    private Compiled current() {
        String text = stored.get().orElse("[]");
        var known = compiled;
        if (!known.text().equals(text)) {
            known = new Compiled(text, entries(text));
            compiled = known;
        }
        return known;
    }

    private static List<Entry> entries(String text) {
        try {
            var entries = new ArrayList<Entry>();
            for (var entry : JSON.readTree(text)) {
                entries.add(new Entry(
                        entry.path("CalloutType").asText(), Pattern.compile(entry.path("CalloutUriRegex").asText()),
                        entry.path("CanCall").asBoolean()));
            }
            return List.copyOf(entries);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("the stored callout policy is not JSON: " + e.getOriginalMessage(), e);
        }
    }
}
