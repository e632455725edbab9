package io.conshelf.server.ingest;

import java.util.Locale;
import java.util.Optional;

/// What the name of a source tells.
record BlobName(String name) {
    /// The last segment of a URI's path.
    static BlobName of(String uri) {
        int end = uri.length();
        for (char stop : new char[] {'?', ';', '#'}) {
            int at = uri.indexOf(stop);
            end = at < 0 ? end : Math.min(end, at);
        }
        return new BlobName(uri.substring(uri.lastIndexOf('/', Math.max(0, end - 1)) + 1, end));
    }

    boolean isGzip() {
        return name.toLowerCase(Locale.ROOT).endsWith(".gz");
    }

    boolean isZip() {
        return name.toLowerCase(Locale.ROOT).endsWith(".zip");
    }

    /// The extension before that of a compression.
    Optional<String> extension() {
        String plain = name.toLowerCase(Locale.ROOT);
        if (isGzip() || isZip()) {
            plain = plain.substring(0, plain.lastIndexOf('.'));
        }
        int dot = plain.lastIndexOf('.');
        return dot < 0 || dot == plain.length() - 1 ? Optional.empty() : Optional.of(plain.substring(dot + 1));
    }

    /// A URI without what signs it, for messages and reports.
    static String withoutSignature(String uri) {
        int query = uri.indexOf('?');
        String bare = query < 0 ? uri : uri.substring(0, query);
        int secret = bare.indexOf(';');
        return secret < 0 ? bare : bare.substring(0, secret);
    }
}
