package io.conshelf.connectors.rest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.file.StoredFile;
import io.conshelf.connectors.http.WebAnswer;
import io.conshelf.connectors.http.WebClient;
import io.conshelf.connectors.http.WebRequest;
import io.conshelf.connectors.rest.Paging.Target;
import io.conshelf.connectors.rest.Paging.Value;
import io.conshelf.connectors.spool.SpooledFiles;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The pages that a service answers with, each as a JSON file.
public final class RestPages extends SpooledFiles {
    private static final int PAGES_MAX = 1_000_000;
    private static final Pattern NEXT = Pattern.compile("<([^>]*)>[^,]*;\\s*rel=\"?next\"?", Pattern.CASE_INSENSITIVE);

    private final WebClient client;
    private final First first;
    private final Paging paging;
    private final Duration interval;

    /// The first request. Its address and headers may hold `{variables}` of the rules.
    public record First(String method, String url, Map<String, String> headers, String body) {
        public First {
            headers = Map.copyOf(headers);
        }
    }

    /// What the next request is made of.
    private record Page(String url, Map<String, String> query, Map<String, String> headers) {}

    /// @param rules    `paginationRules` as they are stated
    /// @param interval between requests
    public RestPages(WebClient client, First first, Map<String, String> rules, Duration interval) throws StoreException {
        super("RestService");
        this.client = client;
        this.first = first;
        this.paging = Paging.of(rules);
        this.interval = interval;
    }

    @Override
    protected List<StoredFile> fetch() throws StoreException {
        List<StoredFile> pages = new ArrayList<>();
        Map<Integer, Long> ranges = paging.starts();
        Page page = new Page(first.url(), Map.of(), Map.of());
        Set<UUID> asked = new HashSet<>(Set.of(mark(request(page, ranges))));
        for (int requests = 1; ; requests++) {
            WebRequest request = request(page, ranges);
            Optional<Page> next;
            try (WebAnswer answer = client.send(request); InputStream body = answer.body()) {
                if (answer.status() == 204) {
                    return pages;
                }
                StoredFile file = keep("page-%07d.json".formatted(requests), body, Instant.now());
                if (file.sizeBytes() > 0) {
                    pages.add(file);
                }
                next = next(page, request.uri(), new Answered(kept(file), answer.headers()));
            } catch (IOException failure) {
                throw StoreException.system("UserErrorHttpRequestFailed", "Page " + requests + " cannot be read: " + failure.getMessage(), failure);
            }
            if (next.isEmpty() || !advance(ranges) || paging.requestsMax().isPresent() && requests >= paging.requestsMax().getAsLong()) {
                return pages;
            }
            WebRequest following = request(next.get(), ranges);
            if (!asked.add(mark(following))) {
                throw StoreException.user("UserErrorInvalidPaginationRule", "Page " + requests
                        + " leads to itself or to one before it, so the pages would never end");
            }
            if (requests >= PAGES_MAX) {
                throw StoreException.user("UserErrorInvalidPaginationRule", "There are more than " + PAGES_MAX + " pages");
            }
            page = next.get();
            pause();
        }
    }

    /// What tells requests apart, without their secrets and however long they are.
    private static UUID mark(WebRequest request) {
        return UUID.nameUUIDFromBytes((request.uri() + "\n" + new TreeMap<>(request.headers())).getBytes(StandardCharsets.UTF_8));
    }

    /// What an answer tells beside its rows.
    private record Answered(Path body, HttpHeaders headers) {
        JsonNode value(Value value) throws IOException {
            return switch (value) {
                case Value.Body(JsonValue path) -> path.of(body);
                case Value.Header(String name) -> headers.firstValue(name).<JsonNode>map(TextNode::valueOf).orElse(MissingNode.getInstance());
                case Value.Constant(String text) -> TextNode.valueOf(text);
                case Value.Range _ -> MissingNode.getInstance();
            };
        }
    }

    /// The next page; empty when this was the last.
    private Optional<Page> next(Page page, URI at, Answered answer) throws StoreException, IOException {
        for (Paging.End end : paging.ends()) {
            if (Paging.isReached(end, answer.value(end.value()))) {
                return Optional.empty();
            }
        }
        String url = page.url();
        Map<String, String> query = new LinkedHashMap<>(page.query());
        Map<String, String> sent = new LinkedHashMap<>(page.headers());
        boolean hasRule = false;
        if (paging.followsLinks()) {
            Optional<String> link = answer.headers().allValues("Link").stream().map(NEXT::matcher).filter(Matcher::find).map(matcher -> matcher.group(1)).findFirst();
            if (link.isPresent()) {
                url = resolve(at, link.get());
                query.clear();
                hasRule = true;
            } else if (paging.rules().isEmpty()) {
                return Optional.empty();
            }
        }
        for (Paging.Rule rule : paging.rules()) {
            hasRule = true;
            if (rule.value() instanceof Value.Range) {
                continue;
            }
            JsonNode value = answer.value(rule.value());
            if (value.isMissingNode() || value.isNull() || value.asText().isEmpty()) {
                return Optional.empty();
            }
            switch (rule.target()) {
                case Target.Url _ -> url = resolve(at, value.asText());
                case Target.Query(String name) -> query.put(name, value.asText());
                case Target.Header(String name) -> sent.put(name, value.asText());
                case Target.Variable(String name) -> query.put("{" + name + "}", value.asText());
            }
        }
        return hasRule ? Optional.of(new Page(url, query, sent)) : Optional.empty();
    }

    private static String resolve(URI at, String link) throws StoreException {
        try {
            return at.resolve(link.strip().replace(" ", "%20")).toString();
        } catch (IllegalArgumentException notAnAddress) {
            throw StoreException.user("UserErrorInvalidPaginationRule", "The address of the next page is not one");
        }
    }

    /// Moves every range on; false when one has come to its end.
    private boolean advance(Map<Integer, Long> ranges) {
        for (Map.Entry<Integer, Long> entry : ranges.entrySet()) {
            Value.Range range = (Value.Range) paging.rules().get(entry.getKey()).value();
            long next = entry.getValue() + range.step();
            if (range.end().isPresent() && (range.step() > 0 ? next > range.end().getAsLong() : next < range.end().getAsLong())) {
                return false;
            }
            entry.setValue(next);
        }
        return true;
    }

    private WebRequest request(Page page, Map<Integer, Long> ranges) throws StoreException {
        String url = page.url();
        Map<String, String> headers = new LinkedHashMap<>(first.headers());
        headers.putAll(page.headers());
        Map<String, String> query = new LinkedHashMap<>();
        Map<String, String> variables = new HashMap<>();
        page.query().forEach((name, value) -> (name.startsWith("{") ? variables : query).put(name, value));
        ranges.forEach((rule, at) -> {
            switch (paging.rules().get(rule).target()) {
                case Target.Query(String name) -> query.put(name, at.toString());
                case Target.Header(String name) -> headers.put(name, at.toString());
                case Target.Variable(String name) -> variables.put("{" + name + "}", at.toString());
                case Target.Url _ -> variables.put("{}", at.toString());
            }
        });
        for (Map.Entry<String, String> variable : variables.entrySet()) {
            url = url.replace(variable.getKey(), URLEncoder.encode(variable.getValue(), StandardCharsets.UTF_8));
            headers.replaceAll((_, value) -> value.replace(variable.getKey(), variable.getValue()));
        }
        headers.put("Accept", "application/json");
        return new WebRequest(first.method(), WebClient.address(with(url, query)), headers, first.body().getBytes(StandardCharsets.UTF_8));
    }

    /// An address with these parameters in place of those of their names.
    private static String with(String url, Map<String, String> query) {
        if (query.isEmpty()) {
            return url;
        }
        int mark = url.indexOf('?');
        List<String> parts = new ArrayList<>();
        for (String part : mark < 0 ? new String[0] : url.substring(mark + 1).split("&")) {
            if (!part.isEmpty() && !query.containsKey(part.replaceFirst("=.*", "").replace("%24", "$"))) {
                parts.add(part);
            }
        }
        query.forEach((name, value) -> parts.add(URLEncoder.encode(name, StandardCharsets.UTF_8).replace("%24", "$") + "="
                + URLEncoder.encode(value, StandardCharsets.UTF_8)));
        return (mark < 0 ? url : url.substring(0, mark)) + "?" + String.join("&", parts);
    }

    private void pause() throws StoreException {
        try {
            Thread.sleep(interval);
        } catch (InterruptedException cancelled) {
            Thread.currentThread().interrupt();
            throw new StoreException("OperationCancelled", StoreException.Fault.USER, "Reading pages was cancelled", cancelled);
        }
    }
}
