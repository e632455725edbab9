package io.conshelf.engine.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.engine.BatchIngestion;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.apache.avro.Schema;
import org.apache.avro.file.CodecFactory;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.io.DecoderFactory;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Avro files as a whole; what becomes of their values is in `avro.spec`.
class AvroFileTest {
    private static final int BROKEN = Boolean.getBoolean("conshelf.full") ? 300 : 120;
    private static final String RECORDS = """
            {"type":"record","name":"R","fields":[{"name":"a","type":"long"},{"name":"b","type":"string"}]}
            {"a":1,"b":"x"}
            {"a":2,"b":"y"}
            """;

    @AutoClose
    private final TestCluster cluster = TestCluster.inMemory();

    @BeforeEach
    void tables() {
        cluster.create("T", "a:long, b:string");
    }

    /// A container file of a schema and records, a line each.
    static byte[] container(String lines, CodecFactory codec) throws IOException {
        String[] parts = lines.split("\n");
        var schema = new Schema.Parser().parse(parts[0]);
        var out = new ByteArrayOutputStream();
        try (var writer = new DataFileWriter<>(new GenericDatumWriter<>(schema)).setCodec(codec).create(schema, out)) {
            var reader = new GenericDatumReader<>(schema);
            for (String line : Arrays.asList(parts).subList(1, parts.length)) {
                writer.append(reader.read(null, DecoderFactory.get().jsonDecoder(schema, line)));
            }
        }
        return out.toByteArray();
    }

    private BatchIngestion.Outcome load(byte[] content) {
        return cluster.load(TestCluster.batch(
                        "T", "avro", new BatchIngestion.Mapping.Identity(), cluster.source("x.avro", content)))
                .outcomes()
                .getFirst();
    }

    @ParameterizedTest
    @ValueSource(strings = {"null", "deflate", "bzip2", "snappy", "xz", "zstandard"})
    void everyCodecIsRead(String codec) throws IOException {
        var outcome = load(container(RECORDS, CodecFactory.fromString(codec)));

        assertThat(outcome.error()).isEmpty();
        assertThat(outcome.rows()).isEqualTo(2);
        assertThat(cluster.rows("T")).containsExactly("1|x", "2|y");
    }

    @Test
    void aBrokenFileNeverLeavesRows() throws IOException {
        byte[] whole = container(RECORDS, CodecFactory.deflateCodec(6));
        var random = new Random(7);
        cluster.create("Broken", "a:long, b:string");
        long before = 0;
        for (int round = 0; round < BROKEN; round++) {
            byte[] broken = Arrays.copyOf(whole, round % 3 == 0 ? random.nextInt(whole.length) : whole.length);
            for (int i = 0; broken.length > 0 && i < 1 + round % 4; i++) {
                broken[random.nextInt(broken.length)] = (byte) random.nextInt(256);
            }
            var outcome = cluster.load(TestCluster.batch("Broken", "avro", new BatchIngestion.Mapping.Identity(),
                    cluster.source("x.avro", broken))).outcomes().getFirst();

            long rows = cluster.count("Broken") - before;
            before += rows;
            assertThat(rows).as("seed 7, round " + round).isEqualTo(outcome.rows());
            assertThat(outcome.error().isPresent()).as("seed 7, round " + round).isEqualTo(rows == 0);
        }
    }

    @Test
    void aFileThatClaimsToBeHugeFails() throws IOException {
        byte[] whole = container("""
                {"type":"record","name":"R","fields":[{"name":"a","type":"bytes"}]}
                """, CodecFactory.nullCodec());
        byte[] huge = Arrays.copyOf(whole, whole.length + 12);
        // A block of one record and 2,147,483,000 bytes, then little.
        byte[] block = {2, (byte) 0xF0, (byte) 0xF5, (byte) 0xFF, (byte) 0xFF, 0x0F};
        System.arraycopy(block, 0, huge, whole.length, block.length);

        assertThat(load(huge).error().orElseThrow().code()).isEqualTo("BadRequest_InvalidBlob");
        assertThat(new String(whole, StandardCharsets.ISO_8859_1)).startsWith("Obj");
    }

    @Test
    void itsOwnSchemaGivesTheColumns() throws IOException {
        var lines = """
                {"type":"record","name":"R","fields":[{"name":"a","type":["null","long"]},{"name":"d","type":{"type":"int","logicalType":"date"}},{"name":"j","type":{"type":"map","values":"string"}},{"name":"u","type":["int","string"]}]}
                """;
        var file = cluster.stage("x.avro", container(lines, CodecFactory.nullCodec()));
        assertThat(SchemaInference.infer(cluster.duck, file, "avro").stream().map(c -> c.name() + ":" + c.type()))
                .containsExactly("a:long", "d:datetime", "j:dynamic", "u:dynamic");
    }
}
