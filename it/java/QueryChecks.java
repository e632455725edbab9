import com.microsoft.azure.kusto.data.ClientFactory;
import com.microsoft.azure.kusto.data.ClientRequestProperties;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/// Queries and commands. BIG is how many rows the large result has.
final class QueryChecks {
    private static final String ENDLESS = "range x from 1 to 1000000000000 step 1 | summarize dcount(x)";

    private final Cluster cluster;

    QueryChecks(Cluster cluster) {
        this.cluster = cluster;
    }

    Map<String, Clients.Check> all() {
        var all = new LinkedHashMap<String, Clients.Check>();
        all.put("everyTypeComesBack", this::everyTypeComesBack);
        all.put("commandsThatPrepareATableAnswer", this::commandsThatPrepareATableAnswer);
        all.put("parametersAreBound", this::parametersAreBound);
        all.put("aQueryThatIsWrongIsTold", this::aQueryThatIsWrongIsTold);
        all.put("aTimeLimitEndsAQuery", this::aTimeLimitEndsAQuery);
        all.put("aQueryCanBeCancelled", this::aQueryCanBeCancelled);
        all.put("aLargeResultIsStreamed", this::aLargeResultIsStreamed);
        return all;
    }

    private void everyTypeComesBack() throws Exception {
        var row = cluster.kusto().executeQuery(cluster.database(), """
                print b=true, i=int(-5), l=9223372036854775807, r=0.5, d=decimal(1.50), s='ä', t=datetime(2020-03-04T14:05:01.3109965Z),
                 n=time(01:23:45.6789), g=guid(74be27de-1e4e-49d9-b579-fe0b331d3642), y=dynamic({"a":[1,null]}), nb=bool(null), ni=int(null),
                 nl=long(null), nr=real(null), nt=datetime(null), nn=timespan(null), ng=guid(null), ny=dynamic(null)""").getPrimaryResults();
        row.next();
        Expect.equal(List.of(row.getBoolean("b"), row.getInt("i"), row.getLong("l"), row.getDouble("r"), row.getString("s"), row.getLocalTime("n").toString(),
                row.getUUID("g").toString(), row.getJSONObject("y").toString(), row.getKustoDateTime("t").toInstant(ZoneOffset.UTC)),
                List.of(true, -5, Long.MAX_VALUE, 0.5, "ä", "01:23:45.678900", "74be27de-1e4e-49d9-b579-fe0b331d3642", "{\"a\":[1,null]}",
                        Instant.parse("2020-03-04T14:05:01.310996500Z")));
        Expect.equal(row.getBigDecimal("d").compareTo(new BigDecimal("1.5")), 0);
        for (String empty : List.of("nb", "ni", "nl", "nr", "nt", "nn", "ng", "ny")) {
            Expect.equal(row.getObject(empty), null);
        }
    }

    /// What the client's own suite of tests asks for around its tests.
    private void commandsThatPrepareATableAnswer() throws Exception {
        var traced = cluster.connection();
        traced.setUserNameForTracing("Jåva");
        var client = ClientFactory.createClient(traced);
        String table = cluster.made("n:int, t:string");
        client.executeToJsonResult(cluster.database(), ".alter table " + table + " policy auto_delete @'{ \"ExpiryDate\" : \"2099-01-02T03:04:05.123456\", \"DeleteIfNotEmpty\": true }'", null);
        client.executeToJsonResult(cluster.database(), ".clear database cache streamingingestion schema", null);
        var principals = client.executeMgmt(cluster.database(), ".show database " + cluster.database() + " principals").getPrimaryResults();
        Expect.require(principals.getColumns().length == 7 && principals.getColumns()[4].getColumnName().equals("PrincipalFQN"), "principals have their names");
        client.executeToJsonResult(cluster.database(), ".drop table " + table + " ifexists skip-seal", null);
        Expect.require(Expect.refused(() -> client.executeQuery(cluster.database(), table)).contains("SEM0100"), "the table is gone");
    }

    private void parametersAreBound() throws Exception {
        var properties = new ClientRequestProperties();
        properties.setParameter("b", true);
        properties.setParameter("l", 5L);
        properties.setParameter("r", 2.5);
        properties.setParameter("s", "a 'quoted' text");
        var row = cluster.kusto().executeQuery(cluster.database(), "declare query_parameters(b:bool, l:long, r:real, s:string); print b=b, l=l, r=r, s=s", properties)
                .getPrimaryResults();
        row.next();
        Expect.equal(List.of(row.getBoolean("b"), row.getLong("l"), row.getDouble("r"), row.getString("s")), List.of(true, 5L, 2.5, "a 'quoted' text"));
    }

    private void aQueryThatIsWrongIsTold() {
        Expect.require(Expect.refused(() -> cluster.kusto().executeQuery(cluster.database(), "NoSuchTable | count")).contains("SEM0100"), "the semantic error is told");
        Expect.require(Expect.refused(() -> cluster.kusto().executeQuery(cluster.database(), "print |")).contains("SYN"), "the syntax error is told");
    }

    private void aTimeLimitEndsAQuery() {
        var properties = new ClientRequestProperties();
        properties.setTimeoutInMilliSec(TimeUnit.SECONDS.toMillis(2));
        String told = Expect.refused(() -> cluster.kusto().executeQuery(cluster.database(), ENDLESS, properties));
        Expect.require(told.contains("504") || told.contains("imeout") || told.contains("imed out"), told);
    }

    private void aQueryCanBeCancelled() throws Exception {
        var properties = new ClientRequestProperties();
        properties.setClientRequestId("cancel;" + UUID.randomUUID());
        var running = CompletableFuture.supplyAsync(() -> Expect.refused(() -> cluster.kusto().executeQuery(cluster.database(), ENDLESS, properties)), Thread::startVirtualThread);
        String shown = ".show queries | where ClientActivityId == '" + properties.getClientRequestId() + "' and State == 'InProgress'";
        Expect.eventually(() -> cluster.command(shown).count(), count -> count == 1);
        cluster.command(".cancel query \"" + properties.getClientRequestId() + "\"");
        Expect.require(running.get(2, TimeUnit.MINUTES).contains("ancel"), "the end is told");
    }

    private void aLargeResultIsStreamed() throws Exception {
        long big = Long.parseLong(System.getenv().getOrDefault("BIG", "200000"));
        var properties = new ClientRequestProperties();
        properties.setOption("notruncation", true);
        long lines = 0;
        // As text, as the client hands it on: the rows are counted by what only rows have.
        try (var client = ClientFactory.createStreamingClient(cluster.connection(), StreamedAnswer.client()).executeStreamingQuery(
                cluster.database(), "range x from 1 to " + big + " step 1 | extend s=strcat('row ', x, strrep('.', 80))", properties)) {
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
        Expect.equal(lines, big);
        tellPeak();
    }

    /// The most memory that this process ever had, as Linux tells it: whoever runs the check with more and with fewer rows compares.
    private static void tellPeak() throws IOException {
        Path status = Path.of("/proc/self/status");
        if (Files.exists(status)) {
            Files.readAllLines(status).stream().filter(line -> line.startsWith("VmHWM:")).forEach(line -> System.out.println("peak" + line.substring(6)));
        }
    }
}
