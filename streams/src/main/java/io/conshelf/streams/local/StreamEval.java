package io.conshelf.streams.local;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.util.RawValue;
import io.conshelf.streams.expression.Conversions;
import io.conshelf.streams.expression.Evaluation;
import io.conshelf.streams.expression.JobFunctions.FunctionFault;
import io.conshelf.streams.expression.RuntimeFault;
import io.conshelf.streams.format.EventSink;
import io.conshelf.streams.format.InputFormat;
import io.conshelf.streams.input.ReferenceInput.Snapshot;
import io.conshelf.streams.job.JobDefinition;
import io.conshelf.streams.job.JobDefinition.Function;
import io.conshelf.streams.job.JobDefinition.FunctionType;
import io.conshelf.streams.job.JobDefinition.Input;
import io.conshelf.streams.job.JobDefinition.InputType;
import io.conshelf.streams.job.JobDefinition.Ordering;
import io.conshelf.streams.job.JobDefinition.Policies;
import io.conshelf.streams.operator.EventOrdering.Arrivals;
import io.conshelf.streams.run.ReadyJob;
import io.conshelf.streams.value.Compatibility;
import io.conshelf.streams.value.JsonPrint;
import io.conshelf.streams.value.JsonRead;
import io.conshelf.streams.value.Ticks;
import io.conshelf.streams.value.Value;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/// Evaluates one conformance case: a JSON line with `query`, `inputs` and what goes with them in, a JSON line with `id` and `outputs`, or `error`, out. An input
/// is a list of events, or a text: CSV.
public final class StreamEval {
    private static final JsonMapper JSON = new JsonMapper();

    private final Clock clock;

    public StreamEval(Clock clock) {
        this.clock = clock;
    }

    public String answer(String line) {
        ObjectNode answer = JsonNodeFactory.instance.objectNode();
        try {
            JsonNode request = JSON.readTree(line);
            answer.set("id", request.path("id"));
            answer.set("outputs", outputs(request));
        } catch (JsonProcessingException notJson) {
            answer.put("error", "the line is not JSON: " + notJson.getOriginalMessage());
        } catch (ReadyJob.NotReady | IllegalArgumentException refused) {
            answer.put("error", refused.getMessage());
        } catch (RuntimeFault fault) {
            answer.put("error", fault.told());
        } catch (FunctionFault fault) {
            answer.put("error", fault.getMessage());
        } catch (StackOverflowError tooDeep) {
            answer.put("error", "the query or an event is nested too deeply");
        }
        return answer.toString();
    }

    private ObjectNode outputs(JsonNode request) throws ReadyJob.NotReady {
        Set<String> references = new HashSet<>();
        request.path("reference").forEach(name -> references.add(name.asText().toLowerCase(Locale.ROOT)));
        List<Input> inputs = new ArrayList<>();
        request.path("inputs").fieldNames().forEachRemaining(name -> inputs.add(new Input(name,
                references.contains(name.toLowerCase(Locale.ROOT)) ? InputType.REFERENCE : InputType.STREAM, JsonNodeFactory.instance.objectNode())));
        Policies policies = policies(request);
        JobDefinition job = new JobDefinition("case", request.path("query").asText(), inputs, List.of(), functions(request), policies);
        ReadyJob ready = ReadyJob.of(job);

        long now = Ticks.of(clock.instant());
        JsonRead reading = new JsonRead(JsonRead.Reading.at(Compatibility.of(policies.compatibility()).orElse(Compatibility.V1_2)));
        Map<String, LocalEvents> events = new HashMap<>();
        Map<String, List<Snapshot>> snapshots = new HashMap<>();
        for (Input input : inputs) {
            List<Value.Record> records = new ArrayList<>();
            JsonNode given = request.path("inputs").path(input.name());
            // what a job cannot read it drops and counts
            if (given.isTextual()) {
                InputFormat.csv(input.name(), ready.context().level(), ready.plan().declared(input.name())).reader()
                        .message(given.asText().getBytes(StandardCharsets.UTF_8), input.name(), EventSink.ofEvents(records::add));
            }
            for (JsonNode event : given) {
                reading.record(event.toString()).ifPresent(records::add);
            }
            switch (input.type()) {
                case STREAM -> events.put(input.name(), request.hasNonNull("arrivalField") ? arrived(records, request.path("arrivalField").asText())
                        : LocalEvents.ofFile(records, now));
                case REFERENCE -> snapshots.put(input.name(), List.of(new Snapshot(0, records)));
            }
        }
        ObjectNode outputs = JsonNodeFactory.instance.objectNode();
        LocalRun run = new LocalRun(ready.plan(), policies, Evaluation.in(ready.context()), _ -> { });
        run.rows(events, snapshots).forEach((name, rows) -> {
            ArrayNode printed = outputs.putArray(name);
            rows.forEach(row -> printed.addRawValue(new RawValue(JsonPrint.text(row.event()))));
        });
        return outputs;
    }

    private static LocalEvents arrived(List<Value.Record> records, String field) {
        return new LocalEvents(Arrivals.TOLD, records.stream().map(record -> new LocalEvents.Arrived(record, arrival(record, field))).toList());
    }

    private static long arrival(Value.Record record, String field) {
        return Conversions.datetime(record.field(field)).orElse(Value.Null.NULL) instanceof Value.DateTime(long ticks) ? ticks
                : refuse("'" + field + "', the time of arrival, is no datetime");
    }

    private static long refuse(String message) {
        throw new IllegalArgumentException(message);
    }

    /// As the management interface defines functions, or flat: `name`, `binding`, `script` and the types. What the query calls as `uda.name` is an aggregate.
    private static List<Function> functions(JsonNode request) {
        List<Function> functions = new ArrayList<>();
        for (JsonNode function : request.path("functions")) {
            String name = function.path("name").asText();
            boolean isAggregate = Pattern.compile("\\buda\\s*\\.\\s*[\\[\"]?" + Pattern.quote(name) + "\\b", Pattern.CASE_INSENSITIVE)
                    .matcher(request.path("query").asText()).find();
            List<String> inputTypes = new ArrayList<>();
            found(function, "inputs").or(() -> found(function, "inputTypes")).ifPresent(types -> types.forEach(type -> inputTypes.add(type(type))));
            functions.add(new Function(name, isAggregate ? FunctionType.AGGREGATE : FunctionType.SCALAR,
                    found(function, "script").map(JsonNode::asText).orElse(""), inputTypes,
                    found(function, "output").or(() -> found(function, "outputType")).map(StreamEval::type).orElse("any")));
        }
        return functions;
    }

    private static Optional<JsonNode> found(JsonNode in, String name) {
        return Optional.ofNullable(in.findValue(name));
    }

    private static String type(JsonNode type) {
        return type.isObject() ? type.path("dataType").asText("any") : type.asText("any");
    }

    private static Policies policies(JsonNode request) {
        JsonNode policy = request.path("policy");
        long late = policy.path("eventsLateArrivalMaxDelayInSeconds").asLong(-1);
        return new Policies(late < 0 ? Optional.empty() : Optional.of(Duration.ofSeconds(late)),
                Duration.ofSeconds(policy.path("eventsOutOfOrderMaxDelayInSeconds").asLong(0)),
                policy.path("eventsOutOfOrderPolicy").asText("Adjust").equalsIgnoreCase("Drop") ? Ordering.DROP : Ordering.ADJUST,
                Policies.DEFAULT.outputError(), request.path("compatibilityLevel").asText("1.2"), Policies.DEFAULT.dataLocale(), 1);
    }
}
