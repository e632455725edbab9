package io.conshelf.server.service;

import io.conshelf.engine.store.DocumentSeal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/// Seals documents with a key of the data folder: AES-256 in GCM, a nonce of its own each time. Never prints itself.
public final class KeySeal implements DocumentSeal {
    private static final int KEY_BYTES = 32;
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;

    private final SecretKeySpec key;
    private final SecureRandom random = new SecureRandom();

    /// @param key at least 32 bytes, of which so many are used
    public KeySeal(byte[] key) {
        if (key.length < KEY_BYTES) {
            throw new IllegalArgumentException("a key has " + KEY_BYTES + " bytes, found " + key.length);
        }
        this.key = new SecretKeySpec(Arrays.copyOf(key, KEY_BYTES), "AES");
    }

    @Override
    public String seal(String name, String json) {
        byte[] nonce = new byte[NONCE_BYTES];
        random.nextBytes(nonce);
        try {
            byte[] sealed = cipher(Cipher.ENCRYPT_MODE, nonce, name).doFinal(json.getBytes(StandardCharsets.UTF_8));
            return MARK + Base64.getEncoder().encodeToString(ByteBuffer.allocate(nonce.length + sealed.length).put(nonce).put(sealed).array());
        } catch (GeneralSecurityException e) {
            throw new AssertionError("every JDK has AES in GCM", e);
        }
    }

    @Override
    public String open(String name, String sealed) {
        try {
            byte[] bytes = Base64.getDecoder().decode(sealed.substring(MARK.length()));
            byte[] nonce = Arrays.copyOf(bytes, NONCE_BYTES);
            return new String(cipher(Cipher.DECRYPT_MODE, nonce, name).doFinal(bytes, NONCE_BYTES, bytes.length - NONCE_BYTES), StandardCharsets.UTF_8);
        } catch (AEADBadTagException | IllegalArgumentException other) {
            throw new IllegalStateException("the document '" + name + "' in 'system.duckdb' cannot be opened with the 'storage.key' beside it: put back the one"
                    + " that belongs to this data folder", other);
        } catch (GeneralSecurityException e) {
            throw new AssertionError("every JDK has AES in GCM", e);
        }
    }

    private Cipher cipher(int mode, byte[] nonce, String name) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
        cipher.updateAAD(name.getBytes(StandardCharsets.UTF_8));
        return cipher;
    }

    @Override
    public String toString() {
        return "KeySeal[***]";
    }
}
