package io.conshelf.engine.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.engine.BatchIngestion;
import io.conshelf.engine.BatchIngestion.Mapping;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Timestamp;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.TimeZone;
import org.apache.hadoop.conf.Configuration;
import org.apache.orc.CompressionKind;
import org.apache.orc.OrcFile;
import org.apache.orc.TypeDescription;
import org.apache.orc.storage.common.type.HiveDecimal;
import org.apache.orc.storage.ql.exec.vector.BytesColumnVector;
import org.apache.orc.storage.ql.exec.vector.DecimalColumnVector;
import org.apache.orc.storage.ql.exec.vector.DoubleColumnVector;
import org.apache.orc.storage.ql.exec.vector.ListColumnVector;
import org.apache.orc.storage.ql.exec.vector.LongColumnVector;
import org.apache.orc.storage.ql.exec.vector.MapColumnVector;
import org.apache.orc.storage.ql.exec.vector.StructColumnVector;
import org.apache.orc.storage.ql.exec.vector.TimestampColumnVector;
import org.apache.orc.storage.ql.exec.vector.UnionColumnVector;
import org.apache.orc.storage.ql.exec.vector.VectorizedRowBatch;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// ORC files as the reference library writes them.
class OrcFileTest {
    private static final int BROKEN = Boolean.getBoolean("conshelf.full") ? 300 : 120;

    @AutoClose
    private final TestCluster cluster = TestCluster.inMemory();

    private interface Fill {
        void row(VectorizedRowBatch batch, int row);
    }

    private Path write(String schema, OrcFile.WriterOptions options, int rows, Fill fill) throws IOException {
        var type = TypeDescription.fromString(schema);
        Path file = cluster.staging.resolve("file-" + Files.list(cluster.staging).count() + ".orc");
        try (var writer = OrcFile.createWriter(new org.apache.hadoop.fs.Path(file.toUri()), options.setSchema(type))) {
            var batch = type.createRowBatch();
            for (int i = 0; i < rows; i++) {
                fill.row(batch, i);
                batch.size = i % 1024 + 1;
                if (batch.size == 1024 || i == rows - 1) {
                    writer.addRowBatch(batch);
                    batch.reset();
                }
            }
        }
        return file;
    }

    private static OrcFile.WriterOptions options() {
        return OrcFile.writerOptions(new Configuration(false)).useUTCTimestamp(true);
    }

    private List<String> load(Path file, String columns, Mapping mapping) {
        cluster.create("T", columns);
        var source = new BatchIngestion.Source("source-1", file, false, 0);
        var outcome = cluster.load(TestCluster.batch("T", "orc", mapping, source)).outcomes().getFirst();
        return outcome.error().<List<String>>map(e -> List.of("error " + e.code())).orElseGet(() -> cluster.rows("T"));
    }

    @ParameterizedTest
    @EnumSource(value = CompressionKind.class, names = {"NONE", "ZLIB", "SNAPPY", "LZ4", "ZSTD"})
    void readsEveryTypeInEveryCompression(CompressionKind compression) throws IOException {
        var file = write("struct<b:boolean,y:tinyint,s:smallint,i:int,l:bigint,f:float,d:double,t:string,c:varchar(9),x:binary,n:decimal(20,4),"
                + "a:date,w:timestamp,m:timestamp with local time zone>", options().compress(compression), 3, (batch, row) -> {
            if (row == 1) {
                for (var column : batch.cols) {
                    column.noNulls = false;
                    column.isNull[row] = true;
                }
                return;
            }
            int sign = row == 0 ? 1 : -1;
            ((LongColumnVector) batch.cols[0]).vector[row] = row == 0 ? 1 : 0;
            ((LongColumnVector) batch.cols[1]).vector[row] = 7 * sign;
            ((LongColumnVector) batch.cols[2]).vector[row] = 300 * sign;
            ((LongColumnVector) batch.cols[3]).vector[row] = 70_000 * sign;
            ((LongColumnVector) batch.cols[4]).vector[row] = sign > 0 ? Long.MAX_VALUE : Long.MIN_VALUE;
            ((DoubleColumnVector) batch.cols[5]).vector[row] = 1.5 * sign;
            ((DoubleColumnVector) batch.cols[6]).vector[row] = 0.1 * sign;
            ((BytesColumnVector) batch.cols[7]).setVal(row, (sign > 0 ? "é" : "").getBytes(StandardCharsets.UTF_8));
            ((BytesColumnVector) batch.cols[8]).setVal(row, "vc".getBytes(StandardCharsets.UTF_8));
            ((BytesColumnVector) batch.cols[9]).setVal(row, "bytes".getBytes(StandardCharsets.UTF_8));
            ((DecimalColumnVector) batch.cols[10]).set(row, HiveDecimal.create(sign > 0 ? "1234567890123456.7" : "-0.0001"));
            ((LongColumnVector) batch.cols[11]).vector[row] = LocalDate.of(2026, 3, 1).toEpochDay() * sign;
            var when = Timestamp.from(java.time.Instant.parse(sign > 0 ? "2026-03-01T10:00:00.123456700Z" : "1950-03-01T10:00:00.5Z"));
            ((TimestampColumnVector) batch.cols[12]).set(row, when);
            ((TimestampColumnVector) batch.cols[13]).set(row, when);
        });

        assertThat(load(file, "b:bool, y:int, s:long, i:int, l:long, f:real, d:real, t:string, c:string, x:string, n:decimal, a:datetime, "
                + "w:datetime, m:datetime, none:string", new Mapping.Identity())).containsExactly(
                "true|7|300|70000|9223372036854775807|1.5|0.1|é|vc|bytes|1234567890123456.7|2026-03-01T00:00:00.0000000Z|"
                        + "2026-03-01T10:00:00.1234567Z|2026-03-01T10:00:00.1234567Z|",
                "null|null|null|null|null|null|null||||null|null|null|null|",
                "false|-7|-300|-70000|-9223372036854775808|-1.5|-0.1||vc|bytes|-0.0001|1913-11-03T00:00:00.0000000Z|"
                        + "1950-03-01T10:00:00.5000000Z|1950-03-01T10:00:00.5000000Z|");
    }

    @Test
    void readsStructuresAndPathsIntoThem() throws IOException {
        var file = write("struct<l:array<int>,m:map<string,double>,s:struct<a:int,b:array<string>>,u:uniontype<int,string>,x:binary>",
                options(), 2, (batch, row) -> {
            var list = (ListColumnVector) batch.cols[0];
            var map = (MapColumnVector) batch.cols[1];
            var struct = (StructColumnVector) batch.cols[2];
            var names = (ListColumnVector) struct.fields[1];
            var union = (UnionColumnVector) batch.cols[3];
            union.tags[row] = row;
            ((LongColumnVector) union.fields[0]).vector[row] = 5;
            ((BytesColumnVector) union.fields[1]).setVal(row, "u".getBytes(StandardCharsets.UTF_8));
            ((BytesColumnVector) batch.cols[4]).setVal(row, new byte[] {1, -1});
            if (row == 1) {
                list.lengths[row] = 0;
                list.offsets[row] = 2;
                map.noNulls = false;
                map.isNull[row] = true;
                struct.noNulls = false;
                struct.isNull[row] = true;
                return;
            }
            list.offsets[row] = 0;
            list.lengths[row] = 2;
            list.childCount = 2;
            ((LongColumnVector) list.child).vector[0] = 4;
            list.child.noNulls = false;
            list.child.isNull[1] = true;
            map.offsets[row] = 0;
            map.lengths[row] = 1;
            map.childCount = 1;
            ((BytesColumnVector) map.keys).setVal(0, "k".getBytes(StandardCharsets.UTF_8));
            ((DoubleColumnVector) map.values).vector[0] = 0.5;
            ((LongColumnVector) struct.fields[0]).vector[row] = 9;
            names.offsets[row] = 0;
            names.lengths[row] = 2;
            names.childCount = 2;
            ((BytesColumnVector) names.child).setVal(0, "x\"".getBytes(StandardCharsets.UTF_8));
            ((BytesColumnVector) names.child).setVal(1, "y".getBytes(StandardCharsets.UTF_8));
        });

        assertThat(load(file, "l:dynamic, m:dynamic, s:string, u:dynamic, x:dynamic, k:real, e:string, n:long, src:string, all:dynamic",
                new Mapping.Inline("""
                [{"column":"l","Properties":{"Field":"l"}},{"column":"m","Properties":{"Path":"$.m"}},{"column":"s","Properties":{"Path":"$.s"}},
                 {"column":"u","Properties":{"Path":"$['u']"}},{"column":"x","Properties":{"Field":"x"}},
                 {"column":"k","Properties":{"Path":"$.m.k"}},{"column":"e","Properties":{"Path":"$.s.b[1]"}},
                 {"column":"n","Properties":{"Transform":"SourceLineNumber"}},{"column":"src","Properties":{"Transform":"SourceLocation"}},
                 {"column":"all","Properties":{"Path":"$"}}]"""))).containsExactly(
                "[4,null]|{\"k\":0.5}|{\"a\":9,\"b\":[\"x\\\"\",\"y\"]}|5|[1,255]|0.5|y|1|source-1|"
                        + "{\"l\":[4,null],\"m\":{\"k\":0.5},\"s\":{\"a\":9,\"b\":[\"x\\\"\",\"y\"]},\"u\":5,\"x\":[1,255]}",
                "[]|null||\"u\"|[1,255]|null||2|source-1|{\"l\":[],\"m\":null,\"s\":null,\"u\":\"u\",\"x\":[1,255]}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"V_0_11", "V_0_12"})
    void readsWhateverNumbersAndTextsThereAre(String version) throws IOException {
        long seed = new Random().nextLong();
        var random = new Random(seed);
        int rows = 20_000;
        var longs = new long[rows];
        var texts = new String[rows];
        int shape = 0;
        for (int i = 0; i < rows; i++) {
            // Runs of each kind that there is a way to pack for.
            if (i % 700 == 0) {
                shape = random.nextInt(7);
            }
            longs[i] = switch (shape) {
                case 0 -> 42;
                case 1 -> i * 3L;
                case 2 -> -i * 1_000_000_007L;
                case 3 -> random.nextLong();
                case 4 -> random.nextInt(100) < 3 ? random.nextLong() >>> 20 : 1000 + random.nextInt(50);
                case 5 -> i == 0 ? 0 : longs[i - 1] + random.nextInt(9);
                default -> random.nextInt(1 << 1 + random.nextInt(30)) * (random.nextBoolean() ? 1L : -1L);
            };
            texts[i] = i < rows / 2 ? "word" + random.nextInt(20) : Long.toString(random.nextLong(), 36);
        }
        var file = write("struct<l:bigint,t:string,skipped:array<string>,b:boolean>", options().version(OrcFile.Version.valueOf(version))
                .stripeSize(100_000).compress(CompressionKind.ZLIB), rows, (batch, row) -> {
            int at = row % 1024;
            ((BytesColumnVector) batch.cols[1]).setVal(at, texts[row].getBytes(StandardCharsets.UTF_8));
            ((LongColumnVector) batch.cols[3]).vector[at] = longs[row] & 1;
            if (longs[row] % 11 == 0) {
                batch.cols[0].noNulls = false;
                batch.cols[0].isNull[at] = true;
            } else {
                ((LongColumnVector) batch.cols[0]).vector[at] = longs[row];
            }
        });

        var expected = new ArrayList<String>();
        for (int i = 0; i < rows; i++) {
            expected.add((longs[i] % 11 == 0 ? "null" : longs[i]) + "|" + texts[i] + "|" + ((longs[i] & 1) == 1));
        }
        assertThat(load(file, "l:long, t:string, b:bool", new Mapping.Identity())).as("seed %d", seed)
                .containsExactlyInAnyOrderElementsOf(expected);
    }

    @Test
    void aTimestampIsWhatTheClockOnTheWallShowed() throws IOException {
        var zone = TimeZone.getDefault();
        try {
            TimeZone.setDefault(TimeZone.getTimeZone("America/Los_Angeles"));
            var file = write("struct<w:timestamp>", OrcFile.writerOptions(new Configuration(false)), 2, (batch, row) ->
                    ((TimestampColumnVector) batch.cols[0]).set(row, Timestamp.valueOf(row == 0 ? "2026-07-01 12:30:00" : "1969-01-01 00:00:00.25")));
            assertThat(load(file, "w:datetime", new Mapping.Identity()))
                    .containsExactly("2026-07-01T12:30:00.0000000Z", "1969-01-01T00:00:00.2500000Z");
        } finally {
            TimeZone.setDefault(zone);
        }
    }

    @Test
    void whatIsBrokenFailsByItsCodeAndNothingElse() throws IOException {
        var good = Files.readAllBytes(write("struct<l:bigint,t:string,a:array<int>>", options(), 500, (batch, row) -> {
            ((LongColumnVector) batch.cols[0]).vector[row] = row * 17L;
            ((BytesColumnVector) batch.cols[1]).setVal(row, ("t" + row % 7).getBytes(StandardCharsets.UTF_8));
        }));
        cluster.create("Broken", "l:long, t:string, a:dynamic");
        long seed = new Random().nextLong();
        var random = new Random(seed);
        var codes = new ArrayList<String>();
        for (int i = 0; i < BROKEN; i++) {
            byte[] bytes = good.clone();
            if (i % 3 == 0) {
                bytes = java.util.Arrays.copyOf(bytes, random.nextInt(bytes.length));
            } else {
                for (int flips = 1 + random.nextInt(3); flips > 0; flips--) {
                    bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
                }
            }
            var outcome = cluster.load(TestCluster.batch("Broken", "orc", new Mapping.Identity(), cluster.source("s" + i, bytes)))
                    .outcomes().getFirst();
            outcome.error().ifPresent(e -> codes.add(e.code()));
        }
        assertThat(codes).as("seed %d", seed).isNotEmpty()
                .allMatch(code -> List.of("BadRequest_InvalidBlob", "BadRequest_EmptyBlob", "BadRequest_NoRecordsOrWrongFormat").contains(code));
    }

    /// Rows of no column that is asked for are made of nothing, so their number is only a claim.
    @Test
    void aStripeCannotClaimAnyNumberOfRows() {
        var file = HexFormat.of().parseHex(
                "4f5243" // ORC
                + "1202080012020800" // the stripe's footer: two encodings
                + "1a0f0803100018002008" + "28808080808020" // the stripe: at 3, 8 bytes long, 2^40 rows
                + "2207080c10011a016c" + "22020804" // struct<l:bigint>
                + "081e1000" + "82f40303" + "4f5243" + "0b"); // the footer's length, no compression, ORC
        cluster.create("T", "other:long");
        var outcome = cluster.load(TestCluster.batch("T", "orc", new Mapping.Identity(), cluster.source("claims", file))).outcomes().getFirst();
        assertThat(outcome.error()).hasValueSatisfying(e -> assertThat(e.message()).contains("claims 1099511627776 rows"));
    }

    @Test
    void whatIsNoOrcFileFails() throws IOException {
        var text = Files.writeString(cluster.staging.resolve("x.orc"), "a,b,c\n1,2,3\n");
        assertThat(load(text, "a:long", new Mapping.Identity())).containsExactly("error BadRequest_InvalidBlob");
    }

    @Test
    void itsOwnSchemaGivesTheColumns() throws IOException {
        var file = write("struct<a:int,b:string,c:decimal(10,2),d:timestamp,e:array<int>>", options(), 0, (_, _) -> {});
        assertThat(SchemaInference.infer(cluster.duck, file, "orc").stream().map(c -> c.name() + ":" + c.type()))
                .containsExactly("a:int", "b:string", "c:decimal", "d:datetime", "e:dynamic");
    }
}
