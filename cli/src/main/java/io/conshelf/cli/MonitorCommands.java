package io.conshelf.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.conshelf.cli.RunningFactories.Condition;
import io.conshelf.cli.RunningFactories.Found;
import io.conshelf.cli.RunningFactories.Hosted;
import io.conshelf.cli.progress.RunLines;
import io.conshelf.factory.RunRecord;
import io.conshelf.factory.Status;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// What a running `conshelf up` has of pipelines and their runs: `conshelf pipeline list`, `show`, `runs` and `watch`.
final class MonitorCommands {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss").withZone(ZoneId.systemDefault());
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final List<String> UNDER_WAY = Arrays.stream(Status.values()).filter(status -> !status.hasEnded()).map(Status::title).toList();

    private MonitorCommands() {}

    @Command(name = "list", description = "Lists the pipelines of a running 'conshelf up', with the last run of each.", mixinStandardHelpOptions = true)
    static final class ListPipelines implements Callable<Integer> {
        @Mixin
        private RunningFactories factories;

        @Option(names = "--json", description = "print what the management interface answers")
        private boolean isJson;

        @Override
        public Integer call() throws IOException {
            var found = new ArrayList<Found<JsonNode>>();
            for (Hosted factory : factories.factories()) {
                factories.resources(factory, "pipelines").forEach(pipeline -> found.add(new Found<>(factory, pipeline)));
            }
            if (isJson) {
                print(JSON.valueToTree(found.stream().map(Found::what).toList()));
                return CommandLine.ExitCode.OK;
            }
            var rows = new ArrayList<List<JsonNode>>();
            for (var pipeline : found) {
                JsonNode properties = pipeline.what().path("properties");
                String name = pipeline.what().path("name").asText();
                Optional<RunRecord> last = factories.runs(pipeline.factory(), Instant.EPOCH, List.of(new Condition("PipelineName", List.of(name))), 1).stream()
                        .map(RunRecord::of).findFirst();
                rows.add(List.of(Tables.text(pipeline.factory().name()), Tables.text(name), Tables.number(properties.path("activities").size()),
                        Tables.text(String.join(", ", names(properties.path("parameters")))), Tables.text(last.map(run -> run.status().title()).orElse("never ran")),
                        last.map(run -> Tables.text(TIME.format(run.start()))).orElse(Tables.text("")), last.map(run -> Tables.text(duration(run))).orElse(Tables.text(""))));
            }
            Tables.print(List.of(Tables.column("factory"), Tables.column("pipeline"), Tables.number("activities"), Tables.column("parameters"), Tables.column("last run"), Tables.column("started"),
                    Tables.right("duration")), rows);
            return CommandLine.ExitCode.OK;
        }
    }

    @Command(name = "show", description = "Shows a pipeline of a running 'conshelf up': its parameters, activities and triggers.", mixinStandardHelpOptions = true)
    static final class Show implements Callable<Integer> {
        @Mixin
        private RunningFactories factories;

        @Parameters(paramLabel = "PIPELINE", description = "the pipeline's name")
        private String pipeline;

        @Option(names = "--json", description = "print its definition")
        private boolean isJson;

        @Override
        public Integer call() throws IOException {
            var found = named(factories, pipeline);
            if (isJson) {
                print(found.what());
                return CommandLine.ExitCode.OK;
            }
            JsonNode properties = found.what().path("properties");
            System.out.println("pipeline " + found.what().path("name").asText() + " of factory " + found.factory().name());
            if (properties.hasNonNull("description")) {
                System.out.println(properties.path("description").asText());
            }
            var parameters = new ArrayList<List<JsonNode>>();
            properties.path("parameters").properties().forEach(parameter -> parameters.add(List.of(Tables.text(parameter.getKey()),
                    Tables.text(parameter.getValue().path("type").asText()),
                    parameter.getValue().hasNonNull("defaultValue") ? parameter.getValue().get("defaultValue") : Tables.text(""))));
            if (!parameters.isEmpty()) {
                System.out.println();
                Tables.print(List.of(Tables.column("parameter"), Tables.column("type"), Tables.column("default")), parameters);
            }
            var activities = new ArrayList<List<JsonNode>>();
            activities(properties.path("activities"), "", activities);
            System.out.println();
            Tables.print(List.of(Tables.column("activity"), Tables.column("type"), Tables.column("after")), activities);
            var triggers = triggers(found);
            if (!triggers.isEmpty()) {
                System.out.println();
                Tables.print(List.of(Tables.column("trigger"), Tables.column("type"), Tables.column("state")), triggers);
            }
            return CommandLine.ExitCode.OK;
        }

        private static void activities(JsonNode list, String indent, List<List<JsonNode>> rows) {
            for (JsonNode activity : list) {
                String after = StreamSupport.stream(activity.path("dependsOn").spliterator(), false)
                        .map(on -> on.path("activity").asText() + conditions(on.path("dependencyConditions"))).collect(Collectors.joining(", "));
                String state = activity.path("state").asText("").equalsIgnoreCase("Inactive") ? " (inactive)" : "";
                rows.add(List.of(Tables.text(indent + activity.path("name").asText() + state), Tables.text(activity.path("type").asText()), Tables.text(after)));
                JsonNode properties = activity.path("typeProperties");
                for (String inner : List.of("activities", "ifTrueActivities", "ifFalseActivities", "defaultActivities")) {
                    activities(properties.path(inner), indent + "  ", rows);
                }
                properties.path("cases").forEach(one -> activities(one.path("activities"), indent + "  ", rows));
            }
        }

        private static String conditions(JsonNode stated) {
            String text = StreamSupport.stream(stated.spliterator(), false).map(JsonNode::asText).collect(Collectors.joining(" or "));
            return text.isEmpty() || text.equals("Succeeded") ? "" : " (" + text + ")";
        }

        private List<List<JsonNode>> triggers(Found<JsonNode> found) {
            String name = found.what().path("name").asText();
            var rows = new ArrayList<List<JsonNode>>();
            for (JsonNode trigger : factories.resources(found.factory(), "triggers")) {
                JsonNode properties = trigger.path("properties");
                boolean isIts = properties.findValuesAsText("referenceName").stream().anyMatch(name::equalsIgnoreCase);
                if (isIts) {
                    rows.add(List.of(Tables.text(trigger.path("name").asText()), Tables.text(properties.path("type").asText()), Tables.text(properties.path("runtimeState").asText())));
                }
            }
            return rows;
        }
    }

    @Command(name = "runs", description = "Lists runs of a running 'conshelf up', the latest first.", mixinStandardHelpOptions = true)
    static final class Runs implements Callable<Integer> {
        @Mixin
        private RunningFactories factories;

        @Parameters(arity = "0..1", paramLabel = "PIPELINE", description = "of this pipeline only")
        private Optional<String> pipeline;

        @Option(names = "--status", split = ",", paramLabel = "STATUS", description = "only Queued, InProgress, Succeeded, Failed, Canceling or Cancelled; more with commas")
        private List<String> statuses = List.of();

        @Option(names = "--since", paramLabel = "TIME", description = "changed in the last 90m, 24h or 7d (default: whenever)")
        private Optional<String> since;

        @Option(names = "--limit", paramLabel = "N", description = "at most so many (default: ${DEFAULT-VALUE})", defaultValue = "20")
        private int limit;

        @Option(names = "--json", description = "print what the management interface answers")
        private boolean isJson;

        @Override
        public Integer call() throws IOException {
            if (limit < 1) {
                throw new CommandFailure("--limit " + limit + " is no number of runs: it is 1 or more");
            }
            var conditions = new ArrayList<Condition>();
            pipeline.ifPresent(name -> conditions.add(new Condition("PipelineName", List.of(named(factories, name).what().path("name").asText()))));
            if (!statuses.isEmpty()) {
                conditions.add(new Condition("Status", statuses.stream().map(Runs::status).toList()));
            }
            Instant from = since.map(text -> Instant.now().minus(span(text))).orElse(Instant.EPOCH);
            var found = new ArrayList<Found<JsonNode>>();
            for (Hosted factory : factories.factories()) {
                factories.runs(factory, from, conditions, limit).forEach(run -> found.add(new Found<>(factory, run)));
            }
            found.sort((a, b) -> b.what().path("runStart").asText().compareTo(a.what().path("runStart").asText()));
            var shown = found.subList(0, Math.min(limit, found.size()));
            if (isJson) {
                print(JSON.valueToTree(shown.stream().map(Found::what).toList()));
                return CommandLine.ExitCode.OK;
            }
            var rows = new ArrayList<List<JsonNode>>();
            for (var run : shown) {
                RunRecord record = RunRecord.of(run.what());
                rows.add(List.of(Tables.text(record.runId()), Tables.text(record.pipelineName()), Tables.text(record.status().title()), Tables.text(TIME.format(record.start())),
                        Tables.text(duration(record)), rowsCopied(run), Tables.text(record.invokedBy().name()), Tables.text(record.message())));
            }
            Tables.print(List.of(Tables.column("run"), Tables.column("pipeline"), Tables.column("status"), Tables.column("started"), Tables.right("duration"), Tables.number("rows"), Tables.column("by"),
                    Tables.column("message")), rows);
            return CommandLine.ExitCode.OK;
        }

        /// What the copies of a run wrote, so far; empty where there is no copy.
        private JsonNode rowsCopied(Found<JsonNode> run) {
            var counts = factories.activityRuns(run.factory(), run.what().path("runId").asText()).stream().map(activity -> activity.path("output"))
                    .filter(output -> output.has("rowsCopied") || output.has("rowsRead")).mapToLong(output -> output.path("rowsCopied").asLong(output.path("rowsRead").asLong()))
                    .toArray();
            return counts.length == 0 ? Tables.text("") : Tables.number(Arrays.stream(counts).sum());
        }

        private static String status(String text) {
            return Arrays.stream(Status.values()).map(Status::title).filter(title -> title.equalsIgnoreCase(text.strip())).findFirst()
                    .orElseThrow(() -> new CommandFailure("--status '" + text + "' is none of Queued, InProgress, Succeeded, Failed, Canceling, Cancelled"));
        }

        private static Duration span(String text) {
            if (!text.matches("\\d{1,6}[mhd]")) {
                throw new CommandFailure("--since '" + text + "' is not a time such as 90m, 24h or 7d");
            }
            long count = Long.parseLong(text.substring(0, text.length() - 1));
            return switch (text.charAt(text.length() - 1)) {
                case 'm' -> Duration.ofMinutes(count);
                case 'h' -> Duration.ofHours(count);
                default -> Duration.ofDays(count);
            };
        }
    }

    @Command(
            name = "watch",
            description = "Shows a run of a running 'conshelf up' while it runs; exits with 0 if it succeeded. Ctrl-C ends the watching, not the run.",
            mixinStandardHelpOptions = true)
    static final class Watch implements Callable<Integer> {
        /// Tables on narrow terminals cut ids.
        private static final int ID_BEGINNING_MIN = 6;
        private static final int RECENT_RUNS = 1_000;

        @Mixin
        private RunningFactories factories;

        @Parameters(arity = "0..1", paramLabel = "RUN", description = "a run's id or its first characters, or a pipeline for its last run (default: the last run that is under way)")
        private Optional<String> asked;

        @Option(names = "--json", description = "print the run and its activity runs as JSON when it has ended")
        private boolean isJson;

        @Override
        public Integer call() throws IOException, InterruptedException {
            var run = asked.map(this::found).orElseGet(this::underWay);
            return follow(factories, run.factory(), run.what().path("runId").asText(), isJson ? Ending.AS_JSON : Ending.SHOWN);
        }

        private Found<JsonNode> found(String name) {
            return factories.run(name).or(() -> beginningWith(name)).or(() -> {
                var pipeline = named(factories, name);
                return latest(List.of(pipeline.factory()), new Condition("PipelineName", List.of(pipeline.what().path("name").asText())));
            }).orElseThrow(() -> new CommandFailure("the pipeline '" + name + "' never ran"));
        }

        private Optional<Found<JsonNode>> beginningWith(String text) {
            if (!text.matches("(?i)[0-9a-f-]{" + ID_BEGINNING_MIN + ",}")) {
                return Optional.empty();
            }
            var found = factories.factories().stream().flatMap(factory -> factories.runs(factory, Instant.EPOCH, List.of(), RECENT_RUNS).stream()
                    .filter(run -> run.path("runId").asText().startsWith(text.toLowerCase(Locale.ROOT))).map(run -> new Found<>(factory, run))).toList();
            if (found.size() > 1) {
                throw new CommandFailure(found.size() + " runs begin with '" + text + "': give more of the id");
            }
            return found.stream().findFirst();
        }

        private Found<JsonNode> underWay() {
            return latest(factories.factories(), new Condition("Status", UNDER_WAY))
                    .orElseThrow(() -> new CommandFailure("no run is under way; 'conshelf pipeline runs' lists those that have ended"));
        }

        private Optional<Found<JsonNode>> latest(List<Hosted> among, Condition condition) {
            return among.stream().flatMap(factory -> factories.runs(factory, Instant.EPOCH, List.of(condition), 1).stream().map(run -> new Found<>(factory, run)))
                    .max((a, b) -> a.what().path("runStart").asText().compareTo(b.what().path("runStart").asText()));
        }
    }

    /// What is printed of a run that has ended.
    enum Ending { SHOWN, AS_JSON }

    /// Shows a run to its end; returns the exit code.
    static int follow(RunningFactories factories, Hosted factory, String runId, Ending ending) throws IOException, InterruptedException {
        try (var interruption = new Interruption()) {
            var watch = new RunWatch(factories, factory, runId);
            try (var progress = Terminal.progress()) {
                interruption.stops(() -> {
                    progress.say("the run goes on; 'conshelf pipeline watch " + watch.runId() + "' shows it again");
                    watch.stop();
                }, progress::close);
                watch.show(progress);
            }
            switch (ending) {
                case SHOWN -> {}
                case AS_JSON -> print(watch.toJson());
            }
            return watch.isSucceeded() ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
        }
    }

    /// The pipeline of a name, in the one factory that has it.
    static Found<JsonNode> named(RunningFactories factories, String pipeline) {
        var found = factories.factories().stream().flatMap(factory -> factories.resource(factory, "pipelines", pipeline).stream().map(it -> new Found<>(factory, it)))
                .toList();
        if (found.isEmpty()) {
            throw new CommandFailure("there is no pipeline '" + pipeline + "'; 'conshelf pipeline list' lists them");
        }
        if (found.size() > 1) {
            throw new CommandFailure("'" + pipeline + "' is a pipeline of " + found.stream().map(it -> it.factory().group() + "/" + it.factory().name())
                    .collect(Collectors.joining(" and ")) + ": say which with --factory");
        }
        return found.getFirst();
    }

    private static List<String> names(JsonNode object) {
        return object.properties().stream().map(Map.Entry::getKey).toList();
    }

    private static String duration(RunRecord run) {
        return RunLines.seconds(run.end().map(_ -> run.duration()).orElseGet(() -> Duration.between(run.start(), Instant.now())));
    }

    private static void print(JsonNode json) throws JsonProcessingException {
        PipelineCommand.print(json);
    }
}
