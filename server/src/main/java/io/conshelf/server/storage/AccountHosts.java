package io.conshelf.server.storage;

import java.net.URI;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/// The accounts that clients reach under the service's own names too, `https://ACCOUNT.blob.core.windows.net`, for clients that know no other
/// form. A name that is not among these is a stranger's.
public final class AccountHosts {
    /// No account has such a name.
    public static final AccountHosts NONE = new AccountHosts(Map.of());

    private static final String SUFFIX = ".core.windows.net";
    private static final Pattern ACCOUNT = Pattern.compile("[a-z0-9]{3,24}");

    private final Map<String, Account> byName;

    /// What a host name stands for.
    ///
    /// @param owner the account's name, as it stands in signatures
    record Account(StorageAccount service, String owner) {
        /// What a raw path names below this host.
        StorageAddress at(String rawPath) {
            return StorageAddress.below(service, owner, rawPath);
        }
    }

    private AccountHosts(Map<String, Account> byName) {
        this.byName = Map.copyOf(byName);
    }

    /// The three reserved accounts, and the blobs of others.
    ///
    /// @throws IllegalArgumentException when one of the others is no name of an account
    public static AccountHosts with(Collection<String> others) {
        Map<String, Account> hosts = new LinkedHashMap<>();
        for (StorageAccount service : StorageAccount.values()) {
            hosts.put(host(service, service.account()), new Account(service, service.account()));
        }
        for (String owner : others) {
            if (!ACCOUNT.matcher(owner).matches()) {
                throw new IllegalArgumentException("'" + owner + "' is no name of a storage account: those are 3 to 24 lower-case letters and digits");
            }
            if (StorageAccount.named(owner).isEmpty()) {
                hosts.put(host(StorageAccount.BLOB, owner), new Account(StorageAccount.BLOB, owner));
            }
        }
        return new AccountHosts(hosts);
    }

    private static String host(StorageAccount service, String owner) {
        return owner + "." + service.signatureName() + SUFFIX;
    }

    /// In lower case, without port.
    public Set<String> names() {
        return byName.keySet();
    }

    Optional<Account> find(String host) {
        return Optional.ofNullable(byName.get(host.toLowerCase(Locale.ROOT)));
    }

    /// Where a client is sent for a service: a host of it, with the port by which the client came in. Those that came by http are sent to paths,
    /// since who insists on such names insists on https.
    ///
    /// @param client scheme, host and port as the client knows them
    Optional<String> base(URI client, StorageAccount service) {
        return byName.isEmpty() || !client.getScheme().equals("https")
                ? Optional.empty()
                : Optional.of("https://" + host(service, service.account()) + (client.getPort() < 0 ? "" : ":" + client.getPort()));
    }

    @Override public String toString() {
        return "AccountHosts" + byName.keySet();
    }
}
