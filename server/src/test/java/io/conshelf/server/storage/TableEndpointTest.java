package io.conshelf.server.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.azure.core.util.Context;
import com.azure.data.tables.TableClient;
import com.azure.data.tables.models.ListEntitiesOptions;
import com.azure.data.tables.models.TableEntity;
import com.azure.data.tables.models.TableEntityUpdateMode;
import com.azure.data.tables.models.TableServiceException;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TableEndpointTest {
    @TempDir Path folder;

    private StorageServer server;
    private TableClient table;

    @BeforeEach void start() throws Exception {
        server = StorageServer.inMemory(folder);
        table = server.tables().createTable("ingeststatus");
    }

    @AfterEach void stop() {
        server.close();
    }

    @Test void everyTypeComesBackAsItWent() {
        Map<String, Object> properties = Map.of(
                "Text", "it's \"ü\"", "Whole", 7, "Long", Long.MAX_VALUE, "Real", 1.5, "WholeReal", 3.0, "Yes", true,
                "UpdatedOn", OffsetDateTime.parse("2026-03-01T10:00:00.1234567Z"),
                "OperationId", UUID.fromString("0b7f6a3e-0000-4000-8000-00000000000a"),
                "Bytes", new byte[] {1, 2, (byte) 255});
        table.createEntity(new TableEntity("p", "r").setProperties(properties));

        TableEntity read = table.getEntity("p", "r");
        properties.forEach((name, value) -> assertThat(read.getProperties().get(name)).as(name).isEqualTo(value));
        assertThat(read.getTimestamp()).isNotNull();
        assertThat(read.getETag()).startsWith("W/\"datetime'");
    }

    @Test void keysMayBeFullOfQuotes() {
        String partition = "'a".repeat(150);
        String row = "b''".repeat(100);
        table.createEntity(new TableEntity(partition, row).addProperty("N", 1));
        assertThat(table.getEntity(partition, row).getProperties()).containsEntry("PartitionKey", partition).containsEntry("RowKey", row).containsEntry("N", 1);
    }

    @Test void insertingTwiceIsRefused() {
        table.createEntity(new TableEntity("p", "r"));
        assertThatThrownBy(() -> table.createEntity(new TableEntity("p", "r"))).satisfies(refused(409, "EntityAlreadyExists"));
    }

    @Test void mergingKeepsOtherPropertiesAndReplacingDoesNot() {
        table.createEntity(new TableEntity("p", "r").addProperty("Status", "Pending").addProperty("Details", "none"));
        table.updateEntity(new TableEntity("p", "r").addProperty("Status", "Succeeded"), TableEntityUpdateMode.MERGE);
        assertThat(table.getEntity("p", "r").getProperties()).containsEntry("Status", "Succeeded").containsEntry("Details", "none");

        table.updateEntity(new TableEntity("p", "r").addProperty("Status", "Failed"), TableEntityUpdateMode.REPLACE);
        assertThat(table.getEntity("p", "r").getProperties()).containsEntry("Status", "Failed").doesNotContainKey("Details");
    }

    @Test void upsertsMakeWhatIsNotThere() {
        table.upsertEntity(new TableEntity("p", "1").addProperty("A", 1));
        table.upsertEntity(new TableEntity("p", "1").addProperty("B", 2));
        assertThat(table.getEntity("p", "1").getProperties()).containsEntry("A", 1).containsEntry("B", 2);
        table.upsertEntityWithResponse(new TableEntity("p", "1").addProperty("C", 3), TableEntityUpdateMode.REPLACE, null, Context.NONE);
        assertThat(table.getEntity("p", "1").getProperties()).doesNotContainKeys("A", "B").containsEntry("C", 3);
    }

    @Test void anUpdateOfAnOldStateIsRefused() {
        table.createEntity(new TableEntity("p", "r").addProperty("N", 1));
        TableEntity old = table.getEntity("p", "r");
        table.upsertEntity(new TableEntity("p", "r").addProperty("N", 2));

        assertThatThrownBy(() -> table.updateEntityWithResponse(old, TableEntityUpdateMode.MERGE, true, null, Context.NONE))
                .satisfies(refused(412, "UpdateConditionNotSatisfied"));
        assertThatThrownBy(() -> table.deleteEntityWithResponse(old, true, null, Context.NONE))
                .satisfies(refused(412, "UpdateConditionNotSatisfied"));
        table.deleteEntity("p", "r");
        assertThatThrownBy(() -> table.getEntity("p", "r")).satisfies(refused(404, "ResourceNotFound"));
        assertThatThrownBy(() -> table.updateEntity(new TableEntity("p", "r"))).satisfies(refused(404, "ResourceNotFound"));
    }

    @Test void keysWithQuotesBlanksAndPercentSignsAreFound() {
        for (String key : List.of("it's", "a b", "50%", "ü", "a(b)", "x=1,y", "")) {
            table.createEntity(new TableEntity("p'" + key, key).addProperty("Key", key));
            assertThat(table.getEntity("p'" + key, key).getProperties()).containsEntry("Key", key);
        }
    }

    @Test void queriesFilterSelectAndPage() {
        for (int i = 0; i < 25; i++) {
            table.createEntity(new TableEntity(i % 2 == 0 ? "even" : "odd", "%02d".formatted(i)).addProperty("N", i).addProperty("Name", "n" + i));
        }
        assertThat(rows("PartitionKey eq 'odd' and N gt 20")).containsExactly("21", "23");
        assertThat(rows("not (N ge 2) or RowKey eq '10'")).containsExactly("00", "10", "01");
        assertThat(rows("N eq 3L")).containsExactly("03");
        assertThat(rows("Name eq 'n7' or Missing eq 1")).containsExactly("07");
        assertThat(rows("Timestamp gt datetime'2100-01-01T00:00:00Z'")).isEmpty();
        assertThat(table.listEntities(new ListEntitiesOptions().setTop(4), null, Context.NONE)).hasSize(25);
        assertThat(table.listEntities(new ListEntitiesOptions().setSelect(List.of("N")).setFilter("RowKey eq '04'"), null, Context.NONE).iterator().next()
                .getProperties()).containsEntry("N", 4).doesNotContainKey("Name");
        assertThatThrownBy(() -> rows("N between 1")).hasMessageContaining("InvalidInput").hasMessageContaining("character 3");
    }

    private List<String> rows(String filter) {
        return table.listEntities(new ListEntitiesOptions().setFilter(filter), null, Context.NONE).stream().map(TableEntity::getRowKey).toList();
    }

    @Test void tablesAreListedAndDropped() {
        server.tables().createTable("Another");
        assertThat(server.tables().listTables()).extracting("name").containsExactly("Another", "ingeststatus");
        assertThatThrownBy(() -> server.tables().createTable("another")).satisfies(refused(409, "TableAlreadyExists"));
        server.tables().createTableIfNotExists("ingeststatus");
        server.tables().deleteTable("Another");
        assertThatThrownBy(() -> server.tables().getTableClient("Another").createEntity(new TableEntity("p", "r"))).satisfies(refused(404, "TableNotFound"));
    }

    @Test void concurrentMergesLoseNothing() throws Exception {
        List<Callable<Void>> writers = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            String property = "P" + i;
            writers.add(() -> {
                table.upsertEntity(new TableEntity("p", "r").addProperty(property, true));
                return null;
            });
        }
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<Void> done : threads.invokeAll(writers)) {
                done.get();
            }
        }
        for (int i = 0; i < 20; i++) {
            assertThat(table.getEntity("p", "r").getProperties()).containsEntry("P" + i, true);
        }
    }

    static Consumer<Throwable> refused(int status, String code) {
        return thrown -> {
            assertThat(thrown).isInstanceOf(TableServiceException.class);
            TableServiceException refusal = (TableServiceException) thrown;
            assertThat(refusal.getResponse().getStatusCode()).isEqualTo(status);
            assertThat(refusal.getValue().getErrorCode().toString()).isEqualTo(code);
        };
    }
}
