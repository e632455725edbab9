package io.conshelf.engine.store;

import java.sql.SQLException;

/// Work on a database within one transaction. It may be run again from the start when another change of the same commit
/// failed, so all its effects go through the transaction.
@FunctionalInterface
public interface Change<R> {
    R apply(Transaction transaction) throws SQLException;
}
