import com.microsoft.azure.kusto.data.auth.endpoints.KustoTrustedEndpoints;
import com.microsoft.azure.kusto.data.auth.endpoints.MatchRule;
import com.microsoft.azure.kusto.ingest.IngestClientFactory;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;

/// Every way into a cluster that the official Java clients have, one check a way.
///
///     java -cp CLASSPATH Clients.java URL DATABASE [OTHER_URL…]
///
/// Signs in as an application where AZURE_CLIENT_ID, AZURE_CLIENT_SECRET and AZURE_TENANT_ID are set, and by http with TOKEN. BIG is how many rows the large
/// result has, SAMPLES the folder of files in formats that no client writes. At the other addresses of the cluster it goes there and back once.
final class Clients {
    private Clients() {}

    interface Check {
        void run() throws Exception;
    }

    /// What is streamed and what is queued, at an address of another kind.
    private static void thereAndBack(Cluster cluster) throws Exception {
        String table = cluster.made("Device:string, Value:real");
        cluster.command(".alter table " + table + " policy streamingingestion enable");
        // Before a number it would put ingest-, as before a name.
        boolean isNumber = cluster.url().contains("127.0.0.1");
        try (var streaming = IngestClientFactory.createStreamingIngestClient(cluster.connection());
                var queued = isNumber ? cluster.queued() : IngestClientFactory.createClient(cluster.connection())) {
            streaming.ingestFromStream(Content.stream("a,1\n"), cluster.target(table));
            queued.ingestFromStream(Content.stream("b,2\n"), cluster.target(table));
        }
        cluster.arrive(table, 2);
        Expect.equal(cluster.devices(table), "ab");
    }

    public static void main(String[] arguments) throws Exception {
        // A name that it does not know of it would send no question to.
        KustoTrustedEndpoints.addTrustedHosts(List.of(new MatchRule(".example", false)), false);
        var all = new LinkedHashMap<String, Check>();
        var cluster = new Cluster(arguments[0], arguments[1]);
        all.putAll(new QueryChecks(cluster).all());
        all.putAll(new StreamingChecks(cluster).all());
        all.putAll(new QueuedChecks(cluster).all());
        for (String other : List.of(arguments).subList(2, arguments.length)) {
            var there = new Cluster(other, arguments[1]);
            all.put("thereAndBack " + other, () -> thereAndBack(there));
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
