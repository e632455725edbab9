package io.conshelf.streams.flink;

import java.io.File;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// A Flink session cluster in processes of their own, with nothing but Flink on their class paths.
final class SessionCluster implements AutoCloseable {
    private final Path folder;
    private final int rest;
    private final List<Process> processes = new ArrayList<>();

    SessionCluster(Path folder, int taskManagers) throws IOException {
        this.folder = folder;
        this.rest = freePort();
        int rpc = freePort();
        Files.writeString(folder.resolve("config.yaml"), """
                jobmanager:
                  rpc: {address: 127.0.0.1, port: %d}
                  bind-host: 127.0.0.1
                  memory: {process: {size: 1024m}}
                rest: {address: 127.0.0.1, bind-address: 127.0.0.1, port: %d}
                heartbeat: {interval: 1000, timeout: 8000}
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
                """.formatted(rpc, rest, folder.resolve("checkpoints").toUri(), Files.createDirectories(folder.resolve("tmp"))));
        start("org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint", "jobmanager", 512);
        for (int i = 1; i <= taskManagers; i++) {
            start("org.apache.flink.runtime.taskexecutor.TaskManagerRunner", "taskmanager" + i, 512);
        }
    }

    private void start(String main, String name, int heapMb) throws IOException {
        processes.add(new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx" + heapMb + "m",
                "--sun-misc-unsafe-memory-access=allow", "-cp", classPath(), main, "--configDir", folder.toString())
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

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    URI address() {
        return URI.create("http://127.0.0.1:" + rest);
    }

    /// Ends one that runs tasks, as a crash does.
    void killTaskManager(int number) throws InterruptedException {
        processes.get(number).destroyForcibly().waitFor();
    }

    String logs() {
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
        processes.forEach(Process::destroyForcibly);
        for (Process process : processes) {
            try {
                process.waitFor(30, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
