package io.conshelf.factory.service;

/// Compares what `If-Match` and `If-None-Match` carry with a resource's etag.
final class Etags {
    private Etags() {}

    static boolean matches(String header, String etag) {
        for (String one : header.split(",")) {
            String plain = one.strip().replaceFirst("^W/", "").replaceAll("^\"|\"$", "");
            if (plain.equals("*") || plain.equals(etag)) {
                return true;
            }
        }
        return false;
    }
}
