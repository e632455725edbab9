package io.conshelf.engine.external;

import io.conshelf.engine.Errors;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.WebCalls;
import io.conshelf.engine.WebCalls.Answer;
import io.conshelf.engine.WebCalls.Call;
import io.conshelf.engine.WebCalls.Header;
import io.conshelf.engine.external.CalloutPolicy.Target;
import io.conshelf.engine.external.OutsideRows.Origin;
import io.conshelf.engine.store.WriteStop;
import io.conshelf.kql.bind.Outside;
import io.conshelf.kql.type.ColumnSchema;
import io.conshelf.kql.type.Type;
import io.conshelf.kql.value.DynamicParts;
import io.conshelf.kql.value.DynamicText;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongConsumer;
import java.util.regex.Pattern;

/// The plugins `http_request` and `http_request_post`: what may be sent where, and what comes of the answer.
final class WebRequests {
    static final List<ColumnSchema> ANSWER =
            List.of(new ColumnSchema("ResponseHeaders", Type.DYNAMIC), new ColumnSchema("ResponseBody", Type.DYNAMIC));

    private static final String CALLOUT_TYPE = "webapi";

    /// A value of a query may be larger, but nobody has asked for it to be sent here.
    static final long ANSWER_BYTES_MAX = 16 << 20;
    static final Duration WITHIN = Duration.ofSeconds(100);

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9!#$%&'*+.^_`|~-]{1,256}");
    private static final Pattern VALUE = Pattern.compile("[\\t\\x20-\\x7e\\xa0-\\xff]{0,16384}");
    private static final Pattern NO_URI = Pattern.compile("[^A-Za-z0-9._~:/?#\\[\\]@!$&'()*+,;=%-]");

    /// What the connection says by itself, and what services are told by this server alone.
    private static final Set<String> OURS = Set.of(
            "connection", "content-length", "expect", "host", "transfer-encoding", "upgrade", "x-ms-client-request-id", "x-ms-readonly");

    private final Set<String> live;
    private final CalloutPolicy callouts;
    private final WebCalls calls;

    /// @param live hosts that may be reached beside this machine
    WebRequests(Set<String> live, CalloutPolicy callouts, WebCalls calls) {
        this.live = live;
        this.callouts = callouts;
        this.calls = calls;
    }

    /// The call that a plugin asks for, checked.
    ///
    /// @param coming is told how many bytes of the answer have come
    Call call(Outside.Call asked, Origin origin, LongConsumer coming) {
        URI uri = uri(asked.name(), asked.text(0));
        requireReachable(asked.name(), CALLOUT_TYPE, uri);
        Map<String, String> options = properties(asked, 2, "options");
        options.keySet().stream().findFirst().ifPresent(name -> {
            throw bad(asked.name(), "the option '" + name + "' is not known");
        });
        boolean isPost = asked.name().equals("http_request_post");
        var headers = new ArrayList<Header>();
        properties(asked, 1, "headers").forEach((name, value) -> header(asked.name(), uri, name, value, isPost).ifPresent(headers::add));
        headers.add(new Header("x-ms-client-request-id", VALUE.matcher(origin.clientRequestId()).matches() ? origin.clientRequestId() : "unprintable"));
        if (origin.isQuery()) {
            headers.add(new Header("x-ms-readonly", "true"));
        }
        if (isPost) {
            headers.add(new Header("Content-Type", "application/json; charset=utf-8"));
        }
        return new Call(uri, headers, isPost ? Optional.of(asked.text(3)) : Optional.empty(), ANSWER_BYTES_MAX, WITHIN, coming);
    }

    /// @param calloutType as entries of the policy name it
    void requireReachable(String plugin, String calloutType, URI uri) {
        callouts.requireForQueries(calloutType, Target.of(uri));
        if (!Loopback.is(uri.getHost()) && !live.contains(uri.getHost().toLowerCase(Locale.ROOT))) {
            throw bad(plugin, "'" + uri.getHost() + "' is not on this machine, and nothing else is reached that is not named: list it "
                    + "under 'live' in the configuration");
        }
    }

    private static URI uri(String plugin, String text) {
        URI uri;
        try {
            uri = URI.create(NO_URI.matcher(text.strip()).replaceAll(found -> encoded(found.group())));
        } catch (IllegalArgumentException _) {
            throw bad(plugin, "the URI cannot be read");
        }
        String scheme = String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT);
        if (!scheme.equals("https") && !scheme.equals("http") || uri.getHost() == null || uri.getHost().isEmpty()) {
            throw bad(plugin, "the URI begins with 'https://' and a host");
        }
        if (uri.getRawUserInfo() != null) {
            throw bad(plugin, "a URI names no user and password before its host; send the header 'Authorization'");
        }
        return uri;
    }

    private static String encoded(String character) {
        var text = new StringBuilder();
        for (byte b : character.getBytes(StandardCharsets.UTF_8)) {
            text.append('%').append(String.format(Locale.ROOT, "%02X", b));
        }
        return text.toString();
    }

    /// The texts of a bag's values.
    private static Map<String, String> properties(Outside.Call asked, int position, String what) {
        String bag = asked.text(position);
        if (bag.isEmpty() || bag.equals(DynamicParts.NULL)) {
            return Map.of();
        }
        if (!DynamicParts.isBag(bag)) {
            throw bad(asked.name(), "the " + what + " are a bag, as in dynamic({'name': 'value'})");
        }
        var texts = new LinkedHashMap<String, String>();
        DynamicParts.properties(bag).forEach((name, value) ->
                texts.put(name, DynamicText.stringValue(value).orElseGet(() -> DynamicText.toJson(value))));
        return texts;
    }

    private static Optional<Header> header(String plugin, URI uri, String name, String value, boolean isPost) {
        String lower = name.toLowerCase(Locale.ROOT);
        if (!NAME.matcher(name).matches()) {
            throw bad(plugin, "a header's name has letters, digits and any of !#$%&'*+.^_`|~- alone");
        }
        if (!VALUE.matcher(value).matches()) {
            throw bad(plugin, "the value of the header '" + name + "' has a character that headers do not have, or more than 16384");
        }
        if (OURS.contains(lower)) {
            throw bad(plugin, "the header '" + name + "' is not the query's to set");
        }
        if (lower.equals("content-type")) {
            if (!isPost || !isJson(value)) {
                throw bad(plugin, "the header '" + name + "' is application/json, and only of http_request_post");
            }
            return Optional.empty();
        }
        if (lower.equals("authorization") && !"https".equalsIgnoreCase(uri.getScheme())) {
            throw bad(plugin, "the header '" + name + "' is sent by https alone");
        }
        return Optional.of(new Header(name, value));
    }

    private static boolean isJson(String contentType) {
        return contentType.strip().toLowerCase(Locale.ROOT).matches("application/json(?:\\s*;.*)?");
    }

    /// Sends it, and makes the cells of the answer.
    List<Optional<String>> cells(String plugin, Call call, WriteStop stop) {
        Answer answer = answer(plugin, call, stop);
        var headers = new LinkedHashMap<String, String>();
        answer.headers().forEach((name, values) -> headers.put(name, DynamicText.ofString(String.join(", ", values))));
        return List.of(Optional.of(DynamicParts.bag(headers)), body(answer));
    }

    /// An answer that is none is an error.
    Answer answer(String plugin, Call call, WriteStop stop) {
        Answer answer;
        Target service = Target.of(call.uri());
        try {
            answer = calls.ask(call, stop);
        } catch (IOException e) {
            stop.check();
            throw new KustoException(Errors.passing("General_BadRequest", plugin + ": '" + service + "' gave no answer: " + e.getMessage()), e);
        }
        int status = answer.status();
        if (status < 200 || status > 299) {
            String message = plugin + ": '" + service + "' answered with the status " + status;
            throw new KustoException(status == 408 || status == 429 || status >= 500
                    ? Errors.passing("General_BadRequest", message)
                    : Errors.badRequest(message + (status / 100 == 3 ? "; redirections are not followed" : "")));
        }
        return answer;
    }

    private static Optional<String> body(Answer answer) {
        String type = answer.headers().entrySet().stream().filter(h -> h.getKey().equalsIgnoreCase("content-type"))
                .map(Map.Entry::getValue).map(List::getFirst).findFirst().orElse("");
        String text = new String(answer.body(), charset(type));
        String value = (isJson(type) ? DynamicText.parse(text) : Optional.<String>empty()).orElseGet(() -> DynamicText.ofString(text));
        return value.equals(DynamicParts.NULL) ? Optional.empty() : Optional.of(value);
    }

    private static Charset charset(String contentType) {
        var named = Pattern.compile("(?i);\\s*charset=\"?([A-Za-z0-9_:.-]+)").matcher(contentType);
        return named.find() && Charset.isSupported(named.group(1)) ? Charset.forName(named.group(1)) : StandardCharsets.UTF_8;
    }

    private static KustoException bad(String plugin, String problem) {
        return new KustoException(Errors.badRequest(plugin + ": " + problem));
    }
}
