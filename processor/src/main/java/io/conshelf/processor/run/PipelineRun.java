package io.conshelf.processor.run;

import io.conshelf.connectors.file.DurableFile;
import io.conshelf.processor.run.Parts.Windows;
import io.conshelf.processor.source.Source;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A pipeline at work: a reader, and a thread for each physical partition.
///
/// What it must not forget is in its folder. Started again over the same folder it goes on where it was, also after a crash. Threads are the system's own: what a
/// stage computes may take its time, and shares the processor fairly with all else then.
public final class PipelineRun {
    private static final Logger LOG = LoggerFactory.getLogger(PipelineRun.class);
    private static final Duration BETWEEN_HEARTBEATS = Duration.ofSeconds(10);
    private static final long STACK_BYTES = 4L << 20;

    private final Parts parts;
    private final RunCounts counts = new RunCounts();
    private final Horizon horizon;
    private final Deliveries deliveries;
    private final Reader reader;
    private final List<Inbox> inboxes = new ArrayList<>();
    private final List<PartitionRun> partitions = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();
    private final Thread reading;
    private final FileChannel lock;
    private final Path folder;
    private final CountDownLatch ended = new CountDownLatch(1);
    private final AtomicReference<Optional<String>> failure = new AtomicReference<>(Optional.empty());
    private volatile State state = State.STARTING;
    private volatile Windows windows = Windows.HANDED_ON;
    private volatile boolean isStopping;

    public enum State {
        /// The source does not answer yet.
        STARTING,
        RUNNING,
        STOPPING,
        /// By its user, or because the source has no more.
        STOPPED,
        /// By what only its user can mend.
        FAILED
    }

    private PipelineRun(Parts parts, Path folder, FileChannel lock) throws IOException {
        KeptDefinitions definitions = new KeptDefinitions(folder);
        String definition = definitions.keep(parts.definition());
        this.parts = parts;
        this.lock = lock;
        this.folder = folder;
        this.horizon = new Horizon(parts.partitions());
        this.deliveries = new Deliveries(parts.underwayMax(), parts.partitions());
        for (int number = 0; number < parts.partitions(); number++) {
            Path file = folder.resolve("partition-" + number + ".checkpoint");
            Checkpoint latest = latest(file);
            deliveries.remember(number, latest.deliveries());
            Inbox inbox = new Inbox();
            inboxes.add(inbox);
            DeadLetters letters = parts.deadLetters(number, lettersOf(number));
            partitions.add(new PartitionRun(number, parts, definition, inbox, deliveries, horizon, letters, file, counts,
                    new PartitionRun.Left(latest, definitions.before(latest, parts))));
        }
        definitions.forgetOthers();
        this.reader = new Reader(parts, inboxes, deliveries, horizon, counts);
        this.reading = Thread.ofPlatform().name(parts.name() + "-reader").unstarted(this::read);
        partitions.forEach(partition -> threads.add(Thread.ofPlatform().name(parts.name() + "-" + threads.size()).stackSize(STACK_BYTES).unstarted(
                () -> work(partition))));
    }

    /// @param folder of this pipeline alone; it is made where it is not there
    /// @throws IOException where it cannot be used: what is there is of another number of partitions, cannot be read, or is in use
    public static PipelineRun start(Parts parts, Path folder) throws IOException {
        Files.createDirectories(folder);
        FileChannel lock = lock(folder);
        try {
            requirePartitions(parts, folder);
            PipelineRun run = new PipelineRun(parts, folder, lock);
            run.threads.forEach(Thread::start);
            run.reading.start();
            Thread.ofVirtual().start(run::awaitThreads);
            Thread.ofVirtual().start(run::beatUntilEnded);
            return run;
        } catch (IOException | RuntimeException failed) {
            lock.close();
            throw failed;
        }
    }

    private static Checkpoint latest(Path file) throws IOException {
        Checkpoint latest = Checkpoint.read(file).orElse(Checkpoint.NONE);
        return ForgottenMark.beside(file).isOf(latest.number()) ? latest.forgotten() : latest;
    }

    private static FileChannel lock(Path folder) throws IOException {
        FileChannel channel = FileChannel.open(folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock held;
        try {
            held = channel.tryLock();
        } catch (OverlappingFileLockException inThisProcess) {
            held = null;
        }
        if (held == null) {
            channel.close();
            throw new IOException("The pipeline runs already: the folder " + folder + " is in use");
        }
        return channel;
    }

    /// With another number keys would find other partitions, which know nothing of them.
    private static void requirePartitions(Parts parts, Path folder) throws IOException {
        Path file = folder.resolve("partitions");
        String before = Files.exists(file) ? Files.readString(file).strip() : "";
        // one that is empty was never complete
        if (!before.isEmpty()) {
            if (!before.equals(String.valueOf(parts.partitions()))) {
                throw new IOException("The pipeline '%s' has run with partitionCount %s and is to run with %d, which cannot change; where %s is taken away, it begins anew"
                        .formatted(parts.name(), before, parts.partitions(), folder));
            }
        } else {
            DurableFile.write(file, (parts.partitions() + "\n").getBytes(StandardCharsets.UTF_8));
        }
    }

    private void read() {
        try (Source source = reader.source()) {
            if (state == State.STARTING) {
                state = State.RUNNING;
            }
            try {
                reader.read(source).ifPresent(why -> failure.compareAndSet(Optional.empty(), Optional.of(why)));
            } catch (InterruptedException stopped) {
                // whoever stops it goes on with its windows
            } finally {
                partitions.forEach(partition -> partition.end(windows));
            }
            // acknowledgements go through it
            joinPartitions();
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException | Error unexpected) {
            fail("reading", unexpected);
        } finally {
            partitions.forEach(partition -> partition.end(windows));
        }
    }

    private void joinPartitions() throws InterruptedException {
        for (Thread thread : threads) {
            thread.join();
        }
    }

    private void work(PartitionRun partition) {
        try {
            partition.run();
        } catch (InterruptedException broken) {
            Thread.currentThread().interrupt();
        } catch (IOException | RuntimeException | Error unexpected) {
            fail("a partition", unexpected);
        }
    }

    private void fail(String what, Throwable cause) {
        if (cause instanceof IOException told) {
            LOG.warn("pipeline '{}', {}: {}", parts.name(), what, told.getMessage());
        } else {
            LOG.error("pipeline '{}', {}", parts.name(), what, cause);
        }
        failure.compareAndSet(Optional.empty(), Optional.of(String.valueOf(cause.getMessage() == null ? cause : cause.getMessage())));
        windows = Windows.KEPT;
        reading.interrupt();
        abandon();
    }

    private void beatUntilEnded() {
        try {
            while (!await(BETWEEN_HEARTBEATS)) {
                beat();
            }
        } catch (InterruptedException ending) {
            Thread.currentThread().interrupt();
        }
    }

    /// Shows who looks after pipelines that reader and partitions are at work, also where nothing comes: who waits for something passes it on later.
    void beat() {
        counts.heartbeats.increment();
        if (reader.isReading()) {
            counts.heartbeatsHanded.increment();
            inboxes.forEach(Inbox::beat);
        }
    }

    private void awaitThreads() {
        try {
            joinPartitions();
            reading.join();
            lock.close();
        } catch (InterruptedException | IOException ending) {
            LOG.debug("ending", ending);
        }
        state = failure.get().isPresent() ? State.FAILED : State.STOPPED;
        ended.countDown();
    }

    /// Takes nothing more from the source, brings what was taken to its end, and makes a last checkpoint, with which windows that are open are kept for the run that
    /// goes on. Returns at once; [#await] waits.
    public void stop() {
        if (!isStopping && ended.getCount() > 0) {
            isStopping = true;
            state = State.STOPPING;
            windows = Windows.KEPT;
            reading.interrupt();
        }
    }

    /// Ends what [#stop] cannot, such as the wait for a destination that does not answer. What is not covered by a checkpoint comes again.
    public void breakOff() {
        stop();
        abandon();
    }

    private void abandon() {
        inboxes.forEach(Inbox::abandon);
        threads.forEach(Thread::interrupt);
    }

    /// @return whether it has ended
    public boolean await(Duration limit) throws InterruptedException {
        return ended.await(limit.toMillis(), TimeUnit.MILLISECONDS);
    }

    public String name() {
        return parts.name();
    }

    public State state() {
        State now = state;
        return now == State.RUNNING && !reader.isReading() ? State.STARTING : now;
    }

    private Path lettersOf(int partition) {
        return DeadLetterFile.in(folder, partition);
    }

    /// Where messages are kept aside, of this run and those before it.
    public List<Path> deadLetterFiles() {
        return IntStream.range(0, parts.partitions()).mapToObj(this::lettersOf).filter(file -> file.toFile().length() > 0).toList();
    }

    /// Why it has failed.
    public Optional<String> failure() {
        return failure.get();
    }

    public RunCounts counts() {
        return counts;
    }

    /// Messages that wait for their partition.
    public int waiting() {
        return inboxes.stream().mapToInt(Inbox::size).sum();
    }

    /// Deliveries that are not acknowledged.
    public int unacknowledged() {
        return deliveries.underway();
    }
}
