package io.conshelf.server.storage;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Signs the URIs that clients get, and reads those that come back in ingestion messages.
public final class SasIssuer {
    private static final String VERSION = "2021-12-02";

    private final SigningKey key;
    private final ClientHosts hosts;
    private final Authorizer authorizer;

    SasIssuer(SigningKey key, ClientHosts hosts, Authorizer authorizer) {
        this.key = key;
        this.hosts = hosts;
        this.authorizer = authorizer;
    }

    /// A URI with a signature for this resource alone.
    ///
    /// @param base scheme, host and port as the client knows them: [ClientHosts#base]
    public URI uri(URI base, StorageResource resource, Set<SasPermission> permissions, Instant expiry) {
        return uri(base, resource, permissions, expiry, "");
    }

    /// As [#uri], so that it is known by whom it is used, and good only as long as they may use it: [Storage#lendOnlyTo].
    ///
    /// @param borrower letters, digits and hyphens; empty where that is nobody's business
    public URI uri(URI base, StorageResource resource, Set<SasPermission> permissions, Instant expiry, String borrower) {
        String account = hosts.accounts().base(base, resource.account())
                .orElseGet(() -> base.getScheme() + "://" + base.getAuthority() + "/" + resource.account().account());
        String address = account + "/" + UriText.encodePath(resource.path());
        StringBuilder query = new StringBuilder();
        token(resource, permissions, expiry, borrower).forEach((name, value) ->
                query.append(query.isEmpty() ? '?' : '&').append(name).append('=').append(UriText.encode(value)));
        return URI.create(address + query);
    }

    /// What the URI names, when it is one of ours, its signature holds now and allows all of the permissions.
    ///
    /// Throws [StorageException] when it is one of ours and doesn't allow this; empty when it leads elsewhere.
    public Optional<StorageResource> resource(URI uri, Set<SasPermission> permissions) {
        Optional<StorageAddress> address = address(uri);
        if (address.isEmpty()) {
            return Optional.empty();
        }
        Optional<StorageResource> resource = address.get().resource();
        if (resource.isEmpty()) {
            return Optional.empty();
        }
        String query = uri.getRawQuery() == null ? "" : uri.getRawQuery();
        Grant grant = authorizer.bySas(address.get(), UriText.query(query), Caller.inProcess());
        grant.require(Requirement.object(permissions));
        return resource;
    }

    /// What the URI names, when it is one of ours and this is the account's key.
    ///
    /// Throws [StorageException] when it is one of ours and the key is another; empty when it leads elsewhere.
    public Optional<StorageResource> resource(URI uri, String base64Key) {
        Optional<StorageResource> resource = address(uri).flatMap(StorageAddress::resource);
        boolean isKey = MessageDigest.isEqual(
                key.base64().getBytes(StandardCharsets.UTF_8), base64Key.getBytes(StandardCharsets.UTF_8));
        if (resource.isPresent() && !isKey) {
            throw new StorageException(StorageCode.AUTHENTICATION_FAILED, "The key behind the URI is not the account's.");
        }
        return resource;
    }

    /// What a path of an account beside the reserved ones names, where the signature holds now and allows all of the permissions.
    public Optional<StorageResource> ofAccount(String rawPath, String rawQuery, Set<SasPermission> permissions) {
        Optional<StorageAddress> address = StorageAddress.parseNamed(rawPath);
        address.ifPresent(named -> authorizer.bySas(named, UriText.query(rawQuery), Caller.inProcess()).require(Requirement.object(permissions)));
        return address.flatMap(StorageAddress::resource);
    }

    /// What a path of an account beside the reserved ones names, where this is the account's key.
    public Optional<StorageResource> ofAccount(String rawPath, String base64Key) {
        Optional<StorageAddress> address = StorageAddress.parseNamed(rawPath);
        address.ifPresent(named -> authorizer.requireKey(named, base64Key));
        return address.flatMap(StorageAddress::resource);
    }

    /// What the URI names, when it is one of ours. Whoever asks was let in by other means.
    public Optional<StorageResource> place(URI uri) {
        return address(uri).flatMap(StorageAddress::resource);
    }

    /// In one of the reserved accounts.
    private Optional<StorageAddress> address(URI uri) {
        return hosts.address(uri, StorageAddress::parse).filter(address -> !address.isNamed());
    }

    private Map<String, String> token(StorageResource resource, Set<SasPermission> permissions, Instant expiry, String borrower) {
        Map<String, String> token = new LinkedHashMap<>();
        token.put("sv", VERSION);
        token.put("se", DateTimeFormatter.ISO_INSTANT.format(expiry.truncatedTo(ChronoUnit.SECONDS)));
        token.put("sp", SasPermission.letters(permissions));
        if (!borrower.isEmpty()) {
            token.put("si", SasToken.BORROWER + borrower);
        }
        String signedPath = resource.path();
        switch (resource) {
            case StorageResource.Container _ -> token.put("sr", "c");
            case StorageResource.Blob _ -> token.put("sr", "b");
            case StorageResource.Queue _ -> {}
            case StorageResource.Table(String name) -> {
                token.put("tn", name);
                signedPath = name.toLowerCase(Locale.ROOT);
            }
        }
        token.put("sig", key.sign(new SasToken(token).serviceText(resource.account(), resource.account().account(), signedPath)));
        return token;
    }
}
