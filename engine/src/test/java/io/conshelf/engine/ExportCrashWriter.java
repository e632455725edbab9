package io.conshelf.engine;

import io.conshelf.engine.spec.ResultText;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;

/// What [ExportCrashTest] runs in a process of its own and kills: it loads, streams, merges and exports at once.
public final class ExportCrashWriter implements AutoCloseable {
    static final int ROWS_EACH = 3;
    /// How many times faster than others its clock goes, so that the shortest interval of an export is over soon.
    private static final int HASTE = 500;

    private final Engine engine;
    private final InstantSource clock;

    /// @param epoch in ms, the same for all that use the folder
    ExportCrashWriter(Path folder, long epoch) {
        clock = () -> Instant.ofEpochMilli(epoch).plus(
                Duration.between(Instant.ofEpochMilli(epoch), Instant.now()).multipliedBy(HASTE));
        engine = Engine.open(new EngineConfig(
                Optional.of(folder.resolve("data")), folder.resolve("staging"), List.of(folder.resolve("lake")), List.of("Db"),
                Limits.ofThisMachine().withMemoryBytes(1L << 30), clock));
    }

    /// @param arguments the folder, the epoch, and the first number to use
    public static void main(String[] arguments) {
        var writer = new ExportCrashWriter(Path.of(arguments[0]), Long.parseLong(arguments[1]));
        var next = new AtomicLong(Long.parseLong(arguments[2]));
        always(() -> {
            long mark = next.getAndIncrement();
            writer.rows(".append T <| range i from 1 to " + ROWS_EACH + " step 1 | project mark = " + mark + " + 0 * i, i");
            KilledProcess.say("loaded " + mark);
        });
        always(() -> {
            long mark = next.getAndIncrement();
            writer.stream(mark);
            KilledProcess.say("streamed " + mark);
        });
        always(() -> {
            writer.look();
            writer.engine.merges().look();
        });
    }

    private static void always(Runnable work) {
        Thread.ofPlatform().start(() -> {
            try {
                while (true) {
                    work.run();
                }
            } catch (Throwable e) {
                KilledProcess.say("broken " + e);
            }
        });
    }

    void look() {
        engine.continuousExports().look();
    }

    private void stream(long mark) {
        var csv = new StringBuilder();
        for (int i = 1; i <= ROWS_EACH; i++) {
            csv.append(mark).append(',').append(i).append('\n');
        }
        engine.ingestStream(request(), new StreamingIngestion("Db", "T", "csv", Optional.empty(),
                new ByteArrayInputStream(csv.toString().getBytes(StandardCharsets.UTF_8)), Optional.empty()));
    }

    List<String> rows(String text) {
        try (var answer = text.startsWith(".") ? engine.command(request(), text) : engine.query(request(), text)) {
            var lines = ResultText.of(answer);
            return List.copyOf(lines.subList(1, lines.size()));
        }
    }

    private Request request() {
        return new Request(Principal.LOCAL_ADMINISTRATOR, "Db", "exports", UUID.randomUUID(), Map.of("notruncation", true),
                Map.of(), "test", "test", clock.instant(), Duration.ofMinutes(30), false);
    }

    @Override
    public void close() {
        engine.close();
    }
}
