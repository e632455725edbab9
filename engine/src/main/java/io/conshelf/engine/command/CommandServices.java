package io.conshelf.engine.command;

import io.conshelf.engine.AllowedFolders;
import io.conshelf.engine.BatchIngestion;
import io.conshelf.engine.CapacityUse;
import io.conshelf.engine.Errors;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.Limits;
import io.conshelf.engine.ExternalStorage;
import io.conshelf.engine.external.WebFiles;
import io.conshelf.engine.Principal;
import io.conshelf.engine.Request;
import io.conshelf.engine.RunningQuery;
import io.conshelf.engine.external.ExternalTables;
import io.conshelf.engine.StreamingRecords;
import io.conshelf.engine.store.Database;
import io.conshelf.engine.store.Reading;
import io.conshelf.engine.store.StoredFunction;
import io.conshelf.kql.bind.StoredGraph;
import io.conshelf.kql.command.CommandMatch;
import io.conshelf.kql.plan.Plan.TableId;
import io.conshelf.kql.type.ColumnSchema;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.OptionalInt;
import org.duckdb.DuckDBConnection;
import java.util.UUID;

/// What handlers need of the engine beside its storage.
public interface CommandServices {
    BatchIngestion.Result ingest(Request request, BatchIngestion ingestion);

    /// Storage that commands name by URI.
    ExternalStorage external();

    /// What has come of continuous exports.
    ContinuousExportRuns continuousExports();

    /// Runs an export that nobody waits for, in one of the places of exports, visible as a command with this text.
    <T> T inBackground(Request request, String text, Callable<T> work);

    /// The stored and external tables that a query reads.
    List<TableId> tables(Request request, Database database, String csl);
    /// Files of web servers.
    WebFiles webFiles();

    /// External tables, and the SQL servers that may be reached.
    ExternalTables externalTables();

    /// A connection of its own, for a handler that reads rows.
    DuckDBConnection connect() throws SQLException;

    /// Where a handler may put a file for [#ingest].
    Path stagingFolder();

    /// The folders that commands may read and write.
    AllowedFolders allowed();

    /// Queries and commands that run, then those that have ended, newest first.
    List<RunningQuery> requests();

    int cancel(Principal principal, String clientRequestId);

    /// What stands after `<|`: a query, or a `.show` command in place of one, which runs now. To be called before locks are
    /// taken, since commands may take their own.
    ///
    /// @throws KustoException when it is a command that writes
    QuerySource source(Request request, String csl);

    /// A source as SQL over a reading.
    BoundQuery bind(Request request, QuerySource source, Reading reading);

    /// The nodes and the edges of a graph as SQL over a reading.
    GraphQuery bind(Request request, StoredGraph.Model model, Reading reading);

    /// The columns of a query's one result, which must be known from its text; the query is not run, it is one that is kept.
    List<ColumnSchema> columns(Request request, Database database, String csl);

    /// Runs a command that is part of another, as an operation of its own.
    CommandResult run(UUID operation, Request request, CommandMatch command);

    OperationLog operations();

    ViewServices views();

    /// What is limited, and how much of it is in use.
    List<CapacityUse> capacities();

    StreamingRecords streaming();

    /// Carries out the purges that wait, one after the other, beside the request.
    void carryOutPurges();

    Limits limits();

    /// What is wrong with a function that is to tell the workload groups of requests, in words.
    Optional<String> problemOfClassification(Request request, String function);

    /// The properties of requests that such a function looks at.
    List<String> propertiesForClassification(String function);

    /// Binds a function's body against the database, so that a function that cannot work is not stored.
    void checkFunction(Request request, Database database, StoredFunction function);

    /// A query's plan in prefix form, a result after the other; the query is not run.
    LogicalPlan plan(Request request, String csl);

    /// A query as it was bound.
    ///
    /// @param isOfHiddenRows whether row-level security hides rows of what it reads
    record LogicalPlan(String text, boolean isOfHiddenRows) {}

    /// The columns of the table that a function returns; empty as with [#schemaOf].
    Optional<List<ColumnSchema>> outputOf(Request request, Database database, StoredFunction function);

    /// The columns of the table that a function returns, as schemas print them; empty where it returns a scalar, needs a
    /// table, or does not bind.
    Optional<String> schemaOf(Request request, Database database, StoredFunction function);

    /// @param answer of the command, if the text is one
    /// @param pipe   where in the text operators over that answer begin
    /// @param before how many characters of the text stand before the user's: errors are told in the user's
    record QuerySource(String csl, Optional<CommandResult> answer, OptionalInt pipe, int before) {
        public QuerySource after(int characters) {
            return new QuerySource(csl, answer, pipe, characters);
        }
    }

    /// @param columns of its first result
    /// @param sql     one SELECT with these columns in this order, valid on the reading's connection while it is open
    /// @param outside what it reads that is no table of the cluster, by its name; empty where there is nothing
    record BoundQuery(List<ColumnSchema> columns, String sql, String outside) {
        public BoundQuery(List<ColumnSchema> columns, String sql) {
            this(columns, sql, "");
        }

        /// Refuses what lies elsewhere: rows are deleted and updated by what the cluster has, which is the same however often it is read.
        BoundQuery ofTheCluster(String command) {
            if (!outside.isEmpty()) {
                throw new KustoException(Errors.badRequest(command + ": the predicate uses '" + outside
                        + "': it reads tables of this cluster alone; ingest into a table first what lies elsewhere"));
            }
            return this;
        }
    }

    /// The tables of a graph.
    ///
    /// @param reads what both read
    record GraphQuery(BoundQuery nodes, BoundQuery edges, List<TableId> reads) {}
}
