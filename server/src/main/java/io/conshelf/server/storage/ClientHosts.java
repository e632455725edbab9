package io.conshelf.server.storage;

import io.conshelf.server.page.OwnPages;
import java.net.URI;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The host names under which clients may know this server. A SAS URI carries the host its client came in on, so a forged
/// `Host` header must not decide where the client's next request, with its signature, goes.
///
/// @param names    lower-case names without port; an IPv6 address in brackets
/// @param accounts names that accounts have beside these, for requests to the storage alone
/// @param pages    from which browsers may ask
public record ClientHosts(Set<String> names, AccountHosts accounts, OwnPages pages) {
    /// What clients prefix to the engine's name to reach data management.
    private static final String INGEST_PREFIX = "ingest-";
    private static final Pattern AUTHORITY = Pattern.compile("(\\[[0-9A-Fa-f:.]+]|[0-9A-Za-z._-]+)(?::(\\d{1,5}))?");

    public ClientHosts {
        names = Set.copyOf(names);
    }

    public ClientHosts(Set<String> names, AccountHosts accounts) {
        this(names, accounts, OwnPages.OF_THE_REQUEST);
    }

    public static ClientHosts loopback() {
        return new ClientHosts(Set.of("localhost", "127.0.0.1", "[::1]"), AccountHosts.NONE);
    }

    /// The base URI that resources named to this client should have, when its `Host` header is one of ours.
    public Optional<URI> base(String scheme, String authority) {
        Matcher matcher = AUTHORITY.matcher(authority);
        if (!matcher.matches() || !knows(matcher.group(1))) {
            return Optional.empty();
        }
        return Optional.of(URI.create(scheme + "://" + authority));
    }

    public boolean knows(String host) {
        String name = host.toLowerCase(Locale.ROOT);
        return names.contains(name) || name.startsWith(INGEST_PREFIX) && names.contains(name.substring(INGEST_PREFIX.length()));
    }

    /// The account whose name a `Host` header has.
    Optional<AccountHosts.Account> account(String authority) {
        Matcher matcher = AUTHORITY.matcher(authority);
        return matcher.matches() ? accounts.find(matcher.group(1)) : Optional.empty();
    }

    /// What a URI names in this server's storage, by its host or by its path; empty when it leads elsewhere.
    ///
    /// @param parse reads paths of this server
    Optional<StorageAddress> address(URI uri, Function<String, Optional<StorageAddress>> parse) {
        return HostName.of(uri).filter(_ -> uri.getRawPath() != null).flatMap(host -> accounts.find(host)
                .map(account -> account.at(uri.getRawPath()))
                .or(() -> knows(host) ? parse.apply(uri.getRawPath()) : Optional.empty()));
    }
}
