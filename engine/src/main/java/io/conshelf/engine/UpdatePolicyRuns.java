package io.conshelf.engine;

import io.conshelf.engine.command.PassingBy;
import io.conshelf.engine.sql.Cursors;
import io.conshelf.engine.sql.PlanWriter;
import io.conshelf.engine.sql.QueryContext;
import io.conshelf.engine.sql.Relations;
import io.conshelf.engine.store.ChangeOrigin;
import io.conshelf.engine.external.ExternalTables;
import io.conshelf.engine.store.Database;
import io.conshelf.engine.store.Derivations;
import io.conshelf.engine.store.ExtentWriter;
import io.conshelf.engine.store.IngestionFailures;
import io.conshelf.engine.store.Moments;
import io.conshelf.engine.store.Reading;
import io.conshelf.engine.store.Storage;
import io.conshelf.engine.store.Table;
import io.conshelf.engine.store.TableColumn;
import io.conshelf.engine.store.Transaction;
import io.conshelf.engine.store.UpdatePolicy;
import io.conshelf.engine.store.WriteStop;
import io.conshelf.kql.bind.BindOptions;
import io.conshelf.kql.bind.Bound;
import io.conshelf.kql.bind.Kql;
import io.conshelf.kql.plan.Plan.TableId;
import io.conshelf.kql.type.ColumnSchema;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Runs update policies: in the transaction of the new rows, over these alone. A failing policy that is transactional takes
/// the rows of its source with it; one that is not is left out and recorded.
final class UpdatePolicyRuns implements Derivations {
    // A chain never comes to a table twice, but many tables may feed each other on many ways.
    private static final int RUNS_MAX = 500;

    private final Storage storage;
    private final ExternalTables external;

    UpdatePolicyRuns(Storage storage, ExternalTables external) {
        this.storage = storage;
        this.external = external;
    }

    @Override
    public Set<String> targets(Database database, String source) {
        return UpdatePolicy.targets(database, source);
    }

    @Override
    public Pending begin(Transaction transaction) throws SQLException {
        return new Runs(storage.readWithin(transaction));
    }

    /// The extent whose rows are new, and the tables on the way to it.
    private record Step(ExtentWriter added, List<String> path) {}

    private final class Runs implements Pending {
        private final Reading reading;
        private final Set<String> replaced = new HashSet<>();
        private int runs;

        Runs(Reading reading) {
            this.reading = reading;
        }

        @Override
        public void derive(Transaction transaction, List<ExtentWriter> extents, Set<String> without) throws SQLException {
            var open = new ArrayList<Step>();
            extents.forEach(e -> open.add(new Step(e, List.of(e.table().name()))));
            while (!open.isEmpty()) {
                Step step = open.removeFirst();
                boolean replaces = transaction.hasReplaced(step.added().table());
                if (step.added().extent().rowCount() == 0 && !replaces) {
                    continue;
                }
                for (Table target : List.copyOf(transaction.database().tables())) {
                    open.addAll(derive(transaction, step, target, replaces, without));
                }
            }
        }

        private List<Step> derive(
                Transaction transaction, Step step, Table target, boolean replaces, Set<String> without) throws SQLException {
            var source = step.added().table();
            if (step.path().contains(target.name())) {
                return List.of();
            }
            var policies = UpdatePolicy.of(target).stream()
                    .filter(p -> p.appliesTo(source.name()) && !without.contains(name(target, p)))
                    .toList();
            if (policies.isEmpty()) {
                return List.of();
            }
            // What a table's rows were made of is replaced, so they are too.
            var table = replaces && replaced.add(target.name()) ? transaction.clearRows(target) : target;
            var path = Stream.concat(step.path().stream(), Stream.of(table.name())).toList();
            var from = step.added().extent();
            var steps = new ArrayList<Step>();
            for (var policy : policies) {
                var made = transaction.extents().open(
                        table, policy.propagates() ? from.tags() : Set.of(),
                        policy.propagates() ? from.createdOn() : transaction.now());
                run(transaction, step.added(), made, policy);
                steps.add(new Step(made, path));
            }
            return steps;
        }

        private void run(Transaction transaction, ExtentWriter added, ExtentWriter made, UpdatePolicy policy) throws SQLException {
            if (++runs > RUNS_MAX) {
                throw new KustoException(UpdatePolicyErrors.tooMany(added.table().name(), RUNS_MAX));
            }
            var target = made.table();
            String sql;
            try {
                sql = sql(transaction, added, target, policy);
            } catch (KustoException e) {
                if (policy.isTransactional()) {
                    throw new KustoException(UpdatePolicyErrors.failed(target.name(), policy.source(), e.error()), e);
                }
                record(transaction, target, policy, e.error());
                return;
            }
            try {
                made.ingest(sql, target.columns());
            } catch (SQLException e) {
                // Whoever stopped it is told so; the policy did not fail.
                WriteStop.current().check();
                var error = Errors.of(e);
                if (policy.isTransactional()) {
                    throw new KustoException(UpdatePolicyErrors.failed(target.name(), policy.source(), error), e);
                }
                record(transaction, target, policy, error);
                throw new Failed(name(target, policy));
            }
        }

        private String sql(Transaction transaction, ExtentWriter added, Table target, UpdatePolicy policy) {
            var database = transaction.database();
            var snapshot = reading.snapshot().with(database);
            long now = Moments.ticks(transaction.now());
            var query = policy.query(added.table().name());
            var bound = Kql.bind(
                    query, new CatalogSnapshot(snapshot, database.name(), Principal.LOCAL_ADMINISTRATOR, true),
                    BindOptions.at(now));
            var columns = checked(bound, query);
            var plan = bound.results().getFirst().plan();
            // What stands behind the names in the query changes, and each run may read everything: so it is asked before each.
            PassingBy.refusal(PassingBy.Reader.UPDATE_POLICY, database, PlanWriter.tables(plan)).ifPresent(problem -> {
                throw new KustoException(Errors.badRequest(problem));
            });
            mismatch(columns, target).ifPresent(problem -> {
                throw new KustoException(UpdatePolicyErrors.schemaMismatch(target.name(), problem));
            });
            Relations relations = new NewRows(new StoredRelations(reading, snapshot, external, now), added);
            return WriteStop.current().marked(PlanWriter.write(plan, new QueryContext(
                    now, database.name(), Principal.LOCAL_ADMINISTRATOR, QueryRunner.CLUSTER_URI,
                    relations, Map.of(), Cursors.at(reading.cursor(database.id())))).sql());
        }

        @Override
        public void close() {
            reading.close();
        }
    }

    private void record(Transaction transaction, Table target, UpdatePolicy policy, ServiceError error) {
        storage.ingestionFailures().add(IngestionFailures.Failure.ofUpdatePolicy(
                transaction.database().name(), target.name(), transaction.now(),
                UpdatePolicyErrors.failed(target.name(), policy.source(), error), ChangeOrigin.current().author()));
    }

    private static String name(Table target, UpdatePolicy policy) {
        return target.id().tableId() + "\n" + policy.source() + "\n" + policy.query();
    }

    /// The columns of the one result of a query.
    ///
    /// @throws KustoException when it does not bind or has no result whose columns are known
    static List<ColumnSchema> checked(Bound bound, String query) {
        bound.problems().stream().findFirst().ifPresent(problem -> {
            throw new KustoException(Errors.of(problem, query));
        });
        bound.results().stream().flatMap(result -> PlanWriter.tables(result.plan()).stream()).filter(OutsideTables::isOutside).findFirst()
                .ifPresent(outside -> {
                    throw new KustoException(Errors.badRequest("the query uses '" + outside.name() + "': policies, views and continuous exports read "
                            + "nothing from beyond the cluster"));
                });
        if (bound.results().size() != 1 || bound.results().getFirst().open()) {
            throw new KustoException(Errors.badRequest("the query must have one result whose columns are known from its text"));
        }
        return bound.results().getFirst().columns();
    }

    /// How columns differ from those of a table; the types count, in their order.
    static Optional<String> mismatch(List<ColumnSchema> columns, Table target) {
        var types = columns.stream().map(ColumnSchema::type).toList();
        return types.equals(target.columns().stream().map(TableColumn::type).toList())
                ? Optional.empty()
                : Optional.of("the query gives (" + text(columns) + "), the table has (" + text(target.schema()) + ")");
    }

    private static String text(List<ColumnSchema> columns) {
        return columns.stream().map(c -> c.name() + ":" + c.type()).collect(Collectors.joining(", "));
    }

    /// All tables as they are, the source reduced to the extent that is new.
    private record NewRows(StoredRelations all, ExtentWriter added) implements Relations {
        @Override
        public Relation of(TableId id) {
            return id.tableId().equals(added.table().id().tableId())
                    ? StoredRelations.relation(added.table(), added.relation(), Long.MAX_VALUE)
                    : all.of(id);
        }
    }
}
