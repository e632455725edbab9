package io.conshelf.engine;

import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/// A storage connection string of a command: `https://host/container/blob?signature`, or `https://host/container/blob;key`.
/// Printed, it shows where it leads and not what opens it.
///
/// @param location without query and secret
public record StorageUri(URI location, Access access) {
    /// What opens it.
    public sealed interface Access {
        record None() implements Access {}

        /// @param query the URI's query, as it was written
        record Signature(String query) implements Access {
            @Override
            public String toString() {
                return "Signature[***]";
            }
        }

        /// @param secret the account's key
        record Key(String secret) implements Access {
            @Override
            public String toString() {
                return "Key[***]";
            }
        }

        /// `;impersonate`, `;managed_identity=…`, `;token=…`
        ///
        /// @param name what stands before the equals sign
        record Identity(String name) implements Access {}
    }

    /// Whether a text is a URI of some storage rather than a path of this machine.
    public static boolean isUri(String text) {
        return text.matches("(?is)[a-z][a-z0-9+.-]+://.*") && !text.regionMatches(true, 0, "file:", 0, 5);
    }

    public static StorageUri parse(String text) {
        int secret = text.indexOf(';');
        String uri = secret < 0 ? text : text.substring(0, secret);
        int query = uri.indexOf('?');
        String bare = query < 0 ? uri : uri.substring(0, query);
        try {
            // Blob names have blanks more often than clients encode them.
            return new StorageUri(
                    URI.create(bare.strip().replace(" ", "%20")),
                    secret >= 0
                            ? access(text.substring(secret + 1).strip())
                            : query < 0 ? new Access.None() : new Access.Signature(uri.substring(query + 1).strip()));
        } catch (IllegalArgumentException e) {
            throw new KustoException(Errors.storage("BadRequest_InvalidBlobUri", "'" + bare + "' is not a URI"));
        }
    }

    private static Access access(String secret) {
        String name = secret.replaceFirst("=.*", "").toLowerCase(Locale.ROOT);
        return switch (name) {
            case "impersonate", "managed_identity", "token", "awscredentials", "prompt" -> new Access.Identity(name);
            case "sharedkey", "accountkey" -> new Access.Key(secret.substring(secret.indexOf('=') + 1));
            default -> new Access.Key(secret);
        };
    }

    /// The last segment of its path.
    public String fileName() {
        String path = String.valueOf(location.getRawPath());
        return URLDecoder.decode(path.substring(path.lastIndexOf('/') + 1).replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    @Override
    public String toString() {
        return location.toString();
    }
}
