import com.microsoft.azure.kusto.ingest.IngestClientFactory;
import com.microsoft.azure.kusto.ingest.IngestionMapping.IngestionMappingKind;
import com.microsoft.azure.kusto.ingest.IngestionProperties.DataFormat;
import com.microsoft.azure.kusto.ingest.source.BlobSourceInfo;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/// Streaming ingestion, alone and with queued ingestion behind it.
final class StreamingChecks {
    private final Cluster cluster;

    StreamingChecks(Cluster cluster) {
        this.cluster = cluster;
    }

    Map<String, Clients.Check> all() {
        var all = new LinkedHashMap<String, Clients.Check>();
        all.put("streamingTakesFilesStreamsAndBlobs", this::streamingTakesFilesStreamsAndBlobs);
        all.put("streamingTakesJsonByAMapping", this::streamingTakesJsonByAMapping);
        all.put("streamingTakesFormatsThatAreFiles", this::streamingTakesFormatsThatAreFiles);
        all.put("managedStreamingStreamsWhatIsSmallAndQueuesWhatIsLarge", this::managedStreamingStreamsWhatIsSmallAndQueuesWhatIsLarge);
        all.put("managedStreamingTakesBlobsWithoutAnId", this::managedStreamingTakesBlobsWithoutAnId);
        return all;
    }

    private void streamingTakesFilesStreamsAndBlobs() throws Exception {
        String table = cluster.made("Device:string, Value:real");
        cluster.command(".alter table " + table + " policy streamingingestion enable");
        Path folder = Files.createTempDirectory("conshelf-java-");
        try (var client = IngestClientFactory.createStreamingIngestClient(cluster.connection())) {
            cluster.ingestEachWay(client, table, folder);
        } finally {
            Content.delete(folder);
        }
        Expect.equal(cluster.devices(table), "abcde");
    }

    private void streamingTakesJsonByAMapping() throws Exception {
        String table = cluster.made("Device:string, Value:real");
        cluster.command(".alter table " + table + " policy streamingingestion enable");
        cluster.command(".create table " + table + " ingestion json mapping 'm' '[{\"column\":\"Device\",\"Properties\":{\"Path\":\"$.in.text\"}},"
                + "{\"column\":\"Value\",\"Properties\":{\"Path\":\"$.no\"}}]'");
        try (var client = IngestClientFactory.createStreamingIngestClient(cluster.connection())) {
            for (DataFormat format : List.of(DataFormat.JSON, DataFormat.MULTIJSON)) {
                var target = cluster.target(table);
                target.setDataFormat(format);
                target.setIngestionMapping("m", IngestionMappingKind.JSON);
                client.ingestFromStream(Content.stream(format == DataFormat.JSON
                        ? "{\"no\":1,\"in\":{\"text\":\"a\"}}\n{\"no\":2,\"in\":{\"text\":\"b\"}}" : "[{\"no\":3,\n\"in\":{\"text\":\"c\"}}]"), target);
            }
        }
        Expect.equal(cluster.devices(table), "abc");
    }

    private void streamingTakesFormatsThatAreFiles() throws Exception {
        try (var client = IngestClientFactory.createStreamingIngestClient(cluster.connection())) {
            for (DataFormat format : List.of(DataFormat.AVRO, DataFormat.APACHEAVRO, DataFormat.W3CLOGFILE)) {
                String table = cluster.made("Device:string, Value:real");
                cluster.command(".alter table " + table + " policy streamingingestion enable");
                var target = cluster.target(table);
                target.setDataFormat(format);
                client.ingestFromFile(Content.sample(format), target);
                Expect.equal(format + " " + cluster.devices(table), format + " a");
            }
        }
    }

    private void managedStreamingStreamsWhatIsSmallAndQueuesWhatIsLarge() throws Exception {
        String table = cluster.made("Device:string, Value:real");
        cluster.command(".alter table " + table + " policy streamingingestion enable");
        try (var client = IngestClientFactory.createManagedStreamingIngestClient(cluster.connection(), cluster.connection())) {
            client.ingestFromStream(Content.stream("a,1\n"), cluster.target(table));
            Expect.equal(cluster.count(table), 1L);
            var rows = new StringBuilder();
            for (int i = 0; i < 160_000; i++) {
                rows.append(UUID.randomUUID()).append(UUID.randomUUID()).append(',').append(i).append('\n');
            }
            client.ingestFromStream(Content.stream(rows.toString()), cluster.target(table));
        }
        cluster.arrive(table, 160_001);
    }

    /// The client tells none of them from the others.
    private void managedStreamingTakesBlobsWithoutAnId() throws Exception {
        String table = cluster.made("Device:string, Value:real");
        cluster.command(".alter table " + table + " policy streamingingestion enable");
        try (var client = IngestClientFactory.createManagedStreamingIngestClient(cluster.connection(), cluster.connection())) {
            client.ingestFromBlob(new BlobSourceInfo(cluster.uploaded(Content.bytes("a,1\n"), "rows.csv")), cluster.target(table));
            client.ingestFromBlob(new BlobSourceInfo(cluster.uploaded(Content.packed("b,2\n"), "rows.csv.gz")), cluster.target(table));
        }
        cluster.arrive(table, 2);
        Expect.equal(cluster.devices(table), "ab");
    }
}
