package io.conshelf.cli;

import io.conshelf.connectors.definition.Problem;
import io.conshelf.server.Server;
import io.conshelf.server.ServerConfig;
import io.conshelf.streams.job.Datasources;
import io.conshelf.streams.job.JobDefinition;
import io.conshelf.streams.job.JobDefinition.Output;
import io.conshelf.streams.job.Project;
import io.conshelf.streams.job.ProjectReading;
import io.conshelf.streams.plan.Compiled;
import io.conshelf.streams.plan.Plan;
import io.conshelf.streams.query.Diagnostic;
import io.conshelf.streams.query.QueryParser;
import io.conshelf.streams.query.Span;
import io.conshelf.streams.run.JobCheck;
import io.conshelf.streams.run.ReadyJob;
import io.conshelf.streams.run.StreamJobs;
import io.conshelf.streams.run.Surroundings;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Everything that can be found wrong with a job without what it reads and writes: its definitions, its query, its functions, and its tables where the project
/// says what they are.
///
/// @param shown the problems as people read them, those of the query with its lines
record StreamFindings(List<Problem> problems, List<Problem> remarks, List<String> shown) {
    static StreamFindings of(ProjectReading reading) throws Exception {
        StreamFindings found = new StreamFindings(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        reading.problems().forEach(found::add);
        if (reading.project().isPresent()) {
            Project project = reading.project().get();
            found.remarks.addAll(project.remarks());
            if (reading.outline().isPresent()) {
                found.check(project, reading.outline().get());
            } else {
                // what the query may name is not known, only whether it can be read
                QueryParser.parse(project.job().query()).diagnostics().forEach(diagnostic -> found.add(project, diagnostic));
            }
        }
        return found;
    }

    private void add(Problem problem) {
        problems.add(problem);
        shown.add(problem.toString());
    }

    private void add(Project project, Diagnostic diagnostic) {
        Span span = diagnostic.span();
        Problem problem = new Problem(project.queryFile().file(), span.startLine() < 1 ? "" : "line " + span.startLine() + ", column " + span.startColumn(),
                diagnostic.message());
        if (diagnostic.isError()) {
            problems.add(problem);
            shown.add(new QueryText(project).shown(diagnostic));
        } else {
            remarks.add(problem);
        }
    }

    private void check(Project project, JobDefinition outline) throws Exception {
        JobCheck check = JobCheck.of(project.job(), outline);
        List<String> outputs = outline.outputs().stream().map(Output::name).toList();
        Compiled compiled = outputs.isEmpty() ? check.query() : check.query().knowing(outputs);
        compiled.diagnostics().forEach(diagnostic -> add(project, diagnostic));
        check.scripts().forEach(problem -> add(QueryText.problem(project, problem)));
        if (check.ready().isPresent()) {
            tables(project, check.ready().get());
        }
    }

    /// Holds the outputs against the tables that the project makes, in a cluster that lives for it.
    private void tables(Project project, ReadyJob ready) throws Exception {
        List<Output> written = ready.definition().outputs().stream().filter(output -> output.datasource().equals(Datasources.KUSTO)).toList();
        Optional<StreamTables> tables = StreamTables.of(project, ready.definition(), Optional.empty());
        if (tables.isEmpty()) {
            return;
        }
        try (Server server = UpCommand.start(ServerConfig.local())) {
            URI address = URI.create("http://127.0.0.1:" + server.port());
            List<Problem> wrong = tables.get().give(address);
            wrong.forEach(this::add);
            for (Output output : written) {
                Optional<Plan.Output> query = ready.plan().outputs().stream().filter(one -> one.name().equalsIgnoreCase(output.name())).findFirst();
                if (query.isPresent()) {
                    ReadyJob one = new ReadyJob(ready.definition().withOutputs(List.of(output)), ready.plan(), ready.context(), List.of());
                    StreamJobs.differences(one, Surroundings.free(address, Surroundings.Role.REPLACING, List.of(), project.folder()))
                            .forEach(difference -> add(project, Diagnostic.error(query.get().span(), difference)));
                }
            }
        }
    }
}
