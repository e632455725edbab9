package io.conshelf.server.storage;

import java.util.Locale;
import java.util.Optional;

/// The three services, by their reserved account names. Each is the first path segment of its service: `http://host:port/conshelfblob/…`.
public enum StorageAccount {
    BLOB("conshelfblob", 'b'),
    QUEUE("conshelfqueue", 'q'),
    TABLE("conshelftable", 't');

    private final String account;
    private final char sasLetter;

    StorageAccount(String account, char sasLetter) {
        this.account = account;
        this.sasLetter = sasLetter;
    }

    /// The account name, as it stands in paths and signatures.
    public String account() {
        return account;
    }

    /// The service's letter in an account SAS (`ss=bqt`).
    char sasLetter() {
        return sasLetter;
    }

    /// The service's name in the canonical resource of a service SAS: `/blob/account/container`.
    String signatureName() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Optional<StorageAccount> named(String account) {
        for (StorageAccount candidate : values()) {
            if (candidate.account.equals(account)) {
                return Optional.of(candidate);
            }
        }
        return Optional.empty();
    }
}
