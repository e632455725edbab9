package io.conshelf.cli.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/// The broker of MQTT that Debian has.
final class Mosquitto implements AutoCloseable {
    private final Path folder;
    private final Path settings;
    private final int port;
    private Process process;

    private Mosquitto(Path folder, Path settings, int port) {
        this.folder = folder;
        this.settings = settings;
        this.port = port;
    }

    /// It forgets all when it ends.
    static Mosquitto start(Path folder) throws IOException {
        return start(folder, "persistence false\n");
    }

    /// Takes encrypted connections alone.
    static Mosquitto start(Path folder, ServerCertificate certificate) throws IOException {
        return start(folder, "persistence false\ncertfile %s%nkeyfile %s%n".formatted(certificate.certificate(), certificate.key()));
    }

    /// It keeps sessions over a [#restart].
    static Mosquitto startDurable(Path folder) throws IOException {
        return start(folder, "persistence true\npersistence_location %s/%n".formatted(folder.toAbsolutePath()));
    }

    /// @param more lines of its configuration
    static Mosquitto start(Path folder, String more) throws IOException {
        int port = KafkaBroker.freePort();
        Path settings = Files.writeString(folder.resolve("mosquitto.conf"), """
                listener %d 127.0.0.1
                allow_anonymous true
                max_inflight_messages 10000
                max_queued_messages 0
                user %s
                %s""".formatted(port, System.getProperty("user.name"), more));
        Mosquitto broker = new Mosquitto(folder, settings, port);
        broker.begin();
        return broker;
    }

    private void begin() throws IOException {
        Path program = io.conshelf.cli.it.Surroundings.present(Files.exists(Path.of("/usr/sbin/mosquitto")) ? Path.of("/usr/sbin/mosquitto")
                : Path.of("/usr/local/sbin/mosquitto"), "mosquitto");
        process = new ProcessBuilder(program.toString(), "-c", settings.toString()).redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(folder.resolve("mosquitto.log").toFile())).start();
        assertThat(Eventually.holds(() -> KafkaBroker.isOpen(port), open -> open)).as("mosquitto answers; %s",
                Files.readString(folder.resolve("mosquitto.log"))).isTrue();
    }

    /// As an update of the machine does it.
    void restart() throws IOException, InterruptedException {
        process.destroy();
        assertThat(process.waitFor(2, TimeUnit.MINUTES)).as("mosquitto ends").isTrue();
        begin();
    }

    int port() {
        return port;
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
