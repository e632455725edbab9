package io.conshelf.server.identity;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.conshelf.engine.store.ServiceDocuments;
import io.conshelf.engine.store.ServiceDocuments.Change;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/// The accounts of people.
public final class People {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String KEY = "person/";
    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9._-]{0,63}(@[a-z0-9][a-z0-9.-]{0,189})?");
    /// What stands for all that is typed in and cannot be a name.
    private static final String NO_NAME = "?";
    private static final int PASSWORD_LENGTH_MIN = 10;
    private static final int PASSWORD_LENGTH_MAX = 256;

    private final ServiceDocuments store;
    private final SecretChecks checks;
    private final Departures departures;
    private final String tenant;
    private final Map<String, Person> byName = new ConcurrentHashMap<>();
    private final Guesses guesses;

    /// What came of a password.
    public sealed interface Outcome {
        record Right(Person person) implements Outcome {}

        record NotRight() implements Outcome {}

        /// Too many were wrong; this one was not looked at.
        record TooMany(Duration pause) implements Outcome {}
    }

    /// @param tenant in which they have their accounts
    People(ServiceDocuments store, SecretChecks checks, Departures departures, String tenant, InstantSource clock) {
        this.store = store;
        this.checks = checks;
        this.departures = departures;
        this.tenant = tenant;
        this.guesses = new Guesses(clock);
        store.all(Applications.COLLECTION).forEach((key, json) -> {
            if (key.startsWith(KEY)) {
                Person person = read(json);
                byName.put(person.name(), person);
            }
        });
    }

    public Optional<Person> find(String name) {
        return Optional.ofNullable(byName.get(name.strip().toLowerCase(Locale.ROOT)));
    }

    boolean isThere(String id) {
        return byName.values().stream().anyMatch(person -> person.id().equals(id));
    }

    public List<Person> all() {
        return byName.values().stream().sorted(Comparator.comparing(Person::name)).toList();
    }

    /// Makes an account.
    ///
    /// @throws IllegalArgumentException when the name or the password cannot be one, or the name is taken; the message says which
    public Person register(String name, String password) {
        String known = name.strip().toLowerCase(Locale.ROOT);
        if (!NAME.matcher(known).matches()) {
            throw new IllegalArgumentException("a user's name is one such as anna or anna@contoso.com, found '" + name + "'");
        }
        requireFree(known);
        var person = new Person(UUID.randomUUID().toString(), known, hash(password));
        do {
            departures.requireEnded(person.fullyQualifiedName(tenant));
        } while (!keepNew(person));
        return person;
    }

    private void requireFree(String name) {
        if (byName.containsKey(name)) {
            throw new IllegalArgumentException("there is a user named '" + name + "' already");
        }
    }

    /// @return false where one of the name was removed meanwhile
    private synchronized boolean keepNew(Person person) {
        requireFree(person.name());
        if (departures.isUnderWay(person.fullyQualifiedName(tenant))) {
            return false;
        }
        keep(person);
        return true;
    }

    /// Gives an account another password. What was signed in with the old one asks for the new one when its access token ends.
    ///
    /// @return whether there is such an account
    public synchronized boolean setPassword(String name, String password) {
        return find(name).map(person -> keep(new Person(person.id(), person.name(), hash(password)))).isPresent();
    }

    /// Takes an account away. Its tokens are refused from then on, and what it was granted goes with it.
    ///
    /// @return whether it was there
    public boolean remove(String name) {
        Optional<Person> removed = takeAway(name);
        // Others come and go meanwhile.
        removed.ifPresent(person -> departures.end(person.fullyQualifiedName(tenant)));
        return removed.isPresent();
    }

    private synchronized Optional<Person> takeAway(String name) {
        Optional<Person> found = find(name);
        found.ifPresent(person -> {
            store.change(List.of(new Change.Remove(Applications.COLLECTION, KEY + person.name()), Departures.mark(person.fullyQualifiedName(tenant))));
            byName.remove(person.name());
        });
        return found;
    }

    /// Whether a password is that of an account.
    ///
    /// @param from the client's address
    Outcome check(String name, String password, String from) {
        Optional<Person> person = find(name);
        String looked = password.length() > PASSWORD_LENGTH_MAX ? "" : password;
        // As much work for a name that is unknown, so that the time does not tell.
        SecretHash expected = person.map(Person::password).orElse(SecretHash.NONE);
        return switch (checks.check(counted(name), expected, looked, from, guesses.of(person.isPresent()))) {
            case SecretChecks.Outcome.Right _ -> new Outcome.Right(person.orElseThrow());
            case SecretChecks.Outcome.Wrong _ -> new Outcome.NotRight();
            case SecretChecks.Outcome.TooMany(Duration again) -> new Outcome.TooMany(again);
        };
    }

    /// What guesses at a name are counted under: not what was typed in, which may be long, and a password.
    private static String counted(String name) {
        String known = name.strip().toLowerCase(Locale.ROOT);
        if (!NAME.matcher(known).matches()) {
            return NO_NAME;
        }
        try {
            return Base64.getEncoder().encodeToString(MessageDigest.getInstance("SHA-256").digest(known.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has SHA-256", e);
        }
    }

    private static SecretHash hash(String password) {
        if (password.length() < PASSWORD_LENGTH_MIN || password.length() > PASSWORD_LENGTH_MAX) {
            throw new IllegalArgumentException("a password has " + PASSWORD_LENGTH_MIN + " to " + PASSWORD_LENGTH_MAX + " characters");
        }
        return SecretHash.of(password);
    }

    private Person keep(Person person) {
        String json = JSON.createObjectNode().put("id", person.id()).put("name", person.name())
                .put("salt", person.password().salt()).put("hash", person.password().hash()).toString();
        store.change(List.of(new Change.Put(Applications.COLLECTION, KEY + person.name(), json)));
        byName.put(person.name(), person);
        return person;
    }

    private static Person read(String json) {
        try {
            JsonNode node = JSON.readTree(json);
            return new Person(node.required("id").textValue(), node.required("name").textValue(),
                    new SecretHash(node.required("salt").textValue(), node.required("hash").textValue()));
        } catch (JsonProcessingException _) {
            throw new IllegalStateException("an account in the system store is not JSON"); // the cause would show its hash
        }
    }

    @Override
    public String toString() {
        return "People[" + byName.size() + "]";
    }
}
