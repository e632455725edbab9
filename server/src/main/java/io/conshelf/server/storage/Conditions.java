package io.conshelf.server.storage;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/// The conditional headers of a request; an empty text is a header that isn't there.
record Conditions(String ifMatch, String ifNoneMatch, String ifModifiedSince, String ifUnmodifiedSince) {
    static Conditions of(StorageRequest request) {
        return new Conditions(request.headerOrEmpty("if-match"), request.headerOrEmpty("if-none-match"),
                request.headerOrEmpty("if-modified-since"), request.headerOrEmpty("if-unmodified-since"));
    }

    /// For reads: what the client already has is 304.
    void checkRead(StoredBlob blob) {
        requireMatch(blob);
        if (matches(ifNoneMatch, blob.etag()) || isUnmodified(blob)) {
            throw new StorageException(StorageCode.NOT_MODIFIED, "The blob is as the client has it.");
        }
    }

    /// For writes.
    void checkWrite(Optional<StoredBlob> current) {
        if (current.isEmpty()) {
            if (!ifMatch.isEmpty()) {
                throw notMet("There is no blob, and If-Match asks for one.");
            }
            return;
        }
        StoredBlob blob = current.get();
        if (ifNoneMatch.equals("*")) {
            throw new StorageException(StorageCode.BLOB_ALREADY_EXISTS,
                    "Blob '%s' exists, and If-None-Match: * asks that it doesn't.".formatted(blob.name()));
        }
        requireMatch(blob);
        if (matches(ifNoneMatch, blob.etag())) {
            throw notMet("The blob's ETag is %s, which If-None-Match excludes.".formatted(blob.etag()));
        }
        if (isUnmodified(blob)) {
            throw notMet("The blob was not modified since %s (If-Modified-Since).".formatted(ifModifiedSince));
        }
    }

    private void requireMatch(StoredBlob blob) {
        if (!ifMatch.isEmpty() && !matches(ifMatch, blob.etag())) {
            throw notMet("The blob's ETag is %s; If-Match is %s.".formatted(blob.etag(), ifMatch));
        }
        if (!ifUnmodifiedSince.isEmpty() && seconds(blob.lastModified()).isAfter(date("If-Unmodified-Since", ifUnmodifiedSince))) {
            throw notMet("The blob was modified since %s (If-Unmodified-Since).".formatted(ifUnmodifiedSince));
        }
    }

    private boolean isUnmodified(StoredBlob blob) {
        return !ifModifiedSince.isEmpty() && ifNoneMatch.isEmpty()
                && !seconds(blob.lastModified()).isAfter(date("If-Modified-Since", ifModifiedSince));
    }

    private static boolean matches(String header, String etag) {
        return header.equals("*") || !header.isEmpty() && header.replace("\"", "").equals(etag.replace("\"", ""));
    }

    private static Instant seconds(Instant instant) {
        return instant.truncatedTo(ChronoUnit.SECONDS);
    }

    private static Instant date(String header, String text) {
        try {
            return ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
        } catch (DateTimeException _) {
            throw new StorageException(StorageCode.INVALID_HEADER_VALUE, "%s is '%s', which is not a date of HTTP.".formatted(header, text));
        }
    }

    private static StorageException notMet(String why) {
        return new StorageException(StorageCode.CONDITION_NOT_MET, why);
    }
}
