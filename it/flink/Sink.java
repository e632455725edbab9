import com.microsoft.azure.flink.config.KustoConnectionOptions;
import com.microsoft.azure.flink.config.KustoWriteOptions;
import com.microsoft.azure.kusto.KustoWriteSink;
import com.microsoft.azure.kusto.data.Client;
import com.microsoft.azure.kusto.data.ClientFactory;
import com.microsoft.azure.kusto.data.KustoResultSetTable;
import com.microsoft.azure.kusto.data.auth.ConnectionStringBuilder;
import com.microsoft.azure.kusto.data.auth.endpoints.KustoTrustedEndpoints;
import com.microsoft.azure.kusto.data.auth.endpoints.MatchRule;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.apache.flink.api.common.typeinfo.TypeHint;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple3;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.types.Row;

/// The connector of Flink: jobs in a cluster of this process whose sink is a table, one check a kind of row and of sink.
///
///     javac -d CLASSES -cp CLASSPATH Sink.java
///     java -Djdk.net.hosts.file=HOSTS --add-opens java.base/java.util=ALL-UNNAMED -cp CLASSES:CLASSPATH Sink URL DATABASE
///
/// HOSTS leads ingest-localhost here, as a line in the file of hosts does. The connector knows no way in without a name: AZURE_CLIENT_ID, AZURE_CLIENT_SECRET and AZURE_TENANT_ID are set.
public final class Sink {
    private static final int ROWS = 250;

    private final String database;
    private final KustoConnectionOptions connection;
    private final Client kusto;

    private Sink(String url, String database) throws Exception {
        String id = System.getenv("AZURE_CLIENT_ID");
        String secret = System.getenv("AZURE_CLIENT_SECRET");
        String tenant = System.getenv("AZURE_TENANT_ID");
        this.database = database;
        this.connection = KustoConnectionOptions.builder().withClusterUrl(url).withAppId(id).withAppKey(secret).withTenantId(tenant).build();
        this.kusto = ClientFactory.createClient(ConnectionStringBuilder.createWithAadApplicationCredentials(url, id, secret, tenant));
    }

    /// A row of a class of one's own: the connector maps its columns by name.
    public static final class Reading {
        public double value;
        public String device;
        public long number;

        public Reading() {}

        Reading(long number) {
            this.number = number;
            this.device = device(number);
            this.value = number / 4.0;
        }
    }

    /// What has to be in quotes, and what is empty.
    private static String device(long number) {
        return number % 3 == 0 ? "a \"quoted\", device\nof two lines" : number % 3 == 1 ? "ä" : "";
    }

    private interface Check {
        void run() throws Exception;
    }

    private void tuplesComeOnceWithEveryGuarantee() throws Exception {
        for (DeliveryGuarantee guarantee : List.of(DeliveryGuarantee.AT_LEAST_ONCE, DeliveryGuarantee.NONE)) {
            String table = made("number:long, device:string, value:real");
            StreamExecutionEnvironment job = job();
            sink(table, guarantee).build(tuples(job), 2);
            job.execute();
            complete(table);
        }
    }

    private void objectsAreMappedByTheNamesOfTheirFields() throws Exception {
        String table = made("device:string, number:long, more:string, value:real");
        List<Reading> readings = new ArrayList<>();
        for (long number = 0; number < ROWS; number++) {
            readings.add(new Reading(number));
        }
        StreamExecutionEnvironment job = job();
        sink(table, DeliveryGuarantee.AT_LEAST_ONCE).build(job.fromCollection(readings, Types.POJO(Reading.class)));
        job.execute();
        complete(table);
    }

    private void rowsMayLackValues() throws Exception {
        String table = made("number:long, device:string, value:real");
        StreamExecutionEnvironment job = job();
        DataStream<Row> rows = job.fromCollection(List.of(Row.of(1L, "a", 0.5), Row.of(null, "b", null)),
                Types.ROW(Types.LONG, Types.STRING, Types.DOUBLE));
        sink(table, DeliveryGuarantee.AT_LEAST_ONCE).build(rows);
        job.execute();
        equal(ask(table + " | order by device asc | project strcat(device, number, value)"), List.of("a10.5", "b"));
    }

    /// It writes which checkpoints are committed into a hidden table, which it makes and streams into.
    private void theWriteAheadSinkCommitsCheckpoints() throws Exception {
        String table = made("number:long, device:string, value:real");
        StreamExecutionEnvironment job = job();
        sink(table, DeliveryGuarantee.AT_LEAST_ONCE).buildWriteAheadSink(tuples(job));
        job.execute();
        complete(table);
        require(Long.parseLong(ask("flink_checkpoints | summarize max(checkpoint_id)").getFirst()) > 0, "a checkpoint is committed");
    }

    private static StreamExecutionEnvironment job() {
        var settings = new Configuration();
        settings.set(RestartStrategyOptions.RESTART_STRATEGY, "none");
        StreamExecutionEnvironment job = StreamExecutionEnvironment.createLocalEnvironment(2, settings);
        job.enableCheckpointing(200);
        return job;
    }

    private static DataStream<Tuple3<Long, String, Double>> tuples(StreamExecutionEnvironment job) {
        return job.fromSequence(0, ROWS - 1).map(number -> new Tuple3<>(number, device(number), number / 4.0))
                .returns(new TypeHint<Tuple3<Long, String, Double>>() {});
    }

    /// After its interval the connector waits for the ingestion of each single row, and with no guarantee its timer may send rows a second time: so it does not come to that.
    private KustoWriteSink sink(String table, DeliveryGuarantee guarantee) {
        return KustoWriteSink.builder().setConnectionOptions(connection).setWriteOptions(KustoWriteOptions.builder()
                .withDatabase(database).withTable(table).withDeliveryGuarantee(guarantee).withBatchSize(100).withBatchIntervalMs(60_000)
                .withFlushImmediately(true).withPollForIngestionStatus(true).build());
    }

    private void complete(String table) throws Exception {
        equal(ask(table + " | summarize strcat(count(), ' ', dcount(number), ' ', sum(number), ' ', sum(value))"),
                List.of(ROWS + " " + ROWS + " " + ROWS * (ROWS - 1) / 2 + " " + ROWS * (ROWS - 1) / 8.0));
        equal(ask(table + " | where number < 3 | order by number asc | project device"), List.of(device(0), device(1), device(2)));
    }

    private String made(String columns) throws Exception {
        String name = "flink_" + UUID.randomUUID().toString().replace("-", "");
        kusto.execute(database, ".create table " + name + " (" + columns + ")");
        return name;
    }

    private List<String> ask(String query) throws Exception {
        KustoResultSetTable rows = kusto.execute(database, query).getPrimaryResults();
        List<String> first = new ArrayList<>();
        while (rows.next()) {
            first.add(String.valueOf(rows.getObject(0)));
        }
        return first;
    }

    private static void equal(Object got, Object wanted) {
        require(Objects.equals(got, wanted), "got " + got + ", wanted " + wanted);
    }

    private static void require(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(what);
        }
    }

    public static void main(String[] arguments) throws Exception {
        // The connector puts ingest- before localhost too, a name that the client does not know.
        KustoTrustedEndpoints.addTrustedHosts(List.of(new MatchRule("ingest-localhost", true)), false);
        var sink = new Sink(arguments[0], arguments[1]);
        var checks = List.<Check>of(sink::tuplesComeOnceWithEveryGuarantee, sink::objectsAreMappedByTheNamesOfTheirFields, sink::rowsMayLackValues,
                sink::theWriteAheadSinkCommitsCheckpoints);
        var names = List.of("tuplesComeOnceWithEveryGuarantee", "objectsAreMappedByTheNamesOfTheirFields", "rowsMayLackValues",
                "theWriteAheadSinkCommitsCheckpoints");
        int failed = 0;
        for (int i = 0; i < checks.size(); i++) {
            try {
                checks.get(i).run();
                System.out.println("ok " + names.get(i));
            } catch (Throwable e) {
                failed++;
                System.out.println("failed " + names.get(i));
                e.printStackTrace(System.out);
            }
        }
        // Threads of the client linger.
        System.exit(failed);
    }
}
