package io.conshelf.connectors.management;

import java.util.Optional;

/// Compares what `If-Match` and `If-None-Match` carry with a resource's etag.
public final class Etags {
    private Etags() {}

    public static boolean matches(String header, String etag) {
        for (String one : header.split(",")) {
            String plain = one.strip().replaceFirst("^W/", "").replaceAll("^\"|\"$", "");
            if (plain.equals("*") || plain.equals(etag)) {
                return true;
            }
        }
        return false;
    }

    /// Holds what a request demands of the etag against the one that there is, before something is changed.
    public static void require(ManagementRequest request, String target, Optional<String> etag) {
        require(request.header("if-match"), target, etag);
        Optional<String> ifNoneMatch = request.header("if-none-match");
        if (ifNoneMatch.isPresent() && etag.isPresent() && matches(ifNoneMatch.get(), etag.get())) {
            throw Refusal.precondition(target, "It is there already, with the etag '" + etag.get() + "'.");
        }
    }

    public static void require(Optional<String> ifMatch, String target, Optional<String> etag) {
        if (ifMatch.isPresent() && (etag.isEmpty() || !matches(ifMatch.get(), etag.get()))) {
            throw Refusal.precondition(target, etag.isEmpty() ? "There is nothing whose etag could be '" + ifMatch.get() + "'."
                    : "The etag is '" + etag.get() + "', not '" + ifMatch.get() + "': somebody has changed it since it was read.");
        }
    }

    /// Whether whoever asks has it as it is.
    public static boolean isKnown(ManagementRequest request, String etag) {
        return request.header("if-none-match").filter(header -> matches(header, etag)).isPresent();
    }
}
