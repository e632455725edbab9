package io.conshelf.cli.it;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

import static org.assertj.core.api.Assertions.assertThat;

/// A broker of Kafka in a process of its own.
final class KafkaBroker implements AutoCloseable {
    /// Who signs in at [#signedAddress].
    static final String USER = "reader";
    static final String PASSWORD = "not told";

    private final Path folder;
    private final int port;
    private final int signedPort;
    private Process process;

    private KafkaBroker(Path folder, int port, int signedPort) {
        this.folder = folder;
        this.port = port;
        this.signedPort = signedPort;
    }

    static KafkaBroker start(Path folder) throws IOException, InterruptedException {
        int port = freePort();
        int controller = freePort();
        int signed = freePort();
        Path settings = Files.writeString(folder.resolve("server.properties"), """
                process.roles=broker,controller
                node.id=1
                controller.quorum.voters=1@127.0.0.1:%2$d
                listeners=PLAINTEXT://127.0.0.1:%1$d,CONTROLLER://127.0.0.1:%2$d,SIGNED://127.0.0.1:%4$d
                advertised.listeners=PLAINTEXT://127.0.0.1:%1$d,SIGNED://127.0.0.1:%4$d
                controller.listener.names=CONTROLLER
                listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SIGNED:SASL_PLAINTEXT
                listener.name.signed.sasl.enabled.mechanisms=PLAIN
                listener.name.signed.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required user_%5$s="%6$s";
                log.dirs=%3$s
                offsets.topic.replication.factor=1
                transaction.state.log.replication.factor=1
                transaction.state.log.min.isr=1
                group.initial.rebalance.delay.ms=0
                """.formatted(port, controller, folder.resolve("kafka"), signed, USER, PASSWORD));
        Process format = java(folder, "kafka.tools.StorageTool", "format", "-t", "AAAAAAAAAAAAAAAAAAAAAA", "-c", settings.toString());
        assertThat(format.waitFor(2, TimeUnit.MINUTES) && format.exitValue() == 0).as("the broker's folder is made; %s", log(folder)).isTrue();
        KafkaBroker broker = new KafkaBroker(folder, port, signed);
        broker.run();
        return broker;
    }

    /// After [#close], with everything it had.
    void run() throws IOException {
        process = java(folder, "kafka.Kafka", folder.resolve("server.properties").toString());
        assertThat(Eventually.holds(() -> isOpen(port), open -> open)).as("the broker answers; %s", log(folder)).isTrue();
    }

    private static Process java(Path folder, String main, String... arguments) throws IOException {
        return new ProcessBuilder(JavaProcess.of(List.of("-Xmx512m"), main, List.of(arguments))).redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.appendTo(folder.resolve("kafka.log").toFile()))
                .start();
    }

    private static String log(Path folder) throws IOException {
        return Files.readString(folder.resolve("kafka.log"));
    }

    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    static boolean isOpen(int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress("127.0.0.1", port), 1000);
            return true;
        } catch (IOException closed) {
            return false;
        }
    }

    String address() {
        return "127.0.0.1:" + port;
    }

    String signedAddress() {
        return "127.0.0.1:" + signedPort;
    }

    /// As a crash ends it.
    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }
}
