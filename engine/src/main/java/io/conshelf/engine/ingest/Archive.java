package io.conshelf.engine.ingest;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import io.conshelf.engine.KustoException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Optional;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/// The files in a zip: each is a source of its own, with a header of its own. Their names tell nothing about their format.
final class Archive {
    private Archive() {}

    @FunctionalInterface
    interface Reader {
        void read(InputStream content) throws IOException, SQLException;
    }

    /// Reads each file, in the archive's order.
    ///
    /// @param pattern the property `zipPattern`: which files are meant
    static void read(Path file, Optional<String> pattern, Reader reader) throws IOException, SQLException {
        Optional<Pattern> chosen = pattern.map(Archive::compiled);
        int files = 0;
        try (ZipFile archive = ZipArchive.open(file)) {
            for (var entries = archive.entries().asIterator(); entries.hasNext(); ) {
                ZipEntry entry = entries.next();
                boolean isMeant = chosen.isEmpty() || chosen.get().matcher(entry.getName()).find();
                if (!entry.isDirectory() && isMeant) {
                    files++;
                    try (var content = archive.getInputStream(entry)) {
                        reader.read(content);
                    }
                }
            }
        } catch (ZipException e) {
            throw new KustoException(IngestionErrors.invalidArchive(IngestionErrors.reason(e)), e);
        }
        if (files == 0) {
            throw new KustoException(IngestionErrors.emptyArchive(pattern));
        }
    }

    // The documentation says that it is a regular expression, and its example is '*.csv', which is none: a star that nothing
    // stands before is taken for any name.
    private static Pattern compiled(String pattern) {
        String expression = pattern.startsWith("*") ? "^.*" + Pattern.quote(pattern.substring(1)) + "$" : pattern;
        try {
            return Pattern.compile(expression);
        } catch (PatternSyntaxException e) {
            throw new KustoException(IngestionErrors.malformedProperty(
                    "zipPattern", "is not a regular expression: " + e.getDescription()));
        }
    }
}
