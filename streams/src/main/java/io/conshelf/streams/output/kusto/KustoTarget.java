package io.conshelf.streams.output.kusto;

import io.conshelf.connectors.BatchId;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.kusto.KustoCluster;
import io.conshelf.connectors.kusto.KustoCredential;
import io.conshelf.connectors.kusto.KustoEndpoint;
import io.conshelf.streams.job.JobDefinition.Output;
import io.conshelf.streams.output.EventTarget;
import io.conshelf.streams.output.OutputException;
import io.conshelf.streams.output.kusto.KustoSettings.Delivery;
import io.conshelf.streams.plan.Plan;
import io.conshelf.streams.query.Span;
import io.conshelf.streams.run.Surroundings;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A table of Azure Data Explorer. Rows become records of CSV whose fields stand as the table's columns do; the table's columns are read when it is opened.
public final class KustoTarget implements EventTarget {
    private static final Logger LOG = LoggerFactory.getLogger(KustoTarget.class);
    /// What the portal grants the identity of a job, and what contains it.
    private static final Map<String, Set<String>> NEEDED = Map.of(
            "Database Ingestor", Set.of("ingestor", "admin", "alldatabasesadmin"),
            "Database Monitor", Set.of("monitor", "viewer", "user", "admin", "alldatabasesadmin", "alldatabasesviewer", "alldatabasesmonitor"));

    private final KustoSettings settings;
    private final Surroundings surroundings;
    private Optional<KustoCluster> connected = Optional.empty();

    private KustoTarget(KustoSettings settings, Surroundings surroundings) {
        this.settings = settings;
        this.surroundings = surroundings;
    }

    /// Nothing is reached yet.
    ///
    /// @throws OutputException where it is not defined as it must be
    public static KustoTarget of(Output output, Surroundings surroundings) throws OutputException {
        return new KustoTarget(KustoSettings.of(output), surroundings);
    }

    private synchronized KustoCluster cluster() throws StoreException {
        if (connected.isEmpty()) {
            KustoEndpoint endpoint = surroundings.endpoints().resolve(settings.address().uri().toString());
            if (endpoint.isEmbedded() && settings.address().doubt().isPresent()) {
                throw StoreException.user("UserErrorKustoInvalidEndpoint", settings.address().doubt().get());
            }
            KustoCluster cluster = KustoCluster.connect(endpoint, credential(endpoint));
            try {
                cluster.ensureDatabase(settings.database());
            } catch (StoreException failure) {
                cluster.close();
                throw failure;
            }
            connected = Optional.of(cluster);
        }
        return connected.get();
    }

    private KustoCredential credential(KustoEndpoint endpoint) throws StoreException {
        if (!KustoCluster.asksWhoOneIs(endpoint)) {
            return new KustoCredential.None();
        }
        // outside of Azure the environment says who stands for the job's identity; where it does not, it is that of the machine
        KustoCredential stated = surroundings.credential();
        return stated instanceof KustoCredential.None ? new KustoCredential.ManagedIdentity(surroundings.clientId()) : stated;
    }

    // A table that is not there yet, or may not be looked at, is told by check().
    private Delivery delivery(KustoCluster cluster) throws StoreException {
        if (settings.delivery() != Delivery.BY_POLICY) {
            return settings.delivery();
        }
        try {
            return cluster.takesStreams(settings.database(), settings.table()) ? Delivery.STREAMING : Delivery.QUEUED;
        } catch (StoreException refused) {
            if (refused.fault() == StoreException.Fault.USER) {
                return Delivery.QUEUED;
            }
            throw refused;
        }
    }

    @FunctionalInterface
    interface Asked<T> {
        T ask() throws StoreException;
    }

    static <T> T told(Asked<T> asked) throws OutputException {
        try {
            return asked.ask();
        } catch (StoreException failure) {
            throw new OutputException(failure.getMessage(), failure);
        }
    }

    // ---------------------------------------------------------------- before a job starts

    @Override
    public List<String> check(List<String> columns) throws OutputException {
        return check(new Plan.Output("", 0, columns, Span.NONE));
    }

    @Override
    public List<String> check(Plan.Output output) throws OutputException {
        KustoCluster cluster;
        List<String> problems;
        try {
            cluster = cluster();
            problems = new ArrayList<>(missingRoles(cluster));
        } catch (StoreException refused) {
            return List.of(ofUser(refused));
        }
        try {
            problems.addAll(new TableColumns(settings.table(), cluster.columns(settings.database(), settings.table())).differences(output));
            if (settings.delivery() == Delivery.STREAMING && !cluster.takesStreams(settings.database(), settings.table())) {
                problems.add("deliveryMode is Streaming, but neither the table '%s' nor its database has a policy of streaming ingestion that is enabled"
                        .formatted(settings.table()));
            }
        } catch (StoreException refused) {
            String told = "the table '%s' of the database '%s': %s".formatted(settings.table(), settings.database(), ofUser(refused));
            if (problems.isEmpty() || !KustoCluster.isForbidden(refused)) {
                problems.add(told);
            }
        }
        return problems;
    }

    /// What the author of the job can mend is told; what only time can is thrown.
    private static String ofUser(StoreException refused) throws OutputException {
        if (refused.fault() == StoreException.Fault.USER) {
            return refused.getMessage();
        }
        throw new OutputException(refused.getMessage(), refused);
    }

    private List<String> missingRoles(KustoCluster cluster) throws StoreException {
        if (!KustoCluster.asksWhoOneIs(cluster.endpoint())) {
            return List.of();
        }
        Set<String> held = new TreeSet<>();
        cluster.ownRoles(settings.database()).forEach(role -> held.add(role.toLowerCase(Locale.ROOT).replace("database ", "").replace(" ", "")));
        return NEEDED.entrySet().stream().filter(needed -> needed.getValue().stream().noneMatch(held::contains)).map(Map.Entry::getKey).sorted()
                .map(role -> "the identity of the job lacks the role %s on the database '%s'".formatted(role, settings.database())).toList();
    }

    // ---------------------------------------------------------------- rows

    @Override
    public Optional<String> keeps() {
        return settings.delivery() == Delivery.STREAMING ? Optional.empty() : Optional.of("uploads");
    }

    @Override
    public Writer open(String writer) throws OutputException {
        return told(() -> {
            KustoCluster cluster = cluster();
            TableColumns columns = new TableColumns(settings.table(), cluster.columns(settings.database(), settings.table()));
            Asked<QueuedWriter> queued = () -> new QueuedWriter(columns, cluster.staged(settings.database(), settings.table(),
                    BatchId.of(writer, List.of(settings.database(), settings.table()))), settings.flush());
            return switch (delivery(cluster)) {
                case QUEUED, BY_POLICY -> queued.ask();
                case STREAMING -> new StreamingWriter(columns, cluster.streamed(settings.database(), settings.table()), queued);
            };
        });
    }

    @Override
    public synchronized void close() {
        try {
            if (connected.isPresent()) {
                connected.get().close();
            }
        } catch (StoreException notClosed) {
            LOG.debug("The connection to a cluster did not close", notClosed);
        }
        connected = Optional.empty();
    }

    @Override
    public String toString() {
        return "KustoTarget[" + settings + "]";
    }
}
