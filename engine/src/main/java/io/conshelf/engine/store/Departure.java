package io.conshelf.engine.store;

import io.conshelf.engine.KustoException;
import io.conshelf.engine.Principal;
import io.conshelf.engine.store.ClusterRoles.ClusterGrant;
import java.util.ArrayList;
import java.util.List;

/// Takes away what a principal leaves behind that is no more: what it was granted, and the results that were stored for it alone. Both
/// go by its name, and the name may be given to somebody else.
final class Departure {
    private final Storage storage;
    private final Principal departed;

    Departure(Storage storage, Principal departed) {
        this.storage = storage;
        this.departed = departed;
    }

    /// @throws KustoException when a database cannot be used now; of the others it is taken away all the same
    void take() {
        ClusterRoles cluster = storage.clusterRoles();
        if (cluster.grants().stream().anyMatch(this::isOf)) {
            cluster.change(grants -> grants.stream().filter(grant -> !isOf(grant)).toList());
        }
        var failures = new ArrayList<KustoException>();
        Snapshot now = storage.snapshot();
        for (Database database : now.databases()) {
            if (hasLeftAnything(database)) {
                take(database.name(), failures);
            }
        }
        now.unavailable().values().forEach(reason -> failures.add(new KustoException(reason)));
        if (!failures.isEmpty()) {
            throw failures.getFirst();
        }
    }

    private void take(String database, List<KustoException> failures) {
        try {
            storage.writer(database).changeUnasked(transaction -> {
                take(transaction);
                return database;
            });
        } catch (KustoException e) {
            // One that was dropped meanwhile has nothing any more.
            if (storage.snapshot().database(database).isPresent()) {
                failures.add(e);
            }
        }
    }

    private void take(Transaction transaction) {
        Database database = transaction.database();
        if (database.grants().stream().anyMatch(this::isOf)) {
            transaction.setGrants(others(database.grants()));
        }
        for (Table table : database.tables()) {
            if (table.grants().stream().anyMatch(this::isOf)) {
                transaction.setGrants(table, others(table.grants()));
            }
        }
        database.rulesByEntity().forEach((entity, rules) -> {
            if (rules.grants().stream().anyMatch(this::isOf)) {
                transaction.setGrants(entity, others(rules.grants()));
            }
        });
        database.upkeep().resultsByName().values().stream().filter(this::isOf).forEach(result -> {
            transaction.discard(result);
            transaction.setUpkeep(upkeep -> upkeep.withoutResult(result.name()));
        });
    }

    private boolean hasLeftAnything(Database database) {
        return database.grants().stream().anyMatch(this::isOf)
                || database.tables().stream().flatMap(table -> table.grants().stream()).anyMatch(this::isOf)
                || database.rulesByEntity().values().stream().flatMap(rules -> rules.grants().stream()).anyMatch(this::isOf)
                || database.upkeep().resultsByName().values().stream().anyMatch(this::isOf);
    }

    private List<Grant> others(List<Grant> grants) {
        return grants.stream().filter(grant -> !isOf(grant)).toList();
    }

    // One that was written without its tenant would be the next one's too.
    private boolean isOf(Grant grant) {
        return Authorization.names(grant.principal(), departed);
    }

    private boolean isOf(ClusterGrant grant) {
        return Authorization.names(grant.principal(), departed);
    }

    private boolean isOf(StoredResult result) {
        return result.principal().equalsIgnoreCase(departed.fullyQualifiedName());
    }
}
