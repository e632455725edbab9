package io.conshelf.server.storage;

import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Consumer;

/// Where a store gets its journal: a file, or nothing when the server keeps nothing.
@FunctionalInterface
interface JournalSource {
    JournalSource NONE = _ -> Journal.none();

    Journal open(Consumer<byte[]> replay) throws IOException;

    static JournalSource file(Path path) {
        return replay -> Journal.open(path, replay);
    }
}
