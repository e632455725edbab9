package io.conshelf.server.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.conshelf.engine.Engine;
import io.conshelf.engine.EngineConfig;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.Principal;
import io.conshelf.engine.ServiceError;
import io.conshelf.server.storage.EdmValue;
import io.conshelf.server.storage.EntityKey;
import io.conshelf.server.storage.EntityStore;
import io.conshelf.server.storage.SigningKey;
import io.conshelf.server.storage.Storage;
import io.conshelf.server.storage.StorageCode;
import io.conshelf.server.storage.StorageException;
import io.conshelf.server.storage.StorageLimits;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QueuedOperationsTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final URI BASE = URI.create("http://127.0.0.1:1");

    @TempDir
    private Path folder;

    @Test
    void eachOperationTellsOfItsOwnSourcesAndOnlyToThoseWithARole() throws Exception {
        try (var storage = Storage.open(Storage.Options.inMemory(folder, SigningKey.random()));
                var engine = Engine.open(EngineConfig.inMemory(storage.blobs().contentFolder()).withDatabases(List.of("Lab")))) {
            var clock = InstantSource.system();
            var operations = new QueuedOperations(
                    engine, storage, LentStorage.own(storage), new Resources(storage, LentStorage.own(storage), Duration.ofHours(1), clock),
                    new IdentityTokens(new byte[32], Duration.ofHours(1), Membership.EVERYBODY, clock), clock);
            var ids = new ArrayList<String>();
            for (int blobs : List.of(20, 1, 20)) {
                ids.add(submit(operations, blobs));
            }
            List<Integer> pending = new ArrayList<>();
            for (String id : ids) {
                String status = operations.status(Principal.LOCAL_ADMINISTRATOR, "Lab", "T", id, true).orElseThrow();
                pending.add(JSON.readTree(status).path("status").path("inProgress").asInt());
            }
            assertThat(pending).containsExactly(20, 1, 20);
            assertThat(operations.status(Principal.LOCAL_ADMINISTRATOR, "Lab", "U", ids.getFirst(), true)).isEmpty();

            var stranger = new Principal("aadapp=stranger;t", "stranger", false);
            assertThatThrownBy(() -> operations.status(stranger, "Lab", "T", ids.getFirst(), true))
                    .isInstanceOfSatisfying(KustoException.class, e -> assertThat(e.error().httpStatus()).isEqualTo(403));
        }
    }

    /// All who hold a role are lent the table of statuses, so nothing that is written there takes anything back.
    @Test
    void whoMayWriteStatusesTakesNothingBackThatOthersIngest() throws Exception {
        try (var storage = Storage.open(Storage.Options.inMemory(folder, SigningKey.random()));
                var engine = Engine.open(EngineConfig.inMemory(storage.blobs().contentFolder()).withDatabases(List.of("Lab")))) {
            var clock = InstantSource.system();
            var operations = new QueuedOperations(
                    engine, storage, LentStorage.own(storage), new Resources(storage, LentStorage.own(storage), Duration.ofHours(1), clock),
                    new IdentityTokens(new byte[32], Duration.ofHours(1), Membership.EVERYBODY, clock), clock);
            String id = submit(operations, 1);
            String queued = storage.queues().receive(Resources.READY_QUEUE, 1, Duration.ofMinutes(1)).getFirst().text();
            var message = IngestionMessage.parse(queued);
            var key = new EntityKey(id, message.sourceId());
            assertThat(storage.tables().find(Resources.STATUS_TABLE, key)).isEmpty();
            storage.tables().insertOrMerge(Resources.STATUS_TABLE, key, Map.of("Status", EdmValue.of("Canceled")));
            assertThat(operations.isCanceled(message)).isFalse();
            assertThat(operations.tracked(id)).extracting(QueuedOperations.Tracked::status).containsExactly("Pending");
            operations.cancel(id);
            assertThat(operations.isCanceled(message)).isTrue();
        }
    }

    @Test
    void operationsThatWereFollowedInTheTableOfStatusesStayOnce() throws Exception {
        try (var storage = Storage.open(Storage.Options.inMemory(folder, SigningKey.random()));
                var engine = Engine.open(EngineConfig.inMemory(storage.blobs().contentFolder()).withDatabases(List.of("Lab")))) {
            var clock = InstantSource.system();
            storage.tables().createTable(Resources.STATUS_TABLE);
            var told = Map.of("Status", EdmValue.of("Canceled"), "Database", EdmValue.of("Lab"), "Table", EdmValue.of("T"));
            var followed = new HashMap<>(told);
            followed.put("StartedOn", EdmValue.of(clock.instant()));
            storage.tables().insertOrReplace(Resources.STATUS_TABLE, new EntityKey("before", "1"), followed);
            storage.tables().insertOrReplace(Resources.STATUS_TABLE, new EntityKey("client", "client"), told);
            for (String later : List.of("", "later")) {
                if (!later.isEmpty()) {
                    storage.tables().insertOrReplace(Resources.STATUS_TABLE, new EntityKey(later, "1"), followed);
                }
                var operations = new QueuedOperations(
                        engine, storage, LentStorage.own(storage), new Resources(storage, LentStorage.own(storage), Duration.ofHours(1), clock),
                        new IdentityTokens(new byte[32], Duration.ofHours(1), Membership.EVERYBODY, clock), clock);
                assertThat(operations.tracked("before")).extracting(QueuedOperations.Tracked::status).containsExactly("Canceled");
                assertThat(operations.tracked("client")).isEmpty();
                assertThat(operations.tracked("later")).isEmpty();
                assertThat(operations.isCanceled(message("before"))).isTrue();
                assertThat(operations.isCanceled(message("later"))).isFalse();
            }
        }
    }

    @Test
    void whereThereIsNoRoomForAllBlobsOfARequestNoneIsQueued() throws Exception {
        StorageLimits all = StorageLimits.standard();
        var limits = new StorageLimits(all.blobBytesMax(), all.blockBytesMax(), all.blocksMax(), all.uncommittedBlocksMax(), all.blobsMax(),
                all.containersMax(), all.blobNameLengthMax(), all.metadataBytesMax(), all.messageBytesMax(), all.messagesPerReceiveMax(), 20_000,
                all.entityBytesMax(), all.entityPropertiesMax(), all.entitiesPerPageMax(), all.pageBytesMax(), all.tableBytesMax(), all.documentBytesMax(), 0);
        try (var storage = Storage.open(Storage.Options.inMemory(folder, SigningKey.random()).with(limits));
                var engine = Engine.open(EngineConfig.inMemory(storage.blobs().contentFolder()).withDatabases(List.of("Lab")))) {
            var clock = InstantSource.system();
            var operations = new QueuedOperations(
                    engine, storage, LentStorage.own(storage), new Resources(storage, LentStorage.own(storage), Duration.ofHours(1), clock),
                    new IdentityTokens(new byte[32], Duration.ofHours(1), Membership.EVERYBODY, clock), clock);
            assertThatThrownBy(() -> submit(operations, 20))
                    .isInstanceOfSatisfying(StorageException.class, e -> assertThat(e.code()).isEqualTo(StorageCode.SERVER_BUSY));
            assertThat(storage.queues().approximateCount(Resources.READY_QUEUE)).isZero();
            assertThat(storage.tables().query(Resources.OPERATIONS_TABLE, EntityStore.FIRST, _ -> true, 100).entities()).isEmpty();
            assertThat(operations.tracked(submit(operations, 1))).hasSize(1);
            assertThat(storage.queues().approximateCount(Resources.READY_QUEUE)).isEqualTo(1);
        }
    }

    /// Of an account that took a message and whose answer did not arrive.
    @Test
    void whatIsQueuedOfARequestThatWasRefusedIsNotIngested() throws Exception {
        try (var storage = Storage.open(Storage.Options.inMemory(folder, SigningKey.random()));
                var engine = Engine.open(EngineConfig.inMemory(storage.blobs().contentFolder()).withDatabases(List.of("Lab")))) {
            var clock = InstantSource.system();
            var isAway = new AtomicBoolean(true);
            LentStorage account = takingOne(LentStorage.own(storage), isAway);
            var operations = new QueuedOperations(engine, storage, account, new Resources(storage, account, Duration.ofHours(1), clock),
                    new IdentityTokens(new byte[32], Duration.ofHours(1), Membership.EVERYBODY, clock), clock);
            assertThatThrownBy(() -> submit(operations, 3)).isInstanceOf(KustoException.class).hasMessage("the account does not answer");
            isAway.set(false);
            String id = submit(operations, 1);
            List<IngestionMessage> queued = new ArrayList<>();
            for (var message : storage.queues().receive(Resources.READY_QUEUE, 10, Duration.ofMinutes(1))) {
                queued.add(IngestionMessage.parse(message.text()));
            }
            assertThat(queued).extracting(operations::isCanceled).containsExactly(true, false);
            assertThat(operations.tracked(queued.getFirst().statusEntity().orElseThrow().partitionKey())).as("sources that are followed")
                    .noneMatch(source -> source.status().equals("Pending"));
            assertThat(operations.tracked(id)).extracting(QueuedOperations.Tracked::status).containsExactly("Pending");
        }
    }

    @Test
    void theErrorOfTheAccountIsToldWhateverElseFails() throws Exception {
        try (var storage = Storage.open(Storage.Options.inMemory(folder, SigningKey.random()));
                var engine = Engine.open(EngineConfig.inMemory(storage.blobs().contentFolder()).withDatabases(List.of("Lab")))) {
            var clock = InstantSource.system();
            LentStorage one = takingOne(LentStorage.own(storage), new AtomicBoolean(true));
            var account = (LentStorage) Proxy.newProxyInstance(LentStorage.class.getClassLoader(), new Class<?>[] {LentStorage.class}, (_, method, arguments) -> {
                if (method.getName().equals("putAllFor")) {
                    storage.tables().dropTable(Resources.OPERATIONS_TABLE);
                    one.putAllFor((String) arguments[0], (String) arguments[1], List.of("message"), failure -> told(arguments[3]).accept(failure));
                }
                return method.invoke(one, arguments);
            });
            var operations = new QueuedOperations(engine, storage, account, new Resources(storage, account, Duration.ofHours(1), clock),
                    new IdentityTokens(new byte[32], Duration.ofHours(1), Membership.EVERYBODY, clock), clock);
            assertThatThrownBy(() -> submit(operations, 3)).isInstanceOf(KustoException.class).hasMessage("the account does not answer")
                    .satisfies(e -> assertThat(e.getSuppressed()).as("the mark, and three sources that are followed").hasSize(4));
        }
    }

    /// An account that takes the first message of several, while it is away.
    private static LentStorage takingOne(LentStorage own, AtomicBoolean isAway) {
        return (LentStorage) Proxy.newProxyInstance(LentStorage.class.getClassLoader(), new Class<?>[] {LentStorage.class}, (_, method, arguments) -> {
            if (method.getName().equals("putAllFor") && isAway.get()) {
                own.put((String) arguments[1], (String) ((List<?>) arguments[2]).getFirst());
                var failure = new KustoException(new ServiceError(503, "ServiceUnavailable", "type", "the account does not answer", false, Optional.empty()));
                told(arguments[3]).accept(failure);
                throw failure;
            }
            return method.invoke(own, arguments);
        });
    }

    @SuppressWarnings("unchecked")
    private static Consumer<RuntimeException> told(Object argument) {
        return (Consumer<RuntimeException>) argument;
    }

    private static IngestionMessage message(String operation) throws Exception {
        return IngestionMessage.parse("{\"BlobPath\":\"http://h/c/1.csv\",\"DatabaseName\":\"Lab\",\"TableName\":\"T\",\"IngestionStatusInTable\":{"
                + "\"TableConnectionString\":\"http://h/ingestionstatus?sig=x\",\"PartitionKey\":\"" + operation + "\",\"RowKey\":\"1\"}}");
    }

    private static String submit(QueuedOperations operations, int blobCount) throws Exception {
        var blobs = new ArrayList<Map<String, String>>();
        for (int i = 0; i < blobCount; i++) {
            blobs.add(Map.of("url", "http://h/c/" + i + ".csv"));
        }
        JsonNode body = JSON.valueToTree(Map.of("blobs", blobs, "properties", Map.of("format", "csv", "enableTracking", true)));
        return JSON.readTree(operations.submit(Principal.LOCAL_ADMINISTRATOR, BASE, "Lab", "T", body))
                .path("ingestionOperationId").asText();
    }
}
