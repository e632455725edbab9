package io.conshelf.server.storage;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The decoded path of a request: account, where the host does not say it, then resource, then what stands below it.
///
/// @param account      whose endpoint it is
/// @param owner        the account's name: a reserved one, or any other, whose containers are made as they are named
/// @param resourceName container, queue, or table with its key; empty at the account itself
/// @param rest         blob name, `messages`, `messages/id`; empty at the resource itself
record StorageAddress(StorageAccount account, String owner, String resourceName, String rest) {
    private static final Pattern NAMED = Pattern.compile("/([a-z0-9]{3,24})(/.*|%2[Ff].*)?");

    /// Reads a raw path whose first segment is one of the accounts; empty when it isn't. Some clients encode the slash
    /// behind the account, so the path is cut after decoding: in no service can a name before the last part have a slash.
    static Optional<StorageAddress> parse(String rawPath) {
        Optional<StorageAccount> account = account(rawPath);
        if (account.isEmpty()) {
            return Optional.empty();
        }
        String owner = account.get().account();
        return Optional.of(of(account.get(), owner, behind(decoded(rawPath), owner.length() + 2)));
    }

    /// Reads the raw path of a request whose host says the account.
    static StorageAddress below(StorageAccount account, String owner, String rawPath) {
        return of(account, owner, behind(decoded(rawPath), 1));
    }

    private static String decoded(String rawPath) {
        return UriText.decode(rawPath)
                .orElseThrow(() -> new StorageException(StorageCode.INVALID_URI, "The path is not percent-encoded UTF-8."));
    }

    private static String behind(String path, int length) {
        return path.substring(Math.min(path.length(), length));
    }

    private static StorageAddress of(StorageAccount account, String owner, String below) {
        if (account == StorageAccount.TABLE) {
            return new StorageAddress(account, owner, below, ""); // the keys in the parentheses may have slashes
        }
        int slash = below.indexOf('/');
        return slash < 0
                ? new StorageAddress(account, owner, below, "")
                : new StorageAddress(account, owner, below.substring(0, slash), below.substring(slash + 1));
    }

    /// Reads a raw path whose first segment may be the name of an account beside the reserved ones; it is a blob account.
    static Optional<StorageAddress> parseNamed(String rawPath) {
        return owner(rawPath).map(owner -> of(StorageAccount.BLOB, owner, behind(decoded(rawPath), owner.length() + 2)));
    }

    /// The name in a raw path that could be that of an account beside the reserved ones.
    static Optional<String> owner(String rawPath) {
        Matcher matcher = NAMED.matcher(rawPath);
        return matcher.matches() && account(rawPath).isEmpty() ? Optional.of(matcher.group(1)) : Optional.empty();
    }

    boolean isNamed() {
        return !owner.equals(account.account());
    }

    /// The container's name in the store, where those of named accounts begin with the account and a slash.
    String container() {
        return isNamed() ? owner + "/" + resourceName : resourceName;
    }

    /// Whose path this is, from the raw text: `/account`, `/account/…` or `/account%2F…`.
    static Optional<StorageAccount> account(String rawPath) {
        for (StorageAccount account : StorageAccount.values()) {
            String prefix = "/" + account.account();
            if (rawPath.startsWith(prefix)) {
                String after = rawPath.substring(prefix.length());
                if (after.isEmpty() || after.startsWith("/") || after.regionMatches(true, 0, "%2F", 0, 3)) {
                    return Optional.of(account);
                }
            }
        }
        return Optional.empty();
    }

    /// What a SAS for this address is about. Table names may be followed by a key in parentheses.
    Optional<StorageResource> resource() {
        if (resourceName.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(switch (account) {
            case BLOB -> rest.isEmpty()
                    ? new StorageResource.Container(container())
                    : new StorageResource.Blob(container(), rest);
            case QUEUE -> new StorageResource.Queue(resourceName);
            case TABLE -> {
                int parenthesis = resourceName.indexOf('(');
                yield new StorageResource.Table(parenthesis < 0 ? resourceName : resourceName.substring(0, parenthesis));
            }
        });
    }
}
