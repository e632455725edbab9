import com.azure.core.http.HttpClient;
import com.azure.core.http.HttpHeaders;
import com.azure.core.http.HttpRequest;
import com.azure.core.http.HttpResponse;
import com.azure.core.util.BinaryData;
import com.azure.core.util.Context;
import com.azure.storage.blob.BlobContainerClientBuilder;
import com.microsoft.azure.kusto.data.Client;
import com.microsoft.azure.kusto.data.ClientFactory;
import com.microsoft.azure.kusto.data.ClientRequestProperties;
import com.microsoft.azure.kusto.data.KustoResultSetTable;
import com.microsoft.azure.kusto.data.auth.ConnectionStringBuilder;
import com.microsoft.azure.kusto.data.auth.endpoints.KustoTrustedEndpoints;
import com.microsoft.azure.kusto.data.auth.endpoints.MatchRule;
import com.microsoft.azure.kusto.data.exceptions.DataServiceException;
import com.microsoft.azure.kusto.ingest.ColumnMapping;
import com.microsoft.azure.kusto.ingest.IngestClient;
import com.microsoft.azure.kusto.ingest.IngestClientFactory;
import com.microsoft.azure.kusto.ingest.IngestionMapping.IngestionMappingKind;
import com.microsoft.azure.kusto.ingest.IngestionProperties;
import com.microsoft.azure.kusto.ingest.IngestionProperties.DataFormat;
import com.microsoft.azure.kusto.ingest.result.IngestionResult;
import com.microsoft.azure.kusto.ingest.result.IngestionStatus;
import com.microsoft.azure.kusto.ingest.source.BlobSourceInfo;
import com.microsoft.azure.kusto.ingest.source.CompressionType;
import com.microsoft.azure.kusto.ingest.source.FileSourceInfo;
import com.microsoft.azure.kusto.ingest.source.StreamSourceInfo;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/// Every way into a cluster that the official Java clients have, one check a way.
///
///     java -cp CLASSPATH Clients.java URL DATABASE [OTHER_URL…]
///
/// Signs in as an application where AZURE_CLIENT_ID, AZURE_CLIENT_SECRET and AZURE_TENANT_ID are set, and by http with TOKEN. BIG is how many rows the large
/// result has, SAMPLES the folder of files in formats that no client writes. At the other addresses of the cluster it goes there and back once.
final class Clients {
    private static final long PATIENCE = TimeUnit.MINUTES.toNanos(2);
    private static final String ENDLESS = "range x from 1 to 1000000000000 step 1 | summarize dcount(x)";

    private static final Map<DataFormat, String> WRITTEN = Map.of(DataFormat.AVRO, "rows.avro", DataFormat.APACHEAVRO, "rows.avro",
            DataFormat.PARQUET, "rows.parquet", DataFormat.ORC, "rows.orc", DataFormat.W3CLOGFILE, "rows.w3clog");

    private final String url;
    private final String database;
    private final Client kusto;

    private Clients(String url, String database) throws Exception {
        this.url = url;
        this.database = database;
        this.kusto = ClientFactory.createClient(connection());
    }

    private ConnectionStringBuilder connection() {
        String id = System.getenv("AZURE_CLIENT_ID");
        if (url.startsWith("http:") && System.getenv("TOKEN") != null) {
            return ConnectionStringBuilder.createWithAadAccessTokenAuthentication(url, System.getenv("TOKEN"));
        }
        return id == null ? new ConnectionStringBuilder(url) : ConnectionStringBuilder.createWithAadApplicationCredentials(
                url, id, System.getenv("AZURE_CLIENT_SECRET"), System.getenv("AZURE_TENANT_ID"));
    }

    private interface Check {
        void run() throws Exception;
    }

    private Map<String, Check> checks() {
        var all = new LinkedHashMap<String, Check>();
        all.put("everyTypeComesBack", this::everyTypeComesBack);
        all.put("commandsThatPrepareATableAnswer", this::commandsThatPrepareATableAnswer);
        all.put("parametersAreBound", this::parametersAreBound);
        all.put("aQueryThatIsWrongIsTold", this::aQueryThatIsWrongIsTold);
        all.put("aTimeLimitEndsAQuery", this::aTimeLimitEndsAQuery);
        all.put("aQueryCanBeCancelled", this::aQueryCanBeCancelled);
        all.put("aLargeResultIsStreamed", this::aLargeResultIsStreamed);
        all.put("streamingTakesFilesStreamsAndBlobs", this::streamingTakesFilesStreamsAndBlobs);
        all.put("streamingTakesJsonByAMapping", this::streamingTakesJsonByAMapping);
        all.put("streamingTakesFormatsThatAreFiles", this::streamingTakesFormatsThatAreFiles);
        all.put("managedStreamingStreamsWhatIsSmallAndQueuesWhatIsLarge", this::managedStreamingStreamsWhatIsSmallAndQueuesWhatIsLarge);
        all.put("managedStreamingTakesBlobsWithoutAnId", this::managedStreamingTakesBlobsWithoutAnId);
        all.put("queuedTakesFilesStreamsAndBlobs", this::queuedTakesFilesStreamsAndBlobs);
        all.put("formatsByTheNamesThatTheClientGivesThem", this::formatsByTheNamesThatTheClientGivesThem);
        all.put("queuedKnowsMappingsTagsAndWhatWasThereBefore", this::queuedKnowsMappingsTagsAndWhatWasThereBefore);
        all.put("theTableTellsHowItEnded", this::theTableTellsHowItEnded);
        return all;
    }

    private void everyTypeComesBack() throws Exception {
        var row = kusto.executeQuery(database, """
                print b=true, i=int(-5), l=9223372036854775807, r=0.5, d=decimal(1.50), s='ä', t=datetime(2020-03-04T14:05:01.3109965Z),
                 n=time(01:23:45.6789), g=guid(74be27de-1e4e-49d9-b579-fe0b331d3642), y=dynamic({"a":[1,null]}), nb=bool(null), ni=int(null),
                 nl=long(null), nr=real(null), nt=datetime(null), nn=timespan(null), ng=guid(null), ny=dynamic(null)""").getPrimaryResults();
        row.next();
        equal(List.of(row.getBoolean("b"), row.getInt("i"), row.getLong("l"), row.getDouble("r"), row.getString("s"), row.getLocalTime("n").toString(),
                row.getUUID("g").toString(), row.getJSONObject("y").toString(), row.getKustoDateTime("t").toInstant(ZoneOffset.UTC)),
                List.of(true, -5, Long.MAX_VALUE, 0.5, "ä", "01:23:45.678900", "74be27de-1e4e-49d9-b579-fe0b331d3642", "{\"a\":[1,null]}",
                        Instant.parse("2020-03-04T14:05:01.310996500Z")));
        equal(row.getBigDecimal("d").compareTo(new BigDecimal("1.5")), 0);
        for (String empty : List.of("nb", "ni", "nl", "nr", "nt", "nn", "ng", "ny")) {
            equal(row.getObject(empty), null);
        }
    }

    /// What the client's own suite of tests asks for around its tests.
    private void commandsThatPrepareATableAnswer() throws Exception {
        var traced = connection();
        traced.setUserNameForTracing("Jåva");
        var client = ClientFactory.createClient(traced);
        String table = made("n:int, t:string");
        client.executeToJsonResult(database, ".alter table " + table + " policy auto_delete @'{ \"ExpiryDate\" : \"2099-01-02T03:04:05.123456\", \"DeleteIfNotEmpty\": true }'", null);
        client.executeToJsonResult(database, ".clear database cache streamingingestion schema", null);
        var principals = client.executeMgmt(database, ".show database " + database + " principals").getPrimaryResults();
        require(principals.getColumns().length == 7 && principals.getColumns()[4].getColumnName().equals("PrincipalFQN"), "principals have their names");
        client.executeToJsonResult(database, ".drop table " + table + " ifexists skip-seal", null);
        require(refused(() -> client.executeQuery(database, table)).contains("SEM0100"), "the table is gone");
    }

    private void parametersAreBound() throws Exception {
        var properties = new ClientRequestProperties();
        properties.setParameter("b", true);
        properties.setParameter("l", 5L);
        properties.setParameter("r", 2.5);
        properties.setParameter("s", "a 'quoted' text");
        var row = kusto.executeQuery(database, "declare query_parameters(b:bool, l:long, r:real, s:string); print b=b, l=l, r=r, s=s", properties)
                .getPrimaryResults();
        row.next();
        equal(List.of(row.getBoolean("b"), row.getLong("l"), row.getDouble("r"), row.getString("s")), List.of(true, 5L, 2.5, "a 'quoted' text"));
    }

    private void aQueryThatIsWrongIsTold() {
        require(refused(() -> kusto.executeQuery(database, "NoSuchTable | count")).contains("SEM0100"), "the semantic error is told");
        require(refused(() -> kusto.executeQuery(database, "print |")).contains("SYN"), "the syntax error is told");
    }

    private void aTimeLimitEndsAQuery() {
        var properties = new ClientRequestProperties();
        properties.setTimeoutInMilliSec(TimeUnit.SECONDS.toMillis(2));
        String told = refused(() -> kusto.executeQuery(database, ENDLESS, properties));
        require(told.contains("504") || told.contains("imeout") || told.contains("imed out"), told);
    }

    private void aQueryCanBeCancelled() throws Exception {
        var properties = new ClientRequestProperties();
        properties.setClientRequestId("cancel;" + UUID.randomUUID());
        var running = CompletableFuture.supplyAsync(() -> refused(() -> kusto.executeQuery(database, ENDLESS, properties)), Thread::startVirtualThread);
        String shown = ".show queries | where ClientActivityId == '" + properties.getClientRequestId() + "' and State == 'InProgress'";
        eventually(() -> command(shown).count(), count -> count == 1);
        command(".cancel query \"" + properties.getClientRequestId() + "\"");
        require(running.get(2, TimeUnit.MINUTES).contains("ancel"), "the end is told");
    }

    private void aLargeResultIsStreamed() throws Exception {
        long big = Long.parseLong(System.getenv().getOrDefault("BIG", "200000"));
        var properties = new ClientRequestProperties();
        properties.setOption("notruncation", true);
        long lines = 0;
        // As text, as the client hands it on: the rows are counted by what only rows have.
        try (var client = ClientFactory.createStreamingClient(connection(), streaming()).executeStreamingQuery(
                database, "range x from 1 to " + big + " step 1 | extend s=strcat('row ', x, strrep('.', 80))", properties)) {
            byte[] buffer = new byte[1 << 16];
            byte[] mark = "\"row ".getBytes(StandardCharsets.US_ASCII);
            int matched = 0;
            for (int read = client.read(buffer); read >= 0; read = client.read(buffer)) {
                for (int i = 0; i < read; i++) {
                    matched = buffer[i] == mark[matched] ? matched + 1 : buffer[i] == mark[0] ? 1 : 0;
                    if (matched == mark.length) {
                        lines++;
                        matched = 0;
                    }
                }
            }
        }
        equal(lines, big);
        tellPeak();
    }

    /// The client gathers an answer before it hands on the first byte, unless its HTTP client hands on streams. Off the threads of the network, as the
    /// client reads the beginning of the stream at once and waits for it.
    private static HttpClient streaming() {
        HttpClient gathering = HttpClient.createDefault();
        return new HttpClient() {
            @Override
            public Mono<HttpResponse> send(HttpRequest request) {
                return send(request, Context.NONE);
            }

            @Override
            public Mono<HttpResponse> send(HttpRequest request, Context context) {
                return gathering.send(request, context).publishOn(Schedulers.boundedElastic()).map(StreamedAnswer::new);
            }
        };
    }

    private static final class StreamedAnswer extends HttpResponse {
        private final HttpResponse answer;

        private StreamedAnswer(HttpResponse answer) {
            super(answer.getRequest());
            this.answer = answer;
        }

        @Override
        public Mono<InputStream> getBodyAsInputStream() {
            return Mono.fromSupplier(answer::getBodyAsInputStreamSync);
        }

        @Override
        public int getStatusCode() {
            return answer.getStatusCode();
        }

        @Override
        @Deprecated
        public String getHeaderValue(String name) {
            return answer.getHeaderValue(name);
        }

        @Override
        public HttpHeaders getHeaders() {
            return answer.getHeaders();
        }

        @Override
        public Flux<ByteBuffer> getBody() {
            return answer.getBody();
        }

        @Override
        public Mono<byte[]> getBodyAsByteArray() {
            return answer.getBodyAsByteArray();
        }

        @Override
        public Mono<String> getBodyAsString() {
            return answer.getBodyAsString();
        }

        @Override
        public Mono<String> getBodyAsString(Charset charset) {
            return answer.getBodyAsString(charset);
        }

        @Override
        public void close() {
            answer.close();
        }
    }

    /// The most memory that this process ever had, as Linux tells it: whoever runs the check with more and with fewer rows compares.
    private static void tellPeak() throws IOException {
        Path status = Path.of("/proc/self/status");
        if (Files.exists(status)) {
            Files.readAllLines(status).stream().filter(line -> line.startsWith("VmHWM:")).forEach(line -> System.out.println("peak" + line.substring(6)));
        }
    }

    private void streamingTakesFilesStreamsAndBlobs() throws Exception {
        String table = made("Device:string, Value:real");
        command(".alter table " + table + " policy streamingingestion enable");
        Path folder = Files.createTempDirectory("conshelf-java-");
        try (var client = IngestClientFactory.createStreamingIngestClient(connection())) {
            client.ingestFromStream(stream("a,1\n"), target(table));
            var packed = new StreamSourceInfo(new ByteArrayInputStream(packed("b,2\n")));
            packed.setCompressionType(CompressionType.gz);
            client.ingestFromStream(packed, target(table));
            client.ingestFromFile(new FileSourceInfo(file(folder, "rows.csv", bytes("c,3\n"))), target(table));
            client.ingestFromFile(new FileSourceInfo(file(folder, "rows.csv.gz", packed("d,4\n"))), target(table));
            client.ingestFromBlob(new BlobSourceInfo(uploaded(bytes("e,5\n"), "rows.csv")), target(table));
        } finally {
            delete(folder);
        }
        equal(devices(table), "abcde");
    }

    private void streamingTakesJsonByAMapping() throws Exception {
        String table = made("Device:string, Value:real");
        command(".alter table " + table + " policy streamingingestion enable");
        command(".create table " + table + " ingestion json mapping 'm' '[{\"column\":\"Device\",\"Properties\":{\"Path\":\"$.in.text\"}},"
                + "{\"column\":\"Value\",\"Properties\":{\"Path\":\"$.no\"}}]'");
        try (var client = IngestClientFactory.createStreamingIngestClient(connection())) {
            for (DataFormat format : List.of(DataFormat.JSON, DataFormat.MULTIJSON)) {
                var target = target(table);
                target.setDataFormat(format);
                target.setIngestionMapping("m", IngestionMappingKind.JSON);
                client.ingestFromStream(stream(format == DataFormat.JSON
                        ? "{\"no\":1,\"in\":{\"text\":\"a\"}}\n{\"no\":2,\"in\":{\"text\":\"b\"}}" : "[{\"no\":3,\n\"in\":{\"text\":\"c\"}}]"), target);
            }
        }
        equal(devices(table), "abc");
    }

    private static FileSourceInfo sample(DataFormat format) {
        return new FileSourceInfo(Path.of(System.getenv("SAMPLES"), WRITTEN.get(format)).toString());
    }

    private void streamingTakesFormatsThatAreFiles() throws Exception {
        try (var client = IngestClientFactory.createStreamingIngestClient(connection())) {
            for (DataFormat format : List.of(DataFormat.AVRO, DataFormat.APACHEAVRO, DataFormat.W3CLOGFILE)) {
                String table = made("Device:string, Value:real");
                command(".alter table " + table + " policy streamingingestion enable");
                var target = target(table);
                target.setDataFormat(format);
                client.ingestFromFile(sample(format), target);
                equal(format + " " + devices(table), format + " a");
            }
        }
    }

    private void managedStreamingStreamsWhatIsSmallAndQueuesWhatIsLarge() throws Exception {
        String table = made("Device:string, Value:real");
        command(".alter table " + table + " policy streamingingestion enable");
        try (var client = IngestClientFactory.createManagedStreamingIngestClient(connection(), connection())) {
            client.ingestFromStream(stream("a,1\n"), target(table));
            equal(count(table), 1L);
            var rows = new StringBuilder();
            for (int i = 0; i < 160_000; i++) {
                rows.append(UUID.randomUUID()).append(UUID.randomUUID()).append(',').append(i).append('\n');
            }
            client.ingestFromStream(stream(rows.toString()), target(table));
        }
        arrive(table, 160_001);
    }

    /// The client tells none of them from the others.
    private void managedStreamingTakesBlobsWithoutAnId() throws Exception {
        String table = made("Device:string, Value:real");
        command(".alter table " + table + " policy streamingingestion enable");
        try (var client = IngestClientFactory.createManagedStreamingIngestClient(connection(), connection())) {
            client.ingestFromBlob(new BlobSourceInfo(uploaded(bytes("a,1\n"), "rows.csv")), target(table));
            client.ingestFromBlob(new BlobSourceInfo(uploaded(packed("b,2\n"), "rows.csv.gz")), target(table));
        }
        arrive(table, 2);
        equal(devices(table), "ab");
    }

    private void queuedTakesFilesStreamsAndBlobs() throws Exception {
        String table = made("Device:string, Value:real");
        Path folder = Files.createTempDirectory("conshelf-java-");
        try (var client = queued()) {
            client.ingestFromStream(stream("a,1\n"), target(table));
            var packed = new StreamSourceInfo(new ByteArrayInputStream(packed("b,2\n")));
            packed.setCompressionType(CompressionType.gz);
            client.ingestFromStream(packed, target(table));
            client.ingestFromFile(new FileSourceInfo(file(folder, "rows.csv", bytes("c,3\n"))), target(table));
            client.ingestFromFile(new FileSourceInfo(file(folder, "rows.csv.gz", packed("d,4\n"))), target(table));
            client.ingestFromBlob(new BlobSourceInfo(uploaded(bytes("e,5\n"), "rows.csv")), target(table));
            client.ingestFromBlob(new BlobSourceInfo(uploaded(packed("f,6\n"), "rows.csv.gz")), target(table));
            client.ingestFromFile(new FileSourceInfo(file(folder, "rows.csv.zip", zipped("g,7\n"))), target(table));
        } finally {
            delete(folder);
        }
        arrive(table, 7);
        equal(devices(table), "abcdefg");
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
        try (var client = queued()) {
            for (var one : rows.entrySet()) {
                String table = made("Device:string, Value:real");
                tables.put(one.getKey(), table);
                var target = target(table);
                target.setDataFormat(one.getKey());
                client.ingestFromStream(stream(one.getValue()), target);
            }
            for (DataFormat format : WRITTEN.keySet()) {
                String table = made("Device:string, Value:real");
                tables.put(format, table);
                var target = target(table);
                target.setDataFormat(format);
                client.ingestFromFile(sample(format), target);
            }
        }
        for (var one : tables.entrySet()) {
            arrive(one.getValue(), 1);
            equal(one.getKey() + " " + devices(one.getValue()), one.getKey() + " a");
        }
    }

    private void queuedKnowsMappingsTagsAndWhatWasThereBefore() throws Exception {
        String table = made("Device:string, Value:real");
        var device = new ColumnMapping("Device", "string");
        device.setPath("$.text");
        var value = new ColumnMapping("Value", "real");
        value.setPath("$.no");
        try (var client = queued()) {
            for (int n = 1; n <= 2; n++) {
                var target = target(table);
                target.setDataFormat(DataFormat.JSON);
                target.setIngestionMapping(new ColumnMapping[] {device, value}, IngestionMappingKind.JSON);
                target.setIngestByTags(List.of("first"));
                target.setDropByTags(List.of("day1"));
                target.setAdditionalTags(List.of("own"));
                target.setIngestIfNotExists(List.of("first"));
                client.ingestFromStream(stream("{\"no\":" + n + ",\"text\":\"" + "ab".charAt(n - 1) + "\"}"), target);
                arrive(table, 1);
            }
            var target = target(table);
            target.setIgnoreFirstRecord(true);
            client.ingestFromStream(stream("x,y\nc,3\n"), target);
            arrive(table, 2);
        }
        equal(devices(table), "ac");
        var extents = command(".show table " + table + " extents");
        var tags = new StringBuilder();
        while (extents.next()) {
            tags.append(extents.getString("Tags")).append(' ');
        }
        for (String tag : List.of("ingest-by:first", "drop-by:day1", "own")) {
            require(tags.toString().contains(tag), tags.toString());
        }
    }

    private void theTableTellsHowItEnded() throws Exception {
        String table = made("Device:string, Value:real");
        try (var client = queued()) {
            equal(ended(client.ingestFromStream(stream("a,1\n"), reported(table))).getStatus(), "Succeeded");
            var unmapped = reported(table);
            unmapped.setDataFormat(DataFormat.JSON);
            unmapped.setIngestionMapping("none", IngestionMappingKind.JSON);
            IngestionStatus failed = ended(client.ingestFromStream(stream("{\"a\":1}"), unmapped));
            equal(List.of(failed.getStatus(), String.valueOf(failed.getErrorCode()), failed.getFailureStatus()),
                    List.of("Failed", "BadRequest_MappingReferenceWasNotFound", "Permanent"));
        }
    }

    /// What is streamed and what is queued, at an address of another kind.
    private void thereAndBack() throws Exception {
        String table = made("Device:string, Value:real");
        command(".alter table " + table + " policy streamingingestion enable");
        // Before a number it would put ingest-, as before a name.
        boolean isNumber = url.contains("127.0.0.1");
        try (var streaming = IngestClientFactory.createStreamingIngestClient(connection());
                var queued = isNumber ? queued() : IngestClientFactory.createClient(connection())) {
            streaming.ingestFromStream(stream("a,1\n"), target(table));
            queued.ingestFromStream(stream("b,2\n"), target(table));
        }
        arrive(table, 2);
        equal(devices(table), "ab");
    }

    private IngestClient queued() throws Exception {
        return IngestClientFactory.createClient(connection(), null, false);
    }

    private IngestionProperties target(String table) {
        var target = new IngestionProperties(database, table);
        target.setDataFormat(DataFormat.CSV);
        target.setFlushImmediately(true);
        return target;
    }

    private IngestionProperties reported(String table) {
        var target = target(table);
        target.setReportLevel(IngestionProperties.IngestionReportLevel.FAILURES_AND_SUCCESSES);
        target.setReportMethod(IngestionProperties.IngestionReportMethod.TABLE);
        return target;
    }

    private static IngestionStatus ended(IngestionResult result) throws Exception {
        return eventually(() -> result.getIngestionStatusCollection().get(0), status -> !"Pending".equals(status.getStatus()));
    }

    private KustoResultSetTable command(String text) throws DataServiceException {
        return kusto.executeMgmt(database, text).getPrimaryResults();
    }

    private String made(String columns) throws Exception {
        String name = "java_" + UUID.randomUUID().toString().replace("-", "").substring(0, 12);
        command(".create table " + name + " (" + columns + ")");
        return name;
    }

    /// A blob in the storage beside the cluster, put there with the storage client.
    private String uploaded(byte[] content, String name) throws Exception {
        var offered = command(".create tempstorage");
        offered.next();
        String root = offered.getString("StorageRoot");
        int signature = root.indexOf('?');
        String path = UUID.randomUUID() + "/" + name;
        new BlobContainerClientBuilder().endpoint(root).buildClient().getBlobClient(path).upload(BinaryData.fromBytes(content));
        return root.substring(0, signature) + "/" + path + root.substring(signature);
    }

    private long count(String table) throws Exception {
        var row = kusto.executeQuery(database, table + " | count").getPrimaryResults();
        row.next();
        return row.getLong(0);
    }

    private void arrive(String table, long rows) throws Exception {
        equal(eventually(() -> count(table), count -> count >= rows), rows);
    }

    private String devices(String table) throws Exception {
        var rows = kusto.executeQuery(database, table + " | order by Value asc").getPrimaryResults();
        var all = new StringBuilder();
        while (rows.next()) {
            all.append(rows.getString("Device"));
        }
        return all.toString();
    }

    private static StreamSourceInfo stream(String text) {
        return new StreamSourceInfo(new ByteArrayInputStream(bytes(text)));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] packed(String text) throws IOException {
        var out = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(out)) {
            gzip.write(bytes(text));
        }
        return out.toByteArray();
    }

    private static byte[] zipped(String text) throws IOException {
        var out = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(out)) {
            zip.putNextEntry(new ZipEntry("rows.csv"));
            zip.write(bytes(text));
        }
        return out.toByteArray();
    }

    private static String file(Path folder, String name, byte[] content) throws IOException {
        return Files.write(folder.resolve(name), content).toString();
    }

    private static void delete(Path folder) throws IOException {
        try (var files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(folder);
    }

    private static String refused(Callable<?> work) {
        try {
            work.call();
        } catch (Exception e) {
            var told = new StringBuilder();
            for (Throwable cause = e; cause != null; cause = cause.getCause()) {
                told.append(cause).append('\n');
            }
            return told.toString();
        }
        throw new AssertionError("it was answered");
    }

    private static <T> T eventually(Callable<T> value, Predicate<T> isEnough) throws Exception {
        long end = System.nanoTime() + PATIENCE;
        T got = value.call();
        while (!isEnough.test(got) && System.nanoTime() < end) {
            TimeUnit.MILLISECONDS.sleep(100);
            got = value.call();
        }
        return got;
    }

    private static void equal(Object got, Object wanted) {
        require(Objects.equals(got, wanted), "got " + got + ", wanted " + wanted);
    }

    private static void require(boolean holds, String why) {
        if (!holds) {
            throw new AssertionError(why);
        }
    }

    public static void main(String[] arguments) throws Exception {
        // A name that it does not know of it would send no question to.
        KustoTrustedEndpoints.addTrustedHosts(List.of(new MatchRule(".example", false)), false);
        var all = new LinkedHashMap<String, Check>();
        new Clients(arguments[0], arguments[1]).checks().forEach(all::put);
        for (String other : List.of(arguments).subList(2, arguments.length)) {
            all.put("thereAndBack " + other, new Clients(other, arguments[1])::thereAndBack);
        }
        String only = System.getenv().getOrDefault("ONLY", "");
        var failed = new ArrayList<String>();
        all.forEach((name, check) -> {
            if (name.contains(only)) {
                try {
                    check.run();
                    System.out.println("ok " + name);
                } catch (Exception | AssertionError e) {
                    failed.add(name);
                    System.out.println("failed " + name);
                    e.printStackTrace(System.out);
                }
            }
        });
        // The client leaves threads behind.
        System.exit(failed.size());
    }
}
