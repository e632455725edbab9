package io.conshelf.server.identity;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;

/// What is kept of a secret: enough to know it again, not enough to tell it.
///
/// @param salt Base64
/// @param hash Base64 of PBKDF2 with HMAC-SHA-256
public record SecretHash(String salt, String hash) {
    /// Of those who have no secret: nothing matches it.
    static final SecretHash NONE = new SecretHash("", "");

    // A definition may bring a weak secret of its own, so guessing has to cost something; a token is good for an hour.
    private static final int ROUNDS = 120_000;
    private static final int BITS = 256;
    private static final int SALT_BYTES = 16;

    static SecretHash of(String secret) {
        byte[] salt = new byte[SALT_BYTES];
        new SecureRandom().nextBytes(salt);
        return new SecretHash(Base64.getEncoder().encodeToString(salt), Base64.getEncoder().encodeToString(derive(secret, salt)));
    }

    boolean matches(String secret) {
        // As long for one who does not exist as for one who does.
        byte[] derived = derive(secret, salt.isEmpty() ? new byte[SALT_BYTES] : Base64.getDecoder().decode(salt));
        return MessageDigest.isEqual(derived, Base64.getDecoder().decode(hash)) && !hash.isEmpty();
    }

    private static byte[] derive(String secret, byte[] salt) {
        var spec = new PBEKeySpec(secret.toCharArray(), salt, ROUNDS, BITS);
        try {
            return SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256").generateSecret(spec).getEncoded();
        } catch (GeneralSecurityException e) {
            throw new AssertionError("every JDK has PBKDF2WithHmacSHA256", e);
        } finally {
            spec.clearPassword();
        }
    }

    @Override
    public String toString() {
        return "SecretHash[***]";
    }
}
