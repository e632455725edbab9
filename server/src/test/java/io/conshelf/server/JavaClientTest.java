package io.conshelf.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.microsoft.azure.kusto.data.Client;
import com.microsoft.azure.kusto.data.ClientFactory;
import com.microsoft.azure.kusto.data.ClientRequestProperties;
import com.microsoft.azure.kusto.data.auth.ConnectionStringBuilder;
import com.microsoft.azure.kusto.data.exceptions.DataServiceException;
import com.microsoft.azure.kusto.ingest.IngestClientFactory;
import com.microsoft.azure.kusto.ingest.IngestionMapping;
import com.microsoft.azure.kusto.ingest.IngestionProperties;
import com.microsoft.azure.kusto.ingest.result.IngestionStatus;
import com.microsoft.azure.kusto.ingest.source.StreamSourceInfo;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// The official Java client against the server, with the settings its documentation has.
@Timeout(600)
class JavaClientTest {
    private static Server server;
    private static String url;
    private static Client client;

    @BeforeAll
    static void start() throws Exception {
        server = Server.start(ServerConfig.local().withDatabases(List.of("Lab")));
        url = "http://localhost:" + server.port();
        client = ClientFactory.createClient(new ConnectionStringBuilder(url));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void queries() throws Exception {
        var table = client.executeQuery("Lab", "range n from 1 to 3 step 1").getPrimaryResults();
        List<Long> values = new ArrayList<>();
        while (table.next()) {
            values.add(table.getLong("n"));
        }
        assertThat(values).containsExactly(1L, 2L, 3L);
    }

    @Test
    void queriesWithParameters() throws Exception {
        var properties = new ClientRequestProperties();
        properties.setParameter("n", 3);
        properties.setParameter("s", "a'b");
        var table = client.executeQuery(
                        "Lab", "declare query_parameters(n:long, s:string); print twice = n * 2, s = s", properties)
                .getPrimaryResults();
        table.next();
        assertThat(table.getLong("twice")).isEqualTo(6);
        assertThat(table.getString("s")).isEqualTo("a'b");
    }

    @Test
    void aSemanticErrorKeepsItsText() {
        assertThatThrownBy(() -> client.executeQuery("Lab", "print x"))
                .isInstanceOf(DataServiceException.class)
                .hasStackTraceContaining("Semantic error: SEM0100")
                .satisfies(e -> assertThat(((DataServiceException) e).isPermanent()).isTrue());
    }

    @Test
    void truncationIsAnErrorAfterTheRows() {
        var properties = new ClientRequestProperties();
        properties.setOption("truncationmaxrecords", 10);
        assertThatThrownBy(() -> client.executeQuery("Lab", "range n from 1 to 100 step 1", properties))
                .hasStackTraceContaining("E_QUERY_RESULT_SET_TOO_LARGE");
    }

    @Test
    void commands() throws Exception {
        client.executeMgmt("Lab", ".create-merge table Commands (Device:string, Value:real)");
        var tables = client.executeMgmt("Lab", ".show tables").getPrimaryResults();
        List<String> names = new ArrayList<>();
        while (tables.next()) {
            names.add(tables.getString("TableName"));
        }
        assertThat(names).contains("Commands");
    }

    @Test
    void streamsIntoATableThatIsThereAtOnce() throws Exception {
        client.executeMgmt("Lab", ".create-merge table Streamed (Device:string, Value:real)");
        client.executeMgmt("Lab", ".alter table Streamed policy streamingingestion enable");
        try (var ingest = IngestClientFactory.createStreamingIngestClient(new ConnectionStringBuilder(url))) {
            var result = ingest.ingestFromStream(rows("pump-1,1.5\npump-2,2.5\n"), csvInto("Streamed"));
            assertThat(result.getIngestionStatusCollection().getFirst().getStatus()).isEqualTo("Succeeded");
        }
        assertThat(count("Streamed")).isEqualTo(2);
    }

    @Test
    void streamingWithoutPolicyIsRefused() throws Exception {
        client.executeMgmt("Lab", ".create-merge table Unstreamed (Device:string, Value:real)");
        try (var ingest = IngestClientFactory.createStreamingIngestClient(new ConnectionStringBuilder(url))) {
            assertThatThrownBy(() -> ingest.ingestFromStream(rows("a,1\n"), csvInto("Unstreamed")))
                    .hasStackTraceContaining("treaming ingestion");
        }
    }

    @Test
    void queuesAndReportsInTheStatusTable() throws Exception {
        client.executeMgmt("Lab", ".create-merge table Queued (Device:string, Value:real)");
        assertThat(queue("Queued", csvInto("Queued")).getStatus()).isEqualTo("Succeeded");
        assertThat(count("Queued")).isEqualTo(1);
    }

    @Test
    void queuedIntoATableThatIsNotThereFails() throws Exception {
        IngestionStatus status = queue("Nowhere", csvInto("Nowhere"));
        assertThat(status.getStatus()).isEqualTo("Failed");
        assertThat(status.getErrorCode()).hasToString("BadRequest_TableNotExist");
        assertThat(status.getFailureStatus()).isEqualTo("Permanent");
    }

    @Test
    void queuedWithAMissingMappingFails() throws Exception {
        client.executeMgmt("Lab", ".create-merge table Unmapped (Device:string, Value:real)");
        var target = csvInto("Unmapped");
        target.setIngestionMapping("nowhere", IngestionMapping.IngestionMappingKind.CSV);
        IngestionStatus status = queue("Unmapped", target);
        assertThat(status.getStatus()).isEqualTo("Failed");
        assertThat(status.getErrorCode()).hasToString("BadRequest_MappingReferenceWasNotFound");
    }

    @Test
    void managedStreamingStreamsWhatIsSmall() throws Exception {
        client.executeMgmt("Lab", ".create-merge table Managed (Device:string, Value:real)");
        client.executeMgmt("Lab", ".alter table Managed policy streamingingestion enable");
        try (var ingest = IngestClientFactory.createManagedStreamingIngestClient(new ConnectionStringBuilder(url))) {
            ingest.ingestFromStream(rows("pump-1,1.5\n"), csvInto("Managed"));
        }
        assertThat(count("Managed")).isEqualTo(1);
    }

    /// As on 127.0.0.1, where the client must be told to leave the address alone.
    private static IngestionStatus queue(String table, IngestionProperties target) throws Exception {
        target.setFlushImmediately(true);
        target.setReportLevel(IngestionProperties.IngestionReportLevel.FAILURES_AND_SUCCESSES);
        target.setReportMethod(IngestionProperties.IngestionReportMethod.TABLE);
        var connection = new ConnectionStringBuilder("http://127.0.0.1:" + server.port());
        try (var ingest = IngestClientFactory.createClient(connection, null, false)) {
            var result = ingest.ingestFromStream(rows("pump-2,2.5\n"), target);
            long end = System.nanoTime() + Duration.ofMinutes(5).toNanos();
            while (true) {
                IngestionStatus status = result.getIngestionStatusCollection().getFirst();
                if (!"Pending".equals(status.getStatus()) || System.nanoTime() > end) {
                    return status;
                }
                LockSupport.parkNanos(5_000_000);
            }
        }
    }

    private static IngestionProperties csvInto(String table) {
        var target = new IngestionProperties("Lab", table);
        target.setDataFormat(IngestionProperties.DataFormat.CSV);
        return target;
    }

    private static long count(String table) throws Exception {
        var result = client.executeQuery("Lab", table + " | count").getPrimaryResults();
        result.next();
        return result.getLong(0);
    }

    private static StreamSourceInfo rows(String csv) {
        return new StreamSourceInfo(new ByteArrayInputStream(csv.getBytes(StandardCharsets.UTF_8)));
    }
}
