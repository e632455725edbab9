package io.conshelf.engine.external;

import io.conshelf.engine.Errors;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.StorageUri;
import io.conshelf.engine.store.DiskRoom;
import io.conshelf.engine.store.WriteStop;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import java.util.function.LongConsumer;
import java.util.function.Supplier;

/// A file of elsewhere, copied into the staging folder for whoever asked for it, who deletes it.
final class FetchedFile {
    /// Where nobody allows less.
    static final long BYTES_MAX = 6L << 30;

    /// Is told how many bytes have come, whenever some have, and fails where that is too much.
    private static final ScopedValue<LongConsumer> COMING = ScopedValue.newInstance();

    private FetchedFile() {}

    /// A file whose bytes are told while they come.
    static Supplier<Path> counted(Supplier<Path> fetched, LongConsumer coming) {
        return () -> ScopedValue.where(COMING, coming).call(fetched::get);
    }

    /// @param uri      for errors
    /// @param bytesMax of the file; nothing is left of a larger one
    static Path stored(Path stagingFolder, StorageUri uri, InputStream content, long bytesMax) throws IOException {
        Path file = stagingFolder.resolve("web-" + UUID.randomUUID());
        boolean isWhole = false;
        var room = DiskRoom.of(stagingFolder);
        var stop = WriteStop.current();
        LongConsumer coming = COMING.orElse(_ -> {});
        try (var out = Files.newOutputStream(file)) {
            byte[] buffer = new byte[1 << 16];
            long total = 0;
            for (int count = content.read(buffer); count >= 0; count = content.read(buffer)) {
                stop.check();
                room.check();
                total += count;
                coming.accept(count);
                if (total > bytesMax) {
                    throw new KustoException(Errors.storage(
                            "BadRequest_FileTooLarge", "'" + uri + "' has more than " + bytesMax + " bytes"));
                }
                out.write(buffer, 0, count);
            }
            isWhole = true;
            return file;
        } finally {
            if (!isWhole) {
                Files.deleteIfExists(file);
            }
        }
    }
}
