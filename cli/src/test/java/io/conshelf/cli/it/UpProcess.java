package io.conshelf.cli.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// `conshelf up` in a process of its own, as its users start it.
final class UpProcess implements AutoCloseable {
    private static final String READY = "ready ";

    private final Process process;
    private final List<String> urls;

    private UpProcess(Process process, List<String> urls) {
        this.process = process;
        this.urls = urls;
    }

    /// @param folder  for the settings and the log
    /// @param allowed the folder that definitions may reach
    static UpProcess start(Path folder, Path allowed, String... options) {
        return start(folder, allowed, Map.of(), options);
    }

    /// @param secrets given to runs by the configuration; those whose names are of the environment's kind (`CONSHELF_SECRET_…`, `JAVA_TOOL_OPTIONS`) by it
    static UpProcess start(Path folder, Path allowed, Map<String, String> secrets, String... options) {
        return start(folder, allowed, secrets, List.of(), options);
    }

    /// @param settings more lines of the configuration
    static UpProcess start(Path folder, Path allowed, Map<String, String> secrets, List<String> settings, String... options) {
        try {
            StringBuilder named = new StringBuilder();
            secrets.forEach((name, value) -> named.append(isOfEnvironment(name) ? "" : "  '" + name + "': '" + value + "'\n"));
            Path config = Files.writeString(folder.resolve("up.yaml"), "allowedFolders: ['" + allowed + "']\nlimits:\n  memoryMegabytes: 512\n"
                    + (named.isEmpty() ? "" : "secrets:\n" + named) + String.join("", settings.stream().map(line -> line + "\n").toList()));
            List<String> arguments = new ArrayList<>(List.of("up", "--port", "0", "--config", config.toString()));
            arguments.addAll(List.of(options));
            Path log = folder.resolve("up.log");
            ProcessBuilder command = command(arguments);
            secrets.forEach((name, value) -> {
                if (isOfEnvironment(name)) {
                    command.environment().put(name, value);
                }
            });
            Process process = command.redirectError(ProcessBuilder.Redirect.appendTo(log.toFile())).start();
            String line = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8)).readLine();
            assertThat(line).as("the first line; the log: %s", Files.readString(log)).startsWith(READY);
            return new UpProcess(process, List.of(line.substring(READY.length()).split(" ")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isOfEnvironment(String name) {
        return name.matches("[A-Z_]+");
    }

    /// Any command in a process of its own.
    static ProcessBuilder command(List<String> arguments) {
        return new ProcessBuilder(JavaProcess.conshelf(arguments));
    }

    String url() {
        return urls.getFirst();
    }

    /// By https; it was started with `--tls`.
    String secureUrl() {
        return urls.get(1);
    }

    /// The most memory that it ever had, as Linux tells it.
    long peakMegabytes() {
        try {
            return Files.readAllLines(Path.of("/proc/" + process.pid() + "/status")).stream().filter(line -> line.startsWith("VmHWM:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) >> 10).findFirst().orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Ends it as a crash does.
    void kill() {
        process.destroyForcibly();
        awaitEnd();
    }

    /// Ends it as Ctrl-C does.
    void stop() {
        process.destroy();
        awaitEnd();
    }

    @Override
    public void close() {
        stop();
    }

    private void awaitEnd() {
        try {
            if (!process.waitFor(2, TimeUnit.MINUTES)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
