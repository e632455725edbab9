package io.conshelf.factory.copy;

import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.file.Partitions;
import io.conshelf.connectors.file.StoredFile;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// The columns that folders give to the files of a source: the same ones for every file, so that files with other folders fit together.
record PartitionColumns(Partitions partitions, List<String> names) {
    static PartitionColumns of(Partitions partitions, List<StoredFile> files) throws StoreException {
        Set<String> names = new LinkedHashSet<>();
        for (StoredFile file : files) {
            if (!partitions.holds(file)) {
                throw StoreException.user("UserErrorInvalidPartitionRootPath", "'" + file.path() + "' is not below the partition root path '"
                        + partitions.root() + "'");
            }
            names.addAll(partitions.of(file).keySet());
        }
        return new PartitionColumns(partitions, List.copyOf(names));
    }

    AddedColumns addedTo(AddedColumns others, StoredFile file) {
        return others.and(names, partitions.of(file));
    }
}
