package io.conshelf.server.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.azure.core.util.BinaryData;
import com.azure.data.tables.TableClient;
import com.azure.data.tables.TableClientBuilder;
import com.azure.data.tables.models.TableEntity;
import com.azure.data.tables.sas.TableSasPermission;
import com.azure.data.tables.sas.TableSasProtocol;
import com.azure.data.tables.sas.TableSasSignatureValues;
import com.azure.storage.blob.BlobContainerClient;
import com.azure.storage.blob.BlobContainerClientBuilder;
import com.azure.storage.blob.BlobServiceClientBuilder;
import com.azure.storage.blob.models.BlobErrorCode;
import com.azure.storage.blob.sas.BlobContainerSasPermission;
import com.azure.storage.blob.sas.BlobSasPermission;
import com.azure.storage.blob.sas.BlobServiceSasSignatureValues;
import com.azure.storage.common.sas.AccountSasPermission;
import com.azure.storage.common.sas.AccountSasResourceType;
import com.azure.storage.common.sas.AccountSasService;
import com.azure.storage.common.sas.AccountSasSignatureValues;
import com.azure.storage.common.sas.SasIpRange;
import com.azure.storage.common.sas.SasProtocol;
import com.azure.storage.queue.QueueClient;
import com.azure.storage.queue.QueueClientBuilder;
import com.azure.storage.queue.models.QueueErrorCode;
import com.azure.storage.queue.sas.QueueSasPermission;
import com.azure.storage.queue.sas.QueueServiceSasSignatureValues;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AuthorizationTest {
    private static final StorageResource.Container CONTAINER = new StorageResource.Container("temp-0");
    private static final StorageResource.Queue QUEUE = new StorageResource.Queue("ready-0");
    private static final StorageResource.Table TABLE = new StorageResource.Table("IngestStatus");

    @TempDir Path folder;

    private final MovableClock clock = new MovableClock(Instant.now());
    private StorageServer server;

    @BeforeEach void start() throws Exception {
        server = StorageServer.start(Storage.Options.inMemory(folder, SigningKey.random()).with(clock));
        server.storage.blobs().createContainer("temp-0");
        server.storage.blobs().createContainer("other");
        server.storage.queues().create("ready-0");
        server.storage.tables().createTable("IngestStatus");
    }

    @AfterEach void stop() {
        server.close();
    }

    private String issued(StorageResource resource, SasPermission... permissions) {
        EnumSet<SasPermission> set = EnumSet.noneOf(SasPermission.class);
        set.addAll(Set.of(permissions));
        return server.storage.sas().uri(server.base(), resource, set, clock.instant().plus(Duration.ofHours(1))).toString();
    }

    private static BlobContainerClient container(String uri) {
        return new BlobContainerClientBuilder().httpClient(StorageServer.HTTP).endpoint(uri).retryOptions(StorageServer.once()).buildClient();
    }

    private static QueueClient queue(String uri) {
        return new QueueClientBuilder().httpClient(StorageServer.HTTP).endpoint(uri).retryOptions(StorageServer.once()).buildClient();
    }

    private TableClient table(String sas) {
        return new TableClientBuilder().httpClient(StorageServer.HTTP).endpoint(server.endpoint(StorageAccount.TABLE)).tableName("IngestStatus")
                .sasToken(sas).retryOptions(StorageServer.once()).buildClient();
    }

    @Test void issuedUrisOpenWhatTheyNameAndNoMore() {
        String uri = issued(CONTAINER, SasPermission.READ, SasPermission.WRITE);
        container(uri).getBlobClient("a b/ü.csv").upload(BinaryData.fromString("x"), true);
        assertThat(container(uri).getBlobClient("a b/ü.csv").downloadContent().toString()).isEqualTo("x");

        assertThatThrownBy(() -> container(uri).getBlobClient("a b/ü.csv").delete())
                .satisfies(BlobEndpointTest.refused(403, BlobErrorCode.AUTHORIZATION_PERMISSION_MISMATCH));
        assertThatThrownBy(() -> container(uri).listBlobs().iterator().next())
                .satisfies(BlobEndpointTest.refused(403, BlobErrorCode.AUTHORIZATION_PERMISSION_MISMATCH));
        assertThatThrownBy(() -> container(uri.replace("/temp-0?", "/other?")).getBlobClient("a").upload(BinaryData.fromString("x")))
                .satisfies(BlobEndpointTest.refused(403, BlobErrorCode.AUTHENTICATION_FAILED));
        assertThatThrownBy(() -> container(uri.replace("sp=rw", "sp=rwd")).getBlobClient("a b/ü.csv").delete())
                .satisfies(BlobEndpointTest.refused(403, BlobErrorCode.AUTHENTICATION_FAILED));
    }

    @Test void issuedUrisHaveOneQuestionMarkAndTheClientsHost() {
        URI uri = URI.create(issued(CONTAINER, SasPermission.READ));
        assertThat(uri.toString()).startsWith(server.base() + "/conshelfblob/temp-0?").containsOnlyOnce("?").doesNotContain("+");
        assertThat(server.storage.hosts().base("http", "localhost:8080")).contains(URI.create("http://localhost:8080"));
        assertThat(server.storage.hosts().base("http", "ingest-localhost:8080")).contains(URI.create("http://ingest-localhost:8080"));
        assertThat(server.storage.hosts().base("http", "evil.example:8080")).isEmpty();
        assertThat(server.storage.hosts().base("http", "localhost@evil.example")).isEmpty();
    }

    @Test void anExpiredSasIsRefused() {
        String uri = issued(CONTAINER, SasPermission.READ, SasPermission.WRITE);
        clock.advance(Duration.ofHours(2));
        assertThatThrownBy(() -> container(uri).getBlobClient("a").upload(BinaryData.fromString("x"), true))
                .satisfies(BlobEndpointTest.refused(403, BlobErrorCode.AUTHENTICATION_FAILED))
                .hasMessageContaining("expired").hasMessageNotContaining(signature(uri));
    }

    private static String signature(String uri) {
        return uri.substring(uri.indexOf("sig=") + 4);
    }

    @Test void creatingIsNotOverwriting() {
        String uri = issued(CONTAINER, SasPermission.CREATE);
        container(uri).getBlobClient("a").getBlockBlobClient().upload(BinaryData.fromString("1"), true);
        assertThatThrownBy(() -> container(uri).getBlobClient("a").getBlockBlobClient().upload(BinaryData.fromString("2"), true))
                .satisfies(BlobEndpointTest.refused(403, BlobErrorCode.fromString("UnauthorizedBlobOverwrite")));
    }

    @Test void queuePermissionsAreKeptApart() {
        QueueClient adding = queue(issued(QUEUE, SasPermission.ADD));
        QueueClient processing = queue(issued(QUEUE, SasPermission.PROCESS));
        adding.sendMessage("m");
        assertThatThrownBy(adding::receiveMessage).satisfies(QueueEndpointTest.refused(403, QueueErrorCode.AUTHORIZATION_PERMISSION_MISMATCH));
        assertThatThrownBy(adding::peekMessage).satisfies(QueueEndpointTest.refused(403, QueueErrorCode.AUTHORIZATION_PERMISSION_MISMATCH));
        assertThatThrownBy(processing::clearMessages).satisfies(QueueEndpointTest.refused(403, QueueErrorCode.AUTHORIZATION_FAILURE));
        var message = processing.receiveMessage();
        processing.deleteMessage(message.getMessageId(), message.getPopReceipt());
    }

    @Test void tablePermissionsAreKeptApart() {
        String adding = URI.create(issued(TABLE, SasPermission.ADD)).getRawQuery();
        table(adding).createEntity(new TableEntity("p", "r"));
        assertThatThrownBy(() -> table(adding).getEntity("p", "r")).satisfies(TableEndpointTest.refused(403, "AuthorizationPermissionMismatch"));
        assertThatThrownBy(() -> table(adding).upsertEntity(new TableEntity("p", "r"))).satisfies(TableEndpointTest.refused(403, "AuthorizationPermissionMismatch"));
        assertThat(table(URI.create(issued(TABLE, SasPermission.READ)).getRawQuery()).getEntity("p", "r").getRowKey()).isEqualTo("r");
    }

    /// Who may not read a blob does not have it copied either.
    @Test void whomASasIsForHoldsForCopiesToo() {
        OffsetDateTime soon = clock.instant().plus(Duration.ofHours(1)).atOffset(ZoneOffset.UTC);
        BlobContainerClient owner = server.blobs().getBlobContainerClient("temp-0");
        var source = owner.getBlobClient("source");
        source.upload(BinaryData.fromString("secret"));
        var reading = BlobSasPermission.parse("r");
        String elsewhere = source.generateSas(new BlobServiceSasSignatureValues(soon, reading).setSasIpRange(SasIpRange.parse("203.0.113.7")));
        String secure = source.generateSas(new BlobServiceSasSignatureValues(soon, reading).setProtocol(SasProtocol.HTTPS_ONLY));
        assertThatThrownBy(() -> owner.getBlobClient("copy").copyFromUrl(source.getBlobUrl() + "?" + elsewhere))
                .satisfies(BlobEndpointTest.refused(403, BlobErrorCode.fromString("AuthorizationSourceIPMismatch")));
        assertThatThrownBy(() -> owner.getBlobClient("copy").copyFromUrl(source.getBlobUrl() + "?" + secure))
                .satisfies(BlobEndpointTest.refused(403, BlobErrorCode.fromString("AuthorizationProtocolMismatch")));
        owner.getBlobClient("copy").copyFromUrl(source.getBlobUrl() + "?" + source.generateSas(new BlobServiceSasSignatureValues(soon, reading)));
    }

    @Test void sasOfTheOfficialClientsIsUnderstood() {
        OffsetDateTime soon = clock.instant().plus(Duration.ofHours(1)).atOffset(ZoneOffset.UTC);
        BlobContainerClient owner = server.blobs().getBlobContainerClient("temp-0");
        String containerSas = owner.generateSas(new BlobServiceSasSignatureValues(soon, BlobContainerSasPermission.parse("rwdl"))
                .setStartTime(OffsetDateTime.now(ZoneOffset.UTC).minusMinutes(5)).setContentType("text/plain"));
        BlobContainerClient shared = container(owner.getBlobContainerUrl() + "?" + containerSas);
        shared.getBlobClient("a").upload(BinaryData.fromString("x"), true);
        assertThat(shared.listBlobs()).hasSize(1);
        assertThat(shared.getBlobClient("a").getProperties().getContentType()).isEqualTo("text/plain");

        String blobSas = owner.getBlobClient("a").generateSas(new BlobServiceSasSignatureValues(soon, BlobSasPermission.parse("r")));
        assertThat(container(owner.getBlobContainerUrl() + "?" + blobSas).getBlobClient("a").downloadContent().toString()).isEqualTo("x");
        assertThatThrownBy(() -> container(owner.getBlobContainerUrl() + "?" + blobSas).getBlobClient("b").downloadContent())
                .satisfies(BlobEndpointTest.refused(403, BlobErrorCode.AUTHENTICATION_FAILED));

        QueueClient queueOwner = server.queues().getQueueClient("ready-0");
        String queueSas = queueOwner.generateSas(new QueueServiceSasSignatureValues(soon, QueueSasPermission.parse("raup")));
        queue(queueOwner.getQueueUrl() + "?" + queueSas).sendMessage("m");

        String tableSas = server.tables().getTableClient("IngestStatus").generateSas(new TableSasSignatureValues(soon, TableSasPermission.parse("raud"))
                .setProtocol(TableSasProtocol.HTTPS_HTTP).setStartPartitionKey("a").setStartRowKey("a").setEndPartitionKey("m").setEndRowKey("z"));
        table(tableSas).createEntity(new TableEntity("b", "r"));
        assertThatThrownBy(() -> table(tableSas).createEntity(new TableEntity("z", "r"))).satisfies(TableEndpointTest.refused(403, "AuthorizationFailure"));
    }

    @Test void accountSasIsLimitedToItsServicesAndTypes() {
        OffsetDateTime soon = clock.instant().plus(Duration.ofHours(1)).atOffset(ZoneOffset.UTC);
        String everything = server.blobs().generateAccountSas(new AccountSasSignatureValues(soon, AccountSasPermission.parse("rwdlacup"),
                AccountSasService.parse("bqt"), AccountSasResourceType.parse("sco")));
        var client = new BlobServiceClientBuilder().httpClient(StorageServer.HTTP)
                .endpoint(server.endpoint(StorageAccount.BLOB) + "?" + everything).retryOptions(StorageServer.once()).buildClient();
        client.createBlobContainer("made").getBlobClient("a").upload(BinaryData.fromString("x"));
        assertThat(client.listBlobContainers()).extracting("name").contains("made");

        String objects = server.blobs().generateAccountSas(new AccountSasSignatureValues(soon, AccountSasPermission.parse("rwdlac"),
                AccountSasService.parse("b"), AccountSasResourceType.parse("o")));
        String containerUri = server.endpoint(StorageAccount.BLOB) + "/made?" + objects;
        assertThat(container(containerUri).getBlobClient("a").downloadContent().toString()).isEqualTo("x");
        assertThatThrownBy(() -> container(containerUri).delete()).satisfies(BlobEndpointTest.refused(403, BlobErrorCode.AUTHORIZATION_RESOURCE_TYPE_MISMATCH));
        assertThatThrownBy(() -> queue(server.endpoint(StorageAccount.QUEUE) + "/ready-0?" + objects).sendMessage("m"))
                .satisfies(QueueEndpointTest.refused(403, QueueErrorCode.AUTHENTICATION_FAILED));
    }

    @Test void withoutASignatureNothingOpens() throws Exception {
        Raw.Answer answer = Raw.send(server, "GET /conshelfblob/temp-0/a HTTP/1.1", "");
        assertThat(answer.status()).isEqualTo(403);
        assertThat(answer.head()).containsIgnoringCase("x-ms-error-code: AuthenticationFailed").containsIgnoringCase("x-ms-request-id: ");
        assertThat(answer.body()).contains("<Code>AuthenticationFailed</Code>");
        assertThat(Raw.send(server, "GET /conshelftable/IngestStatus() HTTP/1.1", "").body()).contains("\"code\":\"AuthenticationFailed\"");
        assertThat(Raw.send(server, "GET /conshelfblob/temp-0/a?sig=AAAA&sv=2021-12-02&sr=c&sp=r&se=2999-01-01 HTTP/1.1", "").status()).isEqualTo(403);
    }

    @Test void anotherKeyOpensNothing() {
        String stranger = server.connectionString(StorageAccount.BLOB).replace(server.key.base64(), SigningKey.random().base64());
        var client = new BlobServiceClientBuilder().httpClient(StorageServer.HTTP).connectionString(stranger).retryOptions(StorageServer.once()).buildClient();
        assertThatThrownBy(() -> client.createBlobContainer("made")).satisfies(BlobEndpointTest.refused(403, BlobErrorCode.AUTHENTICATION_FAILED));
    }

    @Test void urisInMessagesAreReadWithTheirSignature() {
        URI container = URI.create(issued(CONTAINER, SasPermission.READ));
        URI blob = URI.create(container.toString().replace("/temp-0?", "/temp-0/Lab__a%20b.csv?"));
        assertThat(server.storage.sas().resource(blob, Set.of(SasPermission.READ))).contains(new StorageResource.Blob("temp-0", "Lab__a b.csv"));
        assertThatThrownBy(() -> server.storage.sas().resource(blob, Set.of(SasPermission.DELETE))).isInstanceOf(StorageException.class);
        URI elsewhere = URI.create(blob.toString().replace("127.0.0.1", "real.blob.core.windows.net"));
        assertThat(server.storage.sas().resource(elsewhere, Set.of(SasPermission.READ))).isEqualTo(Optional.empty());
        URI table = URI.create(issued(TABLE, SasPermission.ADD, SasPermission.UPDATE));
        assertThat(server.storage.sas().resource(table, Set.of(SasPermission.UPDATE))).contains(TABLE);
    }
}
