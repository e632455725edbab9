package io.conshelf.cli.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Ctrl-C and SIGTERM while `conshelf pipeline run` runs, as a process of its own.
class InterruptedRunTest {
    private static final long WAIT_SECONDS = 180;

    @TempDir
    Path folder;

    private Process start() throws IOException {
        Files.createDirectory(folder.resolve("pipeline"));
        Files.writeString(folder.resolve("pipeline/p.json"), """
                {"name": "p", "properties": {"activities": [{"name": "For a day", "type": "Wait", "typeProperties": {"waitTimeInSeconds": 86400}}]}}
                """);
        return UpProcess.command(List.of("pipeline", "run", folder.toString(), "p", "--cluster", "http://127.0.0.1:9", "--json")).start();
    }

    /// What the process says on standard error until it ends, when it has been sent the signal as soon as the activity ran.
    private static String errorsAfter(Process process, String signal) throws IOException, InterruptedException {
        StringBuilder errors = new StringBuilder();
        try (BufferedReader reader = process.errorReader()) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                errors.append(line).append('\n');
                if (line.contains("For a day (Wait)")) {
                    assertThat(new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid())).start().waitFor()).isZero();
                }
            }
        }
        return errors.toString();
    }

    @Test
    void ctrlCCancelsTheRunAndEndsWith130() throws Exception {
        Process process = start();
        String errors = errorsAfter(process, "INT");
        JsonNode record = new ObjectMapper().readTree(process.inputReader());
        assertThat(process.waitFor(WAIT_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(130);
        assertThat(errors).contains("stopping …", "  For a day: Cancelled in ", "pipeline p Cancelled in ").doesNotContain("\u001b");
        assertThat(record.at("/run/status").asText()).isEqualTo("Cancelled");
    }

    @Test
    void aRequestToEndDoesTheSame() throws Exception {
        Process process = start();
        String errors = errorsAfter(process, "TERM");
        assertThat(process.waitFor(WAIT_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(143);
        assertThat(errors).contains("pipeline p Cancelled in ");
    }
}
