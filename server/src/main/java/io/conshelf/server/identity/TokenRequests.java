package io.conshelf.server.identity;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/// Answers requests for tokens, and those that lead there, in the forms of Microsoft Entra and of its managed identities.
public final class TokenRequests {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String DEFAULT_SCOPE = "/.default";
    private static final String DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code";
    private static final String GRANTS = "client_credentials, authorization_code, refresh_token and device_code";
    // What stands for the tenant of whoever asks; `adfs` is what makes clients ask this host and no other first.
    private static final List<String> ANY_TENANT = List.of("common", "organizations", "adfs");

    private final Applications applications;
    private final TokenIssuer issuer;
    private final PersonGrants grants;
    private final SecretChecks checks;
    private final ClientAssertions assertions;
    private final String identityHeader;
    private final InstantSource clock;

    /// An answer, with its status.
    ///
    /// @param again when to ask again, where that helps
    public record Answer(int status, String json, Optional<Duration> again) {
        Answer(int status, String json) {
            this(status, json, Optional.empty());
        }
    }

    /// Which of the two forms of the protocol a client speaks.
    public enum Version {
        /// `resource=`, times as text.
        V1,
        /// `scope=…/.default`.
        V2
    }

    /// @param identityHeader what whoever asks for a managed identity's token must know
    TokenRequests(
            Applications applications, TokenIssuer issuer, PersonGrants grants, SecretChecks checks, ClientAssertions assertions, String identityHeader,
            InstantSource clock) {
        this.applications = applications;
        this.issuer = issuer;
        this.grants = grants;
        this.checks = checks;
        this.assertions = assertions;
        this.identityHeader = identityHeader;
        this.clock = clock;
    }

    public String tenant() {
        return applications.tenant();
    }

    /// `POST /{tenant}/oauth2/[v2.0/]token`.
    ///
    /// @param authorization the header, in which a client may state its id and secret instead of in the form
    /// @param from          the client's address, or of IPv6 its network
    public Answer token(String tenant, Version version, String form, Optional<String> authorization, String from) {
        Map<String, String> fields = fields(form, authorization);
        String grant = fields.getOrDefault("grant_type", "");
        return switch (grant) {
            case "client_credentials" -> application(tenant, version, fields, from);
            case "authorization_code", "refresh_token", DEVICE_CODE, "device_code" -> person(tenant, version, grant, fields);
            case "" -> refused(400, "unsupported_grant_type", 70003, "The request has no 'grant_type'; this token service answers " + GRANTS + ".");
            default -> refused(400, "unsupported_grant_type", 70003, "The grant type '" + shown(grant) + "' is not supported by this token service; "
                    + GRANTS + " are.");
        };
    }

    private Answer application(String tenant, Version version, Map<String, String> fields, String from) {
        // AD FS has the scope of the newer form at the older address.
        boolean isScope = fields.containsKey("scope") && (version == Version.V2 || !fields.containsKey("resource"));
        String audience = isScope ? resourceScope(fields.get("scope")) : fields.getOrDefault("resource", "");
        if (isScope && !audience.isEmpty()) {
            if (!audience.endsWith(DEFAULT_SCOPE)) {
                return refused(400, "invalid_scope", 1002012, "The scope '" + shown(audience) + "' is not valid: for client credentials it is the resource followed by '/.default'.");
            }
            audience = audience.substring(0, audience.length() - DEFAULT_SCOPE.length());
        }
        if (audience.isEmpty()) {
            return refused(400, "invalid_request", 900144, "The request body must contain the parameter '" + (version == Version.V1 ? "resource" : "scope") + "'.");
        }
        boolean hasAssertion = fields.containsKey("client_assertion");
        String id = fields.getOrDefault("client_id", hasAssertion ? ClientAssertions.client(fields.get("client_assertion")) : "");
        Optional<Application> application = applications.find(id).filter(a -> a.kind() == Application.Kind.APPLICATION);
        if (!application.map(a -> isOf(a, tenant)).orElse(false)) {
            // The answer tells, as the service's does, so the time need not hide it: nothing is hashed.
            return refused(400, "unauthorized_client", 700016, "The application '" + shown(id) + "' was not found in the tenant '" + shown(tenant)
                    + "': register it with `conshelf app create`.");
        }
        Application known = application.orElseThrow();
        Version answered = isScope ? Version.V2 : version;
        return hasAssertion
                ? byAssertion(known, tenant, audience, version, answered, fields, from)
                : bySecret(known, audience, answered, fields.getOrDefault("client_secret", ""), from);
    }

    private Answer bySecret(Application application, String audience, Version answered, String secret, String from) {
        return switch (checks.check(application.id(), application.secret(), secret, from)) {
            case SecretChecks.Outcome.Right _ -> granted(application, audience, answered);
            case SecretChecks.Outcome.Wrong _ -> refused(401, "invalid_client", 7000215,
                    "The client secret of the application '" + application.id() + "' is not the one that was given.");
            case SecretChecks.Outcome.TooMany(Duration again) -> new Answer(429, refused(429, "temporarily_unavailable", 90055,
                    "There are too many incoming requests: secrets were wrong too often. Try again in " + again.toSeconds() + " seconds.").json(), Optional.of(again));
        };
    }

    private Answer byAssertion(
            Application application, String tenant, String audience, Version version, Version answered, Map<String, String> fields, String from) {
        if (!fields.getOrDefault("client_assertion_type", "").equals(ClientAssertions.TYPE)) {
            return refused(400, "invalid_request", 900144, "The parameter 'client_assertion_type' is to be '" + ClientAssertions.TYPE + "'.");
        }
        String path = "/" + tenant + (version == Version.V2 ? "/oauth2/v2.0/token" : "/oauth2/token");
        return assertions.problem(application, fields.get("client_assertion"), path, from)
                .map(problem -> refused(401, "invalid_client", 700027, "The client assertion of the application '" + application.id() + "' is refused: "
                        + problem + "."))
                .orElseGet(() -> granted(application, audience, answered));
    }

    private Answer person(String tenant, Version version, String grant, Map<String, String> fields) {
        if (!isOwn(tenant)) {
            return refused(400, "invalid_request", 90002, "The tenant '" + shown(tenant) + "' has no accounts of people here.");
        }
        String client = fields.getOrDefault("client_id", "");
        PersonGrants.Outcome outcome = switch (grant) {
            case "authorization_code" -> grants.redeemCode(
                    client, fields.getOrDefault("redirect_uri", ""), fields.getOrDefault("code", ""), fields.getOrDefault("code_verifier", ""));
            case "refresh_token" -> grants.redeemRefreshToken(
                    client, fields.getOrDefault("refresh_token", ""), fields.getOrDefault("scope", fields.getOrDefault("resource", "")));
            default -> grants.redeemDevice(client, fields.getOrDefault("device_code", fields.getOrDefault("code", "")));
        };
        return switch (outcome) {
            case PersonGrants.Outcome.Refused(String error, int code, String message) -> refused(400, error, code, message);
            case PersonGrants.Outcome.Granted granted -> granted(granted, resource(fields, granted.scope()), version);
        };
    }

    /// Whether a tenant is one in which people have accounts.
    public boolean hasAccounts(String tenant) {
        return isOwn(tenant);
    }

    private boolean isOwn(String tenant) {
        return applications.tenant().equalsIgnoreCase(tenant) || ANY_TENANT.contains(tenant.toLowerCase(Locale.ROOT));
    }

    /// What an access token is to be for: what is asked for now, else what was asked for on the page.
    private static String resource(Map<String, String> fields, String scope) {
        String stated = fields.getOrDefault("resource", "");
        if (!stated.isEmpty()) {
            return stated;
        }
        for (String one : (fields.getOrDefault("scope", "") + " " + scope).strip().split("\\s+")) {
            if (one.contains("://") || one.endsWith(DEFAULT_SCOPE)) {
                int end = one.lastIndexOf('/');
                boolean hasScope = end > one.indexOf("://") + 2;
                return hasScope ? one.substring(0, end) : one;
            }
        }
        return "";
    }

    private Answer granted(PersonGrants.Outcome.Granted granted, String audience, Version version) {
        Person person = granted.person();
        ObjectNode answer = JSON.createObjectNode().put("token_type", "Bearer");
        long seconds = TokenIssuer.LIFETIME.toSeconds() - 1;
        switch (version) {
            case V1 -> answer.put("expires_in", Long.toString(seconds)).put("expires_on", Long.toString(clock.instant().getEpochSecond() + seconds))
                    .put("resource", audience);
            case V2 -> answer.put("expires_in", seconds).put("ext_expires_in", seconds);
        }
        answer.put("scope", audience.isEmpty() ? "openid profile" : audience + "/user_impersonation " + audience + DEFAULT_SCOPE + " openid profile")
                .put("refresh_token", granted.refreshToken())
                .put("id_token", issuer.identify(person, granted.client(), granted.nonce()))
                .put("client_info", clientInfo(person, applications.tenant()));
        // A program that asked for nothing but who it is gets a token that opens nothing.
        return new Answer(200, answer.put("access_token", issuer.issue(person, granted.client(), audience.isEmpty() ? granted.client() : audience)).toString());
    }

    /// Tells programs which account it is.
    static String clientInfo(Person person, String tenant) {
        String json = JSON.createObjectNode().put("uid", person.id()).put("utid", tenant).toString();
        return Base64.getUrlEncoder().withoutPadding().encodeToString(json.getBytes(StandardCharsets.UTF_8));
    }

    /// `POST /{tenant}/oauth2/[v2.0/]devicecode`.
    ///
    /// @param from the client's address, or of IPv6 its network
    public Answer deviceCode(String origin, String tenant, String form, String from) {
        Map<String, String> fields = fields(form);
        String client = fields.getOrDefault("client_id", "");
        if (!isOwn(tenant) || client.isBlank()) {
            return refused(400, "invalid_request", 900144, client.isBlank()
                    ? "The request body must contain the parameter 'client_id'."
                    : "The tenant '" + shown(tenant) + "' has no accounts of people here.");
        }
        return switch (grants.begin(client, fields.getOrDefault("scope", fields.getOrDefault("resource", "")), from)) {
            case PersonGrants.Begun.Waiting(PersonGrants.Device device) -> {
                String page = origin + "/device";
                String code = device.userCode().substring(0, 4) + "-" + device.userCode().substring(4);
                yield new Answer(200, JSON.createObjectNode().put("user_code", code).put("device_code", device.code()).put("verification_uri", page)
                        .put("verification_url", page).put("expires_in", PersonGrants.DEVICE_LIFETIME.toSeconds())
                        .put("interval", PersonGrants.DEVICE_INTERVAL.toSeconds())
                        .put("message", "To sign in, open the page " + page + " and enter the code " + code + ".").toString());
            }
            case PersonGrants.Begun.TooMany(Duration again) -> new Answer(429, refused(429, "temporarily_unavailable", 90055,
                    "Too many programs wait for somebody to sign in. Try again in " + wholeSeconds(again) + " seconds, or have somebody type in their codes.").json(),
                    Optional.of(Duration.ofSeconds(wholeSeconds(again))));
        };
    }

    private static long wholeSeconds(Duration time) {
        return Math.max(1, time.plusMillis(999).toSeconds());
    }

    /// Java's library asks for what concerns people too, which an application has none of.
    private static String resourceScope(String scope) {
        String resource = String.join(" ", Stream.of(scope.strip().split("\\s+"))
                .filter(one -> !one.equals("openid") && !one.equals("profile") && !one.equals("offline_access")).toList());
        return resource.isEmpty() ? scope.strip() : resource;
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
        return ofIdentity(resource, identity);
    }

    /// `GET /metadata/identity/oauth2/token`, as virtual machines of Azure have it: whoever can ask it may.
    ///
    /// @param metadata  the header that no page can make a browser send
    /// @param forwarded whether the request came through somebody else
    public Answer metadataService(String metadata, boolean forwarded, String resource, String identity) {
        if (!metadata.equalsIgnoreCase("true") || forwarded) {
            return metadataProblem("invalid_request", forwarded ? "A request that was forwarded is not answered." : "Required metadata header not specified");
        }
        return ofIdentity(resource, identity);
    }

    private static Answer metadataProblem(String error, String description) {
        return new Answer(400, JSON.createObjectNode().put("error", error).put("error_description", description).toString());
    }

    private Answer ofIdentity(String resource, String identity) {
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
                // Clients that take the cluster for AD FS ask for an issuer on the host that they asked.
                .put("issuer", tenant.equalsIgnoreCase("adfs") ? base : TokenIssuer.issuer(applications.tenant()))
                .put("authorization_endpoint", base + path + "authorize")
                .put("token_endpoint", base + path + "token")
                .put("device_authorization_endpoint", base + path + "devicecode")
                .put("jwks_uri", base + "/discovery/v2.0/keys");
        document.putArray("token_endpoint_auth_methods_supported").add("client_secret_post").add("client_secret_basic").add("private_key_jwt");
        document.putArray("token_endpoint_auth_signing_alg_values_supported").add("RS256").add("PS256");
        document.putArray("grant_types_supported").add("client_credentials").add("authorization_code").add("refresh_token").add(DEVICE_CODE);
        document.putArray("response_types_supported").add("code");
        document.putArray("response_modes_supported").add("query").add("form_post");
        document.putArray("code_challenge_methods_supported").add("S256");
        document.putArray("scopes_supported").add("openid").add("profile").add("offline_access");
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

    /// The fields of a form, and those that a client may state in the header instead.
    public static Map<String, String> fields(String form, Optional<String> authorization) {
        Map<String, String> fields = new HashMap<>(fields(form));
        authorization.filter(header -> header.regionMatches(true, 0, "Basic ", 0, 6)).ifPresent(header -> basic(header, fields));
        return fields;
    }

    /// The fields of a form, each with its first value.
    public static Map<String, String> fields(String form) {
        Map<String, String> fields = new HashMap<>();
        for (String pair : form.split("&")) {
            int equals = pair.indexOf('=');
            if (equals > 0) {
                fields.putIfAbsent(decoded(pair.substring(0, equals)), decoded(pair.substring(equals + 1)));
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
