package io.conshelf.processor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.stream.Stream;

/// The broker of MQTT that Debian has, with its sessions on disk.
public final class Mosquitto implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(90);

    private final Path folder;
    private final int port;
    private Process process;

    private Mosquitto(Path folder, int port) {
        this.folder = folder;
        this.port = port;
    }

    /// @param settings lines of its configuration after those of the listener, which is one for everybody where they do not say otherwise
    public static Mosquitto start(Path folder, String settings) throws IOException, InterruptedException {
        int port = freePort();
        Files.createDirectories(folder);
        Files.writeString(folder.resolve("mosquitto.conf"), """
                listener %d 127.0.0.1
                allow_anonymous true
                persistence true
                persistence_location %s/
                max_queued_messages 0
                user root
                %s
                """.formatted(port, folder, settings));
        Mosquitto broker = new Mosquitto(folder, port);
        broker.start();
        return broker;
    }

    public static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0)) {
            return free.getLocalPort();
        }
    }

    private static Path program() {
        var found = Stream.of("/usr/sbin/mosquitto", "/usr/local/sbin/mosquitto").map(Path::of).filter(Files::exists).findFirst();
        if (System.getenv("CI") == null) {
            assumeTrue(found.isPresent(), "mosquitto is not installed");
        }
        return found.orElseThrow(() -> new AssertionError("mosquitto is not installed"));
    }

    public void start() throws IOException, InterruptedException {
        process = new ProcessBuilder(program().toString(), "-c", folder.resolve("mosquitto.conf").toString()).redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(folder.resolve("mosquitto.log").toFile())).start();
        Instant end = Instant.now().plus(LIMIT);
        while (!isOpen() && process.isAlive() && Instant.now().isBefore(end)) {
            process.waitFor(Duration.ofMillis(20));
        }
        assertThat(isOpen()).as("mosquitto answers: %s", Files.readString(folder.resolve("mosquitto.log"))).isTrue();
    }

    private boolean isOpen() {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress("127.0.0.1", port), 1_000);
            return true;
        } catch (IOException closed) {
            return false;
        }
    }

    /// As a system does that goes down: it writes its sessions to disk.
    public void stop() throws InterruptedException {
        process.destroy();
        assertThat(process.waitFor(LIMIT)).as("mosquitto ends").isTrue();
    }

    public int port() {
        return port;
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
