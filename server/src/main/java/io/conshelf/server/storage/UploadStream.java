package io.conshelf.server.storage;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Optional;

/// A body on its way in, checked at its end against the length and the MD5 that its client announced.
final class UploadStream extends FilterInputStream {
    private final Optional<Long> announcedBytes;
    private final Optional<byte[]> announcedMd5;
    private final MessageDigest md5;
    private long readBytes;
    private boolean isChecked;

    private UploadStream(InputStream in, Optional<Long> announcedBytes, Optional<byte[]> announcedMd5) {
        super(in);
        this.announcedBytes = announcedBytes;
        this.announcedMd5 = announcedMd5;
        this.md5 = newMd5();
    }

    static InputStream of(StorageRequest request) {
        Optional<Long> length = request.header("content-length").map(UploadStream::length);
        return new UploadStream(request.body(), length, request.header("content-md5").map(UploadStream::md5));
    }

    static MessageDigest newMd5() {
        try {
            return MessageDigest.getInstance("MD5");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has MD5", e);
        }
    }

    private static long length(String text) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException _) {
            throw new StorageException(StorageCode.INVALID_HEADER_VALUE, "Content-Length is '%s'.".formatted(text));
        }
    }

    private static byte[] md5(String base64) {
        try {
            byte[] md5 = Base64.getDecoder().decode(base64);
            if (md5.length == 16) {
                return md5;
            }
        } catch (IllegalArgumentException _) {
            // the same refusal
        }
        throw new StorageException(StorageCode.INVALID_MD5, "Content-MD5 is '%s', which is not base64 of 16 bytes.".formatted(base64));
    }

    @Override public int read() {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override public int read(byte[] buffer, int offset, int length) {
        int read = receive(buffer, offset, length);
        if (read < 0) {
            check();
            return read;
        }
        readBytes += read;
        if (announcedMd5.isPresent()) {
            md5.update(buffer, offset, read);
        }
        return read;
    }

    /// The listener reports a connection that ends in the middle by exceptions of many kinds.
    private int receive(byte[] buffer, int offset, int length) {
        try {
            return super.read(buffer, offset, length);
        } catch (IOException | RuntimeException e) {
            throw new StorageException(StorageCode.INVALID_INPUT, "The body ended after %d bytes%s.".formatted(readBytes,
                    announcedBytes.map(announced -> "; Content-Length says " + announced).orElse("")), e);
        }
    }

    private void check() {
        if (isChecked) {
            return;
        }
        isChecked = true;
        if (announcedBytes.isPresent() && announcedBytes.get() != readBytes) {
            throw new StorageException(StorageCode.INVALID_INPUT,
                    "The body has %d bytes; Content-Length says %d.".formatted(readBytes, announcedBytes.get()));
        }
        if (announcedMd5.isPresent() && !MessageDigest.isEqual(md5.digest(), announcedMd5.get())) {
            throw new StorageException(StorageCode.MD5_MISMATCH, "The body's MD5 is not the one in Content-MD5.");
        }
    }
}
