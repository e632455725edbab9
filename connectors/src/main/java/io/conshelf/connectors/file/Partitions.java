package io.conshelf.connectors.file;

import java.util.LinkedHashMap;
import java.util.SequencedMap;

/// Columns that folders below a root give to the files in them: `year=2024/month=01` is two.
public record Partitions(String root) {
    public Partitions {
        root = StorePath.of(root);
    }

    /// Whether a file is where its folders can say something.
    public boolean holds(StoredFile file) {
        return StorePath.isBelow(root, file.path());
    }

    public SequencedMap<String, String> of(StoredFile file) {
        SequencedMap<String, String> columns = new LinkedHashMap<>();
        String folders = StorePath.parent(file.path());
        if (!StorePath.isBelow(root, folders)) {
            return columns;
        }
        for (String folder : StorePath.below(root, folders).split("/")) {
            int equals = folder.indexOf('=');
            if (equals > 0) {
                columns.put(folder.substring(0, equals), folder.substring(equals + 1));
            }
        }
        return columns;
    }
}
