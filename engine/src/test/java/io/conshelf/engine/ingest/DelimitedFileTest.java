package io.conshelf.engine.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.engine.BatchIngestion;
import io.conshelf.engine.BatchIngestion.Outcome;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

class DelimitedFileTest {
    private static final int ROUNDS = Boolean.getBoolean("conshelf.full") ? 3_000 : 60;
    private static final String[] PIECES = {
        "a", "\"", "\"\"", ",", ",", "\n", "\n", "\r\n", " ", "\\", "1", "-12", "3.5", "1e3", "0x1F", "1_0", "true", "é", "😀",
        "\"x,y\"", "\"l1\nl2\"", "2014-05-25T08:20:03.1234567Z", "2014-5-5", "epoch", "1.02:03:04", "{\"\"a\"\":1}", "nan",
        "inf", "74be27de-1e4e-49d9-b579-fe0b331d3642", "9223372036854775808", "+5", "\t", "NULL", "#", "\0", "'", ";"
    };

    @AutoClose
    private final TestCluster cluster = TestCluster.inMemory();

    private Outcome load(String table, byte[] content) {
        return cluster.load(TestCluster.batch(
                        table, "csv", new BatchIngestion.Mapping.Identity(), cluster.source("source", content)))
                .outcomes()
                .getFirst();
    }

    @Test
    void bothReadersTellTheSameOfAnyText() {
        long seed = new Random().nextLong();
        var random = new Random(seed);
        String schema = "a:string, l:long, r:real, d:datetime, t:timespan, j:dynamic, b:bool, m:decimal, i:int, g:guid";
        for (int round = 0; round < ROUNDS; round++) {
            var text = new StringBuilder();
            if (round % 2 == 0) {
                // Well-formed records with unlikely values.
                for (int row = 0; row < 5; row++) {
                    for (int field = 0; field < 10; field++) {
                        String piece = PIECES[random.nextInt(PIECES.length)];
                        boolean isPlain = piece.chars().noneMatch(c -> c == '"' || c == ',' || c == '\n' || c == '\r');
                        text.append(field == 0 ? "" : ",").append(isPlain ? piece : '"' + piece.replace("\"", "\"\"") + '"');
                    }
                    text.append('\n');
                }
            } else {
                for (int piece = 0; piece < 12; piece++) {
                    text.append(PIECES[random.nextInt(PIECES.length)]);
                }
            }
            byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
            String batched = "B" + round;
            String streamed = "S" + round;
            cluster.create(batched, schema);
            cluster.create(streamed, schema);

            Optional<String> batchError = load(batched, bytes).error().map(e -> e.code());
            Optional<String> streamError;
            try {
                cluster.stream(streamed, "csv", Optional.empty(), bytes);
                streamError = Optional.empty();
            } catch (io.conshelf.engine.KustoException e) {
                streamError = Optional.of(e.error().code());
            }

            assertThat(batchError).as("seed %d, text <%s>", seed, text).isEqualTo(streamError);
            assertThat(cluster.rows(batched)).as("seed %d, text <%s>", seed, text).isEqualTo(cluster.rows(streamed));
        }
    }

    @Test
    void aQuoteThatNeverClosesIsFoundBesideOneInsideAField() {
        for (String schema : List.of("a:string, b:string, c:string", "a:string, b:long, c:datetime")) {
            String table = schema.contains("long") ? "Typed" : "Texts";
            cluster.create(table, schema);

            Outcome outcome = load(table, "\\\"x,,\n\"\r\n,y\n".getBytes(StandardCharsets.UTF_8));

            assertThat(outcome.error().map(e -> e.code())).as(schema).contains("Stream_ClosingQuoteMissing");
        }
    }

    @Test
    void numbersAndMomentsInAnyFormAreWhatTheyAreInOthers() {
        cluster.create("T", "i:int, l:long, d:datetime, s:string");
        String plain = "1,-123456789012345678,2014-05-25 08:20:03,a\n,,,\n-0,007,2014-05-25T08:20:03.123456Z,b\n12,3,0001-01-01,c\n";
        List<String> others = List.of("2147483648,9223372036854775808,2014-05-25 24:00:00,a", "\"1\",\"2\",\"2014-05-25\",a", "1.5,1e3,2014-02-29,a",
                "0x1F,1_0,0000-01-01 00:00:00,a", "+5, 6 ,2014-05-25T08:20:03.1234567Z,a", "-,--1, 200-01-01 00:00:00,a", "1,2,2014-05-25 08:20:60,a",
                "1,2,2014-05-25 08:20:03+01,a", "\"\",\"\",\"\",\"\"");
        for (String other : others) {
            byte[] text = (plain + other + "\n" + plain.repeat(3) + other).getBytes(StandardCharsets.UTF_8);
            String batched = "B" + others.indexOf(other);
            String streamed = "S" + others.indexOf(other);
            cluster.create(batched, "i:int, l:long, d:datetime, s:string");
            cluster.create(streamed, "i:int, l:long, d:datetime, s:string");

            assertThat(load(batched, text).error()).isEmpty();
            cluster.stream(streamed, "csv", Optional.empty(), text);

            assertThat(cluster.rows(batched)).as(other).isEqualTo(cluster.rows(streamed));
        }
    }

    @Test
    void recordsAreLookedAtWhereverABufferEnds() {
        cluster.create("T", "i:int, d:datetime, s:string");
        var text = new StringBuilder();
        for (int row = 0; row < 60_000; row++) {
            text.append(row).append(",2014-05-25 08:20:03,").append(row % 7 == 0 ? "\"a\"\"b,\r\nc\"" : "x".repeat(row % 11)).append(row % 3 == 0 ? "\r\n" : "\n");
        }

        Outcome outcome = load("T", text.toString().getBytes(StandardCharsets.UTF_8));

        assertThat(outcome.error()).isEmpty();
        assertThat(outcome.rows()).isEqualTo(60_000);
        assertThat(cluster.rows("T")).filteredOn(row -> row.startsWith("59999|2014-05-25T08:20:03.0000000Z|")).hasSize(1);
    }

    @Test
    void aHeaderThatSpansLinesIsOneRecord() {
        cluster.create("T", "a:string, b:long");
        var request = TestCluster.batch("T", "csv", new BatchIngestion.Mapping.Identity(),
                cluster.source("source", "\"the\nname\",b\nx,1\n".getBytes(StandardCharsets.UTF_8)));

        cluster.load(new BatchIngestion(
                request.database(), "T", "csv", request.sources(), request.mapping(), request.tags(),
                request.ingestIfNotExists(), Optional.empty(), true, request.validation(), Optional.empty()));

        assertThat(cluster.rows("T")).containsExactly("x|1");
    }

    @Test
    void gzipIsInflatedAndCounted() throws IOException {
        cluster.create("T", "a:string, b:long");
        byte[] text = "x,1\n".repeat(10_000).getBytes(StandardCharsets.UTF_8);

        Outcome outcome = load("T", gzip(text));

        assertThat(outcome.rows()).isEqualTo(10_000);
        assertThat(outcome.rawBytes()).isEqualTo(text.length);
        assertThat(cluster.count("T")).isEqualTo(10_000);
    }

    @Test
    void gzipThatIsCutShortFails() throws IOException {
        cluster.create("T", "a:string, b:long");
        byte[] whole = gzip("x,1\n".repeat(10_000).getBytes(StandardCharsets.UTF_8));

        Outcome outcome = load("T", java.util.Arrays.copyOf(whole, whole.length / 2));

        assertThat(outcome.error().orElseThrow().code()).isEqualTo("BadRequest_InvalidArchive");
        assertThat(cluster.rows("T")).isEmpty();
    }

    @Test
    void aBadSourceFailsByItselfAndTheOthersGoIn() {
        cluster.create("T", "a:string, b:long");
        var request = TestCluster.batch("T", "csv", new BatchIngestion.Mapping.Identity(),
                cluster.source("1", "x,1\n".getBytes(StandardCharsets.UTF_8)),
                cluster.source("2", "x,\"1\n".getBytes(StandardCharsets.UTF_8)),
                cluster.source("3", "y,2\nz\n".getBytes(StandardCharsets.UTF_8)),
                cluster.source("4", "w,3\n".getBytes(StandardCharsets.UTF_8)));

        List<Outcome> outcomes = cluster.load(request).outcomes();

        assertThat(outcomes).extracting(Outcome::sourceId).containsExactly("1", "2", "3", "4");
        assertThat(outcomes).extracting(o -> o.error().map(e -> e.code()).orElse("")).containsExactly(
                "", "Stream_ClosingQuoteMissing", "Stream_WrongNumberOfFields", "");
        assertThat(cluster.rows("T")).containsExactlyInAnyOrder("x|1", "w|3");
        assertThat(outcomes.get(0).extentId()).isEqualTo(outcomes.get(3).extentId());
    }

    private static byte[] gzip(byte[] content) throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var out = new GZIPOutputStream(bytes)) {
            out.write(content);
        }
        return bytes.toByteArray();
    }
}
