package io.conshelf.engine.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.conshelf.engine.BatchIngestion;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.Principal;
import io.conshelf.engine.store.Grant;
import io.conshelf.engine.store.PolicyKind;
import io.conshelf.engine.store.Role;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipOutputStream;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Input that means harm, or that nobody should send.
class HostileInputTest {
    @AutoClose
    private final TestCluster cluster = TestCluster.inMemory();

    @BeforeEach
    void tables() {
        cluster.create("T", "a:string, l:long, j:dynamic");
    }

    private String streamError(String format, byte[] content) {
        try {
            cluster.stream("T", format, Optional.empty(), content);
            return "";
        } catch (KustoException e) {
            return e.error().code();
        }
    }

    private String batchError(String format, byte[] content) {
        return batch(format, content).error().map(e -> e.code()).orElse("");
    }

    private BatchIngestion.Outcome batch(String format, byte[] content) {
        return cluster.load(TestCluster.batch("T", format, new BatchIngestion.Mapping.Identity(), cluster.source("s", content)))
                .outcomes().getFirst();
    }

    @Test
    void aRecordThatDoesNotEndIsToldWithTheLineWhereItBegins() {
        var error = cluster.load(TestCluster.batch("T", "multijson", new BatchIngestion.Mapping.Identity(),
                cluster.source("s", text("{\"a\":\"x\"}\n{\"a\":\"y\",\n\n")))).outcomes().getFirst().error().orElseThrow();
        assertThat(error.toString()).contains("the record begins at line 2");
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] gzip(byte[] piece, int times) throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var out = new GZIPOutputStream(bytes)) {
            for (int i = 0; i < times; i++) {
                out.write(piece);
            }
        }
        return bytes.toByteArray();
    }

    @Test
    void aRequestIsBoundedByItsUncompressedSize() throws IOException {
        byte[] bomb = gzip(text("x,1\n".repeat(1 << 18)), 11);

        assertThat(bomb.length).isLessThan(100_000);
        assertThat(streamError("csv", bomb)).isEqualTo("PayloadTooLarge");
        assertThat(cluster.rows("T")).isEmpty();
    }

    @Test
    void aLineWithoutEndIsRefusedBeforeItFillsTheMemory() throws IOException {
        byte[] bomb = gzip(new byte[1 << 20], 100);

        assertThat(batchError("csv", bomb)).isEqualTo("Stream_InputStreamTooLarge");
        assertThat(batchError("txt", bomb)).isEqualTo("Stream_InputStreamTooLarge");
        assertThat(batchError("json", gzip(text("{\"a\":" + " ".repeat(1 << 20)), 100))).isEqualTo("Stream_InputStreamTooLarge");
    }

    @Test
    void gzipOfManyMembersWithoutContentFails() throws IOException {
        byte[] empty = gzip(new byte[0], 1);
        var members = new ByteArrayOutputStream();
        for (int member = 0; member < 100_000; member++) {
            members.write(empty);
        }
        members.write(gzip(text("x,1\n"), 1));
        assertThat(batchError("csv", members.toByteArray())).isEqualTo("BadRequest_InvalidArchive");
    }

    @Test
    void gzipThatIsNoneFails() throws IOException {
        byte[] whole = gzip(text("x,1\n"), 1);

        assertThat(streamError("csv", java.util.Arrays.copyOf(whole, 12))).isEqualTo("BadRequest_InvalidArchive");
        assertThat(streamError("csv", new byte[] {0x1F, (byte) 0x8B, 1, 2, 3})).isEqualTo("BadRequest_InvalidArchive");
    }

    /// As a file of its length has it, and nearly nothing of it is there.
    @Test
    void aZipWhoseListOfFilesIsLargerThanAnyIsRefused(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("large.zip");
        int directory = 1 << 30;
        try (FileChannel out = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, StandardOpenOption.SPARSE)) {
            out.write(ByteBuffer.wrap(new byte[] {'P', 'K', 3, 4}));
            ByteBuffer end = ByteBuffer.allocate(22).order(ByteOrder.LITTLE_ENDIAN);
            end.putInt(0, 0x06054b50).putShort(8, (short) 1).putShort(10, (short) 1).putInt(12, directory).putInt(16, 4);
            out.write(end, 4L + directory);
        }
        assertThatThrownBy(() -> ZipArchive.open(file)).isInstanceOf(ZipException.class).hasMessageContaining("list of files has 1073741824 bytes");
    }

    @Test
    void eachFileOfAZipIsASource() throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(bytes)) {
            zip.putNextEntry(new ZipEntry("folder/"));
            zip.putNextEntry(new ZipEntry("folder/a.csv"));
            zip.write(text("a,l\nx,1"));
            zip.putNextEntry(new ZipEntry("b.csv"));
            zip.write(text("a,l\ny,2\n"));
        }
        var request = TestCluster.batch(
                "T", "csv", new BatchIngestion.Mapping.Identity(), cluster.source("s", bytes.toByteArray()));
        cluster.load(new BatchIngestion(
                request.database(), "T", "csv", request.sources(), request.mapping(), Set.of(), Set.of(), Optional.empty(),
                true, request.validation(), Optional.empty()));

        assertThat(cluster.rows("T")).containsExactlyInAnyOrder("x|1|null", "y|2|null");
        assertThat(batchError("csv", java.util.Arrays.copyOf(bytes.toByteArray(), 100))).isEqualTo("BadRequest_InvalidArchive");
        assertThat(batchError("csv", java.util.Arrays.copyOfRange(bytes.toByteArray(), bytes.size() - 22, bytes.size())))
                .isEqualTo("BadRequest_EmptyArchive");
    }

    @Test
    void jsonThatIsTooDeepIsBroken() {
        String deep = "{\"j\":" + "[".repeat(100_000) + "]".repeat(100_000) + "}";

        assertThat(streamError("json", text(deep + "\n{\"l\":1}\n"))).isEmpty();
        assertThat(streamError("multijson", text(deep))).isEqualTo("BadRequest_InvalidBlob");
        assertThat(cluster.rows("T")).containsExactly("|1|null");
    }

    /// A container file of one block, whatever its schema and the block say of themselves.
    ///
    /// @param claims how many records the block is said to have, and how many bytes
    private static byte[] avro(String schema, long[] claims, byte[] block) {
        var file = new ByteArrayOutputStream();
        file.writeBytes(new byte[] {'O', 'b', 'j', 1});
        file.writeBytes(number(1));
        for (byte[] part : List.of(text("avro.schema"), text(schema))) {
            file.writeBytes(number(part.length));
            file.writeBytes(part);
        }
        file.writeBytes(number(0));
        file.writeBytes(new byte[16]);
        file.writeBytes(number(claims[0]));
        file.writeBytes(number(claims[1]));
        file.writeBytes(block);
        file.writeBytes(new byte[16]);
        return file.toByteArray();
    }

    /// As Avro writes one: the nearer to zero the shorter.
    private static byte[] number(long value) {
        var bytes = new ByteArrayOutputStream();
        long left = value << 1 ^ value >> 63;
        for (; (left & ~0x7FL) != 0; left >>>= 7) {
            bytes.write((int) (left & 0x7F | 0x80));
        }
        bytes.write((int) left);
        return bytes.toByteArray();
    }

    private static String record(String type) {
        return "{\"type\":\"record\",\"name\":\"r\",\"fields\":[{\"name\":\"a\",\"type\":" + type + "}]}";
    }

    private static final String NOTHING = "{\"type\":\"record\",\"name\":\"q0\",\"fields\":[]}";

    private static byte[] joined(byte[]... parts) {
        var bytes = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            bytes.writeBytes(part);
        }
        return bytes.toByteArray();
    }

    @Test
    void avroMayHaveNothingBesideSomething() {
        cluster.create("N", "a:dynamic, n:dynamic, l:long");
        String schema = "{\"type\":\"record\",\"name\":\"r\",\"fields\":[{\"name\":\"a\",\"type\":{\"type\":\"array\",\"items\":\"null\"}},"
                + "{\"name\":\"n\",\"type\":" + NOTHING + "},{\"name\":\"l\",\"type\":\"long\"}]}";
        // What the others had does not count.
        int nothings = 100_000;
        byte[] record = joined(number(nothings), number(0), number(7));
        int count = 12;
        byte[] block = new byte[count * record.length];
        for (int i = 0; i < count; i++) {
            System.arraycopy(record, 0, block, i * record.length, record.length);
        }
        cluster.stream("N", "avro", Optional.empty(), avro(schema, new long[] {count, block.length}, block));
        assertThat(cluster.rows("N")).hasSize(count).containsOnly("[null" + ",null".repeat(nothings - 1) + "]|{}|7");
    }

    @Test
    void avroThatClaimsMoreThanThereIsIsRefused() {
        assertThat(streamError("avro", avro(record("\"string\""), new long[] {1, 2}, new byte[] {2, 'x'}))).isEmpty();
        assertThat(cluster.rows("T")).hasSize(1);
        String array = "{\"type\":\"array\",\"items\":";
        Map<String, byte[]> files = new LinkedHashMap<>();
        files.put("a deep schema", avro(record(array.repeat(20_000) + "\"int\"" + "}".repeat(20_000)), new long[] {1, 1}, new byte[] {0}));
        files.put("records in themselves", avro(record("\"r\""), new long[] {1, 1}, new byte[] {0}));
        files.put("a large fixed", avro(record("{\"type\":\"fixed\",\"name\":\"f\",\"size\":2147483647}"), new long[] {1, 1}, new byte[] {0}));
        files.put("a fixed beyond what is read", avro(record("{\"type\":\"fixed\",\"name\":\"f\",\"size\":100000000}"), new long[] {1, 1}, new byte[] {0}));
        for (String type : List.of("\"bytes\"", "\"string\"", array + "\"int\"}", "{\"type\":\"map\",\"values\":\"int\"}", array + "\"null\"}")) {
            for (long claimed : List.of(100_000_000L, (long) Integer.MAX_VALUE, Long.MAX_VALUE, -1L, Long.MIN_VALUE)) {
                byte[] block = number(claimed);
                files.put(claimed + " of " + type, avro(record(type), new long[] {1, block.length}, block));
            }
        }
        for (long[] claims : List.of(new long[] {1, Integer.MAX_VALUE}, new long[] {1, Long.MAX_VALUE}, new long[] {1, -5}, new long[] {-1, 1}, new long[] {Long.MAX_VALUE, 1})) {
            files.put("a block that claims " + Arrays.toString(claims), avro(record("\"int\""), claims, new byte[] {0}));
        }
        for (String type : List.of("\"null\"", "{\"type\":\"fixed\",\"name\":\"f\",\"size\":0}", "{\"type\":\"record\",\"name\":\"q\",\"fields\":[]}")) {
            files.put("records of nothing: " + type, avro(record(type), new long[] {1L << 60, 0}, new byte[0]));
        }
        files.put("records of nothing twice", avro("{\"type\":\"record\",\"name\":\"r\",\"fields\":[{\"name\":\"a\",\"type\":" + NOTHING + "},"
                + "{\"name\":\"b\",\"type\":\"q0\"}]}", new long[] {1L << 60, 0}, new byte[0]));
        for (String type : List.of("\"null\"", "{\"type\":\"fixed\",\"name\":\"f\",\"size\":0}", NOTHING)) {
            byte[] block = joined(number(10_000_000), number(0));
            files.put("10 million of nothing: " + type, avro(record(array + type + "}"), new long[] {1, block.length}, block));
            byte[] parts = joined(number(600_000), number(600_000), number(0));
            files.put("1.2 million of nothing, in parts: " + type, avro(record(array + type + "}"), new long[] {1, parts.length}, parts));
        }
        byte[] lists = joined(number(2), number(600_000), number(0), number(600_000), number(0), number(0));
        files.put("1.2 million of nothing, in two lists", avro(record(array + array + "\"null\"}}"), new long[] {1, lists.length}, lists));
        files.put("two to the power of 24 of nothing", besideANumber(doubled(24), 2));
        files.put("two to the power of 24 of nothing, or null", besideANumber("[\"null\"," + doubled(24) + "]", 2, 2));
        SoftAssertions all = new SoftAssertions();
        files.forEach((name, file) -> {
            all.assertThat(streamError("avro", file)).as("streamed: %s", name).isEqualTo("BadRequest_InvalidBlob");
            all.assertThat(batchError("avro", file)).as("queued: %s", name).isEqualTo("BadRequest_InvalidBlob");
        });
        all.assertAll();
        assertThat(cluster.rows("T")).hasSize(1);
    }

    /// A type of two parts, each of a type of two parts, and so on.
    private static String doubled(int levels) {
        String doubled = NOTHING;
        for (int level = 1; level <= levels; level++) {
            doubled = "{\"type\":\"record\",\"name\":\"q" + level + "\",\"fields\":[{\"name\":\"a\",\"type\":" + doubled + "},{\"name\":\"b\",\"type\":\"q" + (level - 1) + "\"}]}";
        }
        return doubled;
    }

    private static byte[] besideANumber(String type, int... content) {
        byte[] block = new byte[content.length];
        for (int i = 0; i < block.length; i++) {
            block[i] = (byte) content[i];
        }
        return avro("{\"type\":\"record\",\"name\":\"r\",\"fields\":[{\"name\":\"a\",\"type\":\"int\"},{\"name\":\"b\",\"type\":" + type + "}]}",
                new long[] {1, block.length}, block);
    }

    @Test
    void avroOfMorePartsThanAreReadIsRefusedBeforeItIsRead() {
        assertThat(batch("avro", besideANumber(doubled(64), 2)).error().orElseThrow().toString()).contains("has more than 1048576 parts");
        assertThat(batch("avro", besideANumber(doubled(10), 2)).error()).isEmpty();
    }

    /// Whatever heap there is: nobody makes room for what is only claimed.
    @Test
    void aBlockOfAvroIsBoundedBeforeThereIsRoomForIt() {
        byte[] file = avro(record("\"int\""), new long[] {1, Integer.MAX_VALUE - 8}, new byte[] {0});
        assertThat(file.length).isLessThan(200);
        String told = "a block of the Avro claims 2147483639 bytes; up to " + AvroBlocks.BLOCK_BYTES_MAX + " are read";
        assertThat(batch("avro", file).error().orElseThrow().toString()).contains(told);
        assertThatThrownBy(() -> cluster.stream("T", "avro", Optional.empty(), avro(record("\"int\""), new long[] {1, 11 << 20}, new byte[] {0})))
                .hasMessageContaining("a block of the Avro claims 11534336 bytes; up to 10485760 are read");
    }

    @Test
    void avroTellsWhatIsWrongWithoutTheNamesOfItsClasses() throws IOException {
        byte[] file = avro(record("\"int\""), new long[] {1, 1}, new byte[] {0});
        file[file.length - 1] = 1;
        assertThat(batch("avro", file).error().orElseThrow().message()).contains("Invalid sync").doesNotContain("java.", "Exception");
    }

    @Test
    void hugeNumbersAreNullOrText() {
        String digits = "9".repeat(900);
        assertThat(streamError("json", text("{\"a\":" + digits + ",\"l\":" + digits + ",\"j\":" + digits + "}"))).isEmpty();
        assertThat(streamError("csv", text(digits + "," + digits + "," + "1e" + digits + "\n"))).isEmpty();
        assertThat(streamError("json", text("{\"l\":" + "9".repeat(100_000) + "}\n{\"l\":5}"))).isEmpty();

        assertThat(cluster.rows("T")).containsExactlyInAnyOrder(
                digits + "|null|" + digits, digits + "|null|1e" + digits, "|5|null");
    }

    @Test
    void nulCharactersAndLoneSurrogatesPass() {
        assertThat(streamError("csv", text("a\0b,1,\"x\0y\"\n"))).isEmpty();
        assertThat(streamError("json", text("{\"a\":\"a\\u0000b\\ud800c\",\"j\":{\"k\\u0000\":\"\\udc00\"}}"))).isEmpty();
        cluster.storage.seal(TestCluster.DATABASE);

        assertThat(cluster.rows("T")).hasSize(2).anyMatch(row -> row.startsWith("a\0b|1|"));
    }

    @Test
    void cellsBeyondTheLimitAreCutOrNull() {
        String large = "é".repeat(600_000);
        assertThat(streamError("csv", text(large + ",1,\"[\"\"" + large + "\"\"]\"\n"))).isEmpty();
        assertThat(batchError("csv", text(large + ",1,\"[\"\"" + large + "\"\"]\"\n"))).isEmpty();

        assertThat(cluster.rows("T")).hasSize(2).allSatisfy(row -> {
            assertThat(row.substring(0, row.indexOf('|')).getBytes(StandardCharsets.UTF_8)).hasSize(1 << 20);
            assertThat(row).endsWith("|1|null");
        });
    }

    @Test
    void onlyFoldersThatAreAllowedAreRead() throws IOException {
        Path secret = Files.writeString(cluster.staging.resolveSibling("secret.csv"), "x,1,2\n");
        Path link = Files.createSymbolicLink(cluster.staging.resolve("link.csv"), secret);
        for (Path path : List.of(secret, link, cluster.staging.resolve("../secret.csv"), cluster.staging.resolve("none"))) {
            var request = TestCluster.batch("T", "csv", new BatchIngestion.Mapping.Identity(),
                    new BatchIngestion.Source("s", path, false, 0));
            assertThat(cluster.load(request).outcomes().getFirst().error().orElseThrow().code()).startsWith("Download_");
        }
        assertThat(cluster.rows("T")).isEmpty();
    }

    @Test
    void aMappingCannotBringSqlAlong() {
        String evil = "'); DROP TABLE x; --";
        var mapping = new BatchIngestion.Mapping.Inline(
                "[{\"Column\":\"a\",\"Properties\":{\"ConstValue\":\"" + evil + "\"}},"
                        + "{\"Column\":\"l\",\"Properties\":{\"Ordinal\":0}}]");
        cluster.load(TestCluster.batch("T", "csv", mapping, cluster.source("s'; --", text("1,2\n"))));

        assertThat(cluster.rows("T")).containsExactly(evil + "|1|null");
    }

    @Test
    void streamingNeedsThePolicyAndTheRole() {
        cluster.storage.writer(TestCluster.DATABASE).change(tx -> {
            tx.setPolicy(tx.table("T"), PolicyKind.STREAMING_INGESTION, Optional.of("{\"IsEnabled\":false}"));
            return 0;
        });
        assertThatThrownBy(() -> cluster.stream("T", "csv", Optional.empty(), text("x\n")))
                .isInstanceOfSatisfying(KustoException.class, e -> {
                    assertThat(e.error().type()).isEqualTo("Kusto.DataNode.Exceptions.StreamingIngestionRequestException");
                    assertThat(e.error().httpStatus()).isEqualTo(400);
                    assertThat(e.error().isPermanent()).isTrue();
                    assertThat(e.error().message()).containsIgnoringCase("streaming ingestion").contains("disabled");
                });

        var stranger = new Principal("aadapp=stranger;t", "stranger", false);
        var batch = TestCluster.batch("T", "csv", new BatchIngestion.Mapping.Identity(), cluster.source("s", text("x\n")));
        assertThatThrownBy(() -> cluster.ingestion.batch(stranger, batch))
                .isInstanceOfSatisfying(KustoException.class, e -> assertThat(e.error().httpStatus()).isEqualTo(403));
        cluster.storage.writer(TestCluster.DATABASE).change(tx ->
                tx.setGrants(tx.table("T"), List.of(new Grant(Role.INGESTOR, "aadapp=stranger", "", ""))));
        assertThat(cluster.ingestion.batch(stranger, batch).outcomes().getFirst().error()).isEmpty();
    }

    @Test
    void aTagOrMessageThatIsThereAlreadyIngestsNothing() {
        var request = TestCluster.batch("T", "csv", new BatchIngestion.Mapping.Identity(), cluster.source("s", text("x\n")));
        var tagged = new BatchIngestion(
                request.database(), "T", "csv", request.sources(), request.mapping(), Set.of("ingest-by:one"), Set.of("one"),
                Optional.empty(), false, request.validation(), Optional.empty());
        var identified = new BatchIngestion(
                request.database(), "T", "csv", request.sources(), request.mapping(), Set.of(), Set.of(), Optional.empty(),
                false, request.validation(), Optional.of("m1"));

        for (BatchIngestion twice : List.of(tagged, identified)) {
            assertThat(cluster.load(twice).outcomes().getFirst().status()).isEqualTo(BatchIngestion.Status.SUCCEEDED);
            assertThat(cluster.load(twice).outcomes().getFirst().status()).isEqualTo(BatchIngestion.Status.SKIPPED);
        }
        assertThat(cluster.rows("T")).hasSize(2);
    }

    @Test
    void aBatchThatComesAgainTellsWhatBecameOfEachOfItsSources() {
        var request = TestCluster.batch(
                "T", "csv", new BatchIngestion.Mapping.Identity(),
                cluster.source("good", text("x\n")), cluster.source("bad", text("x\ny,\"open")));
        var tagged = new BatchIngestion(
                request.database(), "T", "csv", request.sources(), request.mapping(), Set.of("ingest-by:one"), Set.of("one"),
                Optional.empty(), false, request.validation(), Optional.of("m2"));

        var first = cluster.load(tagged).outcomes();
        var second = cluster.load(tagged).outcomes();

        assertThat(first).extracting(BatchIngestion.Outcome::status)
                .containsExactly(BatchIngestion.Status.SUCCEEDED, BatchIngestion.Status.FAILED);
        assertThat(second).extracting(BatchIngestion.Outcome::status)
                .containsExactly(BatchIngestion.Status.SKIPPED, BatchIngestion.Status.FAILED);
        assertThat(second.getFirst().extentId()).isEqualTo(first.getFirst().extentId());
        assertThat(second.getLast().error()).isEqualTo(first.getLast().error());
        assertThat(cluster.rows("T")).hasSize(1);
    }

    @Test
    void aSourceThatComesAgainInAnotherBatchIsTakenOnce() {
        var first = identified(cluster.source("first", text("x\n")), "m1");
        var second = identified(cluster.source("second", text("y\n")), "m2");

        cluster.load(joined("one", first));
        var outcomes = cluster.load(joined("two", first, second)).outcomes();

        assertThat(outcomes).extracting(BatchIngestion.Outcome::status)
                .containsExactly(BatchIngestion.Status.SKIPPED, BatchIngestion.Status.SUCCEEDED);
        assertThat(cluster.rows("T")).containsExactlyInAnyOrder("x|null|null", "y|null|null");
    }

    private static BatchIngestion.Source identified(BatchIngestion.Source source, String message) {
        return new BatchIngestion.Source(
                source.id(), source.file(), source.isCompressed(), source.rawBytes(), Optional.of(message));
    }

    private static BatchIngestion joined(String batch, BatchIngestion.Source... sources) {
        var request = TestCluster.batch("T", "csv", new BatchIngestion.Mapping.Identity(), sources);
        return new BatchIngestion(
                request.database(), "T", "csv", request.sources(), request.mapping(), Set.of(), Set.of(), Optional.empty(),
                false, request.validation(), Optional.of(batch));
    }

    @Test
    void aQueuedMappingWithTypesCreatesWhatIsMissing() {
        var columns = new BatchIngestion.Mapping.Inline("""
                [{"Column":"a","Datatype":"string","Properties":{"Ordinal":0}},
                 {"Column":"fresh","Datatype":"real","Properties":{"Ordinal":1}}]""");
        var direct = TestCluster.batch("T", "csv", columns, cluster.source("s", text("x,1.5\n")));
        assertThatThrownBy(() -> cluster.load(direct)).hasMessageContaining("fresh");

        for (String table : List.of("T", "New")) {
            cluster.load(new BatchIngestion(
                    TestCluster.DATABASE, table, "csv", direct.sources(), columns, Set.of(), Set.of(), Optional.empty(), false,
                    direct.validation(), Optional.of("message for " + table)));
        }

        assertThat(cluster.rows("T")).containsExactly("x|null|null|1.5");
        assertThat(cluster.rows("New")).containsExactly("x|1.5");
    }
}
