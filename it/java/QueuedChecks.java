import com.microsoft.azure.kusto.ingest.ColumnMapping;
import com.microsoft.azure.kusto.ingest.IngestionMapping.IngestionMappingKind;
import com.microsoft.azure.kusto.ingest.IngestionProperties.DataFormat;
import com.microsoft.azure.kusto.ingest.result.IngestionStatus;
import com.microsoft.azure.kusto.ingest.source.BlobSourceInfo;
import com.microsoft.azure.kusto.ingest.source.FileSourceInfo;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Queued ingestion.
final class QueuedChecks {
    private final Cluster cluster;

    QueuedChecks(Cluster cluster) {
        this.cluster = cluster;
    }

    Map<String, Clients.Check> all() {
        var all = new LinkedHashMap<String, Clients.Check>();
        all.put("queuedTakesFilesStreamsAndBlobs", this::queuedTakesFilesStreamsAndBlobs);
        all.put("formatsByTheNamesThatTheClientGivesThem", this::formatsByTheNamesThatTheClientGivesThem);
        all.put("queuedKnowsMappingsTagsAndWhatWasThereBefore", this::queuedKnowsMappingsTagsAndWhatWasThereBefore);
        all.put("theTableTellsHowItEnded", this::theTableTellsHowItEnded);
        return all;
    }

    private void queuedTakesFilesStreamsAndBlobs() throws Exception {
        String table = cluster.made("Device:string, Value:real");
        Path folder = Files.createTempDirectory("conshelf-java-");
        try (var client = cluster.queued()) {
            cluster.ingestEachWay(client, table, folder);
            client.ingestFromBlob(new BlobSourceInfo(cluster.uploaded(Content.packed("f,6\n"), "rows.csv.gz")), cluster.target(table));
            client.ingestFromFile(new FileSourceInfo(Content.file(folder, "rows.csv.zip", Content.zipped("g,7\n"))), cluster.target(table));
        } finally {
            Content.delete(folder);
        }
        cluster.arrive(table, 7);
        Expect.equal(cluster.devices(table), "abcdefg");
    }

    private void formatsByTheNamesThatTheClientGivesThem() throws Exception {
        var rows = new LinkedHashMap<DataFormat, String>();
        rows.put(DataFormat.CSV, "a,1\n");
        rows.put(DataFormat.TSV, "a\t1\n");
        rows.put(DataFormat.TSVE, "a\t1\n");
        rows.put(DataFormat.PSV, "a|1\n");
        rows.put(DataFormat.SCSV, "a;1\n");
        rows.put(DataFormat.SOHSV, "a\0011\n");
        rows.put(DataFormat.JSON, "{\"Device\":\"a\",\"Value\":1}");
        rows.put(DataFormat.SINGLEJSON, "{\"Device\":\"a\",\"Value\":1}");
        rows.put(DataFormat.MULTIJSON, "[{\"Device\":\"a\",\n\"Value\":1}]");
        rows.put(DataFormat.TXT, "a\n");
        rows.put(DataFormat.RAW, "a");
        var tables = new LinkedHashMap<DataFormat, String>();
        try (var client = cluster.queued()) {
            for (var one : rows.entrySet()) {
                String table = cluster.made("Device:string, Value:real");
                tables.put(one.getKey(), table);
                var target = cluster.target(table);
                target.setDataFormat(one.getKey());
                client.ingestFromStream(Content.stream(one.getValue()), target);
            }
            for (DataFormat format : Content.WRITTEN.keySet()) {
                String table = cluster.made("Device:string, Value:real");
                tables.put(format, table);
                var target = cluster.target(table);
                target.setDataFormat(format);
                client.ingestFromFile(Content.sample(format), target);
            }
        }
        for (var one : tables.entrySet()) {
            cluster.arrive(one.getValue(), 1);
            Expect.equal(one.getKey() + " " + cluster.devices(one.getValue()), one.getKey() + " a");
        }
    }

    private void queuedKnowsMappingsTagsAndWhatWasThereBefore() throws Exception {
        String table = cluster.made("Device:string, Value:real");
        var device = new ColumnMapping("Device", "string");
        device.setPath("$.text");
        var value = new ColumnMapping("Value", "real");
        value.setPath("$.no");
        try (var client = cluster.queued()) {
            for (int n = 1; n <= 2; n++) {
                var target = cluster.target(table);
                target.setDataFormat(DataFormat.JSON);
                target.setIngestionMapping(new ColumnMapping[] {device, value}, IngestionMappingKind.JSON);
                target.setIngestByTags(List.of("first"));
                target.setDropByTags(List.of("day1"));
                target.setAdditionalTags(List.of("own"));
                target.setIngestIfNotExists(List.of("first"));
                client.ingestFromStream(Content.stream("{\"no\":" + n + ",\"text\":\"" + "ab".charAt(n - 1) + "\"}"), target);
                cluster.arrive(table, 1);
            }
            var target = cluster.target(table);
            target.setIgnoreFirstRecord(true);
            client.ingestFromStream(Content.stream("x,y\nc,3\n"), target);
            cluster.arrive(table, 2);
        }
        Expect.equal(cluster.devices(table), "ac");
        var extents = cluster.command(".show table " + table + " extents");
        var tags = new StringBuilder();
        while (extents.next()) {
            tags.append(extents.getString("Tags")).append(' ');
        }
        for (String tag : List.of("ingest-by:first", "drop-by:day1", "own")) {
            Expect.require(tags.toString().contains(tag), tags.toString());
        }
    }

    private void theTableTellsHowItEnded() throws Exception {
        String table = cluster.made("Device:string, Value:real");
        try (var client = cluster.queued()) {
            Expect.equal(Cluster.ended(client.ingestFromStream(Content.stream("a,1\n"), cluster.reported(table))).getStatus(), "Succeeded");
            var unmapped = cluster.reported(table);
            unmapped.setDataFormat(DataFormat.JSON);
            unmapped.setIngestionMapping("none", IngestionMappingKind.JSON);
            IngestionStatus failed = Cluster.ended(client.ingestFromStream(Content.stream("{\"a\":1}"), unmapped));
            Expect.equal(List.of(failed.getStatus(), String.valueOf(failed.getErrorCode()), failed.getFailureStatus()),
                    List.of("Failed", "BadRequest_MappingReferenceWasNotFound", "Permanent"));
        }
    }
}
