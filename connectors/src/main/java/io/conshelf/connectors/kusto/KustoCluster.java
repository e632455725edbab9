package io.conshelf.connectors.kusto;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.microsoft.azure.kusto.data.Client;
import com.microsoft.azure.kusto.data.ClientFactory;
import com.microsoft.azure.kusto.data.ClientRequestProperties;
import com.microsoft.azure.kusto.data.KustoResultColumn;
import com.microsoft.azure.kusto.data.KustoResultSetTable;
import com.microsoft.azure.kusto.data.StreamingClient;
import com.microsoft.azure.kusto.data.auth.ConnectionStringBuilder;
import com.microsoft.azure.kusto.ingest.IngestClientFactory;
import com.microsoft.azure.kusto.ingest.IngestionProperties;
import com.microsoft.azure.kusto.ingest.QueuedIngestClient;
import com.microsoft.azure.kusto.ingest.exceptions.IngestionServiceException;
import com.microsoft.azure.kusto.ingest.resources.ContainerWithSas;
import com.microsoft.azure.kusto.ingest.result.IngestionResult;
import com.microsoft.azure.kusto.ingest.source.BlobSourceInfo;
import io.conshelf.connectors.BatchId;
import io.conshelf.connectors.Column;
import io.conshelf.connectors.RowReader;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.ValueType;
import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// A connection to one cluster, safe for use by several threads.
public final class KustoCluster implements AutoCloseable {
    // A dot, behind blanks and comments.
    private static final Pattern COMMAND = Pattern.compile("(?:\\s|//[^\\n]*(?:\\n|$))*+\\.");
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String APPLICATION = "Conshelf";
    private static final int FIRST_ATTEMPTS_MAX = 3;

    private final KustoEndpoint endpoint;
    private final Supplier<ConnectionStringBuilder> connections;
    private final Client client;
    private final StreamingClient streaming;
    private final ReentrantLock firstUpload = new ReentrantLock();
    private final AtomicBoolean containersKnown = new AtomicBoolean();
    private final AtomicBoolean queuesKnown = new AtomicBoolean();
    private QueuedIngestClient queue;

    private KustoCluster(KustoEndpoint endpoint, Supplier<ConnectionStringBuilder> connections) throws URISyntaxException {
        this.endpoint = endpoint;
        this.connections = connections;
        this.client = ClientFactory.createClient(connections.get());
        this.streaming = ClientFactory.createStreamingClient(connections.get(), new StreamedQueries());
    }

    public static KustoCluster connect(KustoEndpoint endpoint, KustoCredential credential) throws StoreException {
        try {
            return new KustoCluster(endpoint, connections(endpoint, credential));
        } catch (URISyntaxException | RuntimeException failure) {
            throw KustoFailure.of("Connecting to " + endpoint.uri(), failure);
        }
    }

    /// Whether a cluster wants to know who one is. One on this machine may not; others always do.
    public static boolean asksWhoOneIs(KustoEndpoint endpoint) throws StoreException {
        return !endpoint.isLoopback() || LocalTokens.of(endpoint, new KustoCredential.None()).isPresent();
    }

    /// A new builder each time, because a client keeps its own.
    private static Supplier<ConnectionStringBuilder> connections(KustoEndpoint endpoint, KustoCredential credential) throws StoreException {
        String uri = endpoint.uri().toString();
        Supplier<ConnectionStringBuilder> signedIn = endpoint.isLoopback()
                ? LocalTokens.of(endpoint, credential)
                        .<Supplier<ConnectionStringBuilder>>map(tokens ->
                                () -> ConnectionStringBuilder.createWithAadTokenProviderAuthentication(uri, tokens::token))
                        .orElse(() -> new ConnectionStringBuilder(uri))
                : () -> signedIn(uri, credential);
        return () -> {
            ConnectionStringBuilder connection = signedIn.get();
            connection.setApplicationNameForTracing(APPLICATION);
            return connection;
        };
    }

    private static ConnectionStringBuilder signedIn(String uri, KustoCredential credential) {
        return switch (credential) {
            case KustoCredential.None _ -> new ConnectionStringBuilder(uri);
            case KustoCredential.ServicePrincipal(String id, String key, String tenant) ->
                    ConnectionStringBuilder.createWithAadApplicationCredentials(uri, id, key, tenant);
            case KustoCredential.ManagedIdentity(var clientId) -> clientId.isPresent()
                    ? ConnectionStringBuilder.createWithAadManagedIdentity(uri, clientId.get())
                    : ConnectionStringBuilder.createWithAadManagedIdentity(uri);
        };
    }

    public KustoEndpoint endpoint() {
        return endpoint;
    }

    /// Runs a query that has one result; its rows are read while they arrive. Text that begins with `.` is a command and is sent as one.
    public RowReader query(String database, String query, QueryOptions options) throws StoreException {
        return new OnlyResult(ask(database, query, options));
    }

    /// The same, with as many results as there are.
    public QueryAnswer ask(String database, String query, QueryOptions options) throws StoreException {
        if (COMMAND.matcher(query).lookingAt()) {
            return new CommandRows(command(database, query, options.timeout()));
        }
        ClientRequestProperties properties = properties(options.timeout());
        if (options.noTruncation()) {
            properties.setOption("notruncation", true);
        }
        InputStream frames;
        try {
            frames = streaming.executeStreamingQuery(database, query, properties);
        } catch (RuntimeException failure) {
            throw KustoFailure.of("The query", failure);
        }
        return QueryRows.of(frames);
    }

    /// Runs a management command and returns its first table.
    public CommandResult command(String database, String command, Duration timeout) throws StoreException {
        try {
            return read(client.executeMgmt(database, command, properties(timeout)).getPrimaryResults());
        } catch (RuntimeException failure) {
            throw KustoFailure.of("The command", failure);
        }
    }

    private static CommandResult read(KustoResultSetTable table) {
        List<Column> columns = Arrays.stream(table.getColumns()).map(KustoCluster::column).toList();
        List<List<JsonNode>> rows = new ArrayList<>();
        for (List<Object> row : table.getData()) {
            rows.add(row.stream().map(cell -> JSON.<JsonNode>valueToTree(cell)).toList());
        }
        return new CommandResult(columns, rows);
    }

    private static Column column(KustoResultColumn column) {
        return new Column(column.getColumnName(), ValueType.of(String.valueOf(column.getColumnType())).orElse(ValueType.STRING));
    }

    /// The columns of a table, by name, in their order.
    public Map<String, ValueType> columns(String database, String table) throws StoreException {
        CommandResult result = command(database, ".show table " + quote(table) + " cslschema", Duration.ofMinutes(1));
        Map<String, ValueType> columns = new LinkedHashMap<>();
        String schema = result.rows().isEmpty() ? "" : result.cell(0, "Schema").map(JsonNode::asText).orElse("");
        for (String column : CslSchema.split(schema)) {
            int colon = column.lastIndexOf(':');
            columns.put(CslSchema.unquote(column.substring(0, colon)), ValueType.of(column.substring(colon + 1).strip()).orElse(ValueType.STRING));
        }
        return columns;
    }

    /// The kinds of the ingestion mappings with a name, in lower case: those of the table, or of its database where it has none of the name.
    public Set<String> mappingKinds(String database, String table, String mapping) throws StoreException {
        Set<String> kinds = kinds(command(database, ".show table " + quote(table) + " ingestion mappings", Duration.ofMinutes(1)), mapping);
        return kinds.isEmpty() ? kinds(command(database, ".show database " + quote(database) + " ingestion mappings", Duration.ofMinutes(1)), mapping) : kinds;
    }

    private static Set<String> kinds(CommandResult mappings, String name) {
        return mappings.objects().stream().filter(row -> row.path("Name").asText().equals(name))
                .map(row -> row.path("Kind").asText().toLowerCase(Locale.ROOT)).collect(Collectors.toUnmodifiableSet());
    }

    /// Whether a table has an extent with one of these `ingest-by` values.
    public boolean hasIngestByTag(String database, String table, Set<String> values) throws StoreException {
        return !ingestByTags(database, table, values).isEmpty();
    }

    /// Those of these `ingest-by` values that a table has extents with.
    public Set<String> ingestByTags(String database, String table, Set<String> values) throws StoreException {
        CommandResult extents = command(database, ".show table " + quote(table) + " extents", Duration.ofMinutes(5));
        return extents.objects().stream().flatMap(extent -> Arrays.stream(extent.path("Tags").asText().split("\\s+")))
                .filter(tag -> tag.startsWith("ingest-by:")).map(tag -> tag.substring("ingest-by:".length())).filter(values::contains)
                .collect(Collectors.toUnmodifiableSet());
    }

    /// Makes a database of the embedded cluster that is not there yet. A real cluster is left as it is.
    public void ensureDatabase(String database) throws StoreException {
        if (!endpoint.isEmbedded()) {
            return;
        }
        CommandResult databases = command("NetDefaultDB", ".show databases", Duration.ofMinutes(1));
        boolean isThere = databases.objects().stream().anyMatch(row -> row.path("DatabaseName").asText().equalsIgnoreCase(database));
        if (!isThere) {
            try {
                command("NetDefaultDB", ".create database " + quote(database), Duration.ofMinutes(1));
            } catch (StoreException refused) {
                if (!isForbidden(refused)) {
                    throw refused;
                }
                refuseMissing(database);
            }
        }
    }

    /// A database that is not listed may be there all the same, for who may only write into it: then what it came to do tells what is wrong.
    private void refuseMissing(String database) throws StoreException {
        try {
            command(database, ".show tables", Duration.ofMinutes(1));
        } catch (StoreException answer) {
            if (!isForbidden(answer)) {
                throw StoreException.user(answer.code(), answer.getMessage() + " It is not made on the way: this cluster asks who one is, and the "
                        + "identity may not make databases. Who may does it with '.create database " + quote(database) + "'");
            }
        }
    }

    /// Whether a cluster refused because the principal lacks a role.
    public static boolean isForbidden(StoreException failure) {
        return failure.code().contains("Forbidden") || failure.code().contains("Unauthorized");
    }

    /// Whether rows may be streamed into a table, by its own policy or by that of its database. Whether the cluster as a whole takes streams is not told.
    public boolean takesStreams(String database, String table) throws StoreException {
        String own = policy(database, ".show table " + quote(table) + " policy streamingingestion");
        return isEnabled(own.isEmpty() ? policy(database, ".show database " + quote(database) + " policy streamingingestion") : own);
    }

    private String policy(String database, String command) throws StoreException {
        CommandResult result = command(database, command, Duration.ofMinutes(1));
        String policy = result.rows().isEmpty() ? "" : result.cell(0, "Policy").map(JsonNode::asText).orElse("");
        return policy.equals("null") ? "" : policy;
    }

    private static boolean isEnabled(String policy) throws StoreException {
        try {
            return !policy.isEmpty() && JSON.readTree(policy).path("IsEnabled").asBoolean();
        } catch (com.fasterxml.jackson.core.JsonProcessingException notJson) {
            throw StoreException.system("KustoRequestFailed", "The policy of streaming ingestion is not JSON: " + policy, notJson);
        }
    }

    /// The roles that whoever is connected has on a database and on what is above it, as the cluster calls them.
    public Set<String> ownRoles(String database) throws StoreException {
        CommandResult roles = command(database, ".show database " + quote(database) + " principal roles", Duration.ofMinutes(1));
        return roles.objects().stream().map(row -> row.path("Role").asText()).collect(Collectors.toUnmodifiableSet());
    }

    /// Starts what writes into a table in two steps.
    ///
    /// @param stream names what writes
    public StagedIngestion staged(String database, String table, BatchId stream) {
        return new StagedIngestion(this, database, table, stream);
    }

    /// Starts what streams into a table.
    public StreamedIngestion streamed(String database, String table) throws StoreException {
        try {
            return new StreamedIngestion(IngestClientFactory.createManagedStreamingIngestClient(connections.get(), connections.get(), null,
                    !endpoint.isLoopback()), database, table);
        } catch (URISyntaxException | RuntimeException failure) {
            throw KustoFailure.of("Connecting to " + endpoint.uri() + " for streaming", failure);
        }
    }

    /// Starts the files of one copy into a table.
    public IngestionBatch batch(String database, String table, BatchId copy) {
        return new IngestionBatch(this, database, table, copy);
    }

    /// The storage that the cluster lends for what is to be ingested.
    Staging staging(String database, String table) {
        return new Staging(this, database + "__" + table);
    }

    /// The containers to upload into, the best first.
    List<ContainerWithSas> containers() throws StoreException {
        return firstAlone(containersKnown, () -> queue().getResourceManager().getShuffledContainers());
    }

    /// Tells how an upload into a container ended, which decides how soon it is tried again.
    void report(ContainerWithSas container, boolean hasSucceeded) throws StoreException {
        queue().getResourceManager().reportIngestionResult(container, hasSucceeded);
    }

    /// Queues a blob.
    IngestionResult queue(BlobSourceInfo blob, IngestionProperties properties) throws StoreException {
        return firstAlone(queuesKnown, () -> queue().ingestFromBlob(blob, properties));
    }

    @FunctionalInterface
    private interface Step<R> {
        R take() throws StoreException;
    }

    /// The client learns where to upload, and who it is, in the background. Threads that come while it does replace one another's request and
    /// wait 15 s for an answer to the wrong one, so the first goes alone. Where its own request fails once, it asks again only after a minute
    /// and tells no reason: then the cluster is asked here, for its reason, and a new client begins anew.
    private <R> R firstAlone(AtomicBoolean known, Step<R> step) throws StoreException {
        if (known.get()) {
            return step.take();
        }
        firstUpload.lock();
        try {
            for (int attempt = 1; ; attempt++) {
                try {
                    R result = step.take();
                    known.set(true);
                    return result;
                } catch (IngestionServiceException unanswered) {
                    boolean isBeforeUse = String.valueOf(unanswered.getMessage()).startsWith("Unable to get ");
                    if (!isBeforeUse || attempt == FIRST_ATTEMPTS_MAX || Thread.currentThread().isInterrupted()) {
                        throw KustoFailure.of("Asking " + endpoint.uri() + " where to upload", unanswered);
                    }
                    askWhereToUpload();
                    forgetQueue();
                }
            }
        } finally {
            firstUpload.unlock();
        }
    }

    /// @throws StoreException in the cluster's own words where it does not lend its storage
    private void askWhereToUpload() throws StoreException {
        ConnectionStringBuilder connection = connections.get();
        if (!endpoint.isLoopback()) {
            connection.setClusterUrl(connection.getClusterUrl().replaceFirst("^(https?://)(?!ingest-)", "$1ingest-"));
        }
        try {
            Client dataManagement = ClientFactory.createClient(connection);
            for (String command : List.of(".get ingestion resources", ".get kusto identity token")) {
                dataManagement.executeMgmt("NetDefaultDB", command, properties(Duration.ofMinutes(1)));
            }
        } catch (URISyntaxException | RuntimeException failure) {
            throw KustoFailure.of("Asking " + endpoint.uri() + " where to upload", failure);
        }
    }

    private synchronized void forgetQueue() throws StoreException {
        close();
        queue = null;
    }

    private synchronized QueuedIngestClient queue() throws StoreException {
        if (queue == null) {
            try {
                // On a loopback address both services share one port, so the client must use the URL as it is.
                queue = IngestClientFactory.createClient(connections.get(), null, !endpoint.isLoopback());
            } catch (URISyntaxException | RuntimeException failure) {
                throw KustoFailure.of("Connecting to " + endpoint.uri() + " for ingestion", failure);
            }
        }
        return queue;
    }

    private static ClientRequestProperties properties(Duration timeout) {
        ClientRequestProperties properties = new ClientRequestProperties();
        properties.setTimeoutInMilliSec(timeout.toMillis());
        properties.setClientRequestId(APPLICATION + ";" + UUID.randomUUID());
        return properties;
    }

    /// An entity's name as it stands in a command.
    public static String quote(String name) {
        return "['" + name.replace("\\", "\\\\").replace("'", "\\'") + "']";
    }

    @Override
    public synchronized void close() throws StoreException {
        if (queue != null) {
            try {
                queue.close();
            } catch (IOException failure) {
                throw KustoFailure.of("Closing the connection to " + endpoint.uri(), failure);
            }
        }
    }
}
