package io.conshelf.engine;

import io.conshelf.engine.spec.ResultText;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/// Tests over an engine with a database `Db`, which they ask as its administrator unless they say otherwise.
abstract class OnDatabase {
    static final Instant NOW = Instant.parse("2026-03-10T10:00:00Z");
    private static final long PAUSE_NANOS = 5_000_000;
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    @TempDir
    Path folder;

    Engine engine;

    @BeforeEach
    void open() {
        engine = Engine.open(config());
    }

    @AfterEach
    void close() {
        engine.close();
    }

    void reopen() {
        close();
        open();
    }

    /// What the engine is opened with: its data lies in a folder.
    EngineConfig config() {
        return new EngineConfig(
                Optional.of(folder.resolve("data")), folder.resolve("staging"), List.of(), List.of("Db"),
                Limits.ofThisMachine().withMemoryBytes(1L << 30), clock());
    }

    /// What the engine goes by.
    InstantSource clock() {
        return InstantSource.system();
    }

    /// When requests are made.
    Instant now() {
        return NOW;
    }

    Request request(Principal principal, Map<String, Object> options) {
        return new Request(
                principal, "Db", "test", UUID.randomUUID(), options, Map.of(), "test", "test", now(), Duration.ofMinutes(1), false);
    }

    /// The answer's lines, of which the first tells its columns.
    List<String> run(Request request, String text) {
        try (var answer = text.startsWith(".") ? engine.command(request, text) : engine.query(request, text)) {
            return ResultText.of(answer);
        }
    }

    List<String> run(Principal principal, String text) {
        return run(request(principal, Map.of()), text);
    }

    List<String> run(String text) {
        return run(Principal.LOCAL_ADMINISTRATOR, text);
    }

    /// The state in which an operation ended.
    String ended(String operation) {
        var deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            var state = run(".show operations " + operation + " | project State").getLast();
            if (!state.equals("InProgress") || System.nanoTime() > deadline) {
                return state;
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }
}
