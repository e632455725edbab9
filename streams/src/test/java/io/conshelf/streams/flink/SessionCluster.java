package io.conshelf.streams.flink;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// A Flink session cluster in processes of their own, with nothing but Flink on their class paths.
public final class SessionCluster implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path folder;
    private final int rest;
    private final Map<String, Process> processes = new LinkedHashMap<>();

    /// @param taskManager that runs it
    /// @param attempt     how often it was begun anew
    record Task(String taskManager, int attempt) {}

    /// A task manager that was killed is missed soon.
    SessionCluster(Path folder, int taskManagers) throws IOException {
        this(folder, taskManagers, Duration.ofSeconds(3), Duration.ofSeconds(8));
    }

    /// What is slow only is not missed.
    ///
    /// @param oldFigures for how long it tells what it told before of a job that is under way
    public SessionCluster(Path folder, int taskManagers, Duration oldFigures) throws IOException {
        this(folder, taskManagers, oldFigures, Duration.ofMinutes(2));
    }

    /// @param silenceMax after which a task manager is missed; no answer is waited for for less than Flink does by itself
    private SessionCluster(Path folder, int taskManagers, Duration oldFigures, Duration silenceMax) throws IOException {
        this.folder = folder;
        this.rest = freePort();
        int rpc = freePort();
        Files.writeString(folder.resolve("config.yaml"), """
                jobmanager:
                  rpc: {address: 127.0.0.1, port: %d}
                  bind-host: 127.0.0.1
                  memory: {process: {size: 1024m}}
                rest: {address: 127.0.0.1, bind-address: 127.0.0.1, port: %d}
                web: {refresh-interval: %d ms}
                heartbeat: {interval: 1000, timeout: %d}
                pekko: {startup-timeout: 5 min, ask: {timeout: %d ms}}
                execution: {checkpointing: {dir: '%s'}}
                taskmanager:
                  host: 127.0.0.1
                  bind-host: 127.0.0.1
                  numberOfTaskSlots: 2
                  cpu: {cores: 1}
                  memory:
                    task: {heap: {size: 256m}, off-heap: {size: 0b}}
                    framework: {heap: {size: 64m}, off-heap: {size: 64m}}
                    network: {min: 32m, max: 32m}
                    managed: {size: 16m}
                    jvm-metaspace: {size: 256m}
                    jvm-overhead: {min: 64m, max: 64m}
                io: {tmp: {dirs: '%s'}}
                """.formatted(rpc, rest, oldFigures.toMillis(), silenceMax.toMillis(), Math.max(10_000, silenceMax.toMillis()),
                        folder.resolve("checkpoints").toUri(), Files.createDirectories(folder.resolve("tmp"))));
        start("org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint", "jobmanager", 512);
        for (int i = 1; i <= taskManagers; i++) {
            start("org.apache.flink.runtime.taskexecutor.TaskManagerRunner", "taskmanager" + i, 512);
        }
    }

    private void start(String main, String name, int heapMb) throws IOException {
        processes.put(name, new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx" + heapMb + "m",
                "--sun-misc-unsafe-memory-access=allow", "-cp", classPath(), main, "--configDir", folder.toString(), "-D", "taskmanager.resource-id=" + name)
                .redirectErrorStream(true).redirectOutput(folder.resolve(name + ".log").toFile()).start());
    }

    /// What a distribution of Flink has: none of ours.
    private static String classPath() {
        return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator)).filter(entry -> {
            String name = Path.of(entry).getFileName().toString();
            return Stream.of("flink-", "kryo", "reflectasm", "objenesis", "minlog", "commons-", "snakeyaml-engine", "RoaringBitmap", "javassist", "slf4j-",
                    "zstd-jni").anyMatch(name::startsWith);
        }).collect(Collectors.joining(File.pathSeparator));
    }

    /// Below those that systems give to whoever asks for any (from 32768 on), so that nobody is given it before the program has it, or while it is begun anew.
    private static int freePort() throws IOException {
        while (true) {
            try (ServerSocket socket = new ServerSocket(ThreadLocalRandom.current().nextInt(20_000, 32_768))) {
                return socket.getLocalPort();
            } catch (BindException taken) {
                // another is free
            }
        }
    }

    public URI address() {
        return URI.create("http://127.0.0.1:" + rest);
    }

    /// Until it answers and has so many: a client tries for a minute only to reach it.
    public void awaitTaskManagers(int count) throws InterruptedException {
        Instant end = Instant.now().plus(Duration.ofMinutes(5));
        while (taskManagers() < count) {
            processes.get("jobmanager").waitFor(100, TimeUnit.MILLISECONDS);
            assertThat(processes.values().stream().allMatch(Process::isAlive)).as(() -> "all of the cluster is there; the logs: " + logs()).isTrue();
            assertThat(Instant.now()).as(() -> "in time; the logs: " + logs()).isBefore(end);
        }
    }

    private int taskManagers() {
        try {
            return ask("/overview").path("taskmanagers").asInt();
        } catch (UncheckedIOException notYet) {
            return 0;
        }
    }

    /// Of its one job, as the cluster tells with some seconds of delay.
    List<Task> tasks() {
        String job = "/jobs/" + ask("/jobs").at("/jobs/0/id").asText();
        List<Task> tasks = new ArrayList<>();
        for (JsonNode vertex : ask(job).path("vertices")) {
            for (JsonNode task : ask(job + "/vertices/" + vertex.path("id").asText()).path("subtasks")) {
                tasks.add(new Task(task.path("taskmanager-id").asText(), task.path("attempt").asInt()));
            }
        }
        return tasks;
    }

    private JsonNode ask(String path) {
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpResponse<byte[]> answer = client.send(HttpRequest.newBuilder(address().resolve(path)).build(), HttpResponse.BodyHandlers.ofByteArray());
            return JSON.readTree(answer.body());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /// Ends it as a crash does.
    void killTaskManager(String name) throws InterruptedException {
        processes.get(name).destroyForcibly().waitFor();
    }

    public String logs() {
        StringBuilder all = new StringBuilder();
        try (Stream<Path> logs = Files.list(folder)) {
            for (Path log : logs.filter(path -> path.toString().endsWith(".log")).toList()) {
                all.append(log.getFileName()).append(":\n").append(Files.readString(log)).append('\n');
            }
        } catch (IOException e) {
            all.append(e);
        }
        return all.toString();
    }

    @Override
    public void close() {
        processes.values().forEach(Process::destroyForcibly);
        for (Process process : processes.values()) {
            try {
                process.waitFor(30, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
