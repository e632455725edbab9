package io.conshelf.server.ingest;

import io.conshelf.engine.Principal;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Optional;
import java.util.Set;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// Tokens that clients carry from `.get kusto identity token` into their messages, so that a message tells whose it is.
/// A token names its principal with its account, and its end, signed with a key of this server. It is good no longer than its principal is let in:
/// whoever gets the name has another account.
final class IdentityTokens {
    private static final String ALGORITHM = "HmacSHA256";
    private static final int FIELDS = 5;
    private static final Base64.Encoder TEXT = Base64.getUrlEncoder().withoutPadding();

    private final SecretKeySpec key;
    private final Duration lifetime;
    private final Membership members;
    private final InstantSource clock;

    IdentityTokens(byte[] secret, Duration lifetime, Membership members, InstantSource clock) {
        // A key of its own, so that nothing else signed with the server's key passes for a token.
        this.key = new SecretKeySpec(
                hmac(new SecretKeySpec(secret, ALGORITHM), "conshelf identity token".getBytes(StandardCharsets.UTF_8)),
                ALGORITHM);
        this.lifetime = lifetime;
        this.members = members;
        this.clock = clock;
    }

    String issue(Principal principal) {
        String payload = String.join(
                "\n",
                Long.toString(clock.instant().plus(lifetime).getEpochSecond()),
                // What was granted is looked up when the token is used: it may be taken back before the token ends.
                Boolean.toString(principal.isAdministrator() && principal.isSameAs(Principal.LOCAL_ADMINISTRATOR)),
                principal.account(),
                principal.fullyQualifiedName(),
                principal.displayName());
        byte[] bytes = payload.getBytes(StandardCharsets.UTF_8);
        return TEXT.encodeToString(bytes) + "." + TEXT.encodeToString(hmac(key, bytes));
    }

    /// Whose token it is; empty when it is not ours, has ended, or its principal is let in no more.
    Optional<Principal> principal(String token) {
        int dot = token.indexOf('.');
        if (dot < 0) {
            return Optional.empty();
        }
        try {
            byte[] payload = Base64.getUrlDecoder().decode(token.substring(0, dot));
            byte[] signature = Base64.getUrlDecoder().decode(token.substring(dot + 1));
            if (!MessageDigest.isEqual(signature, hmac(key, payload))) {
                return Optional.empty();
            }
            String[] fields = new String(payload, StandardCharsets.UTF_8).split("\n", FIELDS);
            if (clock.instant().isAfter(Instant.ofEpochSecond(Long.parseLong(fields[0])))) {
                return Optional.empty();
            }
            return named(fields).filter(members::isLetIn);
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /// Those that an earlier version signed name no account: of them only the one that has none is known.
    private static Optional<Principal> named(String[] fields) {
        boolean isLocal = Boolean.parseBoolean(fields[1]);
        if (fields.length < FIELDS) {
            return isLocal ? Optional.of(Principal.LOCAL_ADMINISTRATOR) : Optional.empty();
        }
        return Optional.of(new Principal(fields[3], fields[4], isLocal, Set.of(), fields[2]));
    }

    private static byte[] hmac(SecretKeySpec key, byte[] bytes) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(key);
            return mac.doFinal(bytes);
        } catch (GeneralSecurityException e) {
            throw new AssertionError("every JDK has " + ALGORITHM, e);
        }
    }

    @Override
    public String toString() {
        return "IdentityTokens[***]";
    }
}
