package io.conshelf.processor.dataset;

import io.conshelf.processor.definition.DatasetDefinition;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/// The datasets of an instance: what destinations write and enrich stages look up. Safe for use by several threads; a folder is used by one process at a time.
public final class ReferenceData implements AutoCloseable {
    private final Map<String, Dataset> datasets = new ConcurrentHashMap<>();
    private final Journals journals;

    /// How datasets get what they outlive the process by.
    private interface Journals {
        RecordJournal open(String dataset) throws IOException;

        void remove(String dataset) throws IOException;

        void close() throws IOException;
    }

    private ReferenceData(Journals journals) {
        this.journals = journals;
    }

    /// Datasets that are gone with the process.
    public static ReferenceData inMemory() {
        return new ReferenceData(new Journals() {
            @Override
            public RecordJournal open(String dataset) {
                return RecordJournal.NONE;
            }

            @Override
            public void remove(String dataset) {}

            @Override
            public void close() {}
        });
    }

    /// Datasets with a file each in a folder. What was written there before is there once a dataset is defined.
    public static ReferenceData open(Path folder) throws IOException {
        Files.createDirectories(folder);
        FileChannel channel = FileChannel.open(folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        if (!locks(channel)) {
            channel.close();
            throw new IOException("The reference data in " + folder + " is in use");
        }
        return new ReferenceData(new Journals() {
            @Override
            public RecordJournal open(String dataset) throws IOException {
                return new JournalFile(folder.resolve(dataset + ".records"));
            }

            @Override
            public void remove(String dataset) throws IOException {
                Files.deleteIfExists(folder.resolve(dataset + ".records"));
            }

            @Override
            public void close() throws IOException {
                channel.close();
            }
        });
    }

    private static boolean locks(FileChannel channel) throws IOException {
        try {
            FileLock held = channel.tryLock();
            return held != null;
        } catch (OverlappingFileLockException inThisProcess) {
            return false;
        }
    }

    /// Makes a dataset, or lets it have other keys, another timestamp or another life from now on; its records stay.
    public synchronized Dataset define(DatasetDefinition definition) throws IOException {
        Dataset present = datasets.get(definition.name());
        if (present != null) {
            present.define(definition);
            return present;
        }
        RecordJournal journal = journals.open(definition.name());
        try {
            Dataset made = new Dataset(definition, journal);
            datasets.put(definition.name(), made);
            return made;
        } catch (IOException | RuntimeException broken) {
            journal.close();
            throw broken;
        }
    }

    public Optional<Dataset> find(String name) {
        return Optional.ofNullable(datasets.get(name));
    }

    /// Takes a dataset away, with its records.
    public synchronized void remove(String name) throws IOException {
        Dataset removed = datasets.remove(name);
        if (removed != null) {
            removed.close();
            journals.remove(name);
        }
    }

    @Override
    public synchronized void close() throws IOException {
        datasets.values().forEach(Dataset::close);
        datasets.clear();
        journals.close();
    }
}
