package io.conshelf.engine.external;

import io.conshelf.engine.Engine;
import io.conshelf.engine.Principal;
import io.conshelf.engine.Request;
import io.conshelf.engine.spec.ResultText;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/// Tests that ask an engine as its administrator, in the database `Db`.
abstract class OnAnEngine {
    @TempDir
    Path folder;

    Engine engine;

    @AfterEach
    void close() {
        engine.close();
    }

    /// The rows of a query's or a command's answer, without the line of its columns.
    List<String> run(String text) {
        var request = new Request(Principal.LOCAL_ADMINISTRATOR, "Db", "external", UUID.randomUUID(), Map.of(), Map.of(), "test",
                "test", Instant.parse("2026-03-10T10:00:00Z"), Duration.ofMinutes(1), false);
        try (var answer = text.startsWith(".") ? engine.command(request, text) : engine.query(request, text)) {
            var result = ResultText.of(answer);
            return result.subList(1, result.size());
        }
    }
}
