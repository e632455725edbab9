package io.conshelf.cli.bench.jobs;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.management.OperatingSystemMXBean;
import io.conshelf.cli.TemporaryFolder;
import io.conshelf.cli.bench.Benchmark;
import io.conshelf.cli.bench.Benchmark.Effort;
import io.conshelf.cli.bench.Benchmark.Figure;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.definition.InvalidDefinitionException;
import io.conshelf.connectors.file.FolderAccess;
import io.conshelf.connectors.kusto.Endpoints;
import io.conshelf.connectors.kusto.KustoCredential;
import io.conshelf.connectors.mqtt.MqttArrival;
import io.conshelf.connectors.mqtt.MqttBroker;
import io.conshelf.connectors.mqtt.MqttConnection;
import io.conshelf.connectors.mqtt.MqttConnection.Client;
import io.conshelf.connectors.mqtt.MqttConnection.Session;
import io.conshelf.connectors.mqtt.MqttMessage;
import io.conshelf.connectors.mqtt.MqttMessage.Quality;
import io.conshelf.connectors.mqtt.MqttSender;
import io.conshelf.processor.definition.Definitions;
import io.conshelf.processor.definition.PipelineDefinition;
import io.conshelf.processor.run.PipelineRun;
import io.conshelf.processor.run.Pipelines;
import io.conshelf.processor.run.RunPlace;
import io.conshelf.processor.run.RunStatus;
import io.conshelf.processor.secret.Secrets;
import io.conshelf.processor.source.Sources;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/// Messages a second that a pipeline of Data Processor transforms, filters and writes into files, beside a client that only receives and parses them: from the
/// connection to a broker that holds them all to the last one. Both take them at QoS 1 from a session of their own.
final class PipelineRates {
    /// Of both sides: pipelines run for weeks, so what counts is their rate once the compiler knows them.
    private static final int WARM_UP_ROUNDS = 10;
    /// Fewer than MQTT has numbers for: of more that are waiting, Mosquitto 2.0 loses count.
    private static final int MESSAGES = 60_000;
    private static final Duration LIMIT = Duration.ofMinutes(5);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String INSTANCE = "bench";
    private static final String DEFINITION = """
            {"enabled": true,
             "input": {"type": "input/mqtt@v1", "broker": "tcp://127.0.0.1:%d", "topics": ["machines/#"], "qos": 1, "cleanSession": false, "authentication": {"type": "none"},
               "format": {"type": "json"}, "partitionCount": 2, "partitionStrategy": {"type": "key", "expression": ".topic"}, "next": ["shape"]},
             "stages": {
               "shape": {"type": "processor/transform@v1", "expression": ".payload |= {device, celsius: ((.temperature - 32) * 5 / 9), status: .state.code}", "next": ["warm"]},
               "warm": {"type": "processor/filter@v1", "expression": ".payload.celsius > 20", "next": ["output"]},
               "output": {"type": "output/file@v1", "rootDirectory": "%s", "filePath": "{{instanceId}}/{{pipelineId}}/{{partitionId}}/{{YYYY}}/{{MM}}/{{DD}}/{{HH}}/{{mm}}/{{fileNumber}}",
                 "format": {"type": "json"}, "batch": {"time": "60s", "path": ".payload"}}}}
            """;

    private final MosquittoBroker broker;
    private int round;

    private PipelineRates(MosquittoBroker broker) {
        this.broker = broker;
    }

    static void measure(Effort effort, Consumer<Figure> figures) throws Exception {
        try (MosquittoBroker broker = MosquittoBroker.start()) {
            PipelineRates rates = new PipelineRates(broker);
            List<Double> ours = new ArrayList<>();
            List<Double> theirs = new ArrayList<>();
            for (int round = 1 - WARM_UP_ROUNDS; round <= effort.rounds(); round++) {
                Rate our = rates.pipeline();
                Rate their = rates.client();
                Benchmark.say("messages through a pipeline: ours %,.0f/s (CPU of this process: %.1f µs each), a bare client %,.0f/s (%.1f µs)".formatted(
                        our.perSecond(), our.cpuMicros(), their.perSecond(), their.cpuMicros()));
                if (round > 0) {
                    ours.add(our.perSecond());
                    theirs.add(their.perSecond());
                }
            }
            figures.accept(Figure.of("jobs pipeline transform and filter", ours, theirs, "a client that receives and parses", "messages/s"));
        }
    }

    /// @param cpuMicros of this process, for a message; that of the broker is not in it
    private record Rate(double perSecond, double cpuMicros) {}

    /// When something began, by the clock and by the CPU time of this process.
    private record Begin(long nanos, long cpuNanos) {
        private static final OperatingSystemMXBean SYSTEM = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

        static Begin now() {
            return new Begin(System.nanoTime(), SYSTEM.getProcessCpuTime());
        }

        Rate rate() {
            Begin end = now();
            return new Rate(MESSAGES / ((end.nanos - nanos) / 1e9), (end.cpuNanos - cpuNanos) / 1e3 / MESSAGES);
        }
    }

    private MqttBroker address() {
        return MqttBroker.open("127.0.0.1", broker.port());
    }

    /// Lets the broker hold messages for a client that is away.
    private void fill(Client client) throws StoreException {
        try (MqttConnection connection = MqttConnection.open(address(), client)) {
            connection.subscribe(List.of("machines/#"), Quality.AT_LEAST_ONCE);
        }
        try (MqttSender sender = MqttSender.open(address(), "machines" + round)) {
            List<MqttMessage> messages = new ArrayList<>();
            for (int number = 0; number < MESSAGES; number++) {
                String payload = "{\"device\": \"m%d\", \"sequence\": %d, \"temperature\": %d, \"state\": {\"code\": \"run\", \"since\": \"2026-01-01T00:00:00Z\"}, \"tags\": [\"a\", \"b\"]}"
                        .formatted(number % 50, number, number * 7919L % 120);
                messages.add(MqttMessage.of("machines/m" + number % 50, payload.getBytes(StandardCharsets.UTF_8), Quality.AT_LEAST_ONCE));
                if (messages.size() == 1_000) {
                    sender.send(messages);
                    messages.clear();
                }
            }
        }
    }

    private static long passing() {
        long passing = 0;
        for (long number = 0; number < MESSAGES; number++) {
            passing += (number * 7919 % 120 - 32) * 5.0 / 9 > 20 ? 1 : 0;
        }
        return passing;
    }

    private Rate pipeline() throws IOException, StoreException, InvalidDefinitionException, InterruptedException {
        Path folder = Files.createTempDirectory("conshelf-bench-pipeline-");
        try {
            String name = "rates-" + ++round;
            PipelineDefinition pipeline = Definitions.read(name + ".json", DEFINITION.formatted(broker.port(), folder.resolve("written"))).pipelines().getFirst();
            fill(new Client(Sources.clientId(INSTANCE, pipeline.name()), new Session.Kept(3_600), MqttConnection.IN_FLIGHT_MAX));
            RunPlace place = new RunPlace(INSTANCE, Endpoints.embedded(URI.create("http://127.0.0.1:1"), List.of()), new KustoCredential.None(), Secrets.NONE,
                    FolderAccess.ANY, folder);
            try (Pipelines pipelines = Pipelines.open(place, List.of())) {
                Begin began = Begin.now();
                PipelineRun run = pipelines.start(pipeline);
                long passing = passing();
                while (RunStatus.arrived(run) < passing || run.counts().dispatched() < MESSAGES || run.waiting() > 0) {
                    if (run.failure().isPresent() || System.nanoTime() - began.nanos() > LIMIT.toNanos()) {
                        throw new IllegalStateException("the pipeline does not take the messages: " + run.failure() + " " + run.counts().told());
                    }
                    LockSupport.parkNanos(Duration.ofMillis(1).toNanos());
                }
                Rate rate = began.rate();
                run.stop();
                if (!run.await(LIMIT)) {
                    throw new IllegalStateException("the pipeline does not end");
                }
                return rate;
            }
        } finally {
            TemporaryFolder.delete(folder);
        }
    }

    private Rate client() throws IOException, StoreException, InterruptedException {
        Client client = new Client("bare" + ++round, new Session.Kept(3_600), MqttConnection.IN_FLIGHT_MAX);
        fill(client);
        Begin began = Begin.now();
        long fields = 0;
        try (MqttConnection connection = MqttConnection.open(address(), client)) {
            for (int received = 0; received < MESSAGES; received++) {
                Optional<MqttArrival> arrival = connection.next(LIMIT);
                if (arrival.isEmpty()) {
                    throw new IllegalStateException("the broker gives " + received + " messages");
                }
                fields += JSON.readTree(arrival.get().message().payload()).size();
                arrival.get().receipt().acknowledge();
            }
        }
        Rate rate = began.rate();
        if (fields != 5L * MESSAGES) {
            throw new IllegalStateException("messages have other fields than they were given: " + fields);
        }
        return rate;
    }
}
