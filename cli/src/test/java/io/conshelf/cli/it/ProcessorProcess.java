package io.conshelf.cli.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// `conshelf processor run` in a process of its own, as its users start it.
final class ProcessorProcess implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Process process;
    private final Path out;
    private final Path log;

    private ProcessorProcess(Process process, Path out, Path log) {
        this.process = process;
        this.out = out;
        this.log = log;
    }

    /// @param folder for the report and the log, to which others may have written before
    static ProcessorProcess start(Path folder, String... arguments) throws IOException {
        List<String> all = new ArrayList<>(List.of("processor", "run", "--json"));
        all.addAll(List.of(arguments));
        Path out = Files.createTempFile(folder, "report", ".json");
        Path log = folder.resolve("processor.log");
        return new ProcessorProcess(UpProcess.command(all).redirectOutput(out.toFile()).redirectError(ProcessBuilder.Redirect.appendTo(log.toFile())).start(), out, log);
    }

    boolean isAlive() {
        return process.isAlive();
    }

    String log() throws IOException {
        return Files.readString(log);
    }

    /// Ends it as a crash does.
    void kill() throws InterruptedException {
        process.destroyForcibly();
        assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
    }

    /// Waits for its end.
    JsonNode report() throws IOException, InterruptedException {
        assertThat(process.waitFor(3, TimeUnit.MINUTES)).as("it ends; %s", log()).isTrue();
        return JSON.readTree(Files.readString(out));
    }

    /// Ends it as Ctrl-C does.
    JsonNode stop() throws IOException, InterruptedException {
        process.destroy();
        return report();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
