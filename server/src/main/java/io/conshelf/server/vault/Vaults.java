package io.conshelf.server.vault;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.engine.store.ServiceDocuments;
import io.conshelf.engine.store.ServiceDocuments.Change;
import io.conshelf.server.identity.Audience;
import io.conshelf.server.service.HostedService;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Function;
import java.util.regex.Pattern;

/// Secrets below `/vaults/{vault}/secrets`, as Azure Key Vault has them at `https://{vault}.vault.azure.net/secrets`. Vaults are made as they are
/// named. Values are in the system store and in the answers that show one secret, and nowhere else.
public final class Vaults implements HostedService {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String PREFIX = "/vaults/";
    private static final String COLLECTION = "secrets";
    private static final Pattern VAULT = Pattern.compile("[A-Za-z][A-Za-z0-9-]{1,22}[A-Za-z0-9]");
    private static final Pattern NAME = Pattern.compile("[0-9A-Za-z-]{1,127}");
    private static final int VALUE_CHARACTERS_MAX = 25_600;
    private static final int VERSIONS_MAX = 100_000;
    /// Whoever asks gets the place where tokens come from first: clients hold the body of a request back until they have been told.
    private static final String TENANT = "00000000-0000-0000-0000-000000000000";

    private final ServiceDocuments documents;
    private final InstantSource clock;
    private final Map<String, Secret> secrets = new TreeMap<>();
    private long lastNumber;

    private Vaults(ServiceDocuments documents, InstantSource clock) {
        this.documents = documents;
        this.clock = clock;
    }

    public static Vaults open(ServiceDocuments documents, InstantSource clock) {
        Vaults vaults = new Vaults(documents, clock);
        documents.all(COLLECTION).values().forEach(vaults::load);
        return vaults;
    }

    private void load(String document) {
        try {
            Secret secret = Secret.of(JSON.readTree(document));
            secrets.put(secret.key(), secret);
            lastNumber = Math.max(lastNumber, secret.number());
        } catch (JsonProcessingException damaged) {
            throw new IllegalStateException("a secret in the system store is not JSON"); // the cause would show it
        }
    }

    @Override
    public String name() {
        return "vaults";
    }

    @Override
    public Audience audience() {
        return Audience.VAULT;
    }

    @Override
    public boolean answers(String rawPath) {
        return rawPath.startsWith(PREFIX);
    }

    @Override
    public void started(Cluster cluster) {
        // Nothing runs of its own accord.
    }

    @Override
    public void close() {
        // Everything is in the store already.
    }

    /// A refusal in the service's words.
    private static final class Refusal extends Exception {
        private final int status;
        private final String code;

        private Refusal(int status, String code, String message) {
            super(message);
            this.status = status;
            this.code = code;
        }
    }

    @Override
    public synchronized Answer answer(Request request) {
        if (!request.headers().containsKey("authorization")) {
            String challenge = "Bearer authorization=\"" + request.origin() + "/" + TENANT + "\", resource=\"https://vault.azure.net\"";
            return new Answer(401, Map.of("WWW-Authenticate", challenge, "Content-Type", "application/json; charset=utf-8"),
                    error("Unauthorized", "AKV10000: Request is missing a Bearer or PoP token."));
        }
        try {
            return new Answer(200, Map.of("Content-Type", "application/json; charset=utf-8"), route(request).toString().getBytes(StandardCharsets.UTF_8));
        } catch (Refusal refusal) {
            return new Answer(refusal.status, Map.of("Content-Type", "application/json; charset=utf-8"), error(refusal.code, refusal.getMessage()));
        }
    }

    private static byte[] error(String code, String message) {
        ObjectNode json = JSON.createObjectNode();
        json.putObject("error").put("code", code).put("message", message);
        return json.toString().getBytes(StandardCharsets.UTF_8);
    }

    private JsonNode route(Request request) throws Refusal {
        String[] parts = request.rawPath().substring(PREFIX.length()).replaceFirst("/+$", "").split("/", -1);
        if (!VAULT.matcher(parts[0]).matches()) {
            throw new Refusal(400, "BadParameter", "The name of a vault is 3 to 24 letters, digits and hyphens.");
        }
        if (request.query().getOrDefault("api-version", "").isBlank()) {
            throw new Refusal(400, "BadParameter", "api-version must be specified");
        }
        String vault = parts[0].toLowerCase(Locale.ROOT);
        if (parts.length < 2 || !parts[1].equals("secrets") || parts.length > 4) {
            throw new Refusal(404, "NotFound", "Only secrets are kept here: /vaults/{vault}/secrets");
        }
        String name = parts.length > 2 ? named(parts[2]) : "";
        String version = parts.length > 3 ? parts[3] : "";
        return switch (request.method() + " " + (parts.length - 2)) {
            case "GET 0" -> listed(newest(vault), Secret::id);
            case "GET 1" -> shown(latest(vault, name));
            case "GET 2" -> version.equals("versions") ? listed(versions(vault, name), secret -> secret.id() + "/" + secret.version())
                    : shown(version.isEmpty() ? latest(vault, name) : version(vault, name, version));
            case "PUT 1" -> set(vault, name, body(request));
            case "PATCH 2" -> changed(version.isEmpty() ? latest(vault, name) : version(vault, name, version), body(request));
            default -> throw new Refusal(405, "MethodNotAllowed", "'" + request.method() + "' is not offered by the vaults beside the cluster: secrets are "
                    + "set, changed, read and listed");
        };
    }

    private static String named(String part) throws Refusal {
        try {
            String name = URLDecoder.decode(part.replace("+", "%2B"), StandardCharsets.UTF_8);
            if (NAME.matcher(name).matches()) {
                return name;
            }
        } catch (IllegalArgumentException badlyEncoded) {
            // the same refusal
        }
        throw new Refusal(400, "BadParameter", "The name of a secret is 1 to 127 letters, digits and hyphens.");
    }

    private static JsonNode body(Request request) throws Refusal {
        try {
            JsonNode body = JSON.readTree(request.body());
            if (body.isObject()) {
                return body;
            }
        } catch (IOException notJson) {
            // the same refusal; the body may hold a secret
        }
        throw new Refusal(400, "BadParameter", "The body is not a JSON object.");
    }

    private List<Secret> versions(String vault, String name) {
        String prefix = vault + "/" + name.toLowerCase(Locale.ROOT) + "/";
        return secrets.values().stream().filter(secret -> secret.key().startsWith(prefix)).sorted(Comparator.comparing(Secret::number)).toList();
    }

    private List<Secret> newest(String vault) {
        Map<String, Secret> newest = new TreeMap<>();
        secrets.values().stream().filter(secret -> secret.vault().equals(vault)).forEach(secret ->
                newest.merge(secret.name().toLowerCase(Locale.ROOT), secret, (one, other) -> one.number() > other.number() ? one : other));
        return List.copyOf(newest.values());
    }

    private Secret latest(String vault, String name) throws Refusal {
        List<Secret> versions = versions(vault, name);
        if (versions.isEmpty()) {
            throw missing(name);
        }
        return versions.getLast();
    }

    private Secret version(String vault, String name, String version) throws Refusal {
        return Optional.ofNullable(secrets.get(vault + "/" + name.toLowerCase(Locale.ROOT) + "/" + version)).orElseThrow(() -> missing(name + "/" + version));
    }

    private static Refusal missing(String name) {
        return new Refusal(404, "SecretNotFound", "A secret with (name/id) " + name + " was not found in this key vault. If you recently deleted this secret "
                + "you may be able to recover it using the correct recovery command.");
    }

    private static JsonNode shown(Secret secret) throws Refusal {
        if (!secret.isEnabled()) {
            throw new Refusal(403, "Forbidden", "Operation get is not allowed on a disabled secret.");
        }
        return secret.bundle();
    }

    private static JsonNode listed(List<Secret> found, Function<Secret, String> id) {
        ObjectNode json = JSON.createObjectNode();
        ArrayNode value = json.putArray("value");
        found.forEach(secret -> value.add(secret.described(id.apply(secret))));
        return json.putNull("nextLink");
    }

    private JsonNode set(String vault, String name, JsonNode body) throws Refusal {
        if (!body.path("value").isTextual()) {
            throw new Refusal(400, "BadParameter", "The parameter value is not specified.");
        }
        if (body.path("value").textValue().length() > VALUE_CHARACTERS_MAX) {
            throw new Refusal(400, "BadParameter", "A secret has at most " + VALUE_CHARACTERS_MAX + " characters.");
        }
        if (secrets.size() >= VERSIONS_MAX) {
            throw new Refusal(429, "Throttled", "The vaults hold " + VERSIONS_MAX + " versions of secrets, as many as they keep.");
        }
        Secret secret = new Secret(vault, name, UUID.randomUUID().toString().replace("-", ""), lastNumber + 1, body.path("value").textValue(),
                body.path("contentType").asText(""), object(body, "tags"), object(body, "attributes"), clock.instant(), clock.instant());
        keep(secret);
        lastNumber = secret.number();
        return secret.bundle();
    }

    private JsonNode changed(Secret secret, JsonNode body) {
        ObjectNode attributes = secret.attributes().deepCopy();
        attributes.setAll(object(body, "attributes"));
        Secret changed = secret.with(body.path("contentType").asText(secret.contentType()), body.has("tags") ? object(body, "tags") : secret.tags(),
                attributes, clock.instant());
        keep(changed);
        return changed.described(changed.id() + "/" + changed.version());
    }

    private static ObjectNode object(JsonNode body, String property) {
        return body.path(property) instanceof ObjectNode object ? object : JSON.createObjectNode();
    }

    private void keep(Secret secret) {
        documents.change(List.of(new Change.Put(COLLECTION, secret.key(), secret.document())));
        secrets.put(secret.key(), secret);
    }
}
