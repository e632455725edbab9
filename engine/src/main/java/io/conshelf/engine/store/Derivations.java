package io.conshelf.engine.store;

import java.sql.SQLException;
import java.util.List;
import java.util.Set;

/// What follows from new rows of a table: rows of others, in the same commit. Update policies are its one kind.
public interface Derivations {
    /// Nothing follows from anything.
    Derivations NONE = new Derivations() {
        @Override
        public Set<String> targets(Database database, String source) {
            return Set.of();
        }

        @Override
        public Pending begin(Transaction transaction) {
            throw new AssertionError("there is nothing to derive");
        }
    };

    /// The names of all tables, near and far, that new rows of a table may bring rows to.
    Set<String> targets(Database database, String source);

    /// Fixes what the derivations of a transaction read, before it has changed anything.
    Pending begin(Transaction transaction) throws SQLException;

    interface Pending extends AutoCloseable {
        /// Writes what follows from the transaction's extents into further ones.
        ///
        /// @param extents those that the work itself has made
        /// @param without names of derivations to leave out, because they failed in this work before
        /// @throws Failed when one that may fail by itself did; the transaction is over then
        void derive(Transaction transaction, List<ExtentWriter> extents, Set<String> without) throws SQLException;

        @Override
        void close();
    }

    /// The work is to be done again without a derivation, which failed and took the transaction with it.
    final class Failed extends RuntimeException {
        private static final long serialVersionUID = 1;
        private final String name;

        public Failed(String name) {
            super("the derivation " + name + " failed", null, false, false);
            this.name = name;
        }

        String name() {
            return name;
        }
    }
}
