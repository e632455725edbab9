package io.conshelf.factory.copy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.connectors.RowReader;
import io.conshelf.connectors.RowSource;
import io.conshelf.connectors.Split;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.definition.Located;
import io.conshelf.connectors.file.FileSelection;
import io.conshelf.connectors.file.FileSelection.Depth;
import io.conshelf.connectors.file.FileStore;
import io.conshelf.connectors.file.FolderAccess;
import io.conshelf.connectors.file.StoredFile;
import io.conshelf.connectors.kusto.CommandResult;
import io.conshelf.connectors.kusto.Endpoints;
import io.conshelf.connectors.kusto.KustoCluster;
import io.conshelf.connectors.vault.GivenSecrets;
import io.conshelf.factory.activity.ActivityFailure;
import io.conshelf.factory.definition.Factory;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/// What one does while making a factory, before anything runs: trying a connection, looking for databases and tables, seeing some data, taking a
/// schema over. Each asks the cluster for no more than the documented role allows, and says which role is missing.
public final class Authoring implements AutoCloseable {
    private static final Duration TIMEOUT = Duration.ofMinutes(1);

    private final Stores stores;

    /// Without secrets in place of those of vaults.
    ///
    /// @param folders the folders of this machine that file stores may be in
    public Authoring(Factory factory, Endpoints endpoints, FolderAccess folders) {
        this(factory, endpoints, folders, GivenSecrets.NONE);
    }

    /// @param folders the folders of this machine that file stores may be in
    /// @param secrets what vaults are not asked for
    public Authoring(Factory factory, Endpoints endpoints, FolderAccess folders, GivenSecrets secrets) {
        this.stores = new Stores(factory, endpoints, folders, secrets);
    }

    /// A step that did not work, with the role it needs where that was the reason.
    public static final class StepFailure extends Exception {
        private final String code;

        private StepFailure(Step step, String code, String message, Throwable cause) {
            super(step.title() + " failed: " + message, cause);
            this.code = code;
        }

        public String code() {
            return code;
        }
    }

    /// The documented steps, each with the least role it needs.
    public enum Step {
        TEST_CONNECTION("Test connection", "'database monitor' or 'table ingestor'"),
        LIST_DATABASES("Database navigation", "'database viewer'"),
        LIST_TABLES("Table navigation", "'database monitor'"),
        PREVIEW("Preview data", "'database viewer'"),
        IMPORT_SCHEMA("Import schema", "'database viewer'");

        private final String title;
        private final String role;

        Step(String title, String role) {
            this.title = title;
            this.role = role;
        }

        public String title() {
            return title;
        }

        public String role() {
            return role;
        }
    }

    /// Some rows of a dataset, as objects.
    public record Preview(ArrayNode columns, ArrayNode rows) {
        public ObjectNode toJson() {
            ObjectNode json = JsonNodeFactory.instance.objectNode();
            json.set("columns", columns);
            json.set("rows", rows);
            return json;
        }
    }

    private interface Work<T> {
        T run() throws ActivityFailure, StoreException;
    }

    private static <T> T step(Step step, Work<T> work) throws StepFailure {
        try {
            return work.run();
        } catch (StoreException failure) {
            String role = isForbidden(failure) ? " The principal needs at least " + step.role() + "." : "";
            throw new StepFailure(step, failure.code(), failure.getMessage() + role, failure);
        } catch (ActivityFailure failure) {
            throw new StepFailure(step, failure.errorCode(), failure.getMessage(), failure);
        }
    }

    private static boolean isForbidden(StoreException failure) {
        String text = (failure.code() + " " + failure.getMessage()).toLowerCase(Locale.ROOT);
        return text.contains("forbidden") || text.contains("unauthorized") || text.contains("not authorized") || text.contains("accessdenied");
    }

    /// Tries a linked service. Of a cluster the connection is tried, not the database: one that does not exist passes.
    ///
    /// @param parameters the values of the linked service's parameters
    public void testConnection(String linkedService, JsonNode parameters) throws StepFailure {
        step(Step.TEST_CONNECTION, () -> {
            LinkedService service = service(linkedService, parameters);
            if (Catalogue.isAmong(RowStores.CLUSTER.linkedServices(), service.type())) {
                cluster(service);
            } else if (BlobStores.holds(service)) {
                BlobStores.account(stores, service).test();
            } else if (Catalogue.fileStore(service.type()).isPresent()) {
                stores.place(reference(linkedService, parameters), new Located("", "path", JsonNodeFactory.instance.textNode("")), new Nowhere())
                        .store().look("");
            } else if (SqlStores.holds(service)) {
                stores.sql(service).test();
            } else {
                throw notYet(service);
            }
            return service;
        });
    }

    private void cluster(LinkedService service) throws ActivityFailure, StoreException {
        KustoCluster cluster = stores.cluster(service);
        try {
            cluster.command(service.properties().at("database").text("").strip(), ".show tables", TIMEOUT);
        } catch (StoreException failure) {
            if (failure.fault() == StoreException.Fault.USER && !isForbidden(failure)) {
                return; // the cluster answers; that the database is not there is not tried
            }
            if (!isForbidden(failure)) {
                throw failure;
            }
            if (!mayIngest(cluster)) {
                throw failure;
            }
        }
    }

    /// Whether the principal holds the ingestor's role on a database or a table: then it need not see the others.
    private static boolean mayIngest(KustoCluster cluster) {
        try {
            return cluster.command("NetDefaultDB", ".show principal roles", TIMEOUT).objects().stream()
                    .anyMatch(row -> row.path("Role").asText().toLowerCase(Locale.ROOT).contains("ingestor"));
        } catch (StoreException forbidden) {
            return false;
        }
    }

    public List<String> databases(String linkedService, JsonNode parameters) throws StepFailure {
        return step(Step.LIST_DATABASES, () ->
                names(stores.cluster(service(linkedService, parameters)).command("NetDefaultDB", ".show databases", TIMEOUT), "DatabaseName"));
    }

    public List<String> tables(String linkedService, JsonNode parameters) throws StepFailure {
        return step(Step.LIST_TABLES, () -> {
            LinkedService service = service(linkedService, parameters);
            if (SqlStores.holds(service)) {
                return stores.sql(service).tables();
            }
            return names(stores.cluster(service).command(service.properties().at("database").text("").strip(), ".show tables", TIMEOUT), "TableName");
        });
    }

    private static List<String> names(CommandResult result, String column) {
        return result.objects().stream().map(row -> row.path(column).asText()).sorted().toList();
    }

    /// The first rows of a dataset.
    public Preview preview(String dataset, JsonNode parameters, int rows) throws StepFailure {
        return step(Step.PREVIEW, () -> read(dataset(dataset, parameters), rows));
    }

    /// The columns of a dataset, as its `schema` has them.
    public ArrayNode schema(String dataset, JsonNode parameters) throws StepFailure {
        return step(Step.IMPORT_SCHEMA, () -> {
            Dataset stated = dataset(dataset, parameters);
            if (stated.properties().at("location").isPresent()) {
                return Schemas.of(stores, stated, firstFile(stated), stated.properties());
            }
            return read(stated, 0).columns();
        });
    }

    private Preview read(Dataset dataset, int rowsMax) throws ActivityFailure, StoreException {
        if (dataset.properties().at("location").isPresent()) {
            StoredFile file = firstFile(dataset);
            return new Preview(Schemas.of(stores, dataset, file, dataset.properties()), Schemas.rows(stores, dataset, file, rowsMax));
        }
        RowStoreType type = Catalogue.rowStore(dataset.type()).orElseThrow(() -> StoreException.user("UserErrorUnsupportedDataset", "Dataset '"
                + dataset.name() + "' of type '" + dataset.type() + "' is not supported"));
        ObjectNode settings = JsonNodeFactory.instance.objectNode();
        if (dataset.isClusterTable()) {
            stores.cluster(dataset.linkedService());
            settings.put("query", KustoCluster.quote(dataset.properties().at("table").text("")) + " | take " + rowsMax);
        }
        RowStoreType.SourceOpener opener = type.source().orElseThrow(() -> StoreException.user("UserErrorUnsupportedDataset", "Dataset '"
                + dataset.name() + "' cannot be read"));
        try (RowSource source = opener.open(stores, dataset, new Located("", "", settings))) {
            List<Split> splits = source.splits(1);
            try (RowReader reader = source.open(splits.getFirst())) {
                ArrayNode columns = JsonNodeFactory.instance.arrayNode();
                reader.columns().forEach(column -> columns.add(Schemas.column(column)));
                return new Preview(columns, Schemas.collect(reader, rowsMax));
            }
        }
    }

    private StoredFile firstFile(Dataset dataset) throws ActivityFailure, StoreException {
        Located location = dataset.properties().at("location");
        FileStore store = stores.files(dataset, location.at("storeSettings"));
        FileSelection selection = FilesMeant.of(location, location.at("storeSettings"), Depth.WITH_SUBFOLDERS).selection();
        List<StoredFile> files = store.find(selection);
        if (files.isEmpty()) {
            throw FileStore.missing("file", location.at("folderPath").text(""));
        }
        return files.getFirst();
    }

    private static StoreException notYet(LinkedService service) {
        return StoreException.user("UserErrorUnsupportedLinkedService", "Linked service '" + service.name() + "' of type '" + service.type()
                + "' cannot be tried by itself yet; preview one of its datasets");
    }

    private static Located reference(String name, JsonNode parameters) {
        ObjectNode reference = JsonNodeFactory.instance.objectNode().put("referenceName", name);
        reference.set("parameters", parameters);
        return new Located("", "", reference);
    }

    private LinkedService service(String name, JsonNode parameters) throws ActivityFailure {
        return stores.linkedService(reference(name, parameters), new Nowhere());
    }

    private Dataset dataset(String name, JsonNode parameters) throws ActivityFailure {
        return stores.dataset(reference(name, parameters), new Nowhere());
    }

    @Override
    public void close() {
        stores.close();
    }
}
