package io.conshelf.connectors.kusto;

import com.microsoft.azure.kusto.ingest.IngestionProperties;
import com.microsoft.azure.kusto.ingest.ManagedStreamingIngestClient;
import com.microsoft.azure.kusto.ingest.source.StreamSourceInfo;
import io.conshelf.connectors.StoreException;
import java.io.ByteArrayInputStream;
import java.io.IOException;

/// Records that are to be seen at once. What the cluster does not take as a stream, for its size or because it is busy, the client queues instead.
/// Belongs to one thread.
public final class StreamedIngestion implements AutoCloseable {
    /// In bytes: a request must stay below 4 MB, whatever it packs to.
    public static final int REQUEST_MAX = 3 << 20;

    private final ManagedStreamingIngestClient client;
    private final String database;
    private final String table;

    StreamedIngestion(ManagedStreamingIngestClient client, String database, String table) {
        this.client = client;
        this.database = database;
        this.table = table;
    }

    /// Returns when the cluster has them.
    ///
    /// @param csv records whose fields are the table's columns, in their order
    public void ingest(byte[] csv) throws StoreException {
        IngestionProperties properties = new IngestionProperties(database, table);
        properties.setDataFormat("csv");
        try {
            client.ingestFromStream(new StreamSourceInfo(new ByteArrayInputStream(csv)), properties);
        } catch (Exception failure) {
            throw KustoFailure.of("Streaming into table '" + table + "'", failure);
        }
    }

    @Override
    public void close() throws StoreException {
        try {
            client.close();
        } catch (IOException failure) {
            throw KustoFailure.of("Closing the stream into table '" + table + "'", failure);
        }
    }
}
