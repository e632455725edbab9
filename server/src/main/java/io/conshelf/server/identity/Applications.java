package io.conshelf.server.identity;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.engine.store.ServiceDocuments;
import io.conshelf.engine.store.ServiceDocuments.Change;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// The applications and managed identities of this cluster.
public final class Applications {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    /// Of what signing in needs to be kept.
    static final String COLLECTION = "identity";
    private static final String KEY = "application/";
    private static final String TENANT_KEY = "tenant";
    private static final int SECRET_BYTES = 32;
    /// Of one that is brought along; the service's own have forty.
    private static final int SECRET_LENGTH_MIN = 16;
    private static final Pattern ID = Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");
    // What a tenant may be written as: an id or a domain. It stands in a principal's name, where `;` ends it.
    private static final Pattern TENANT = Pattern.compile("[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?");
    private static final int NAME_LENGTH_MAX = 120;

    private final ServiceDocuments store;
    private final Map<String, Application> byId = new ConcurrentHashMap<>();
    private final Departures departures;
    private final String tenant;

    /// A new application, with the secret that is told this once.
    ///
    /// @param secret empty for managed identities
    public record Registered(Application application, String secret) {
        @Override
        public String toString() {
            return "Registered[" + application + "]";
        }
    }

    /// What to register. Whatever is empty is made up.
    ///
    /// @param id     so that a definition that names it runs unchanged
    /// @param secret likewise
    /// @param certificate with which it signs in, as PEM; then there is no secret unless one is stated
    public record Wish(String name, Application.Kind kind, String id, String tenant, String secret, String certificate) {
        public Wish(String name, Application.Kind kind, String id, String tenant, String secret) {
            this(name, kind, id, tenant, secret, "");
        }

        public static Wish named(String name, Application.Kind kind) {
            return new Wish(name, kind, "", "", "");
        }

        @Override
        public String toString() {
            return "Wish[name=" + name + ", kind=" + kind + ", id=" + id + ", tenant=" + tenant + "]";
        }
    }

    Applications(ServiceDocuments store, Departures departures) {
        this.store = store;
        this.departures = departures;
        Map<String, String> kept = store.all(COLLECTION);
        kept.forEach((key, json) -> {
            if (key.startsWith(KEY)) {
                Application application = read(json);
                byId.put(application.id(), application);
            }
        });
        String known = kept.get(TENANT_KEY);
        this.tenant = known == null ? UUID.randomUUID().toString() : parse(known).required("id").textValue();
        if (known == null) {
            store.change(List.of(new Change.Put(COLLECTION, TENANT_KEY, JSON.createObjectNode().put("id", tenant).toString())));
        }
    }

    /// The tenant of those who were registered without one.
    public String tenant() {
        return tenant;
    }

    public Optional<Application> find(String id) {
        return Optional.ofNullable(byId.get(id.toLowerCase(Locale.ROOT)));
    }

    boolean isThere(String objectId) {
        return byId.values().stream().anyMatch(application -> application.objectId().equals(objectId));
    }

    public List<Application> all() {
        return byId.values().stream().sorted((a, b) -> a.name().compareToIgnoreCase(b.name())).toList();
    }

    /// What this machine vouches for.
    ///
    /// @param identity a client id, an object id, or a resource id; empty for the identity of the machine itself
    public Optional<Application> managed(String identity) {
        Collection<Application> known = byId.values();
        return identity.isEmpty()
                ? known.stream().filter(a -> a.kind() == Application.Kind.SYSTEM_ASSIGNED).findFirst()
                : known.stream().filter(a -> a.kind() != Application.Kind.APPLICATION && a.answersTo(identity)).findFirst();
    }

    /// @throws IllegalArgumentException when a name, id or tenant cannot be one, or is taken; the message says which
    public Registered register(Wish wish) {
        String id = wish.id().isEmpty() ? UUID.randomUUID().toString() : wish.id().toLowerCase(Locale.ROOT);
        String ofTenant = wish.tenant().isEmpty() ? tenant : wish.tenant();
        List<String> wrong = wrong(wish, id, ofTenant);
        wrong.addAll(taken(wish, id));
        if (!wrong.isEmpty()) {
            throw new IllegalArgumentException(String.join("; ", wrong));
        }
        List<String> certificates = wish.certificate().isEmpty() ? List.of() : List.of(ClientAssertions.certificate(wish.certificate()));
        String secret = wish.kind() != Application.Kind.APPLICATION || !certificates.isEmpty() && wish.secret().isEmpty()
                ? ""
                : wish.secret().isEmpty() ? newSecret() : wish.secret();
        var application = new Application(
                id, UUID.randomUUID().toString(), ofTenant, wish.name(), wish.kind(),
                secret.isEmpty() ? SecretHash.NONE : SecretHash.of(secret), certificates);
        do {
            departures.requireEnded(application.fullyQualifiedName());
        } while (!keep(wish, application));
        return new Registered(application, secret);
    }

    /// What is wrong with a wish whoever else is there.
    private static List<String> wrong(Wish wish, String id, String ofTenant) {
        List<String> wrong = new ArrayList<>();
        if (wish.name().isBlank() || wish.name().length() > NAME_LENGTH_MAX || wish.name().chars().anyMatch(Character::isISOControl)) {
            wrong.add("a name has 1 to " + NAME_LENGTH_MAX + " characters");
        }
        if (!ID.matcher(id).matches()) {
            wrong.add("an id is a GUID such as 7fdcc2be-70b8-4c6e-a4d4-2f3a3c8b6f0e, found '" + wish.id() + "'");
        }
        if (!TENANT.matcher(ofTenant).matches()) {
            wrong.add("a tenant is a GUID or a domain such as contoso.onmicrosoft.com, found '" + wish.tenant() + "'");
        }
        if (wish.kind() != Application.Kind.APPLICATION && !wish.secret().isEmpty()) {
            wrong.add("a managed identity has no secret");
        }
        if (wish.kind() == Application.Kind.APPLICATION && !wish.secret().isEmpty() && wish.secret().length() < SECRET_LENGTH_MIN) {
            wrong.add("a secret has at least " + SECRET_LENGTH_MIN + " characters, found " + wish.secret().length()
                    + ": take a longer one, or none for one that is made up");
        }
        if (wish.kind() != Application.Kind.APPLICATION && !wish.certificate().isEmpty()) {
            wrong.add("a managed identity has no certificate");
        }
        return wrong;
    }

    private List<String> taken(Wish wish, String id) {
        List<String> taken = new ArrayList<>();
        if (byId.containsKey(id)) {
            taken.add("there is an application with the id '" + id + "' already");
        }
        if (byId.values().stream().anyMatch(a -> a.name().equalsIgnoreCase(wish.name()))) {
            taken.add("there is an application named '" + wish.name() + "' already");
        }
        return taken;
    }

    /// @return false where one of its name was removed meanwhile
    private synchronized boolean keep(Wish wish, Application application) {
        List<String> taken = taken(wish, application.id());
        if (!taken.isEmpty()) {
            throw new IllegalArgumentException(String.join("; ", taken));
        }
        if (departures.isUnderWay(application.fullyQualifiedName())) {
            return false;
        }
        store.change(List.of(new Change.Put(COLLECTION, KEY + application.id(), write(application))));
        byId.put(application.id(), application);
        return true;
    }

    /// A name that none has: the one that is wished for, else with a number.
    String free(String name) {
        return Stream.iterate(1, n -> n + 1).map(n -> n == 1 ? name : name + " " + n)
                .filter(wish -> byId.values().stream().noneMatch(a -> a.name().equalsIgnoreCase(wish))).findFirst().orElseThrow();
    }

    /// Takes one away. Tokens that it has are refused from then on, and what it was granted goes with it.
    ///
    /// @return whether it was there
    public boolean remove(String id) {
        Optional<Application> removed = takeAway(id);
        // Others come and go meanwhile.
        removed.ifPresent(application -> departures.end(application.fullyQualifiedName()));
        return removed.isPresent();
    }

    private synchronized Optional<Application> takeAway(String id) {
        Optional<Application> found = find(id);
        found.ifPresent(application -> {
            store.change(List.of(new Change.Remove(COLLECTION, KEY + application.id()), Departures.mark(application.fullyQualifiedName())));
            byId.remove(application.id());
        });
        return found;
    }

    static String newSecret() {
        byte[] bytes = new byte[SECRET_BYTES];
        new SecureRandom().nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private static String write(Application application) {
        ObjectNode document = JSON.createObjectNode()
                .put("id", application.id())
                .put("objectId", application.objectId())
                .put("tenant", application.tenant())
                .put("name", application.name())
                .put("kind", application.kind().text())
                .put("salt", application.secret().salt())
                .put("hash", application.secret().hash());
        application.certificates().forEach(document.putArray("certificates")::add);
        return document.toString();
    }

    private static Application read(String json) {
        JsonNode node = parse(json);
        List<String> certificates = new ArrayList<>();
        node.path("certificates").forEach(certificate -> certificates.add(certificate.textValue()));
        return new Application(
                node.required("id").textValue(), node.required("objectId").textValue(), node.required("tenant").textValue(),
                node.required("name").textValue(), Application.Kind.of(node.required("kind").textValue()),
                new SecretHash(node.required("salt").textValue(), node.required("hash").textValue()), certificates);
    }

    private static JsonNode parse(String json) {
        try {
            return JSON.readTree(json);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("The cluster's applications cannot be read: " + e.getOriginalMessage(), e);
        }
    }
}
