package io.conshelf.connectors;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/// The name of a batch, the same whenever the same part of the same copy is written again.
public record BatchId(String text) {
    private static final int HASH_BYTES = 16;

    /// @param copy  what names the copy: its run group, activity and loop items
    /// @param parts what names the batch inside the copy, such as the JSON of its splits
    public static BatchId of(String copy, List<String> parts) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            add(digest, copy);
            parts.forEach(part -> add(digest, part));
            return new BatchId("conshelf-" + HexFormat.of().formatHex(digest.digest(), 0, HASH_BYTES));
        } catch (NoSuchAlgorithmException missing) {
            throw new AssertionError("every Java has SHA-256", missing);
        }
    }

    private static void add(MessageDigest digest, String part) {
        byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
        digest.update(Integer.toString(bytes.length).getBytes(StandardCharsets.UTF_8));
        digest.update((byte) ':');
        digest.update(bytes);
    }
}
