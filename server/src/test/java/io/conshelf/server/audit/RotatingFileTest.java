package io.conshelf.server.audit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Lines are there whatever becomes of the thread that wrote them.
class RotatingFileTest {
    @TempDir
    private Path folder;

    private static byte[] line(String text) {
        return (text + "\n").getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void aThreadThatIsInterruptedWritesItsLineAndStaysInterrupted() throws IOException {
        try (var file = new RotatingFile(folder, "lines", 1_000, 2)) {
            file.append(line("before"));
            Thread.currentThread().interrupt();
            file.append(line("interrupted"));
            file.force();
            assertThat(Thread.interrupted()).isTrue();
            file.append(line("after"));
        }
        assertThat(folder.resolve("lines.jsonl")).hasContent("before\ninterrupted\nafter\n");
    }

    @Test
    void whatIsMovedAsideAndForcedMeanwhileIsWhole() throws Exception {
        try (var file = new RotatingFile(folder, "lines", 100, 1_000)) {
            var failed = new AtomicReference<Throwable>();
            var forcing = Thread.ofPlatform().uncaughtExceptionHandler((_, e) -> failed.set(e)).start(() -> {
                while (!Thread.currentThread().isInterrupted()) {
                    try {
                        file.force();
                    } catch (IOException e) {
                        throw new IllegalStateException(e);
                    }
                }
            });
            for (int n = 100; n < 400; n++) {
                file.append(line("number " + n));
            }
            forcing.interrupt();
            forcing.join();
            assertThat(failed).hasNullValue();
        }
        try (var files = Files.list(folder)) {
            assertThat(files.flatMap(path -> lines(path).stream()).sorted()).hasSize(300).startsWith("number 100").endsWith("number 399");
        }
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
