package io.conshelf.connectors.file;

import io.conshelf.connectors.StoreException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/// Keeps the files of a listing that are meant. The others are not held, and too many are an error before memory ends.
final class FoundFiles implements FileStore.Found {
    private final Predicate<StoredFile> isMeant;
    private final List<StoredFile> meant = new ArrayList<>();
    private boolean hasSeenAny;

    FoundFiles(Predicate<StoredFile> isMeant) {
        this.isMeant = isMeant;
    }

    @Override
    public void file(StoredFile file) throws StoreException {
        hasSeenAny = true;
        if (isMeant.test(file)) {
            FileStore.requireRoom(meant.size());
            meant.add(file);
        }
    }

    /// Takes a file that nothing else is known of.
    void add(StoredFile file) throws StoreException {
        FileStore.requireRoom(meant.size());
        meant.add(file);
    }

    /// Whether there was any file, meant or not.
    boolean hasSeenAny() {
        return hasSeenAny;
    }

    List<StoredFile> all() {
        return meant;
    }
}
