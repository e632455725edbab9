package io.conshelf.cli.bench.jobs;

import io.conshelf.cli.bench.Benchmark;
import io.conshelf.cli.bench.Benchmark.Effort;
import io.conshelf.cli.bench.Benchmark.Figure;
import io.conshelf.processor.jq.Budget;
import io.conshelf.processor.jq.JqSyntaxException;
import io.conshelf.processor.jq.Order;
import io.conshelf.processor.jq.Program;
import io.conshelf.processor.value.JsonText;
import io.conshelf.processor.value.Value;
import java.io.BufferedOutputStream;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SequencedMap;
import java.util.function.Consumer;
import java.util.stream.Stream;

/// Messages a second of expressions, beside the `jq` of the machine: from a file of JSON lines to a file of results. Both read, evaluate and write.
final class JqRates {
    private static final int MESSAGES = 100_000;
    private static final int MESSAGES_FULL = 500_000;
    private static final int WARM_UP_ROUNDS = 1;
    private static final Map<String, String> EXPRESSIONS = expressions();

    private JqRates() {}

    private static SequencedMap<String, String> expressions() {
        SequencedMap<String, String> expressions = new LinkedHashMap<>();
        expressions.put("filter", "select(.payload.values.temperature > 40 and .payload.values.humidity < 80)");
        expressions.put("transform", ".payload |= {id, fahrenheit: (.values.temperature * 1.8 + 32), humidity: .values.humidity}");
        expressions.put("arrays", ".payload.tags | group_by(.name) | map({name: .[0].name, sum: (map(.value) | add)})");
        expressions.put("texts", ".payload.id | capture(\"^(?<kind>[a-z]+)-(?<number>[0-9]+)$\")");
        return expressions;
    }

    static void measure(Effort effort, Consumer<Figure> figures) throws IOException, InterruptedException, JqSyntaxException {
        if (Stream.of(System.getenv("PATH").split(":")).noneMatch(folder -> Files.isExecutable(Path.of(folder, "jq")))) {
            throw Benchmark.missing("expressions are compared with jq: install it (Debian's package is 'jq')");
        }
        Path folder = Files.createTempDirectory("conshelf-bench-jq");
        Path messages = folder.resolve("messages.jsonl");
        Path ours = folder.resolve("ours.jsonl");
        Path theirs = folder.resolve("theirs.jsonl");
        try {
            int count = effort.size() == Effort.Size.FULL ? MESSAGES_FULL : MESSAGES;
            write(messages, count);
            for (Map.Entry<String, String> expression : EXPRESSIONS.entrySet()) {
                Program program = Program.compile(expression.getValue());
                List<Double> ourRates = new ArrayList<>();
                List<Double> theirRates = new ArrayList<>();
                for (int round = 1 - WARM_UP_ROUNDS; round <= effort.rounds(); round++) {
                    double our = 1e3 * count / Benchmark.milliseconds(() -> evaluate(program, messages, ours));
                    double their = 1e3 * count / Benchmark.milliseconds(() -> jq(expression.getValue(), messages, theirs));
                    Benchmark.say("jq %s: ours %,.0f messages/s, jq %,.0f".formatted(expression.getKey(), our, their));
                    if (round > 0) {
                        ourRates.add(our);
                        theirRates.add(their);
                    } else {
                        compare(expression.getValue(), ours, theirs);
                    }
                }
                figures.accept(Figure.of("jq " + expression.getKey(), ourRates, theirRates, "jq", "messages/s"));
            }
        } finally {
            for (Path file : List.of(messages, ours, theirs)) {
                Files.deleteIfExists(file);
            }
            Files.delete(folder);
        }
    }

    private static void write(Path file, int count) throws IOException {
        Random random = new Random(1);
        try (var lines = Files.newBufferedWriter(file)) {
            for (int i = 0; i < count; i++) {
                lines.write("""
                        {"systemProperties":{"timestamp":"2024-05-06T07:08:%02d.000Z","partitionId":0},"topic":"plant/line%d","qos":1,\
                        "payload":{"id":"sensor-%d","values":{"temperature":%d,"humidity":%d},"tags":[\
                        {"name":"a","value":%d},{"name":"b","value":%d},{"name":"a","value":%d},{"name":"c","value":%d}]}}
                        """.formatted(i % 60, i % 7, i % 1_000, 10 + random.nextInt(50), 20 + random.nextInt(75), random.nextInt(10), random.nextInt(10),
                        random.nextInt(10), random.nextInt(10)));
            }
        }
    }

    private static void evaluate(Program program, Path messages, Path results) throws IOException {
        try (BufferedReader lines = Files.newBufferedReader(messages); OutputStream output = new BufferedOutputStream(Files.newOutputStream(results), 1 << 16)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                program.run(JsonText.read(line), Budget.DEFAULT, result -> {
                    try {
                        output.write(JsonText.bytes(result));
                        output.write('\n');
                    } catch (IOException failure) {
                        throw new UncheckedIOException(failure);
                    }
                });
            }
        }
    }

    private static void jq(String expression, Path messages, Path results) throws IOException, InterruptedException {
        Process jq = new ProcessBuilder("jq", "-c", expression, messages.toString()).redirectOutput(results.toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT).start();
        if (jq.waitFor() != 0) {
            throw new IOException("jq ended with " + jq.exitValue());
        }
    }

    private static void compare(String expression, Path ours, Path theirs) throws IOException {
        try (BufferedReader our = Files.newBufferedReader(ours); BufferedReader their = Files.newBufferedReader(theirs)) {
            for (String one = our.readLine(), other = their.readLine(); one != null || other != null; one = our.readLine(), other = their.readLine()) {
                if (one == null || other == null || !equal(JsonText.read(one), JsonText.read(other))) {
                    throw new IllegalStateException("'%s' gives %s, by jq it gives %s".formatted(expression, one, other));
                }
            }
        }
    }

    private static boolean equal(Value a, Value b) {
        return Order.compare(a, b) == 0;
    }
}
