package io.conshelf.engine.duck;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/// Sees that loading DuckDB's native library leaves nothing behind.
///
/// The driver copies its library into a new temporary file at each start and deletes it only on an orderly exit. There is no
/// property to name a copy of one's own: the driver takes `/libduckdb_java.so_<os>_<arch>` from the class path before
/// anything else. So a launcher that puts a folder with the unpacked library first on the class path saves the decompression
/// (0.5 s), and here the temporary file is unlinked as soon as it is mapped, so that a killed process leaves none.
final class NativeLibrary {
    private static final Path MAPS = Path.of("/proc/self/maps");

    private NativeLibrary() {}

    static void unlinkTemporaryCopy() {
        if (!Files.isReadable(MAPS)) {
            return;
        }
        try (Stream<String> lines = Files.lines(MAPS)) {
            lines.map(NativeLibrary::mappedFile)
                    .filter(NativeLibrary::isTemporaryCopy)
                    .distinct()
                    .map(Path::of)
                    .forEach(NativeLibrary::unlink);
        } catch (IOException e) {
            // The driver's own deletion on exit still stands.
            return;
        }
    }

    private static String mappedFile(String line) {
        int slash = line.indexOf('/');
        return slash < 0 ? "" : line.substring(slash);
    }

    private static boolean isTemporaryCopy(String file) {
        String folder = System.getProperty("java.io.tmpdir");
        return file.startsWith(folder) && file.matches(".*/libduckdb_java\\d+\\.so");
    }

    private static void unlink(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            return;
        }
    }
}
