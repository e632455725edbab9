package io.conshelf.streams.service;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.definition.Located;
import io.conshelf.connectors.definition.Problem;
import io.conshelf.connectors.management.ManagementAnswer;
import io.conshelf.connectors.management.ManagementRequest;
import io.conshelf.connectors.management.Refusal;
import io.conshelf.connectors.management.ServiceJson;
import io.conshelf.streams.format.OutputFormat;
import io.conshelf.streams.job.Datasources;
import io.conshelf.streams.job.JobDefinition;
import io.conshelf.streams.job.JobDefinition.Input;
import io.conshelf.streams.job.JobDefinition.Output;
import io.conshelf.streams.job.JobJson;
import io.conshelf.streams.job.JobReading;
import io.conshelf.streams.local.LocalProject;
import io.conshelf.streams.output.OutputException;
import io.conshelf.streams.query.Diagnostic;
import io.conshelf.streams.run.Diagnosed;
import io.conshelf.streams.run.ReadyJob;
import io.conshelf.streams.script.ScriptFunctions;
import io.conshelf.streams.run.Surroundings;
import io.conshelf.streams.value.Row;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// Tries the query of a job over events that the request brings or names, and writes its rows where the request says. The clock has no part in it.
final class QueryTest {
    private static final int INPUT_BYTES_MAX = 32 << 20;
    private static final long ROWS_MAX = 2_000_000;

    private final Trials trials;
    private final InstantSource clock;

    QueryTest(Trials trials, InstantSource clock) {
        this.trials = trials;
        this.clock = clock;
    }

    /// @param sources     by input: the blob that has its events, where they are not in the definition
    /// @param targets     by output: the blob that its rows are written to
    /// @param diagnostics where data errors are told
    private record Asked(JobDefinition job, Map<String, SignedBlob> sources, Map<String, SignedBlob> targets, Optional<SignedBlob> diagnostics) {}

    ManagementAnswer begin(ManagementRequest request, String subscription) {
        Surroundings surroundings = trials.surroundings();
        Asked asked = asked(ServiceJson.object(request.body()), surroundings, Trials.origin(request));
        return trials.begin(request, subscription, () -> result(asked));
    }

    private static Asked asked(ObjectNode body, Surroundings surroundings, URI origin) {
        if (!(body.get("streamingJob") instanceof ObjectNode given)) {
            throw Refusal.badRequest("streamingJob", "The body needs 'streamingJob', a job with its parts.");
        }
        ObjectNode document = given.deepCopy().put("name", "query");
        for (String kind : List.of("inputs", "outputs")) {
            document.path("properties").path(kind).forEach(part -> requireRaw(kind, part));
        }
        JobReading reading = JobJson.readForTest(new Located("", "", document));
        if (!reading.problems().isEmpty()) {
            Problem first = reading.problems().getFirst();
            throw Refusal.of(400, "BadRequest", "streamingJob", "The job cannot be tested: '" + first.path() + "' " + first.message(), "BadRequest", reading.problems());
        }
        JsonNode place = body.path("diagnostics");
        Optional<SignedBlob> folder = Optional.of(place.path("writeUri").asText("")).filter(text -> !text.isEmpty()).map(uri -> {
            SignedBlob blob = SignedBlob.of("diagnostics.writeUri", uri, surroundings, origin);
            String path = place.path("path").asText("").replaceAll("^/+|/+$", "");
            return path.isEmpty() ? blob : blob.in(path);
        });
        Map<String, SignedBlob> sources = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        for (Input input : reading.job().inputs()) {
            String uri = input.settings().path("payloadUri").asText("");
            if (uri.isEmpty() == input.settings().path("payload").asText("").isEmpty()) {
                throw Refusal.badRequest("inputs/" + input.name(), "The input '" + input.name() + "' needs 'payload' or 'payloadUri', one of them.");
            }
            if (!uri.isEmpty()) {
                sources.put(input.name(), file("payloadUri", uri, surroundings, origin));
            }
        }
        Map<String, SignedBlob> targets = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        for (Output output : reading.job().outputs()) {
            String uri = output.settings().path("payloadUri").asText("");
            targets.put(output.name(), uri.isEmpty() ? folder.map(in -> in.in(output.name() + "." + OutputFormat.of(output.properties()).extension()))
                    .orElseThrow(() -> Refusal.badRequest("outputs/" + output.name(), "The output '" + output.name() + "' needs 'payloadUri', where 'diagnostics.writeUri' names no place."))
                    : file("payloadUri", uri, surroundings, origin));
        }
        return new Asked(reading.job(), sources, targets, folder.map(in -> in.in("diagnostics.json")));
    }

    private static SignedBlob file(String property, String uri, Surroundings surroundings, URI origin) {
        SignedBlob blob = SignedBlob.of(property, uri, surroundings, origin);
        if (blob.path().isEmpty()) {
            throw Refusal.badRequest(property, "'" + property + "' names a container, and is to name a blob.");
        }
        return blob;
    }

    /// Nothing but what the request itself brings is read or written. Formats that are left out are JSON.
    private static void requireRaw(String kind, JsonNode part) {
        String type = part.path("properties").path("datasource").path("type").asText();
        if (!type.equalsIgnoreCase(Datasources.RAW)) {
            throw Refusal.badRequest(kind + "/" + part.path("name").asText(), "A test of a query has " + kind + " of the type 'Raw' alone, found '" + type + "' for '"
                    + part.path("name").asText() + "'.");
        }
        if (part.get("properties") instanceof ObjectNode properties && !properties.path("serialization").hasNonNull("type")) {
            properties.putObject("serialization").put("type", "Json").putObject("properties").put("encoding", "UTF8");
        }
    }

    private ObjectNode result(Asked asked) {
        ReadyJob ready;
        try {
            ready = ReadyJob.of(asked.job());
        } catch (ReadyJob.NotReady wrong) {
            return compilerError(wrong.getMessage(), wrong.problems(), wrong.scripts());
        }
        if (!ready.unknownOutputs().isEmpty()) {
            return compilerError(String.join("\n", ready.unknownOutputs().stream().map(Diagnostic::toString).toList()), ready.unknownOutputs(), List.of());
        }
        try {
            Map<String, byte[]> brought = read(asked);
            LocalProject.Result run = LocalProject.bounded(ready, input -> bytes(brought, input), ROWS_MAX).run(asked.job().inputs(), clock.instant());
            write(asked, run.rows());
            if (asked.diagnostics().isPresent()) {
                asked.diagnostics().get().write(log(run.diagnostics()));
            }
        } catch (LocalProject.LocalFailure | OutputException failure) {
            return Trials.failed("RuntimeError", failure.getMessage());
        } catch (StoreException failure) {
            return Trials.failed("RuntimeError", failure.code() + ": " + failure.getMessage());
        }
        ObjectNode result = Trials.result("Success");
        ready.plan().outputs().stream().findFirst().ifPresent(first -> result.put("outputUri", asked.targets().get(first.name()).address()));
        return result;
    }

    private static ObjectNode compilerError(String message, List<Diagnostic> query, List<ScriptFunctions.Problem> scripts) {
        ObjectNode result = Trials.failed("CompilerError", message);
        var details = result.withObject("/error").putArray("details");
        query.forEach(problem -> details.addObject().put("code", "CompilerError").put("target", "transformation.query").put("message", problem.toString()));
        scripts.forEach(problem -> details.addObject().put("code", "CompilerError").put("target", "functions/" + problem.function()).put("message", problem.placed()));
        return result;
    }

    private static Map<String, byte[]> read(Asked asked) throws StoreException {
        Map<String, byte[]> brought = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        int left = INPUT_BYTES_MAX;
        for (Map.Entry<String, SignedBlob> source : asked.sources().entrySet()) {
            byte[] bytes = source.getValue().read(left);
            left -= bytes.length;
            brought.put(source.getKey(), bytes);
        }
        return brought;
    }

    private static InputStream bytes(Map<String, byte[]> brought, Input input) {
        byte[] bytes = brought.get(input.name());
        return new ByteArrayInputStream(bytes != null ? bytes : input.settings().path("payload").asText().getBytes(StandardCharsets.UTF_8));
    }

    /// All are made before the first is written.
    private static void write(Asked asked, Map<String, List<Row>> made) throws OutputException, StoreException {
        Map<String, List<Row>> rows = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        rows.putAll(made);
        Map<SignedBlob, byte[]> files = new LinkedHashMap<>();
        for (Output output : asked.job().outputs()) {
            files.put(asked.targets().get(output.name()), OutputFormat.of(output.properties())
                    .message(rows.getOrDefault(output.name(), List.of()).stream().map(Row::event).toList()));
        }
        for (Map.Entry<SignedBlob, byte[]> file : files.entrySet()) {
            file.getKey().write(file.getValue());
        }
    }

    /// As the service's log has them, one a line.
    static byte[] log(List<Diagnosed> diagnostics) {
        StringBuilder lines = new StringBuilder();
        for (Diagnosed one : diagnostics) {
            ObjectNode line = ServiceJson.MAPPER.createObjectNode().put("Source", one.example().source()).put("Type", "DataError")
                    .put("DataErrorType", one.example().type()).put("BriefMessage", one.example().brief()).put("Message", one.example().told());
            // an array, as a text
            line.put("ExampleEvents", ServiceJson.MAPPER.createArrayNode().add(one.example().example()).toString());
            line.put("ErrorCode", one.example().code()).put("ErrorCategory", "DataError");
            line.put("FromTimestamp", JobResources.text(one.first())).put("ToTimestamp", JobResources.text(one.last())).put("EventCount", one.count());
            lines.append(line).append('\n');
        }
        return lines.toString().getBytes(StandardCharsets.UTF_8);
    }
}
