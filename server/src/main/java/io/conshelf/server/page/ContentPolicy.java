package io.conshelf.server.page;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/// What browsers let an answer do that they show as a page (`Content-Security-Policy`).
public final class ContentPolicy {
    /// Of what is no page, and becomes none where a browser takes it for one.
    public static final String NONE = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    /// Of what others have stored here: it is of this server's address, and must not act as a page of it.
    public static final String STORED = "sandbox; " + NONE;

    private ContentPolicy() {}

    /// Of a page with a style of its own and nothing else.
    public static String styled(String style) {
        return NONE + "; style-src '" + hash(style) + "'";
    }

    /// By which a policy names a style or a script that stands in the page: as it is there, to the letter.
    public static String hash(String content) {
        try {
            return "sha256-" + Base64.getEncoder().encodeToString(MessageDigest.getInstance("SHA-256").digest(content.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-256", e);
        }
    }
}
