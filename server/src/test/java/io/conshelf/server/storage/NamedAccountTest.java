package io.conshelf.server.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.azure.core.util.BinaryData;
import com.azure.storage.blob.BlobContainerClient;
import com.azure.storage.blob.BlobContainerClientBuilder;
import com.azure.storage.blob.BlobServiceClient;
import com.azure.storage.blob.BlobServiceClientBuilder;
import com.azure.storage.blob.models.BlobContainerItem;
import com.azure.storage.blob.models.BlobItem;
import com.azure.storage.blob.models.BlobStorageException;
import com.azure.storage.blob.sas.BlobContainerSasPermission;
import com.azure.storage.blob.sas.BlobServiceSasSignatureValues;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Accounts beside the reserved ones, made as they are named.
class NamedAccountTest {
    private static final String KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    @TempDir Path folder;

    private StorageServer server;

    @BeforeEach void start() throws Exception {
        server = StorageServer.start(Storage.Options.inMemory(folder, SigningKey.random()).with(Storage.Accounts.ANY_NAME));
    }

    @AfterEach void stop() {
        server.close();
    }

    private BlobServiceClient account(String name, String key) {
        return new BlobServiceClientBuilder().httpClient(StorageServer.HTTP).retryOptions(StorageServer.once())
                .connectionString("DefaultEndpointsProtocol=http;AccountName=%s;AccountKey=%s;BlobEndpoint=%s/%s".formatted(name, key, server.base(), name))
                .buildClient();
    }

    @Test void eachHasItsOwnContainers() {
        BlobContainerClient first = account("lab1", KEY).createBlobContainer("data");
        BlobContainerClient second = account("lab2", KEY).createBlobContainer("data");
        first.getBlobClient("in/a b+ä.csv").upload(BinaryData.fromString("1"));
        server.blobs().createBlobContainer("data");

        assertThat(first.getBlobClient("in/a b+ä.csv").downloadContent().toString()).isEqualTo("1");
        assertThat(first.listBlobs()).extracting(BlobItem::getName).containsExactly("in/a b+ä.csv");
        assertThat(second.listBlobs()).isEmpty();
        assertThat(account("lab1", KEY).listBlobContainers()).extracting(BlobContainerItem::getName).containsExactly("data");
        assertThat(account("lab3", KEY).listBlobContainers()).isEmpty();
        assertThat(server.blobs().listBlobContainers()).extracting(BlobContainerItem::getName).containsExactly("data");
        second.delete();
        assertThat(first.exists()).isTrue();
    }

    @Test void aSasOpensWhatItWasMadeFor() {
        BlobContainerClient container = account("lab1", KEY).createBlobContainer("data");
        container.getBlobClient("a").upload(BinaryData.fromString("1"));
        account("lab1", KEY).createBlobContainer("other");
        String sas = container.generateSas(new BlobServiceSasSignatureValues(
                OffsetDateTime.now().plusHours(1), new BlobContainerSasPermission().setReadPermission(true).setListPermission(true)));
        BlobContainerClient bySas = signed("lab1/data", sas);

        assertThat(bySas.listBlobs()).hasSize(1);
        assertThat(bySas.getBlobClient("a").downloadContent().toString()).isEqualTo("1");
        assertThatThrownBy(() -> bySas.getBlobClient("b").upload(BinaryData.fromString("2"))).isInstanceOf(BlobStorageException.class);
        assertThatThrownBy(() -> signed("lab1/other", sas).listBlobs().stream().toList()).isInstanceOf(BlobStorageException.class);
        assertThatThrownBy(() -> signed("lab2/data", sas).listBlobs().stream().toList()).isInstanceOf(BlobStorageException.class);
    }

    private BlobContainerClient signed(String path, String sas) {
        return new BlobContainerClientBuilder().httpClient(StorageServer.HTTP).retryOptions(StorageServer.once())
                .endpoint(server.base() + "/" + path + "?" + sas).buildClient();
    }

    @Test void theirKeyOpensNoReservedAccount() {
        BlobContainerClient staging = server.blobs().createBlobContainer("staging");
        staging.getBlobClient("secret").upload(BinaryData.fromString("1"));

        assertThatThrownBy(() -> account("conshelfblob", KEY).listBlobContainers().stream().toList()).hasMessageContaining("AuthenticationFailed");
        assertThatThrownBy(() -> account("lab1", server.key.base64()).createBlobContainer("data")).hasMessageContaining("AuthenticationFailed");
        BlobContainerClient container = account("lab1", KEY).createBlobContainer("data");
        assertThatThrownBy(() -> container.getBlobClient("copy").copyFromUrl(staging.getBlobClient("secret").getBlobUrl()))
                .hasMessageContaining("CannotVerifyCopySource");
    }

    @Test void whatCarriesNoSignatureIsNotMeant() throws Exception {
        account("lab1", KEY).createBlobContainer("data");
        try (HttpClient http = HttpClient.newHttpClient()) {
            HttpResponse<String> answer = http.send(HttpRequest.newBuilder(URI.create(server.base() + "/lab1/data?restype=container&comp=list")).build(),
                    HttpResponse.BodyHandlers.ofString());
            assertThat(answer.statusCode()).isEqualTo(404);
            assertThat(answer.headers().firstValue("x-ms-error-code")).isEmpty();
        }
    }

    @Test void theyAreThereOnlyWhereTheyAreAskedFor() throws Exception {
        try (StorageServer reserved = StorageServer.inMemory(folder.resolve("other"))) {
            var client = new BlobServiceClientBuilder().httpClient(StorageServer.HTTP).retryOptions(StorageServer.once())
                    .connectionString("DefaultEndpointsProtocol=http;AccountName=lab1;AccountKey=%s;BlobEndpoint=%s/lab1".formatted(KEY, reserved.base()))
                    .buildClient();
            assertThatThrownBy(() -> client.createBlobContainer("data")).isInstanceOf(RuntimeException.class);
            assertThat(reserved.storage.blobs().containers()).isEmpty();
        }
    }
}
