package io.conshelf.engine.ingest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;

/// Looks at files of delimited text while their batch waits for others. The loads of a table follow one another, and a look, which goes before
/// each, leaves all cores idle but one.
final class LooksAhead implements AutoCloseable {
    /// A smaller one is looked at sooner than asked for.
    private static final long FILE_BYTES_MIN = 1 << 20;
    private static final int KEPT_MAX = 64;

    private final long fileBytesMax;
    private final ExecutorService thread;
    /// Those whose batch never comes make room some day.
    private final SequencedMap<Question, FutureTask<Optional<DelimitedFile>>> looks = new LinkedHashMap<>();

    /// What a look depends on.
    private record Question(
            Path file, long sizeBytes, FileTime writtenOn, Format format, List<RecordMapping.Target> targets, ReadOptions options) {}

    LooksAhead(long fileBytesMax, ThreadFactory threads) {
        this.fileBytesMax = fileBytesMax;
        this.thread = Executors.newSingleThreadExecutor(threads);
    }

    /// Begins to look at a file, soon. What is wrong with it is told by [#delimited].
    void begin(Path file, Format format, RecordMapping mapping, ReadOptions options) {
        if (format.kind() != Format.Kind.DELIMITED) {
            return;
        }
        try {
            Question question = question(file, format, mapping, options);
            if (question.sizeBytes() < FILE_BYTES_MIN) {
                return;
            }
            var look = new FutureTask<>(look(question, mapping));
            synchronized (looks) {
                if (looks.putIfAbsent(question, look) != null) {
                    return;
                }
                if (looks.size() > KEPT_MAX) {
                    looks.pollFirstEntry().getValue().cancel(false);
                }
            }
            thread.execute(look);
        } catch (IOException | RejectedExecutionException _) {
            // Whoever loads it finds out.
        }
    }

    /// As [DelimitedFile#open], with the work that is done already.
    Optional<DelimitedFile> delimited(Path file, Format format, RecordMapping mapping, ReadOptions options) throws IOException {
        Question question = question(file, format, mapping, options);
        FutureTask<Optional<DelimitedFile>> look;
        synchronized (looks) {
            look = looks.remove(question);
        }
        if (look == null) {
            look = new FutureTask<>(look(question, mapping));
        }
        // Here and now, unless it has begun elsewhere.
        look.run();
        try {
            return look.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException unreadable) {
                throw unreadable;
            }
            throw e.getCause() instanceof RuntimeException other ? other : new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("the look at it was interrupted", e);
        }
    }

    private static Question question(Path file, Format format, RecordMapping mapping, ReadOptions options) throws IOException {
        return new Question(file, Files.size(file), Files.getLastModifiedTime(file), format, mapping.targets(), options);
    }

    private Callable<Optional<DelimitedFile>> look(Question question, RecordMapping mapping) {
        return () -> DelimitedFile.open(question.file(), question.format(), mapping, question.options(), fileBytesMax);
    }

    @Override
    public void close() {
        thread.shutdownNow();
        thread.close();
    }
}
