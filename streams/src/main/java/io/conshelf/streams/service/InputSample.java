package io.conshelf.streams.service;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.definition.Located;
import io.conshelf.connectors.definition.Problem;
import io.conshelf.connectors.management.ManagementAnswer;
import io.conshelf.connectors.management.ManagementRequest;
import io.conshelf.connectors.management.Refusal;
import io.conshelf.connectors.management.ServiceJson;
import io.conshelf.streams.format.InputFormat;
import io.conshelf.streams.input.DataError;
import io.conshelf.streams.input.EventInput;
import io.conshelf.streams.input.EventPartition;
import io.conshelf.streams.input.InputException;
import io.conshelf.streams.input.Inputs;
import io.conshelf.streams.job.Datasources;
import io.conshelf.streams.job.JobDefinition;
import io.conshelf.streams.job.JobDefinition.Input;
import io.conshelf.streams.job.JobDefinition.InputType;
import io.conshelf.streams.job.JobJson;
import io.conshelf.streams.job.JobReading;
import io.conshelf.streams.run.Surroundings;
import io.conshelf.streams.value.Compatibility;
import io.conshelf.streams.value.JsonPrint;
import io.conshelf.streams.value.Ticks;
import io.conshelf.streams.value.Value;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/// Reads some events of an input, from its beginning, and writes them where the request says. What reads the input otherwise does not notice.
final class InputSample {
    private static final int EVENTS_MAX = 1_000;
    private static final int BYTES_MAX = 10 << 20;
    private static final int DIAGNOSTICS_MAX = 20;
    /// An input that says nothing for so long has said what it has.
    private static final Duration QUIET = Duration.ofSeconds(3);
    private static final Duration POLL = Duration.ofMillis(500);
    private static final Duration READING_MAX = Trials.TIME_MAX.dividedBy(2);

    private final Trials trials;

    InputSample(Trials trials) {
        this.trials = trials;
    }

    ManagementAnswer begin(ManagementRequest request, String subscription) {
        Surroundings surroundings = trials.surroundings();
        ObjectNode body = ServiceJson.object(request.body());
        JobDefinition job = job(body);
        SignedBlob given = SignedBlob.of("eventsUri", body.path("eventsUri").asText(), surroundings, Trials.origin(request));
        SignedBlob target = given.path().isEmpty() ? given.in(job.inputs().getFirst().name() + ".json") : given;
        return trials.begin(request, subscription, () -> result(job, surroundings, target));
    }

    private static JobDefinition job(ObjectNode body) {
        JsonNode part = body.path("input");
        if (!(part.get("properties") instanceof ObjectNode properties)) {
            throw Refusal.badRequest("input", "The body needs 'input', an object with 'properties'.");
        }
        ObjectNode document = properties.objectNode().put("name", "sample");
        ObjectNode job = document.putObject("properties");
        ObjectNode input = job.putArray("inputs").addObject().put("name", part.path("name").asText("input"));
        input.set("properties", properties);
        // without one it is that of a new job
        job.put("compatibilityLevel", body.hasNonNull("compatibilityLevel") ? body.path("compatibilityLevel").asText() : Compatibility.V1_2.text());
        job.putObject("transformation").putObject("properties").put("query", "-");
        JobReading reading = JobJson.read(new Located("", "", document));
        if (!reading.problems().isEmpty()) {
            Problem first = reading.problems().getFirst();
            throw Refusal.of(400, "BadRequest", "input", "The input cannot be read: '" + first.path() + "' " + first.message(), "BadRequest", reading.problems());
        }
        Input read = reading.job().inputs().getFirst();
        if (read.type() == InputType.REFERENCE) {
            throw Refusal.notSupported("input", "Samples of reference data are not supported: they have no arrival times.");
        }
        if (read.datasource().equals(Datasources.MQTT)) {
            throw Refusal.notSupported("input", "Samples of MQTT are not supported: a broker gives its messages once, to those who are there.");
        }
        return reading.job();
    }

    private static ObjectNode result(JobDefinition job, Surroundings surroundings, SignedBlob target) throws InterruptedException {
        Input input = job.inputs().getFirst();
        Sample sample = new Sample(InputFormat.of(input.name(), input.properties(), Compatibility.V1_2, List.of()).type());
        try {
            sample.of(new Inputs(job, surroundings).of(input, List.of()));
        } catch (InputException failure) {
            return Trials.failed("ErrorConnectingToInput", failure.getMessage());
        }
        if (sample.events == 0) {
            return sample.told(Trials.result("NoEventsFoundInRange"));
        }
        try {
            target.write(sample.lines.toString().getBytes(StandardCharsets.UTF_8));
        } catch (StoreException failure) {
            return Trials.failed("UnknownError", failure.code() + ": " + failure.getMessage());
        }
        return sample.told(Trials.result("ReadAllEventsInRange")).put("eventsDownloadUrl", target.address())
                .put("lastArrivalTime", JobResources.text(Ticks.instant(sample.lastTicks)));
    }

    /// Belongs to one thread.
    private static final class Sample implements EventPartition.Events {
        /// A number or a time: hardly a column's name.
        private static final Pattern DATA = Pattern.compile("[+-]?\\d+(?:\\.\\d+)?|\\d{4}-\\d\\d-\\d\\d[T ].*");

        private final InputFormat.Type format;
        private final StringBuilder lines = new StringBuilder();
        private final List<String> diagnostics = new ArrayList<>();
        private int events;
        private long lastTicks;

        private Sample(InputFormat.Type format) {
            this.format = format;
        }

        @Override
        public boolean isFull() {
            return events >= EVENTS_MAX || lines.length() >= BYTES_MAX;
        }

        private void of(EventInput input) throws InputException, InterruptedException {
            long end = System.nanoTime() + READING_MAX.toNanos();
            for (String partition : input.partitions()) {
                if (isFull() || System.nanoTime() > end) {
                    return;
                }
                try (EventPartition open = input.open(partition, new EventInput.Start.Earliest())) {
                    long quiet = System.nanoTime() + QUIET.toNanos();
                    while (!open.isEnded() && !isFull() && System.nanoTime() < Math.min(end, quiet)) {
                        int before = events;
                        open.poll(POLL, this);
                        if (events > before) {
                            quiet = System.nanoTime() + QUIET.toNanos();
                        }
                    }
                }
            }
        }

        @Override
        public void event(Value.Record event, long arrivalTicks) {
            if (!isFull()) {
                if (events == 0 && format == InputFormat.Type.CSV) {
                    event.shape().names().stream().filter(name -> DATA.matcher(name).matches()).findFirst().ifPresent(name -> diagnostics.add("""
                            The first record is the header of CSV, and a column of it is called '%s'. Data without a header is read where CREATE TABLE calls its \
                            columns column1, column2 and so on, of which a sample knows nothing.""".formatted(name)));
                }
                lines.append(JsonPrint.text(event)).append('\n');
                events++;
                lastTicks = Math.max(lastTicks, arrivalTicks);
            }
        }

        @Override
        public void broken(DataError error) {
            if (diagnostics.size() < DIAGNOSTICS_MAX) {
                diagnostics.add(error.type() + ": " + error.message());
            }
        }

        private ObjectNode told(ObjectNode result) {
            ArrayNode told = result.putArray("diagnostics");
            diagnostics.forEach(told::add);
            return result;
        }
    }
}
