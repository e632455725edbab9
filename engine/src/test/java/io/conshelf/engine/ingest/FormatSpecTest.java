package io.conshelf.engine.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.conshelf.engine.BatchIngestion;
import io.conshelf.engine.BatchIngestion.Outcome;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.store.MappingKind;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.apache.avro.file.CodecFactory;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// Runs the `*.spec` files beside it: what goes in, by which mapping, and the table that comes out. Each runs as a batch and,
/// where it sets nothing only batches have, as a stream.
///
/// ```
/// test name of the rule
/// table a:long, b:string
/// format csv ignoreFirstRecord
/// mapping [{"Column":"a","Properties":{"Ordinal":1}}]
/// input
/// x,1
/// ----
/// 1|x
/// ```
///
/// In the input `\x` and two digits stand for a byte, `⏎` for a carriage return; a line that ends with `\` has no line feed.
/// After the format stand options: `ignoreFirstRecord`, `bestEffort`, `anyFields` (no validation), `columnTypes` (validation of
/// types), `gzip`, `zip` (a line `entry NAME` begins each file of it), `zipPattern=EXPRESSION`, `queued`, `createdOn=TIME`, `batch` (never a stream).
/// The input of Avro that begins with a schema is that and its records, one a line, in Avro's own JSON.
/// Instead of rows, `error Code` is expected; `skipped n` counts records left out.
class FormatSpecTest {
    @AutoClose
    private static final TestCluster cluster = TestCluster.inMemory();
    private static int tables;

    record Spec(String file, String name, String table, List<String> format, Optional<String> mapping, byte[] input,
            List<String> expected) {
        Optional<String> option(String name) {
            return format.stream().filter(o -> o.startsWith(name + "=")).map(o -> o.substring(name.length() + 1)).findFirst();
        }
    }

    @TestFactory
    Stream<DynamicTest> specs() throws IOException, URISyntaxException {
        var all = new ArrayList<Spec>();
        var here = Path.of(Objects.requireNonNull(getClass().getResource("csv.spec")).toURI()).getParent();
        try (Stream<Path> files = Files.list(here)) {
            for (Path file : files.filter(f -> f.toString().endsWith(".spec")).sorted().toList()) {
                all.addAll(read(file));
            }
        }
        return all.stream().flatMap(spec -> Stream.of(
                DynamicTest.dynamicTest(spec.file() + ": " + spec.name() + " (batch)", () -> batch(spec)),
                DynamicTest.dynamicTest(spec.file() + ": " + spec.name() + " (stream)", () -> stream(spec))));
    }

    private static void batch(Spec spec) {
        String table = "T" + tables++;
        cluster.create(table, spec.table());
        BatchIngestion.Mapping mapping = spec.mapping()
                .<BatchIngestion.Mapping>map(BatchIngestion.Mapping.Inline::new)
                .orElse(new BatchIngestion.Mapping.Identity());
        var check = spec.format().contains("anyFields") ? BatchIngestion.Validation.Check.NONE
                : spec.format().contains("columnTypes") ? BatchIngestion.Validation.Check.COLUMN_LEVEL_ONLY
                : BatchIngestion.Validation.Check.CONSTANT_COLUMNS;
        var validation = new BatchIngestion.Validation(check, spec.format().contains("bestEffort"));
        BatchIngestion request = TestCluster.batch(
                table, spec.format().getFirst(), mapping, cluster.source("source-1", spec.input()));
        var withOptions = new BatchIngestion(
                request.database(), table, request.format(), request.sources(), mapping, request.tags(),
                request.ingestIfNotExists(), spec.option("createdOn").map(Instant::parse), spec.format().contains("ignoreFirstRecord"),
                validation, spec.format().contains("queued") ? Optional.of(table) : Optional.empty(), spec.option("zipPattern"));

        List<String> found = new ArrayList<>();
        try {
            Outcome outcome = cluster.load(withOptions).outcomes().getFirst();
            outcome.error().ifPresent(e -> found.add("error " + e.code()));
            if (outcome.error().isEmpty()) {
                found.addAll(cluster.rows(table));
            }
            if (outcome.skippedRecords() > 0) {
                found.add("skipped " + outcome.skippedRecords());
            }
        } catch (KustoException e) {
            found.add("error " + e.error().code());
        }
        assertThat(found).containsExactlyElementsOf(spec.expected());
    }

    private static void stream(Spec spec) {
        if (spec.format().size() > 1 || spec.format().getFirst().equals("parquet")
                || Format.find(spec.format().getFirst()).isEmpty()
                || spec.mapping().filter(m -> m.contains("SourceLocation")).isPresent()) {
            return;
        }
        String name = "T" + tables++;
        var table = cluster.create(name, spec.table());
        MappingKind kind = Format.named(spec.format().getFirst()).mappingKind();
        spec.mapping().ifPresent(json -> cluster.storage.writer(TestCluster.DATABASE)
                .change(tx -> tx.putMapping(table, kind, "m", json)));
        List<String> expected =
                spec.expected().stream().filter(line -> !line.startsWith("skipped ")).toList();
        if (expected.size() == 1 && expected.getFirst().startsWith("error ")) {
            assertThatThrownBy(() -> cluster.stream(
                            name, spec.format().getFirst(), spec.mapping().map(_ -> "m"), spec.input()))
                    .isInstanceOfSatisfying(KustoException.class,
                            e -> assertThat("error " + e.error().code()).isEqualTo(expected.getFirst()));
            assertThat(cluster.rows(name)).isEmpty();
            return;
        }
        cluster.stream(name, spec.format().getFirst(), spec.mapping().map(_ -> "m"), spec.input());
        assertThat(cluster.rows(name)).containsExactlyElementsOf(expected);
    }

    private static List<Spec> read(Path file) throws IOException {
        var specs = new ArrayList<Spec>();
        List<String> lines = Files.readAllLines(file);
        int at = 0;
        while (at < lines.size()) {
            if (!lines.get(at).startsWith("test ")) {
                at++;
                continue;
            }
            String name = lines.get(at++).substring(5);
            String table = lines.get(at++).substring("table ".length());
            List<String> format = List.of(lines.get(at++).substring("format ".length()).split(" "));
            var mapping = new StringBuilder();
            while (!lines.get(at).equals("input")) {
                mapping.append(lines.get(at++)).append('\n');
            }
            at++;
            var input = new StringBuilder();
            while (!lines.get(at).equals("----")) {
                String line = lines.get(at++);
                input.append(line.endsWith("\\") ? line.substring(0, line.length() - 1) : line + "\n");
            }
            at++;
            var expected = new ArrayList<String>();
            while (at < lines.size() && !lines.get(at).isEmpty()) {
                expected.add(lines.get(at++).replace("\\n", "\n").replace("\\r", "\r").replace("\\t", "\t"));
            }
            specs.add(new Spec(
                    file.getFileName().toString(), name, table, format,
                    mapping.isEmpty() ? Optional.empty() : Optional.of(mapping.substring("mapping ".length())),
                    content(format, input.toString()), expected));
        }
        return specs;
    }

    private static byte[] content(List<String> options, String text) throws IOException {
        if (options.contains("zip")) {
            return zip(text);
        }
        byte[] input = content(options.getFirst(), bytes(text));
        if (!options.contains("gzip")) {
            return input;
        }
        var out = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(out)) {
            gzip.write(input);
        }
        return out.toByteArray();
    }

    private static byte[] zip(String text) throws IOException {
        var out = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(out)) {
            for (String line : text.lines().toList()) {
                if (line.startsWith("entry ")) {
                    zip.putNextEntry(new ZipEntry(line.substring("entry ".length())));
                } else {
                    zip.write(bytes(line + "\n"));
                }
            }
        }
        return out.toByteArray();
    }

    private static byte[] content(String format, byte[] input) throws IOException {
        boolean isRecords = format.endsWith("avro") && input.length > 0 && input[0] == '{';
        return isRecords ? AvroFileTest.container(new String(input, StandardCharsets.UTF_8), CodecFactory.nullCodec()) : input;
    }

    private static byte[] bytes(String input) {
        byte[] text = input.replace("⏎", "\r").replace("⇥", "\t").getBytes(StandardCharsets.UTF_8);
        byte[] bytes = new byte[text.length];
        int length = 0;
        for (int i = 0; i < text.length; i++) {
            if (text[i] == '\\' && i + 3 < text.length && text[i + 1] == 'x') {
                bytes[length++] = (byte) Integer.parseInt(new String(text, i + 2, 2, StandardCharsets.US_ASCII), 16);
                i += 3;
            } else {
                bytes[length++] = text[i];
            }
        }
        return java.util.Arrays.copyOf(bytes, length);
    }
}
