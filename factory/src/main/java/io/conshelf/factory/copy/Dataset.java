package io.conshelf.factory.copy;

import io.conshelf.factory.definition.Located;

/// A dataset with its expressions evaluated, and the linked service it stands on.
record Dataset(String name, String type, Located properties, LinkedService linkedService) {
    boolean isTable() {
        return type.equalsIgnoreCase("AzureDataExplorerTable");
    }
}
