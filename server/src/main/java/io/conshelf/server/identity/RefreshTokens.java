package io.conshelf.server.identity;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.conshelf.engine.store.ServiceDocuments;
import io.conshelf.engine.store.ServiceDocuments.Change;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What keeps people signed in: for a program and a person with the password of that time, good while it is used every ninety days and for
/// a year at most. Kept by its hash only.
final class RefreshTokens {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String KEY = "refresh/";
    private static final Duration LIFETIME = Duration.ofDays(90);
    private static final Duration LIFETIME_MAX = Duration.ofDays(365);
    // Using one prolongs it; once a day is enough to write that down.
    private static final Duration PROLONGED_EVERY = Duration.ofDays(1);
    private static final int OF_A_PERSON_MAX = 100;
    private static final int TOKEN_BYTES = 48;

    private final ServiceDocuments store;
    private final People people;
    private final InstantSource clock;
    private final Map<String, Kept> byHash = new HashMap<>();

    /// @param salt of the password with which the person signed in: another password has another, so that the token ends with it
    /// @param end  up to which using it prolongs it
    private record Kept(String hash, String person, String salt, String client, Instant until, Instant end) {
        boolean isOf(Person somebody) {
            return person.equals(somebody.id()) && salt.equals(somebody.password().salt());
        }
    }

    RefreshTokens(ServiceDocuments store, People people, InstantSource clock) {
        this.store = store;
        this.people = people;
        this.clock = clock;
        store.all(Applications.COLLECTION).forEach((key, json) -> {
            if (key.startsWith(KEY)) {
                Kept kept = read(key.substring(KEY.length()), json);
                byHash.put(kept.hash(), kept);
            }
        });
    }

    synchronized String issue(Person person, String client) {
        byte[] bytes = new byte[TOKEN_BYTES];
        new SecureRandom().nextBytes(bytes);
        String token = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
        Instant now = clock.instant();
        var changes = new ArrayList<Change>();
        var old = new ArrayList<>(byHash.values().stream()
                .filter(kept -> !now.isBefore(kept.until()) || kept.person().equals(person.id()) && !kept.isOf(person)).toList());
        byHash.values().stream().filter(kept -> kept.person().equals(person.id())).sorted(Comparator.comparing(Kept::until).reversed())
                .skip(OF_A_PERSON_MAX - 1).forEach(old::add);
        for (Kept kept : old) {
            if (byHash.remove(kept.hash()) != null) {
                changes.add(new Change.Remove(Applications.COLLECTION, KEY + kept.hash()));
            }
        }
        var kept = new Kept(hash(token), person.id(), person.password().salt(), client, now.plus(LIFETIME), now.plus(LIFETIME_MAX));
        changes.add(put(kept));
        store.change(changes);
        byHash.put(kept.hash(), kept);
        return token;
    }

    /// Whom a token is for, if it is good for a program.
    synchronized Optional<Person> redeem(String client, String token) {
        Instant now = clock.instant();
        Kept kept = byHash.get(hash(token));
        if (kept == null || !kept.client().equals(client) || !now.isBefore(kept.until())) {
            return Optional.empty();
        }
        Optional<Person> found = people.all().stream().filter(kept::isOf).findFirst();
        Instant until = now.plus(LIFETIME).isBefore(kept.end()) ? now.plus(LIFETIME) : kept.end();
        if (found.isPresent() && until.minus(PROLONGED_EVERY).isAfter(kept.until())) {
            var prolonged = new Kept(kept.hash(), kept.person(), kept.salt(), kept.client(), until, kept.end());
            store.change(List.of(put(prolonged)));
            byHash.put(prolonged.hash(), prolonged);
        }
        return found;
    }

    private static Change put(Kept kept) {
        return new Change.Put(Applications.COLLECTION, KEY + kept.hash(), JSON.createObjectNode()
                .put("person", kept.person()).put("salt", kept.salt()).put("client", kept.client())
                .put("until", kept.until().toString()).put("end", kept.end().toString()).toString());
    }

    private static Kept read(String hash, String json) {
        try {
            JsonNode node = JSON.readTree(json);
            // Without a salt and an end it is from before there were these: its person signs in once more.
            return new Kept(hash, node.required("person").textValue(), node.path("salt").asText(""), node.required("client").textValue(),
                    Instant.parse(node.required("until").textValue()), Instant.parse(node.path("end").asText(Instant.EPOCH.toString())));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("A kept sign-in cannot be read: " + e.getOriginalMessage(), e);
        }
    }

    // The token is random and long, so a plain hash is enough.
    private static String hash(String token) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has SHA-256", e);
        }
    }
}
