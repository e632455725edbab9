package io.conshelf.cli.bench.jobs;

import io.conshelf.cli.TemporaryFolder;
import io.conshelf.cli.bench.Benchmark;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/// A broker of our own for as long as it is measured with, on a free port of this machine.
final class MosquittoBroker implements AutoCloseable {
    private static final List<Path> PROGRAMS = List.of(Path.of("/usr/sbin/mosquitto"), Path.of("/usr/local/sbin/mosquitto"));
    private static final Duration START_MAX = Duration.ofSeconds(60);

    private final Path folder;
    private final Process process;
    private final int port;

    private MosquittoBroker(Path folder, Process process, int port) {
        this.folder = folder;
        this.process = process;
        this.port = port;
    }

    /// @throws Benchmark.MissingPeer when Mosquitto is not installed
    static MosquittoBroker start() throws IOException {
        Optional<Path> program = PROGRAMS.stream().filter(Files::isExecutable).findFirst();
        if (program.isEmpty()) {
            throw Benchmark.missing("it needs Mosquitto, which is not here: install it (Debian package mosquitto)");
        }
        Path folder = Files.createTempDirectory("conshelf-bench-mosquitto-");
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        Path settings = Files.writeString(folder.resolve("mosquitto.conf"), """
                listener %d 127.0.0.1
                allow_anonymous true
                max_inflight_messages 0
                max_queued_messages 0
                user %s
                """.formatted(port, System.getProperty("user.name")));
        Process process = new ProcessBuilder(program.get().toString(), "-c", settings.toString()).redirectErrorStream(true)
                .redirectOutput(folder.resolve("log").toFile()).start();
        MosquittoBroker broker = new MosquittoBroker(folder, process, port);
        long limit = System.nanoTime() + START_MAX.toNanos();
        while (!isOpen(port)) {
            if (!process.isAlive() || System.nanoTime() > limit) {
                String log = Files.readString(folder.resolve("log"));
                broker.close();
                throw new IOException("Mosquitto does not start: " + log);
            }
            LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
        }
        return broker;
    }

    private static boolean isOpen(int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1_000);
            return true;
        } catch (IOException notYet) {
            return false;
        }
    }

    int port() {
        return port;
    }

    @Override
    public void close() {
        process.destroyForcibly();
        process.onExit().join();
        TemporaryFolder.delete(folder);
    }
}
