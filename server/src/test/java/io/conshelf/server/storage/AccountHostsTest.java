package io.conshelf.server.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Accounts under the service's own names. What official clients send to them is run in `ClientHostNamesTest`.
class AccountHostsTest {
    private static final String BLOBS = "conshelfblob.blob.core.windows.net";
    private static final URI HTTPS = URI.create("https://localhost:8443");

    @TempDir Path folder;

    private StorageServer server;

    @BeforeEach void start() throws Exception {
        server = StorageServer.start(Storage.Options.inMemory(folder, SigningKey.random()).with(Storage.Accounts.ANY_NAME)
                .with(new ClientHosts(ClientHosts.loopback().names(), AccountHosts.with(List.of("lab1")))));
        server.storage.blobs().createContainer("temp-0");
        server.storage.queues().create("ready-0");
        server.storage.tables().createTable("ingestionstatus");
    }

    @AfterEach void stop() {
        server.close();
    }

    private URI lent(URI client, StorageResource resource, SasPermission... permissions) {
        return server.storage.sas().uri(client, resource, Set.of(permissions), Instant.now().plus(Duration.ofHours(1)));
    }

    private static String put(URI uri) {
        return "PUT " + uri.getRawPath() + "/a%20b?" + uri.getRawQuery() + " HTTP/1.1";
    }

    @Test void whoCameByHttpsIsLentNamesOfTheServiceWithItsPort() {
        var container = new StorageResource.Container("temp-0");
        assertThat(lent(HTTPS, container, SasPermission.WRITE).toString()).startsWith("https://" + BLOBS + ":8443/temp-0?");
        assertThat(lent(URI.create("https://localhost"), container, SasPermission.WRITE).toString()).startsWith("https://" + BLOBS + "/temp-0?");
        assertThat(lent(HTTPS, new StorageResource.Queue("ready-0"), SasPermission.ADD).toString())
                .startsWith("https://conshelfqueue.queue.core.windows.net:8443/ready-0?");
        assertThat(lent(HTTPS, new StorageResource.Table("ingestionstatus"), SasPermission.ADD).toString())
                .startsWith("https://conshelftable.table.core.windows.net:8443/ingestionstatus?");
        assertThat(lent(URI.create("http://localhost:8080"), container, SasPermission.WRITE).toString()).startsWith("http://localhost:8080/conshelfblob/temp-0?");
    }

    @Test void theHostSaysTheAccountAndThePathWhatIsInIt() throws Exception {
        URI container = lent(HTTPS, new StorageResource.Container("temp-0"), SasPermission.WRITE, SasPermission.READ);
        String upload = "x-ms-blob-type: BlockBlob\r\nContent-Length: 5\r\n\r\nhello";
        assertThat(Raw.send(server, BLOBS, put(container), upload).status()).isEqualTo(201);
        assertThat(new String(server.storage.blobs().read("temp-0", "a b").readAllBytes(), StandardCharsets.UTF_8)).isEqualTo("hello");
        assertThat(Raw.send(server, BLOBS + ":8443", put(container).replace("PUT", "GET"), "").body()).isEqualTo("hello");

        URI queue = lent(HTTPS, new StorageResource.Queue("ready-0"), SasPermission.ADD);
        String message = "<QueueMessage><MessageText>m</MessageText></QueueMessage>";
        assertThat(Raw.send(server, queue.getAuthority(), "POST /ready-0/messages?" + queue.getRawQuery() + " HTTP/1.1",
                "Content-Length: " + message.length() + "\r\n\r\n" + message).status()).isEqualTo(201);

        URI table = lent(HTTPS, new StorageResource.Table("ingestionstatus"), SasPermission.ADD, SasPermission.READ);
        String entity = "{\"PartitionKey\":\"p\",\"RowKey\":\"r\",\"Status\":\"Pending\"}";
        Raw.Answer inserted = Raw.send(server, table.getAuthority(), "POST /ingestionstatus?" + table.getRawQuery() + " HTTP/1.1",
                "Content-Type: application/json\r\nAccept: application/json;odata=fullmetadata\r\nContent-Length: " + entity.length() + "\r\n\r\n" + entity);
        assertThat(inserted.status()).isEqualTo(201);
        assertThat(inserted.body()).contains("\"http://conshelftable.table.core.windows.net:8443/$metadata#");
        assertThat(Raw.send(server, table.getAuthority(), "GET /ingestionstatus(PartitionKey='p',RowKey='r')?" + table.getRawQuery() + " HTTP/1.1", "").body())
                .contains("Pending");
    }

    @Test void anAddressThatWasLentIsKnownAgainWithAndWithoutItsPort() {
        URI lent = lent(HTTPS, new StorageResource.Container("temp-0"), SasPermission.READ);
        for (String blob : List.of(lent.toString(), lent.toString().replace(":8443", ""))) {
            assertThat(server.storage.sas().resource(URI.create(blob.replace("/temp-0?", "/temp-0/a%20b?")), Set.of(SasPermission.READ)))
                    .contains(new StorageResource.Blob("temp-0", "a b"));
        }
        assertThat(server.storage.sas().place(URI.create("https://other.blob.core.windows.net/temp-0"))).isEmpty();
    }

    @Test void aPathThatBeginsWithAnAccountIsAContainerThere() throws Exception {
        URI container = lent(URI.create("http://localhost:8080"), new StorageResource.Container("temp-0"), SasPermission.WRITE);
        Raw.Answer answer = Raw.send(server, BLOBS, put(container), "x-ms-blob-type: BlockBlob\r\nContent-Length: 0\r\n\r\n");
        assertThat(answer.status()).as("the signature is for another container").isEqualTo(403);
        assertThat(Raw.send(server, "127.0.0.1", put(container), "x-ms-blob-type: BlockBlob\r\nContent-Length: 0\r\n\r\n").status()).isEqualTo(201);
    }

    @Test void namesOfStrangersAreNotOurs() throws Exception {
        URI container = lent(HTTPS, new StorageResource.Container("temp-0"), SasPermission.WRITE);
        for (String host : List.of("evil.blob.core.windows.net", "conshelfblob.queue.core.windows.net", "lab1.queue.core.windows.net",
                BLOBS + ".evil.example", "ingest-" + BLOBS, "lab1.dfs.core.windows.net")) {
            Raw.Answer answer = Raw.send(server, host, put(container), "x-ms-blob-type: BlockBlob\r\nContent-Length: 0\r\n\r\n");
            assertThat(answer.status()).as(host).isEqualTo(404);
            assertThat(answer.head()).as(host).doesNotContainIgnoringCase("x-ms-request-id");
        }
        assertThat(server.storage.hosts().base("https", BLOBS)).as("no name of the cluster").isEmpty();
    }

    @Test void anAccountIsNamedAsTheServiceHasIt() {
        for (String name : List.of("La", "lab_1", "", "lab.blob", "a".repeat(25))) {
            assertThatThrownBy(() -> AccountHosts.with(List.of(name))).hasMessageContainingAll("'" + name + "'", "3 to 24 lower-case letters and digits");
        }
        assertThat(AccountHosts.with(List.of("conshelfqueue")).names()).as("the reserved ones are there once").hasSize(3);
    }
}
