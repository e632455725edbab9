package io.conshelf.connectors.management;

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
}
