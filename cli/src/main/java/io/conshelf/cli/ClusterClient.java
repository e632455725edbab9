package io.conshelf.cli;

import io.conshelf.cli.output.Output;
import io.conshelf.cli.output.OutputFormat;
import io.conshelf.cli.output.ResultWriter;
import io.conshelf.cli.output.UndrawableException;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.kusto.Endpoints;
import io.conshelf.connectors.kusto.KustoCluster;
import io.conshelf.connectors.kusto.KustoCredential;
import io.conshelf.connectors.kusto.QueryAnswer;
import io.conshelf.connectors.kusto.QueryOptions;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;

/// Asks a cluster and hands rows on while they arrive: nothing is collected here.
final class ClusterClient {
    private static final Duration TIMEOUT = Duration.ofHours(1);

    private final String url;
    private final String database;

    ClusterClient(String url, String database) {
        this.url = url;
        this.database = database;
    }

    /// Runs a query or a management command and writes its results.
    ///
    /// @throws CommandFailure with the service's own message
    void run(String kql, OutputFormat format, Output output) throws IOException {
        try (var cluster = KustoCluster.connect(Endpoints.replacedBy(address()).resolve(url), KustoCredential.of(System.getenv()));
                var answer = cluster.ask(database, kql, new QueryOptions(TIMEOUT, true))) {
            write(answer, format.writer(output));
            while (answer.nextResult()) {
                if (!format.isForSeveral()) {
                    throw new CommandFailure("the query has more than one result, of which the first is written: leave one statement without a name, or "
                            + "see them all with --format table");
                }
                output.text().write("\n");
                write(answer, format.writer(output));
            }
        } catch (UndrawableException e) {
            throw new CommandFailure(e.getMessage(), e);
        } catch (StoreException e) {
            throw new CommandFailure(explanation(e, url), e);
        }
    }

    private static void write(QueryAnswer answer, ResultWriter writer) throws IOException, StoreException {
        try (writer) {
            writer.begin(answer.columns(), answer.visualization());
            for (var row = answer.next(); row.isPresent(); row = answer.next()) {
                writer.row(row.get());
            }
            writer.end();
        }
    }

    private URI address() {
        try {
            return URI.create(url);
        } catch (IllegalArgumentException e) {
            throw new CommandFailure("'" + url + "' is not the address of a cluster: " + e.getMessage(), e);
        }
    }

    static String explanation(StoreException failure, String url) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof java.net.ConnectException || cause instanceof java.net.UnknownHostException) {
                return "no cluster answers at " + url + ": start one with ./conshelf up, or name another with --cluster";
            }
        }
        return failure.getMessage();
    }
}
