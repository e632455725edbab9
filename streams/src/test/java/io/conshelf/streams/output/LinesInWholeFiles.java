package io.conshelf.streams.output;

import io.conshelf.connectors.file.LocalFiles;
import io.conshelf.streams.format.OutputFormat;
import io.conshelf.streams.job.JobDefinition.OutputError;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;

/// Files of JSON lines that are there when they have all their rows.
public final class LinesInWholeFiles {
    private LinesInWholeFiles() {}

    /// One for each hour.
    public static EventTarget ofHours(String folder) throws OutputException {
        return of(folder, "{date}/{time}", new Batching.WholeHours());
    }

    /// Of more rows than any test has.
    public static EventTarget ofManyRows(String folder) throws OutputException {
        return of(folder, "", new Batching.Limits(1_000_000, Duration.ofHours(2)));
    }

    private static EventTarget of(String folder, String pattern, Batching batching) throws OutputException {
        return new WholeFiles(() -> new LocalFiles(Path.of(folder)), new PathTemplate(pattern, "yyyy/MM/dd", "HH"), OutputFormat.LINES, batching, OutputError.STOP, Clock.systemUTC());
    }
}
