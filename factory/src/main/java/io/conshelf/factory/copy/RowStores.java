package io.conshelf.factory.copy;

import static io.conshelf.factory.copy.Declaration.source;
import static io.conshelf.factory.copy.Declaration.type;

import io.conshelf.connectors.RowSource;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.definition.Located;
import io.conshelf.connectors.kusto.KustoQuery;
import io.conshelf.connectors.kusto.QueryOptions;
import io.conshelf.factory.activity.ActivityFailure;
import io.conshelf.factory.activity.ValueKind;
import io.conshelf.factory.definition.Activity;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// The stores that hold rows. To add one, add its [RowStoreType] to the list; everything else reads it.
final class RowStores {
    /// Rows go into a cluster as files, so the cluster is no [io.conshelf.connectors.RowTarget]: [TableSink] writes to it.
    static final RowStoreType CLUSTER = new RowStoreType(
            List.of(type("AzureDataExplorer").needs("endpoint", "database")
                    .takes("servicePrincipalId", "servicePrincipalKey", "tenant", "credential", "credentials")
                    .ignores("encryptedCredential", "secrets stand in the definition or in a key vault").build()),
            List.of(type("AzureDataExplorerTable").takes("table").build()),
            List.of(source("AzureDataExplorerSource").needs("query").takes(ValueKind.spanOfAtMost(Duration.ofHours(1)), "queryTimeout")
                    .takes(ValueKind.FLAG, "noTruncation").holdsMany("additionalColumns", CopyParts.ADDED_COLUMN).build()),
            List.of(sink("AzureDataExplorerSink").takes("ingestionMappingName", "ingestionMappingAsJson", "additionalProperties").takes(ValueKind.FLAG, "flushImmediately", "waitForCompletion").build()),
            Optional.of(RowStores::query), Optional.empty());

    static final List<RowStoreType> ALL = List.of(CLUSTER, SqlStores.SQL_SERVER, SqlStores.POSTGRESQL, WebStores.REST);

    private RowStores() {}

    /// A sink of files, or one that takes them.
    static Declaration.Builder sink(String name) {
        return Declaration.sink(name).ignores("writeBatchSize", "batches are sized by bytes").ignores("writeBatchTimeout", "batches are sized by bytes");
    }

    private static RowSource query(Stores stores, Dataset dataset, Located source) throws ActivityFailure, StoreException {
        Duration timeout = source.at("queryTimeout").text().flatMap(Activity::duration).orElse(Duration.ofMinutes(10));
        if (timeout.compareTo(Duration.ofHours(1)) > 0) {
            throw StoreException.user("UserErrorInvalidQueryTimeout", "'" + source.at("queryTimeout").path() + "' is at most 01:00:00");
        }
        Stores.Database database = stores.database(dataset.linkedService());
        return new KustoQuery(database.cluster(), database.name(), source.at("query").text(""),
                new QueryOptions(timeout, source.at("noTruncation").flag().orElse(false)));
    }
}
