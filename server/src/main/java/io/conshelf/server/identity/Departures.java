package io.conshelf.server.identity;

import io.conshelf.engine.store.ServiceDocuments;
import io.conshelf.engine.store.ServiceDocuments.Change;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Accounts that were removed. What they were granted lies in databases, which are changed apart from the accounts; a mark stands from the removal
/// until that is done, and meanwhile nobody else gets the name.
final class Departures {
    private static final Logger LOG = LoggerFactory.getLogger(Departures.class);
    private static final String KEY = "departed/";

    private final ServiceDocuments store;
    private final Consumer<String> forget;
    /// What is being taken back now, by key. Who gets a name again must not lose what they are granted to the removal before.
    private final Map<String, CompletableFuture<Void>> beingTaken = new ConcurrentHashMap<>();

    /// @param forget takes away what a principal was granted, by its fully qualified name
    Departures(ServiceDocuments store, Consumer<String> forget) {
        this.store = store;
        this.forget = forget;
    }

    /// The mark, for the change that removes the account.
    static Change mark(String principal) {
        return new Change.Put(Applications.COLLECTION, key(principal), "{}");
    }

    /// Takes away what a principal was granted whose account is gone. Where that fails, as where a database cannot be used, the mark stays.
    void end(String principal) {
        try {
            take(principal);
        } catch (RuntimeException e) {
            LOG.warn("What {} was granted, whose account was removed, could not be taken back yet; nobody gets the name until it is", principal, e);
        }
    }

    /// Before somebody gets a name; who takes it then looks once more whether it [#isUnderWay].
    ///
    /// @throws IllegalArgumentException when what was granted to who had it before cannot be taken back now
    void requireEnded(String principal) {
        try {
            take(principal);
        } catch (RuntimeException e) {
            throw new IllegalArgumentException("the name was that of an account that was removed, and what it was granted cannot be taken back now: " + e.getMessage(), e);
        }
    }

    /// Whether the mark still stands.
    boolean isUnderWay(String principal) {
        return store.all(Applications.COLLECTION).containsKey(key(principal));
    }

    /// Waits for whoever writes to the databases, so nobody who has a lock on all accounts comes here; and for who takes from the same name, and for nobody else.
    private void take(String principal) {
        String key = key(principal);
        while (isUnderWay(principal)) {
            var mine = new CompletableFuture<Void>();
            CompletableFuture<Void> other = beingTaken.putIfAbsent(key, mine);
            if (other != null) {
                other.join();
                continue; // it may have failed
            }
            try {
                // The other may have succeeded in between.
                if (isUnderWay(principal)) {
                    forget.accept(principal);
                    store.change(List.of(new Change.Remove(Applications.COLLECTION, key)));
                }
            } finally {
                beingTaken.remove(key);
                mine.complete(null);
            }
        }
    }

    /// What a former process did not come to.
    void endAll() {
        for (Map.Entry<String, String> kept : store.all(Applications.COLLECTION).entrySet()) {
            if (kept.getKey().startsWith(KEY)) {
                end(kept.getKey().substring(KEY.length()));
            }
        }
    }

    private static String key(String principal) {
        return KEY + principal.toLowerCase(Locale.ROOT);
    }
}
