package io.conshelf.server.storage;

import com.azure.core.http.HttpClient;
import com.azure.core.http.jdk.httpclient.JdkHttpClientBuilder;
import com.azure.core.http.policy.FixedDelayOptions;
import com.azure.core.http.policy.RetryOptions;
import com.azure.data.tables.TableServiceClient;
import com.azure.data.tables.TableServiceClientBuilder;
import com.azure.storage.blob.BlobServiceClient;
import com.azure.storage.blob.BlobServiceClientBuilder;
import com.azure.storage.queue.QueueServiceClient;
import com.azure.storage.queue.QueueServiceClientBuilder;
import io.helidon.webserver.WebServer;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/// The storage endpoints behind a real listener, with the official clients in front.
final class StorageServer implements AutoCloseable {
    static final HttpClient HTTP = new JdkHttpClientBuilder().build();

    private static final int CONCURRENT_MAX = 1_000;

    final SigningKey key;
    final Storage storage;
    private final WebServer server;

    private StorageServer(Storage.Options options) throws IOException {
        key = options.key();
        storage = Storage.open(options);
        server = WebServer.builder().host("127.0.0.1").port(0)
                .routing(routing -> routing.register(storage.routes((_, _, _, _, _, _) -> Optional.empty(), CONCURRENT_MAX)))
                .build().start();
    }

    static StorageServer start(Storage.Options options) throws IOException {
        return new StorageServer(options);
    }

    static StorageServer inMemory(Path scratch) throws IOException {
        return start(Storage.Options.inMemory(scratch, SigningKey.random()));
    }

    URI base() {
        return URI.create("http://127.0.0.1:" + server.port());
    }

    String endpoint(StorageAccount account) {
        return base() + "/" + account.account();
    }

    String connectionString(StorageAccount account) {
        String service = account.name().charAt(0) + account.name().substring(1).toLowerCase(Locale.ROOT);
        return "DefaultEndpointsProtocol=http;AccountName=%s;AccountKey=%s;%sEndpoint=%s"
                .formatted(account.account(), key.base64(), service, endpoint(account));
    }

    BlobServiceClient blobs() {
        return new BlobServiceClientBuilder().httpClient(HTTP).connectionString(connectionString(StorageAccount.BLOB))
                .retryOptions(once()).buildClient();
    }

    QueueServiceClient queues() {
        return new QueueServiceClientBuilder().httpClient(HTTP).connectionString(connectionString(StorageAccount.QUEUE))
                .retryOptions(once()).buildClient();
    }

    TableServiceClient tables() {
        return new TableServiceClientBuilder().httpClient(HTTP).connectionString(connectionString(StorageAccount.TABLE))
                .retryOptions(once()).buildClient();
    }

    static RetryOptions once() {
        return new RetryOptions(new FixedDelayOptions(0, Duration.ofMillis(1)));
    }

    @Override public void close() {
        server.stop();
        storage.close();
    }
}
