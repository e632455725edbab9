package io.conshelf.server.identity;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/// Answers requests for tokens, and those that lead there, in the forms of Microsoft Entra and of its managed identities.
public final class TokenRequests {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String DEFAULT_SCOPE = "/.default";
    // What stands for the tenant of whoever asks; `adfs` is what makes clients ask this host and no other first.
    private static final List<String> ANY_TENANT = List.of("common", "organizations", "adfs");

    private final Applications applications;
    private final TokenIssuer issuer;
    private final String identityHeader;
    private final InstantSource clock;

    /// An answer, with its status.
    public record Answer(int status, String json) {}

    /// Which of the two forms of the protocol a client speaks.
    public enum Version {
        /// `resource=`, times as text.
        V1,
        /// `scope=…/.default`.
        V2
    }

    /// @param identityHeader what whoever asks for a managed identity's token must know
    public TokenRequests(Applications applications, TokenIssuer issuer, String identityHeader, InstantSource clock) {
        this.applications = applications;
        this.issuer = issuer;
        this.identityHeader = identityHeader;
        this.clock = clock;
    }

    public String tenant() {
        return applications.tenant();
    }

    /// `POST /{tenant}/oauth2/[v2.0/]token`.
    ///
    /// @param authorization the header, in which a client may state its id and secret instead of in the form
    public Answer token(String tenant, Version version, String form, Optional<String> authorization) {
        Map<String, String> fields = new HashMap<>(fields(form));
        authorization.filter(header -> header.regionMatches(true, 0, "Basic ", 0, 6)).ifPresent(header -> basic(header, fields));
        String grant = fields.getOrDefault("grant_type", "");
        if (!grant.equals("client_credentials")) {
            return refused(400, "unsupported_grant_type", 70003, grant.isEmpty()
                    ? "The request has no 'grant_type'; this token service answers 'client_credentials'."
                    : "The grant type '" + shown(grant) + "' is not supported by this token service; 'client_credentials' is.");
        }
        if (fields.containsKey("client_assertion")) {
            return refused(400, "invalid_client", 700027, "Signing in with a certificate is not supported by this token service; use a client secret.");
        }
        String audience = version == Version.V1 || !fields.containsKey("scope")
                ? fields.getOrDefault("resource", "")
                : fields.get("scope").strip();
        if (fields.containsKey("scope") && !audience.isEmpty() && version == Version.V2) {
            if (!audience.endsWith(DEFAULT_SCOPE)) {
                return refused(400, "invalid_scope", 1002012, "The scope '" + shown(audience) + "' is not valid: for client credentials it is the resource followed by '/.default'.");
            }
            audience = audience.substring(0, audience.length() - DEFAULT_SCOPE.length());
        }
        if (audience.isEmpty()) {
            return refused(400, "invalid_request", 900144, "The request body must contain the parameter '" + (version == Version.V1 ? "resource" : "scope") + "'.");
        }
        String id = fields.getOrDefault("client_id", "");
        Optional<Application> application = applications.find(id).filter(a -> a.kind() == Application.Kind.APPLICATION);
        boolean isKnown = application.map(a -> isOf(a, tenant)).orElse(false);
        SecretHash expected = isKnown ? application.orElseThrow().secret() : SecretHash.NONE;
        boolean isRight = expected.matches(fields.getOrDefault("client_secret", ""));
        if (!isKnown) {
            return refused(400, "unauthorized_client", 700016, "The application '" + shown(id) + "' was not found in the tenant '" + shown(tenant)
                    + "': register it with `conshelf app create`.");
        }
        return isRight
                ? granted(application.orElseThrow(), audience, version)
                : refused(401, "invalid_client", 7000215, "The client secret of the application '" + id + "' is not the one that was given.");
    }

    private static boolean isOf(Application application, String tenant) {
        return application.tenant().equalsIgnoreCase(tenant) || ANY_TENANT.contains(tenant.toLowerCase(Locale.ROOT));
    }

    /// `GET /msi/token`, as an Azure service offers it to what runs in it.
    ///
    /// @param identity which one; empty for the machine's own
    public Answer managedIdentity(String header, String resource, String identity) {
        if (!MessageDigest.isEqual(header.getBytes(StandardCharsets.UTF_8), identityHeader.getBytes(StandardCharsets.UTF_8))) {
            return problem(401, "Unauthorized", "X-IDENTITY-HEADER is not the value of IDENTITY_HEADER");
        }
        if (resource.isEmpty()) {
            return problem(400, "BadRequest", "the parameter 'resource' is missing");
        }
        return applications.managed(identity)
                .map(application -> granted(application, resource, Version.V1))
                .orElseGet(() -> problem(400, "BadRequest", "there is no managed identity '" + shown(identity)
                        + "'; make it with `conshelf app create NAME --identity`"));
    }

    private Answer granted(Application application, String audience, Version version) {
        ObjectNode answer = JSON.createObjectNode().put("token_type", "Bearer");
        long seconds = TokenIssuer.LIFETIME.toSeconds() - 1;
        switch (version) {
            case V1 -> {
                Instant now = clock.instant();
                answer.put("expires_in", Long.toString(seconds)).put("ext_expires_in", Long.toString(seconds))
                        .put("not_before", Long.toString(now.getEpochSecond()))
                        .put("expires_on", Long.toString(now.getEpochSecond() + seconds))
                        .put("resource", audience).put("client_id", application.id());
            }
            case V2 -> answer.put("expires_in", seconds).put("ext_expires_in", seconds);
        }
        return new Answer(200, answer.put("access_token", issuer.issue(application, audience)).toString());
    }

    /// `GET /{tenant}/[v2.0/].well-known/openid-configuration`.
    public String openIdConfiguration(String origin, String tenant, Version version) {
        String base = origin + "/" + tenant;
        String path = version == Version.V2 ? "/oauth2/v2.0/" : "/oauth2/";
        ObjectNode document = JSON.createObjectNode()
                .put("issuer", TokenIssuer.issuer(applications.tenant()))
                .put("authorization_endpoint", base + path + "authorize")
                .put("token_endpoint", base + path + "token")
                .put("device_authorization_endpoint", base + path + "devicecode")
                .put("jwks_uri", base + "/discovery/v2.0/keys");
        document.putArray("token_endpoint_auth_methods_supported").add("client_secret_post").add("client_secret_basic");
        document.putArray("response_types_supported").add("token");
        document.putArray("subject_types_supported").add("pairwise");
        document.putArray("id_token_signing_alg_values_supported").add("RS256");
        return document.toString();
    }

    /// `GET /common/discovery/instance`: this host is its own authority.
    public String instances(String origin, String tenant) {
        ObjectNode document = JSON.createObjectNode()
                .put("tenant_discovery_endpoint", origin + "/" + tenant + "/v2.0/.well-known/openid-configuration")
                .put("api-version", "1.1");
        String host = origin.substring(origin.indexOf("://") + 3);
        document.putArray("metadata").addObject().put("preferred_network", host).put("preferred_cache", host).putArray("aliases").add(host);
        return document.toString();
    }

    public String keys() {
        return issuer.keys();
    }

    private Answer refused(int status, String error, int code, String what) {
        String trace = UUID.randomUUID().toString();
        Instant now = clock.instant();
        ObjectNode answer = JSON.createObjectNode().put("error", error)
                .put("error_description", "AADSTS" + code + ": " + what + " Trace ID: " + trace + " Timestamp: " + now);
        answer.putArray("error_codes").add(code);
        return new Answer(status, answer.put("timestamp", now.toString()).put("trace_id", trace).put("correlation_id", trace).toString());
    }

    private static Answer problem(int status, String code, String message) {
        return new Answer(status, JSON.createObjectNode().put("statusCode", status).put("code", code).put("message", message).toString());
    }

    private static void basic(String header, Map<String, String> fields) {
        try {
            String both = new String(Base64.getDecoder().decode(header.substring(6).strip()), StandardCharsets.UTF_8);
            int colon = both.indexOf(':');
            if (colon > 0) {
                fields.putIfAbsent("client_id", decoded(both.substring(0, colon)));
                fields.putIfAbsent("client_secret", decoded(both.substring(colon + 1)));
            }
        } catch (IllegalArgumentException _) {
            // As if it had not been there: the request then lacks its client.
        }
    }

    private static Map<String, String> fields(String form) {
        Map<String, String> fields = new HashMap<>();
        for (String pair : form.split("&")) {
            int equals = pair.indexOf('=');
            if (equals > 0) {
                fields.put(decoded(pair.substring(0, equals)), decoded(pair.substring(equals + 1)));
            }
        }
        return fields;
    }

    private static String decoded(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException _) {
            return text;
        }
    }

    // What a stranger sent goes back shortened and without line breaks.
    private static String shown(String text) {
        String line = text.replaceAll("\\p{Cntrl}", "?");
        return line.length() <= 100 ? line : line.substring(0, 100) + "…";
    }
}
