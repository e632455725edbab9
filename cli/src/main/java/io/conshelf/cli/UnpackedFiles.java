package io.conshelf.cli;

import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/// Files of formats that are read from their end, unpacked into a folder that ends with the command. A cluster reads all others packed.
final class UnpackedFiles implements AutoCloseable {
    private Optional<Path> folder = Optional.empty();

    /// The file itself, or what is packed in it.
    Path readable(Path file) throws IOException {
        String name = file.getFileName().toString();
        if (!name.matches("(?i).*\\.(parquet|orc)\\.gz")) {
            return file;
        }
        if (folder.isEmpty()) {
            folder = Optional.of(Files.createTempDirectory("conshelf-unpacked-"));
        }
        // Two files of one name may come from two folders.
        Path unpacked = Files.createTempDirectory(folder.get(), "").resolve(name.substring(0, name.length() - 3));
        try (var packed = new GZIPInputStream(Files.newInputStream(file))) {
            Files.copy(packed, unpacked);
        } catch (EOFException | ZipException e) {
            throw new CommandFailure("'" + file + "' cannot be unpacked: " + e.getMessage(), e);
        }
        return unpacked;
    }

    @Override
    public void close() {
        folder.ifPresent(TemporaryFolder::delete);
    }
}
