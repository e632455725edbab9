package io.conshelf.engine.external;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.conshelf.engine.Errors;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.WebCalls.Header;
import io.conshelf.kql.bind.Outside;
import io.conshelf.kql.value.DynamicParts;
import io.conshelf.kql.value.DynamicText;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// What `cosmosdb_sql_request` asks: a query for one collection of an account of Cosmos DB, by its REST interface.
///
/// @param link of the collection, as it is signed: `dbs/shop/colls/orders`
/// @param opening the account's key or a token
/// @param body what is posted
record CosmosRequest(URI endpoint, String link, Opening opening, String body) {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final DateTimeFormatter DATE =
            DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ROOT).withZone(ZoneOffset.UTC);
    private static final String VERSION = "2018-12-31";
    private static final int ITEMS_OF_A_PAGE = 1_000;
    private static final Set<String> SETTINGS = Set.of("accountendpoint", "accountkey", "database", "collection");

    /// What opens the account; neither prints itself.
    sealed interface Opening {
        record Key(byte[] secret) implements Opening {
            @Override
            public String toString() {
                return "Key[***]";
            }
        }

        record Token(String text) implements Opening {
            @Override
            public String toString() {
                return "Token[***]";
            }
        }
    }

    static CosmosRequest of(Outside.Call call) {
        Map<String, String> settings = settings(call.text(0));
        for (String name : List.of("accountendpoint", "database", "collection")) {
            if (settings.getOrDefault(name, "").isEmpty()) {
                throw bad("the connection string names no '" + name + "'; it has AccountEndpoint, Database and Collection");
            }
        }
        String link = "dbs/" + named(settings.get("database")) + "/colls/" + named(settings.get("collection"));
        return new CosmosRequest(uri(settings.get("accountendpoint")), link, opening(call, settings), body(call));
    }

    private static Map<String, String> settings(String text) {
        Map<String, String> settings = new LinkedHashMap<>();
        for (String setting : text.split(";")) {
            int equals = setting.indexOf('=');
            if (equals < 0 && !setting.isBlank()) {
                throw bad("a setting of the connection string is 'name=value'");
            }
            if (equals >= 0) {
                String name = setting.substring(0, equals).strip().toLowerCase(Locale.ROOT);
                if (!SETTINGS.contains(name)) {
                    throw bad("'" + name + "' is not a setting of connections here; known are AccountEndpoint, Database, Collection and AccountKey");
                }
                settings.put(name, setting.substring(equals + 1).strip());
            }
        }
        return settings;
    }

    /// Names are signed as they are and travel in a path.
    private static String named(String name) {
        if (!name.matches("[^/\\\\?#\\p{Cntrl}]{1,255}") || name.matches("\\.{1,2}")) {
            throw bad("a name of a database or collection has none of / \\ ? # and is not . or ..");
        }
        return name;
    }

    private static URI uri(String text) {
        try {
            URI uri = URI.create(text);
            String scheme = String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT);
            boolean isCovered = scheme.equals("https") || scheme.equals("http") && uri.getHost() != null && Loopback.is(uri.getHost());
            if (uri.getHost() != null && uri.getRawUserInfo() == null && uri.getRawQuery() == null && uri.getRawFragment() == null
                    && String.valueOf(uri.getRawPath()).matches("/?") && isCovered) {
                return uri;
            }
        } catch (IllegalArgumentException _) {
            // Told below.
        }
        throw bad("AccountEndpoint is 'https://' and a host, and no path");
    }

    private static Opening opening(Outside.Call call, Map<String, String> settings) {
        Map<String, String> options = bag(call, 3, "options");
        options.keySet().stream().filter(name -> !name.equals("token")).findFirst().ifPresent(name -> {
            throw new KustoException(Errors.notSupported("the option '" + name + "' of cosmosdb_sql_request; name the AccountKey, or a token"));
        });
        String key = settings.getOrDefault("accountkey", "");
        if (!key.isEmpty()) {
            try {
                return new Opening.Key(Base64.getDecoder().decode(key));
            } catch (IllegalArgumentException _) {
                throw bad("the AccountKey is not base64");
            }
        }
        return Optional.ofNullable(options.get("token")).flatMap(DynamicText::stringValue).<Opening>map(Opening.Token::new)
                .orElseThrow(() -> bad("neither an AccountKey nor a token is named"));
    }

    private static String body(Outside.Call call) {
        var parameters = JsonNodeFactory.instance.arrayNode();
        bag(call, 2, "parameters").forEach((name, value) -> {
            if (!name.startsWith("@")) {
                throw bad("the name of a parameter begins with '@', found '" + name + "'");
            }
            try {
                parameters.addObject().put("name", name).set("value", JSON.readTree(DynamicText.toJson(value)));
            } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
                throw new IllegalStateException("a dynamic value is no JSON", e);
            }
        });
        return JsonNodeFactory.instance.objectNode().put("query", call.text(1)).set("parameters", parameters).toString();
    }

    private static Map<String, String> bag(Outside.Call call, int position, String what) {
        String bag = call.text(position);
        if (bag.isEmpty() || bag.equals(DynamicParts.NULL)) {
            return Map.of();
        }
        if (!DynamicParts.isBag(bag)) {
            throw bad("the " + what + " are a bag, as in dynamic({'name': 'value'})");
        }
        return DynamicParts.properties(bag);
    }

    private static KustoException bad(String problem) {
        return new KustoException(Errors.badRequest("cosmosdb_sql_request: " + problem));
    }

    URI address() {
        String path = URLEncoder.encode(link, StandardCharsets.UTF_8).replace("+", "%20").replace("%2F", "/");
        String base = endpoint.toString();
        return URI.create(base + (base.endsWith("/") ? "" : "/") + path + "/docs");
    }

    /// The headers of one page.
    ///
    /// @param continuation of the page before; empty at the first
    List<Header> headers(Instant now, String continuation) {
        String date = DATE.format(now);
        var headers = new ArrayList<>(List.of(
                new Header("Accept", "application/json"),
                new Header("Authorization", authorization(opening, "post", "docs", link, date)),
                new Header("Content-Type", "application/query+json"),
                new Header("x-ms-date", date),
                new Header("x-ms-documentdb-isquery", "True"),
                new Header("x-ms-documentdb-query-enablecrosspartition", "True"),
                new Header("x-ms-max-item-count", Integer.toString(ITEMS_OF_A_PAGE)),
                new Header("x-ms-version", VERSION)));
        if (!continuation.isEmpty()) {
            headers.add(new Header("x-ms-continuation", continuation));
        }
        return headers;
    }

    /// What a request is signed with, as Cosmos DB documents it.
    static String authorization(Opening opening, String verb, String resourceType, String link, String date) {
        String signed = switch (opening) {
            case Opening.Key(byte[] secret) -> "type=master&ver=1.0&sig=" + signature(secret, verb + "\n" + resourceType + "\n" + link + "\n"
                    + date.toLowerCase(Locale.ROOT) + "\n\n");
            case Opening.Token(String text) -> "type=aad&ver=1.0&sig=" + text;
        };
        return URLEncoder.encode(signed, StandardCharsets.UTF_8);
    }

    private static String signature(byte[] secret, String text) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret, "HmacSHA256"));
            return Base64.getEncoder().encodeToString(mac.doFinal(text.getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException | IllegalArgumentException _) {
            throw bad("the AccountKey cannot sign");
        }
    }

    @Override
    public String toString() {
        return endpoint + " " + link;
    }
}
