package io.conshelf.factory.copy;

import io.conshelf.connectors.definition.Located;

/// A dataset with its expressions evaluated, and the linked service it stands on.
record Dataset(String name, String type, Located properties, LinkedService linkedService) {
    /// A table of a cluster.
    boolean isClusterTable() {
        return Catalogue.isAmong(RowStores.CLUSTER.datasets(), type);
    }
}
