package io.conshelf.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.conshelf.connectors.kusto.Endpoints;
import io.conshelf.connectors.kusto.IdentityEndpoint;
import io.conshelf.factory.service.BlobChange;
import io.conshelf.engine.store.ServiceDocuments;
import io.conshelf.factory.service.FactoryService;
import io.conshelf.factory.service.FactoryStore;
import io.conshelf.factory.service.ManagementAnswer;
import io.conshelf.factory.service.ManagementRequest;
import io.conshelf.server.service.HostedService;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Puts Data Factory beside the cluster: behind its door, into its store, and at work on it.
final class HostedFactory implements HostedService {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final FactoryService service;
    private final List<String> live;

    private HostedFactory(FactoryService service, List<String> live) {
        this.service = service;
        this.live = live;
    }

    static Opening opening(Settings settings) {
        return new Opening("factory", documents -> new HostedFactory(
                FactoryService.open(new Store(documents), settings.allowedFolders()), settings.live()));
    }

    @Override
    public String name() {
        return "data factory";
    }

    @Override
    public boolean answers(String rawPath) {
        return FactoryService.answers(rawPath);
    }

    @Override
    public boolean isOpen(String rawPath) {
        return service.isAwaited(rawPath);
    }

    @Override
    public void started(Cluster cluster) {
        service.started(Endpoints.embedded(cluster.uri(), live, new IdentityEndpoint(cluster.identityEndpoint(), cluster.identityHeader())));
    }

    @Override
    public void blobChanged(BlobChanged change) {
        service.blobChanged(new BlobChange(change.account(), change.container(), change.path(), switch (change.what()) {
            case CREATED -> BlobChange.What.CREATED;
            case DELETED -> BlobChange.What.DELETED;
        }, change.bytes()));
    }

    @Override
    public Answer answer(Request request) throws IOException {
        ManagementAnswer answer = service.answer(new ManagementRequest(
                request.method(), request.rawPath(), request.query(), request.headers(), request.body(), request.origin()));
        return new Answer(answer.status(), answer.headers(), answer.body().map(HostedFactory::bytes).orElse(new byte[0]));
    }

    private static byte[] bytes(JsonNode json) {
        try {
            return JSON.writeValueAsBytes(json);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        service.close();
    }

    /// The cluster's system store as the factory needs it.
    private record Store(ServiceDocuments documents) implements FactoryStore {
        @Override
        public void change(List<Change> changes) {
            documents.change(changes.stream().<ServiceDocuments.Change>map(change -> switch (change) {
                case Change.Put(String collection, String key, String json) -> new ServiceDocuments.Change.Put(collection, key, json);
                case Change.Remove(String collection, String key) -> new ServiceDocuments.Change.Remove(collection, key);
                case Change.Remember(String collection, String key, String parent, Instant at, String json) ->
                    new ServiceDocuments.Change.Remember(new ServiceDocuments.Entry(collection, key, parent, at, json));
            }).toList());
        }

        @Override
        public Map<String, String> documents(String collection) {
            return documents.all(collection);
        }

        @Override
        public List<String> history(String collection, Instant from, Instant to) {
            return documents.history(collection, from, to);
        }

        @Override
        public List<String> historyOf(String collection, String parent) {
            return documents.historyOf(collection, parent);
        }

        @Override
        public Optional<String> remembered(String collection, String key) {
            return documents.remembered(collection, key);
        }

        @Override
        public void prune(String collection, Duration kept, int countMax) {
            documents.prune(collection, new ServiceDocuments.Bound(kept, countMax), Instant.now());
        }
    }
}
