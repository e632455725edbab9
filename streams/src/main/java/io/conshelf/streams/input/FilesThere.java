package io.conshelf.streams.input;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Collection;

/// The files that were there when the reading of what has an end began: whoever goes on with it reads those, and not what has come since, as what the job
/// itself has written. There may be millions, so a digest stands for each name.
final class FilesThere {
    private final long[] digests;

    private FilesThere(long[] digests) {
        this.digests = digests;
    }

    static FilesThere of(Collection<String> names) {
        MessageDigest sha = sha();
        return new FilesThere(names.stream().mapToLong(name -> digest(sha, name)).sorted().toArray());
    }

    boolean has(String name) {
        return Arrays.binarySearch(digests, digest(sha(), name)) >= 0;
    }

    private static MessageDigest sha() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java has SHA-256", e);
        }
    }

    private static long digest(MessageDigest sha, String name) {
        return ByteBuffer.wrap(sha.digest(name.getBytes(StandardCharsets.UTF_8))).getLong();
    }

    void write(DataOutputStream out) throws IOException {
        out.writeInt(digests.length);
        ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(digests.length, Long.BYTES));
        bytes.asLongBuffer().put(digests);
        out.write(bytes.array());
    }

    static FilesThere read(DataInputStream in) throws IOException {
        long[] digests = new long[in.readInt()];
        ByteBuffer.wrap(in.readNBytes(Math.multiplyExact(digests.length, Long.BYTES))).asLongBuffer().get(digests);
        return new FilesThere(digests);
    }
}
