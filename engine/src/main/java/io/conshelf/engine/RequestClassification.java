package io.conshelf.engine;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.conshelf.engine.RunningQuery.Kind;
import io.conshelf.engine.duck.DuckInstance;
import io.conshelf.engine.duck.KernelCalls;
import io.conshelf.engine.sql.PlanWriter;
import io.conshelf.engine.sql.QueryContext;
import io.conshelf.engine.store.PolicyKind;
import io.conshelf.engine.store.Storage;
import io.conshelf.engine.store.WorkloadGroups;
import io.conshelf.kql.bind.Bound;
import io.conshelf.kql.bind.Catalog;
import io.conshelf.kql.bind.Kql;
import io.conshelf.kql.bind.Outside;
import io.conshelf.kql.type.Type;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Which workload group a request is of: what the function of the cluster's request classification policy says. A request of which it says
/// nothing, or a group that is not there, or over which it fails, is of the group `default`.
final class RequestClassification implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RequestClassification.class);
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String PROPERTIES = "request_properties";
    /// What the service shows a function of a request's text.
    private static final int TEXT_CHARS_MAX = 65_536;
    private static final Duration TIME_MAX = Duration.ofSeconds(1);
    /// Statements whose answer is remembered, and the length of one.
    private static final int REMEMBERED_MAX = 1_000;
    private static final int REMEMBERED_CHARS_MAX = 4_096;
    /// What DuckDB answers anew each time.
    private static final List<String> VOLATILE = List.of("random()", "gen_random_uuid()");

    private static final Map<String, Function<Asked, String>> KNOWN = Map.of(
            "current_database", asked -> asked.request().database(),
            "current_application", asked -> asked.request().application(),
            "current_principal", asked -> asked.request().principal().fullyQualifiedName(),
            "query_consistency", asked -> asked.option("queryconsistency", "strongconsistency"),
            "request_description", asked -> asked.option("request_description", ""),
            "request_text", asked -> ObfuscatedText.ofRequest(asked.text(), TEXT_CHARS_MAX),
            "request_type", asked -> switch (asked.kind()) {
                case QUERY -> "Query";
                case COMMAND -> "Command";
            });

    private final Storage storage;
    private final DuckInstance duck;
    private final KernelCalls kernels;
    private final ExecutorService threads;
    private final Map<String, String> saidBefore = new ConcurrentHashMap<>();
    private volatile Policy policy = new Policy("", Optional.empty());

    RequestClassification(Storage storage, DuckInstance duck, ThreadFactory threads) {
        this.storage = storage;
        this.duck = duck;
        this.kernels = duck.kernelCalls();
        this.threads = Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors(), threads);
    }

    /// A policy as it is written, and its function where it is switched on.
    private record Policy(String text, Optional<String> function) {
        static Policy of(String text) {
            try {
                JsonNode json = JSON.readTree(text);
                var function = json.path("ClassificationFunction").asText();
                return new Policy(text, json.path("IsEnabled").asBoolean() && !function.isBlank() ? Optional.of(function) : Optional.empty());
            } catch (JsonProcessingException e) {
                throw new IllegalStateException("A stored policy cannot be read: " + e.getOriginalMessage(), e);
            }
        }
    }

    private record Asked(Request request, Kind kind, String text) {
        String option(String name, String otherwise) {
            return Objects.toString(request.options().get(name), otherwise);
        }
    }

    String groupOf(Request request, Kind kind, String text) {
        return function()
                .flatMap(function -> said(function, new Asked(request, kind, text)))
                .filter(storage.workloadGroups()::exists)
                .orElse(WorkloadGroups.DEFAULT);
    }

    private Optional<String> function() {
        String text = storage.clusterPolicies().policy(PolicyKind.REQUEST_CLASSIFICATION).orElse("");
        if (!policy.text().equals(text)) {
            policy = Policy.of(text);
        }
        return policy.function();
    }

    private Optional<String> said(String function, Asked asked) {
        var isStopped = new AtomicBoolean();
        var running = new AtomicReference<PreparedStatement>();
        var saying = threads.submit(() -> said(function, asked, isStopped, running));
        try {
            return Optional.of(saying.get(TIME_MAX.toMillis(), TimeUnit.MILLISECONDS));
        } catch (ExecutionException e) {
            LOG.debug("the request classification failed", e.getCause());
        } catch (TimeoutException e) {
            LOG.debug("the request classification took more than {}", TIME_MAX, e);
            stop(saying, isStopped, running);
        } catch (InterruptedException e) {
            stop(saying, isStopped, running);
            Thread.currentThread().interrupt();
        }
        return Optional.empty();
    }

    /// What has not begun never does: whoever asked has gone on.
    private static void stop(Future<String> saying, AtomicBoolean isStopped, AtomicReference<PreparedStatement> running) {
        saying.cancel(false);
        isStopped.set(true);
        PreparedStatement statement = running.get();
        try {
            if (statement != null) {
                statement.cancel();
            }
        } catch (SQLException e) {
            LOG.debug("nothing was left to stop", e);
        }
    }

    private String said(String function, Asked asked, AtomicBoolean isStopped, AtomicReference<PreparedStatement> running) throws SQLException {
        long now = QueryNow.ticks(asked.request().now());
        var bound = bind(function, asked, now);
        bound.problems().stream().findFirst().ifPresent(problem -> {
            throw new KustoException(Errors.badRequest(problem.message()));
        });
        var context = new QueryContext(
                now, asked.request().database(), asked.request().principal(), QueryRunner.CLUSTER_URI,
                table -> {
                    throw new AssertionError(table + " in a function that can name no tables");
                },
                Map.of(), QueryCursors.of(asked.request(), List.of(), 0));
        String written = PlanWriter.write(bound.results().getFirst().plan(), context).sql();
        String before = saidBefore.get(written);
        if (before != null) {
            return before;
        }
        String group = asked(written, isStopped, running);
        if (written.length() <= REMEMBERED_CHARS_MAX && VOLATILE.stream().noneMatch(written::contains)) {
            if (saidBefore.size() >= REMEMBERED_MAX) {
                saidBefore.clear();
            }
            saidBefore.put(written, group);
        }
        return group;
    }

    /// The time, who asks and what is asked of the request stand in the statement: as long as it is the same, so is the answer.
    private String asked(String written, AtomicBoolean isStopped, AtomicReference<PreparedStatement> running) throws SQLException {
        long number = kernels.begin(isStopped::get);
        String sql = KernelCalls.mark(written, number);
        try (var connection = duck.connect(); var statement = connection.prepareStatement(sql)) {
            running.set(statement);
            try (var cells = statement.executeQuery()) {
                return cells.next() ? Objects.requireNonNullElse(cells.getString(1), "") : "";
            }
        } finally {
            running.set(null);
            kernels.end(number);
        }
    }

    private static Bound bind(String function, Asked asked, long now) {
        var properties = JSON.createObjectNode();
        // The others would only make the text longer.
        named(function).forEach(name -> properties.put(name, KNOWN.get(name).apply(asked)));
        String text = "let " + PROPERTIES + " = dynamic(" + properties + ");\nlet classified = () {\n" + function + "\n};\nprint WorkloadGroup = classified()";
        return Kql.bind(text, new NoNames(asked.request().database()), QueryParameters.options(asked.request(), now));
    }

    /// The properties of requests that a function names.
    static List<String> named(String function) {
        return KNOWN.keySet().stream().filter(function::contains).sorted().toList();
    }

    /// What is wrong with a function, in words.
    static Optional<String> problem(String function, Request request) {
        Bound bound;
        try {
            bound = bind(function, new Asked(request, Kind.QUERY, ""), QueryNow.ticks(request.now()));
        } catch (KustoException e) {
            return Optional.of(e.error().message());
        }
        return bound.problems().stream().map(problem -> problem.message()).findFirst()
                .or(() -> bound.results().size() == 1 && bound.results().getFirst().columns().getFirst().type() == Type.STRING
                        ? Optional.empty()
                        : Optional.of("the function gives one string, found " + bound.results().getFirst().columns().stream()
                                .map(column -> column.type().kustoName()).collect(Collectors.joining(", "))));
    }

    /// A function of requests can name nothing that is stored.
    private record NoNames(String currentDatabase) implements Catalog {
        @Override
        public boolean isThisCluster(String nameOrUri) {
            return false;
        }

        @Override
        public Optional<String> database(String name) {
            return Optional.empty();
        }

        @Override
        public Optional<Table> table(String database, TableKind kind, String name) {
            return Optional.empty();
        }

        @Override
        public List<Table> tables(String database, TableKind kind) {
            return List.of();
        }

        @Override
        public Optional<StoredFunction> function(String database, String name) {
            return Optional.empty();
        }

        @Override
        public boolean isPluginEnabled(String name) {
            return false;
        }

        @Override
        public Optional<Table> outside(Outside wanted) {
            throw new KustoException(Errors.badRequest("A function of requests reads nothing from beyond the request."));
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
