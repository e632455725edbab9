import com.azure.core.util.BinaryData;
import com.azure.storage.blob.BlobContainerClientBuilder;
import com.microsoft.azure.kusto.data.Client;
import com.microsoft.azure.kusto.data.ClientFactory;
import com.microsoft.azure.kusto.data.KustoResultSetTable;
import com.microsoft.azure.kusto.data.auth.ConnectionStringBuilder;
import com.microsoft.azure.kusto.data.exceptions.DataServiceException;
import com.microsoft.azure.kusto.ingest.IngestClient;
import com.microsoft.azure.kusto.ingest.IngestClientFactory;
import com.microsoft.azure.kusto.ingest.IngestionProperties;
import com.microsoft.azure.kusto.ingest.IngestionProperties.DataFormat;
import com.microsoft.azure.kusto.ingest.result.IngestionResult;
import com.microsoft.azure.kusto.ingest.result.IngestionStatus;
import com.microsoft.azure.kusto.ingest.source.BlobSourceInfo;
import com.microsoft.azure.kusto.ingest.source.CompressionType;
import com.microsoft.azure.kusto.ingest.source.FileSourceInfo;
import com.microsoft.azure.kusto.ingest.source.StreamSourceInfo;
import java.io.ByteArrayInputStream;
import java.nio.file.Path;
import java.util.UUID;

/// A cluster at one of its addresses, and tables in it that are made for a check.
final class Cluster {
    private final String url;
    private final String database;
    private final Client kusto;

    Cluster(String url, String database) throws Exception {
        this.url = url;
        this.database = database;
        this.kusto = ClientFactory.createClient(connection());
    }

    String url() {
        return url;
    }

    String database() {
        return database;
    }

    Client kusto() {
        return kusto;
    }

    ConnectionStringBuilder connection() {
        String id = System.getenv("AZURE_CLIENT_ID");
        if (url.startsWith("http:") && System.getenv("TOKEN") != null) {
            return ConnectionStringBuilder.createWithAadAccessTokenAuthentication(url, System.getenv("TOKEN"));
        }
        return id == null ? new ConnectionStringBuilder(url) : ConnectionStringBuilder.createWithAadApplicationCredentials(
                url, id, System.getenv("AZURE_CLIENT_SECRET"), System.getenv("AZURE_TENANT_ID"));
    }

    IngestClient queued() throws Exception {
        return IngestClientFactory.createClient(connection(), null, false);
    }

    IngestionProperties target(String table) {
        var target = new IngestionProperties(database, table);
        target.setDataFormat(DataFormat.CSV);
        target.setFlushImmediately(true);
        return target;
    }

    IngestionProperties reported(String table) {
        var target = target(table);
        target.setReportLevel(IngestionProperties.IngestionReportLevel.FAILURES_AND_SUCCESSES);
        target.setReportMethod(IngestionProperties.IngestionReportMethod.TABLE);
        return target;
    }

    static IngestionStatus ended(IngestionResult result) throws Exception {
        return Expect.eventually(() -> result.getIngestionStatusCollection().get(0), status -> !"Pending".equals(status.getStatus()));
    }

    KustoResultSetTable command(String text) throws DataServiceException {
        return kusto.executeMgmt(database, text).getPrimaryResults();
    }

    String made(String columns) throws Exception {
        String name = "java_" + UUID.randomUUID().toString().replace("-", "").substring(0, 12);
        command(".create table " + name + " (" + columns + ")");
        return name;
    }

    /// A blob in the storage beside the cluster, put there with the storage client.
    String uploaded(byte[] content, String name) throws Exception {
        var offered = command(".create tempstorage");
        offered.next();
        String root = offered.getString("StorageRoot");
        int signature = root.indexOf('?');
        String path = UUID.randomUUID() + "/" + name;
        new BlobContainerClientBuilder().endpoint(root).buildClient().getBlobClient(path).upload(BinaryData.fromBytes(content));
        return root.substring(0, signature) + "/" + path + root.substring(signature);
    }

    /// Sends the devices a to e: as a stream and a file, plain and packed, and as a blob.
    ///
    /// @param folder for the files
    void ingestEachWay(IngestClient client, String table, Path folder) throws Exception {
        client.ingestFromStream(Content.stream("a,1\n"), target(table));
        var packed = new StreamSourceInfo(new ByteArrayInputStream(Content.packed("b,2\n")));
        packed.setCompressionType(CompressionType.gz);
        client.ingestFromStream(packed, target(table));
        client.ingestFromFile(new FileSourceInfo(Content.file(folder, "rows.csv", Content.bytes("c,3\n"))), target(table));
        client.ingestFromFile(new FileSourceInfo(Content.file(folder, "rows.csv.gz", Content.packed("d,4\n"))), target(table));
        client.ingestFromBlob(new BlobSourceInfo(uploaded(Content.bytes("e,5\n"), "rows.csv")), target(table));
    }

    long count(String table) throws Exception {
        var row = kusto.executeQuery(database, table + " | count").getPrimaryResults();
        row.next();
        return row.getLong(0);
    }

    void arrive(String table, long rows) throws Exception {
        Expect.equal(Expect.eventually(() -> count(table), count -> count >= rows), rows);
    }

    String devices(String table) throws Exception {
        var rows = kusto.executeQuery(database, table + " | order by Value asc").getPrimaryResults();
        var all = new StringBuilder();
        while (rows.next()) {
            all.append(rows.getString("Device"));
        }
        return all.toString();
    }
}
