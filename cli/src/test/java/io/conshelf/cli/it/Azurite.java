package io.conshelf.cli.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.azure.core.util.BinaryData;
import com.azure.storage.blob.BlobContainerClient;
import com.azure.storage.blob.BlobServiceClientBuilder;
import com.azure.storage.blob.sas.BlobContainerSasPermission;
import com.azure.storage.blob.sas.BlobServiceSasSignatureValues;
import com.azure.storage.common.StorageSharedKeyCredential;
import com.azure.storage.queue.QueueClient;
import com.azure.storage.queue.QueueClientBuilder;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// The official emulator of Azure Storage, installed from npm.
final class Azurite implements AutoCloseable {
    static final String ACCOUNT = "devstoreaccount1";
    static final String KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    private final Process process;
    private final String scheme;
    private final int port;
    private final int queuePort;
    private final int tablePort;

    private Azurite(Process process, String scheme, int port, int queuePort, int tablePort) {
        this.process = process;
        this.scheme = scheme;
        this.port = port;
        this.queuePort = queuePort;
        this.tablePort = tablePort;
    }

    /// Blobs, queues and tables.
    static Azurite start(Path folder) throws IOException {
        return start(folder, "http", List.of());
    }

    /// By https. This class's own ways to what is in it are for http.
    static Azurite startSecure(Path folder, ServerCertificate certificate) throws IOException {
        return start(folder, "https", List.of("--cert", certificate.certificate().toString(), "--key", certificate.key().toString()));
    }

    private static Azurite start(Path folder, String scheme, List<String> options) throws IOException {
        Path program = Surroundings.present(Surroundings.root().resolve("it/azurite/node_modules/azurite/dist/src/azurite.js"), "it/azurite/node_modules");
        int port = freePort();
        int queuePort = freePort();
        int tablePort = freePort();
        Path log = folder.resolve("azurite.log");
        var command = new ArrayList<>(List.of("node", program.toString(), "--blobHost", "127.0.0.1", "--blobPort", String.valueOf(port),
                "--queueHost", "127.0.0.1", "--queuePort", String.valueOf(queuePort), "--tableHost", "127.0.0.1", "--tablePort", String.valueOf(tablePort),
                "--location", folder.toString(), "--skipApiVersionCheck", "--disableTelemetry", "--silent"));
        command.addAll(options);
        Process process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
        boolean isListening = Eventually.holds(
                () -> isListening(port) && isListening(queuePort) && isListening(tablePort) || !process.isAlive(), Boolean::booleanValue);
        assertThat(isListening && process.isAlive()).as("Azurite listens; its output:%n%s", Files.readString(log)).isTrue();
        return new Azurite(process, scheme, port, queuePort, tablePort);
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private static boolean isListening(int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress("127.0.0.1", port), 1000);
            return true;
        } catch (IOException notYet) {
            return false;
        }
    }

    String connectionString() {
        return ("DefaultEndpointsProtocol=%6$s;AccountName=%1$s;AccountKey=%2$s;BlobEndpoint=%6$s://127.0.0.1:%3$d/%1$s;QueueEndpoint=%6$s://127.0.0.1:%4$d/%1$s;"
                + "TableEndpoint=%6$s://127.0.0.1:%5$d/%1$s;").formatted(ACCOUNT, KEY, port, queuePort, tablePort, scheme);
    }

    /// A container, made where it is missing.
    BlobContainerClient container(String name) {
        var container = new BlobServiceClientBuilder()
                .endpoint(at("").replaceFirst("/$", ""))
                .credential(new StorageSharedKeyCredential(ACCOUNT, KEY))
                .buildClient()
                .getBlobContainerClient(name);
        container.createIfNotExists();
        return container;
    }

    void upload(String container, String name, byte[] content) {
        container(container).getBlobClient(name).upload(BinaryData.fromBytes(content));
    }

    /// Whether there are messages in a queue and none of them can be seen.
    boolean isHidden(String queue) {
        return messages(queue) > 0 && queue(queue).peekMessage() == null;
    }

    int messages(String queue) {
        return queue(queue).getProperties().getApproximateMessagesCount();
    }

    private QueueClient queue(String name) {
        return new QueueClientBuilder().connectionString(connectionString()).queueName(name).buildClient();
    }

    /// The address of something in a container, opened by nothing.
    String at(String path) {
        return scheme + "://127.0.0.1:" + port + "/" + ACCOUNT + "/" + path;
    }

    String withKey(String path) {
        return at(path) + ";" + KEY;
    }

    /// @param permissions in the letters of a signature: `rl`, `cw`
    String signed(String path, String permissions) {
        return at(path) + "?" + container(path.substring(0, path.indexOf('/'))).generateSas(new BlobServiceSasSignatureValues(
                OffsetDateTime.now().plusHours(1), BlobContainerSasPermission.parse(permissions)));
    }

    @Override
    public void close() {
        process.destroy();
        try {
            process.waitFor(60, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
