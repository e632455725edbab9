package io.conshelf.server.ingest;

import io.conshelf.engine.Engine;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.store.DiskTrouble;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The files of a batch while it is ingested. Blobs of other accounts are copied here first, each once however often the
/// batch is repeated, and the copies go at the end.
final class BatchFiles implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(BatchFiles.class);

    private final Engine engine;
    private final int attemptsMax;
    private final Map<Source, Path> copies = new IdentityHashMap<>();
    private final Map<Source, IngestionFailure> failures = new IdentityHashMap<>();

    /// @param attemptsMax of one copy before its source is given up
    BatchFiles(Engine engine, int attemptsMax) {
        this.engine = engine;
        this.attemptsMax = attemptsMax;
    }

    /// Whether anything of it lies elsewhere.
    boolean isNeeded(Batch batch) {
        return batch.sources().stream().anyMatch(source -> source.content() instanceof Source.Content.Elsewhere);
    }

    /// Copies what lies elsewhere.
    ///
    /// @return false when the disk takes nothing now
    boolean fetch(Batch batch) throws InterruptedException {
        for (Source source : batch.sources()) {
            if (source.content() instanceof Source.Content.Elsewhere elsewhere && !fetch(source, elsewhere)) {
                return false;
            }
        }
        return true;
    }

    private boolean fetch(Source source, Source.Content.Elsewhere elsewhere) throws InterruptedException {
        for (int attempt = 1; ; attempt++) {
            try {
                copies.put(source, engine.fetch(
                        source.principal(), source.message().database(), source.message().table(), elsewhere.uri()));
                return true;
            } catch (KustoException e) {
                if (e.error().code().equals(DiskTrouble.CODE)) {
                    return false;
                }
                var failure = IngestionFailure.of(e.error());
                if (!failure.isTransient() || attempt >= attemptsMax) {
                    failures.put(source, failure.isTransient() ? failure.exhausted(attempt) : failure);
                    return true;
                }
                LOG.info("The blob '{}' is asked for again after {}", source.path(), failure.code());
            }
            Thread.sleep(Duration.ofMillis(500L << attempt));
        }
    }

    /// The sources whose content is here.
    Batch present(Batch batch) {
        return failures.isEmpty()
                ? batch
                : new Batch(batch.key(), batch.sources().stream().filter(s -> !failures.containsKey(s)).toList(), batch.reason());
    }

    /// Why there is no content of a source.
    Optional<IngestionFailure> failure(Source source) {
        return Optional.ofNullable(failures.get(source));
    }

    Path of(Source source) {
        return switch (source.content()) {
            case Source.Content.Here(Path file) -> file;
            case Source.Content.Elsewhere _ -> copies.get(source);
        };
    }

    @Override
    public void close() {
        for (Path copy : copies.values()) {
            try {
                Files.deleteIfExists(copy);
            } catch (IOException e) {
                LOG.warn("The fetched file '{}' cannot be deleted: {}", copy.getFileName(), e.getMessage());
            }
        }
    }
}
