package io.conshelf.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.definition.Problem;
import io.conshelf.connectors.kusto.Endpoints;
import io.conshelf.connectors.kusto.KustoCluster;
import io.conshelf.connectors.kusto.KustoCredential;
import io.conshelf.streams.job.Datasources;
import io.conshelf.streams.job.JobDefinition;
import io.conshelf.streams.job.JobDefinition.Output;
import io.conshelf.streams.job.Project;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The commands of a project that make the tables of its outputs: what a new cluster is given first.
final class StreamTables {
    private static final Duration COMMAND_TIMEOUT = Duration.ofMinutes(10);
    private static final String FILE = "tables.kql";

    private final Path file;
    private final String shown;
    private final List<String> databases;

    private StreamTables(Path file, String shown, List<String> databases) {
        this.file = file;
        this.shown = shown;
        this.databases = databases;
    }

    /// @param given in place of the project's own; that may be missing
    static Optional<StreamTables> of(Project project, JobDefinition job, Optional<Path> given) {
        Path file = given.orElseGet(() -> project.folder().resolve(FILE));
        List<String> databases = job.outputs().stream().filter(output -> output.datasource().equals(Datasources.KUSTO))
                .map((Output output) -> output.settings().path("database").asText()).filter(name -> !name.isBlank()).distinct().toList();
        return databases.isEmpty() || given.isEmpty() && !Files.exists(file) ? Optional.empty()
                : Optional.of(new StreamTables(file, given.map(Path::toString).orElse(FILE), databases));
    }

    /// Runs them in each database that an output names.
    ///
    /// @return what the cluster did not take, with the line of the command
    List<Problem> give(URI cluster) {
        List<Problem> problems = new ArrayList<>();
        try (KustoCluster connection = KustoCluster.connect(Endpoints.embedded(cluster, List.of()).resolve(cluster.toString()), new KustoCredential.None())) {
            String script = Files.readString(file);
            for (String database : databases) {
                connection.command("NetDefaultDB", ".create database " + KustoCluster.quote(database) + " ifnotexists", COMMAND_TIMEOUT);
                List<ObjectNode> results = connection.command(database, ".execute database script with (ContinueOnErrors=true) <|\n" + script, COMMAND_TIMEOUT).objects();
                int from = 0;
                for (ObjectNode result : results) {
                    String command = result.path("CommandText").asText().strip();
                    int at = command.isEmpty() ? -1 : script.indexOf(command, from);
                    from = at < 0 ? from : at + command.length();
                    if (!result.path("Result").asText().equals("Completed")) {
                        problems.add(new Problem(shown, at < 0 ? "" : "line " + (1 + script.substring(0, at).chars().filter(c -> c == '\n').count()),
                                result.path("Reason").asText()));
                    }
                }
            }
        } catch (StoreException refused) {
            problems.add(new Problem(shown, "", refused.getMessage()));
        } catch (IOException unreadable) {
            problems.add(new Problem(shown, "", "cannot be read: " + unreadable.getMessage()));
        }
        return problems;
    }
}
