package io.conshelf.server.storage;

import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerRequest;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// A request to one of the accounts, with its path and query decoded once.
record StorageRequest(ServerRequest http, String rawPath, StorageAddress address, Map<String, String> query, Caller caller) {
    static StorageRequest of(ServerRequest http, ClientHosts hosts) {
        String rawPath = http.prologue().uriPath().rawPath();
        StorageAddress address = hosts.account(http.authority()).map(account -> account.at(rawPath))
                .or(() -> StorageAddress.parse(rawPath)).or(() -> StorageAddress.parseNamed(rawPath)).orElseThrow(() -> new StorageException(
                        StorageCode.ACCOUNT_UNKNOWN, "The path does not begin with a storage account of this server."));
        Map<String, String> query = UriText.query(http.prologue().query().rawValue());
        return new StorageRequest(http, rawPath, address, query, new Caller(http.isSecure(), client(http)));
    }

    static String client(ServerRequest http) {
        return http.remotePeer().address() instanceof InetSocketAddress socket && socket.getAddress() != null ? socket.getAddress().getHostAddress() : "";
    }

    String method() {
        return http.prologue().method().text();
    }

    Optional<String> header(String name) {
        return http.headers().first(HeaderNames.create(name));
    }

    String headerOrEmpty(String name) {
        return header(name).orElse("");
    }

    List<String> headerNames() {
        List<String> names = new ArrayList<>();
        for (Header header : http.headers()) {
            names.add(header.name());
        }
        return names;
    }

    String parameter(String name) {
        return query.getOrDefault(name, "");
    }

    boolean asks(String name, String value) {
        return parameter(name).equalsIgnoreCase(value);
    }

    boolean asksHeader(String name, String value) {
        return headerOrEmpty(name).equalsIgnoreCase(value);
    }

    /// `x-ms-meta-*` headers, names in lower case.
    Map<String, String> metadata(StorageLimits limits) {
        Map<String, String> metadata = new TreeMap<>();
        int bytes = 0;
        for (Header header : http.headers()) {
            String name = header.name().toLowerCase(Locale.ROOT);
            if (name.startsWith("x-ms-meta-")) {
                String key = name.substring("x-ms-meta-".length());
                Names.requireMetadata(key);
                metadata.put(key, header.get());
                bytes += key.length() + header.get().length();
            }
        }
        if (bytes > limits.metadataBytesMax()) {
            throw new StorageException(StorageCode.METADATA_TOO_LARGE,
                    "The metadata has %d bytes; up to %d are allowed.".formatted(bytes, limits.metadataBytesMax()));
        }
        return metadata;
    }

    /// The body as it comes in; empty when there is none.
    InputStream body() {
        return http.content().hasEntity() ? http.content().inputStream() : InputStream.nullInputStream();
    }

    /// A body that is a document to parse whole.
    byte[] document(StorageLimits limits) throws IOException {
        byte[] document = body().readNBytes(limits.documentBytesMax() + 1);
        if (document.length > limits.documentBytesMax()) {
            throw new StorageException(StorageCode.REQUEST_BODY_TOO_LARGE,
                    "The request's document is larger than %d bytes.".formatted(limits.documentBytesMax()));
        }
        return document;
    }
}
