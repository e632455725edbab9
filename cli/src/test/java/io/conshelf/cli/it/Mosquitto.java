package io.conshelf.cli.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// The broker of MQTT that Debian has.
final class Mosquitto implements AutoCloseable {
    private final Process process;
    private final int port;

    private Mosquitto(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    static Mosquitto start(Path folder) throws IOException {
        return start(folder, "");
    }

    /// Takes encrypted connections alone.
    static Mosquitto start(Path folder, ServerCertificate certificate) throws IOException {
        return start(folder, "certfile %s%nkeyfile %s%n".formatted(certificate.certificate(), certificate.key()));
    }

    private static Mosquitto start(Path folder, String more) throws IOException {
        Path program = io.conshelf.cli.it.Surroundings.present(Files.exists(Path.of("/usr/sbin/mosquitto")) ? Path.of("/usr/sbin/mosquitto")
                : Path.of("/usr/local/sbin/mosquitto"), "mosquitto");
        int port = KafkaBroker.freePort();
        Path settings = Files.writeString(folder.resolve("mosquitto.conf"), """
                listener %d 127.0.0.1
                allow_anonymous true
                max_inflight_messages 10000
                max_queued_messages 0
                persistence false
                user %s
                %s""".formatted(port, System.getProperty("user.name"), more));
        Process process = new ProcessBuilder(program.toString(), "-c", settings.toString()).redirectErrorStream(true)
                .redirectOutput(folder.resolve("mosquitto.log").toFile()).start();
        Mosquitto broker = new Mosquitto(process, port);
        assertThat(Eventually.holds(() -> KafkaBroker.isOpen(port), open -> open)).as("mosquitto answers; %s",
                Files.readString(folder.resolve("mosquitto.log"))).isTrue();
        return broker;
    }

    int port() {
        return port;
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
