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
import java.util.concurrent.TimeUnit;

/// Looks at files of delimited text while their batch waits for others. The loads of a table follow one another, and a look, which goes before
/// each, leaves all cores idle but one.
final class LooksAhead implements AutoCloseable {
    /// A smaller one is looked at sooner than asked for.
    private static final long FILE_BYTES_MIN = 1 << 20;
    private static final int KEPT_MAX = 64;
    private static final long KEPT_NANOS = TimeUnit.MINUTES.toNanos(10);

    private final long fileBytesMax;
    private final ExecutorService thread;
    /// In the order in which they began, which is that of the loads. Those whose batch never comes make room when they are old.
    private final SequencedMap<Question, Look> looks = new LinkedHashMap<>();

    private record Look(FutureTask<Optional<DelimitedFile>> task, long begunOn) {}

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
                long now = System.nanoTime();
                while (!looks.isEmpty() && now - looks.firstEntry().getValue().begunOn() > KEPT_NANOS) {
                    looks.pollFirstEntry().getValue().task().cancel(false);
                }
                // The oldest are loaded next, so they stay.
                if (looks.size() >= KEPT_MAX || looks.putIfAbsent(question, new Look(look, now)) != null) {
                    return;
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
        Optional<Look> begun;
        synchronized (looks) {
            begun = Optional.ofNullable(looks.remove(question));
        }
        var look = begun.map(Look::task).orElseGet(() -> new FutureTask<>(look(question, mapping)));
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
