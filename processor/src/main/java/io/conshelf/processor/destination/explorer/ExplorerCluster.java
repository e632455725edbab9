package io.conshelf.processor.destination.explorer;

import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.ValueType;
import io.conshelf.connectors.kusto.Endpoints;
import io.conshelf.connectors.kusto.KustoCluster;
import io.conshelf.connectors.kusto.KustoCredential;
import io.conshelf.connectors.kusto.KustoEndpoint;
import io.conshelf.processor.destination.DestinationException;
import io.conshelf.processor.destination.DestinationException.Lasting;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The connection of a stage to its cluster, for all its partitions. It is made when it is first needed, and anew after a refusal, so that a secret or a role that
/// was changed is seen.
public final class ExplorerCluster implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ExplorerCluster.class);

    /// A table may be altered while rows go into it.
    public static final Duration TYPES_AGE_MAX = Duration.ofSeconds(30);

    private final ExplorerSettings settings;
    private final Endpoints endpoints;
    private final Identity identity;
    private final Duration typesAgeMax;
    private Optional<KustoCluster> connected = Optional.empty();
    private Optional<Map<String, ValueType>> types = Optional.empty();
    private long typesNanos;

    /// Who the stage is to a cluster that asks; read for each connection.
    @FunctionalInterface
    public interface Identity {
        KustoCredential credential() throws DestinationException;
    }

    public ExplorerCluster(ExplorerSettings settings, Endpoints endpoints, Identity identity) {
        this(settings, endpoints, identity, TYPES_AGE_MAX);
    }

    /// @param typesAgeMax when the table's columns are looked at again
    public ExplorerCluster(ExplorerSettings settings, Endpoints endpoints, Identity identity, Duration typesAgeMax) {
        this.typesAgeMax = typesAgeMax;
        this.settings = settings;
        this.endpoints = endpoints;
        this.identity = identity;
    }

    @FunctionalInterface
    interface Asked<T> {
        T ask() throws StoreException;
    }

    /// Puts a failure as destinations do.
    static <T> T told(Asked<T> asked) throws DestinationException, InterruptedException {
        try {
            return asked.ask();
        } catch (StoreException failure) {
            if (Thread.interrupted()) {
                throw new InterruptedException(failure.getMessage());
            }
            Lasting lasting = failure.fault() == StoreException.Fault.USER ? Lasting.PERMANENT : Lasting.TRANSIENT;
            throw new DestinationException(lasting, failure.code() + ": " + failure.getMessage(), failure);
        }
    }

    /// A connection through which the table is known to take these columns, as far as whoever connects may see it.
    synchronized KustoCluster connection() throws DestinationException, InterruptedException {
        if (connected.isEmpty()) {
            KustoEndpoint endpoint = told(() -> endpoints.resolve(settings.address()));
            KustoCredential credential = told(() -> KustoCluster.asksWhoOneIs(endpoint)) ? identity.credential() : new KustoCredential.None();
            KustoCluster cluster = told(() -> KustoCluster.connect(endpoint, credential));
            try {
                told(() -> {
                    cluster.ensureDatabase(settings.database());
                    return cluster;
                });
                requireColumns(cluster);
            } catch (DestinationException refused) {
                close(cluster);
                throw refused;
            }
            connected = Optional.of(cluster);
        }
        return connected.get();
    }

    /// What is queued for a table that is not there, or for a column, would be lost: so it is looked for before.
    private void requireColumns(KustoCluster cluster) throws DestinationException, InterruptedException {
        Map<String, ValueType> known;
        try {
            known = cluster.columns(settings.database(), settings.table());
        } catch (StoreException refused) {
            if (KustoCluster.isForbidden(refused)) {
                LOG.debug("the table '{}' may not be looked at", settings.table(), refused);
                return;
            }
            if (refused.code().equals("BadRequest_EntityNotFound")) {
                throw new DestinationException(Lasting.PERMANENT, "the database '%s' has no table '%s': what is for it waits until somebody makes it".formatted(
                        settings.database(), settings.table()), refused);
            }
            told(() -> {
                throw refused;
            });
            return;
        }
        types = Optional.of(known);
        typesNanos = System.nanoTime();
        List<String> missing = missing(known);
        if (!missing.isEmpty()) {
            throw new DestinationException(Lasting.PERMANENT, "the table '%s' of the database '%s' has no %s; it has %s".formatted(settings.table(),
                    settings.database(), missing.stream().map(name -> "column '" + name + "'").collect(Collectors.joining(", ")),
                    String.join(", ", known.keySet())), null);
        }
    }

    private List<String> missing(Map<String, ValueType> known) {
        return settings.columns().stream().map(ExplorerSettings.Column::name).filter(name -> !known.containsKey(name)).toList();
    }

    /// Of the table's columns, once they are known. A table that is altered meanwhile is looked at again now and then; where it has lost a column the connection
    /// ends, and the next one says so.
    Optional<Map<String, ValueType>> types() throws InterruptedException {
        KustoCluster asked;
        synchronized (this) {
            if (types.isEmpty() || connected.isEmpty() || System.nanoTime() - typesNanos < typesAgeMax.toNanos()) {
                return types;
            }
            typesNanos = System.nanoTime();
            asked = connected.get();
        }
        Optional<Map<String, ValueType>> found = Optional.empty();
        try {
            found = Optional.of(told(() -> asked.columns(settings.database(), settings.table())));
        } catch (DestinationException unanswered) {
            LOG.debug("the columns of the table '{}' are not known anew", settings.table(), unanswered);
        }
        synchronized (this) {
            types = found.or(() -> types);
            if (found.isPresent() && !missing(found.get()).isEmpty()) {
                forget();
            }
            return types;
        }
    }

    synchronized boolean isConnectedBy(KustoCluster connection) {
        return connected.filter(connection::equals).isPresent();
    }

    synchronized void forget() {
        connected.ifPresent(ExplorerCluster::close);
        connected = Optional.empty();
    }

    private static void close(KustoCluster cluster) {
        try {
            cluster.close();
        } catch (StoreException notClosed) {
            LOG.debug("closing", notClosed);
        }
    }

    @Override
    public void close() {
        forget();
    }
}
