package io.conshelf.factory.copy;

import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.file.FileStore;
import io.conshelf.connectors.file.StoredFile;
import io.conshelf.connectors.file.StoredItem;
import io.conshelf.connectors.format.ArchiveWriter;
import io.conshelf.connectors.format.Compression;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Optional;
import java.util.Set;

/// Copies files byte by byte.
final class BinaryCopy {
    private final CopySource.Files source;
    private final FileSink sink;
    private final FileFaults faults;
    private final Set<Care> care;
    private final Optional<CopyLog> log;
    private final Tally tally;

    /// What a copy is asked for beside the bytes.
    enum Care {
        /// Every file is compared with what was listed, with the checksum that its store keeps, and with what can be read where it was written.
        VERIFIES, KEEPS_ATTRIBUTES
    }

    BinaryCopy(CopySource.Files source, FileSink sink, FileFaults faults, Set<Care> care, Optional<CopyLog> log, Tally tally) {
        this.source = source;
        this.sink = sink;
        this.faults = faults;
        this.care = Set.copyOf(care);
        this.log = log;
        this.tally = tally;
    }

    /// @param width how many files are copied at a time
    void run(int width) throws StoreException, InterruptedException {
        tally.hasNoRows(isRepacked() ? Tally.Bytes.REPACKED : Tally.Bytes.AS_THEY_ARE);
        if (faults.isStated()) {
            tally.skips();
        }
        if (sink.format().compression().isArchive() && (sink.behavior() == FileSink.Behavior.MERGE_FILES || sink.fileName().isPresent() && !source.isOneFile())) {
            intoOneArchive();
            return;
        }
        if (sink.behavior() == FileSink.Behavior.MERGE_FILES) {
            try (FileStore.PendingFile pending = sink.store().create(sink.path(0))) {
                for (StoredFile file : source.files()) {
                    copy(file, pending.stream(), "", digest());
                }
                pending.commit();
                tally.wroteFile();
            }
            return;
        }
        Parallel.run(source.files(), width, file -> {
            tally.startsReading();
            try {
                one(file);
            } catch (StoreException failure) {
                // With a single file any error fails the copy.
                if (source.isOneFile() || !faults.skips(failure)) {
                    throw failure;
                }
                tally.skippedFile();
                if (log.isPresent()) {
                    log.get().skipped("FileSkip", file.path(), failure.code() + ": " + failure.getMessage());
                }
            } finally {
                tally.endsReading();
            }
        });
    }

    /// Every file under the path that it has below the source's folder.
    private void intoOneArchive() throws StoreException, InterruptedException {
        String path = sink.path(0);
        try (FileStore.PendingFile pending = sink.store().create(path)) {
            try (ArchiveWriter archive = new ArchiveWriter(tally.counted(pending.stream()), sink.format().compression())) {
                boolean isUnpacked = source.format().compression() == Compression.NONE;
                for (StoredFile file : source.files()) {
                    String name = unpackedName(source.relative(file));
                    try (OutputStream entry = isUnpacked ? archive.entry(name, file.lastModified(), file.sizeBytes()) : archive.entry(name, file.lastModified());
                            InputStream bytes = source.open(file, tally)) {
                        long copied = transfer(bytes, entry, digest());
                        if (isUnpacked && copied != file.sizeBytes()) {
                            throw inconsistent("'" + file.path() + "' changed while it was packed: it was listed with " + file.sizeBytes() + " bytes, and " + copied
                                    + " were read");
                        }
                    }
                    tally.readFile();
                }
            } catch (IOException failure) {
                throw StoreException.system("UserErrorFileWriteFailure", "'" + path + "' cannot be packed: " + failure.getMessage(), failure);
            }
            pending.commit();
            tally.wroteFile();
        }
        if (log.isPresent()) {
            log.get().done("FileWrite", path, "The files were packed into one");
        }
    }

    private void one(StoredFile file) throws StoreException, InterruptedException {
        boolean isNamed = sink.fileName().isPresent() && source.isOneFile();
        String path = isNamed ? sink.path(0) : repacked(sink.path(source, file));
        boolean verifies = care.contains(Care.VERIFIES) && !isRepacked();
        try (FileStore.PendingFile pending = care.contains(Care.KEEPS_ATTRIBUTES) ? sink.store().create(path, file, source.store().attributes(file))
                : sink.store().create(path, file)) {
            MessageDigest digest = digest();
            long copied = copy(file, pending.stream(), sink.inside(path), digest);
            // Before it takes the place of what was there.
            if (!isRepacked() && copied != file.sizeBytes()) {
                throw inconsistent("'" + file.path() + "' changed while it was copied: it was listed with " + file.sizeBytes() + " bytes, and " + copied
                        + " were read");
            }
            byte[] read = digest.digest();
            if (verifies) {
                requireUnchanged(file, read);
            }
            StoredFile written = pending.commit();
            if (verifies) {
                requireArrived(written, read);
            }
            tally.wroteFile();
        }
        if (log.isPresent()) {
            log.get().done("FileWrite", path, "The file was copied");
        }
    }

    private static MessageDigest digest() {
        try {
            return MessageDigest.getInstance("MD5");
        } catch (NoSuchAlgorithmException missing) {
            throw new AssertionError("every Java has MD5", missing);
        }
    }

    private static StoreException inconsistent(String what) {
        return StoreException.user("UserErrorDataInconsistency", what);
    }

    /// The source is still what was listed, and what its store says it is.
    private void requireUnchanged(StoredFile file, byte[] read) throws StoreException {
        if (!(source.store().look(file.path()).orElse(null) instanceof StoredItem.File(StoredFile now, var _, Optional<String> md5)) || !now.equals(file)) {
            throw inconsistent("'" + file.path() + "' changed while it was copied");
        }
        String found = Base64.getEncoder().encodeToString(read);
        if (md5.isPresent() && !md5.get().equals(found)) {
            throw inconsistent("'" + file.path() + "' has the MD5 " + md5.get() + " in its store, and what was read has " + found);
        }
    }

    /// What can be read at the target is what was read at the source; otherwise it does not stay.
    private void requireArrived(StoredFile written, byte[] read) throws StoreException, InterruptedException {
        MessageDigest digest = digest();
        byte[] buffer = new byte[1 << 16];
        try (InputStream bytes = sink.store().open(written)) {
            for (int count = bytes.read(buffer); count >= 0; count = bytes.read(buffer)) {
                digest.update(buffer, 0, count);
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
            }
        } catch (IOException failure) {
            throw StoreException.system("UserErrorFileReadFailure", "'" + written.path() + "' cannot be read back: " + failure.getMessage(), failure);
        }
        if (!MessageDigest.isEqual(digest.digest(), read)) {
            sink.store().delete(written);
            throw inconsistent("'" + written.path() + "' is not what was copied, by its MD5; it was deleted");
        }
    }

    private boolean isRepacked() {
        return source.format().compression() != sink.format().compression();
    }

    /// The name without the ending of the packing that is taken off, and with that of the one that is put on.
    private String repacked(String path) {
        if (!isRepacked()) {
            return path;
        }
        String plain = unpackedName(path);
        String ending = sink.format().compression().suffix();
        return plain.endsWith(ending) ? plain : plain + ending;
    }

    private String unpackedName(String path) {
        String old = source.format().compression().suffix();
        return !old.isEmpty() && path.endsWith(old) ? path.substring(0, path.length() - old.length()) : path;
    }

    private long transfer(InputStream bytes, OutputStream target, MessageDigest digest) throws IOException, InterruptedException {
        byte[] buffer = new byte[1 << 16];
        long copied = 0;
        for (int count = bytes.read(buffer); count >= 0; count = bytes.read(buffer)) {
            target.write(buffer, 0, count);
            if (care.contains(Care.VERIFIES)) {
                digest.update(buffer, 0, count);
            }
            copied += count;
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
        }
        return copied;
    }

    /// @param inside what an archive that is written calls the file
    /// @param digest of the bytes as they are unpacked, where they are looked at
    /// @return how many bytes, as they are unpacked
    private long copy(StoredFile file, OutputStream target, String inside, MessageDigest digest) throws StoreException, InterruptedException {
        long copied;
        Compression none = Compression.NONE;
        try (InputStream bytes = (isRepacked() ? source.format().compression() : none).unpack(tally.counted(source.store().open(file)))) {
            Compression packing = isRepacked() ? sink.format().compression() : none;
            OutputStream counted = packing.pack(tally.counted(target), inside);
            try {
                copied = transfer(bytes, counted, digest);
            } finally {
                if (packing != none) {
                    counted.close(); // its end is part of the data, and what is put aside for an archive goes with it
                }
            }
        } catch (IOException failure) {
            throw StoreException.system("UserErrorFileReadFailure", "'" + file.path() + "' cannot be copied: " + failure.getMessage(), failure);
        }
        tally.readFile();
        return copied;
    }
}
