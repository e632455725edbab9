package io.conshelf.server.crash;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.server.Server;
import io.conshelf.server.ServerConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Kills a server at random moments while clients write on every way there is, and looks at what is left.
/// `-Dconshelf.full=true` does so a hundred times.
class ServerCrashTest {
    private static final int ROUNDS = Boolean.getBoolean("conshelf.full") ? 100 : 8;
    /// Until the kill; a round ends earlier where the machine is slow.
    private static final int BATCHES_MAX = 150;
    private static final long LOAD_MS_MAX = 20_000;

    @TempDir
    Path folder;

    private final RowLoad rows = new RowLoad();
    private final SchemaLoad schema = new SchemaLoad();
    private final List<Long> openingMs = new ArrayList<>();

    private interface Writing {
        void run() throws IOException;
    }

    @Test
    @Timeout(3_600)
    void aKilledServerKeepsWhatItAcknowledgedOnce() throws Exception {
        long seed = new Random().nextLong();
        var random = new Random(seed);
        // The time that is told is that of opening, not of loading classes.
        Server.start(ServerConfig.local()).close();
        try (Server server = ServedFolder.inProcess(data())) {
            RowLoad.prepare(new Wire(server.uri()));
        }
        for (int round = 0; round < ROUNDS; round++) {
            try {
                round(random);
            } catch (AssertionError | Exception e) {
                throw new AssertionError("seed " + seed + ", round " + round + ": " + e.getMessage(), e);
            }
        }
        var sorted = openingMs.stream().sorted().toList();
        System.out.println("crash rounds: " + ROUNDS + ", batches acknowledged: " + rows.count() + ", schema changes: "
                + schema.steps() + " (" + schema.doneUnanswered() + " unanswered), reopened in ms: median "
                + sorted.get(sorted.size() / 2) + ", max " + sorted.getLast());
        assertThat(rows.count()).isGreaterThan(ROUNDS * 10);
    }

    private void round(Random random) throws Exception {
        writeAndKill(random.nextInt(1, BATCHES_MAX), random.nextLong(20));
        if (random.nextInt(3) == 0) {
            // What a kill left is opened by one that is killed as well, maybe while it opens.
            try (var again = ServedFolder.start(data())) {
                again.killAfter(random.nextLong(2_500));
            }
        }
        if (random.nextInt(4) == 0) {
            writeAndKill(random.nextInt(1, BATCHES_MAX), random.nextLong(20));
        }
        long before = System.nanoTime();
        try (Server server = ServedFolder.inProcess(data())) {
            openingMs.add(Duration.ofNanos(System.nanoTime() - before).toMillis());
            var wire = new Wire(server.uri());
            schema.check(wire);
            rows.repeat(wire);
            rows.flush(wire);
            awaitQueued(wire);
            rows.check(wire);
        }
        FolderCheck.check(data());
    }

    /// @param batches      how many are acknowledged before the kill
    /// @param milliseconds after that
    private void writeAndKill(int batches, long milliseconds) throws Exception {
        try (var served = ServedFolder.start(data())) {
            var wire = new Wire(served.awaitReady()
                    .orElseThrow(() -> new AssertionError("the server did not start:\n" + said())));
            // The change that an earlier kill cut off may be done: it is not to be made twice.
            schema.check(wire);
            try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
                var writing = new ArrayList<Future<?>>();
                for (Writing way : List.<Writing>of(
                        () -> rows.stream(wire), () -> rows.stream(wire), () -> rows.enqueue(wire), () -> rows.enqueue(wire),
                        () -> rows.append(wire), () -> schema.run(wire))) {
                    writing.add(threads.submit(() -> {
                        way.run();
                        return 0;
                    }));
                }
                rows.awaitMore(batches, LOAD_MS_MAX);
                served.killAfter(milliseconds);
                for (Future<?> ended : writing) {
                    endedByTheKill(ended);
                }
            }
        }
    }

    /// Nothing but the kill ends a writer: while the server lives, every request succeeds.
    private static void endedByTheKill(Future<?> writer) throws InterruptedException {
        try {
            writer.get();
        } catch (ExecutionException e) {
            assertThat(e.getCause()).isInstanceOf(IOException.class);
            if (e.getCause() instanceof Wire.RefusedException refused) {
                throw new AssertionError("a request was refused: " + refused.getMessage(), refused);
            }
        }
    }

    private void awaitQueued(Wire wire) throws IOException {
        long end = System.nanoTime() + Duration.ofMinutes(5).toNanos();
        while (!(wire.metrics().lines().anyMatch(line -> line.equals("conshelf_ingestion_queued_sources 0.0")) && rows.missing(wire).isEmpty())) {
            assertThat(System.nanoTime()).as("queued rows wait too long, missing " + rows.missing(wire)).isLessThan(end);
        }
    }

    private String said() {
        try {
            return Files.readString(ServedFolder.log(data()));
        } catch (IOException e) {
            return e.toString();
        }
    }

    private Path data() {
        return folder.resolve("data");
    }
}
