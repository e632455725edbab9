package io.conshelf.server.storage;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// The accounts' key: signs SAS tokens and Shared Key requests of the three reserved ones. Never prints itself.
public final class SigningKey {
    private static final int BYTES = 64;

    /// The key that storage emulators share and every tool knows. It opens the accounts that are made as they are named.
    static final SigningKey DEVELOPMENT =
            of("Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==");

    private final byte[] bytes;

    private SigningKey(byte[] bytes) {
        this.bytes = bytes;
    }

    public static SigningKey random() {
        byte[] bytes = new byte[BYTES];
        new SecureRandom().nextBytes(bytes);
        return new SigningKey(bytes);
    }

    public static SigningKey of(String base64) {
        byte[] bytes = Base64.getDecoder().decode(base64);
        if (bytes.length < 32) {
            throw new IllegalArgumentException("a storage key needs at least 32 bytes, found " + bytes.length);
        }
        return new SigningKey(bytes);
    }

    /// The key in the file; on the first start a new one, readable by the owner only.
    public static SigningKey loadOrCreate(Path file) throws IOException {
        try {
            return of(Files.readString(file).strip());
        } catch (NoSuchFileException _) {
            SigningKey key = random();
            Files.createDirectories(file.toAbsolutePath().getParent());
            Path staged = file.resolveSibling(file.getFileName() + ".new");
            Files.deleteIfExists(staged);
            if (file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
                Files.createFile(staged, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            }
            Files.writeString(staged, key.base64());
            Folders.sync(staged);
            Files.move(staged, file, StandardCopyOption.ATOMIC_MOVE);
            Folders.sync(file.toAbsolutePath().getParent());
            return key;
        }
    }

    /// The account key as storage clients take it.
    public String base64() {
        return Base64.getEncoder().encodeToString(bytes);
    }

    /// The key of one account beside the reserved ones. It follows from this one, tells nothing about it, and opens nothing else.
    SigningKey ofAccount(String name) {
        return new SigningKey(mac("HmacSHA512", "storage account " + name));
    }

    /// A key for another purpose, of 64 bytes. It follows from this one and tells nothing about it.
    public byte[] derived(String purpose) {
        return mac("HmacSHA512", "key for " + purpose);
    }

    /// Base64 of HMAC-SHA256.
    String sign(String text) {
        return Base64.getEncoder().encodeToString(mac("HmacSHA256", text));
    }

    private byte[] mac(String algorithm, String text) {
        try {
            Mac mac = Mac.getInstance(algorithm);
            mac.init(new SecretKeySpec(bytes, algorithm));
            return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw new AssertionError("every JDK has " + algorithm, e);
        }
    }

    @Override public String toString() {
        return "SigningKey[***]";
    }
}
