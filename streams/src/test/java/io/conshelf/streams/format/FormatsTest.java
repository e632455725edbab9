package io.conshelf.streams.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.format.Compression;
import io.conshelf.streams.expression.Expression;
import io.conshelf.streams.input.DataError;
import io.conshelf.streams.output.OutputException;
import io.conshelf.streams.output.RowRefused;
import io.conshelf.streams.plan.Step.DeclaredColumn;
import io.conshelf.streams.value.Compatibility;
import io.conshelf.streams.value.JsonPrint;
import io.conshelf.streams.value.JsonRead;
import io.conshelf.streams.value.RandomValues;
import io.conshelf.streams.value.Shape;
import io.conshelf.streams.value.Value;
import io.conshelf.streams.value.Value.DateTime;
import io.conshelf.streams.value.Value.Null;
import io.conshelf.streams.value.Value.Record;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class FormatsTest {
    /// Events and errors in their order; an error is its name.
    private static final class Seen implements EventSink {
        private final List<String> all = new ArrayList<>();
        private final List<DataError> errors = new ArrayList<>();

        @Override
        public void event(Record event) {
            all.add(JsonPrint.text(event));
        }

        @Override
        public void broken(DataError error) {
            all.add(error.type().replace("InputDeserializerError.", "!"));
            errors.add(error);
        }
    }

    private static InputFormat format(InputFormat.Type type) {
        return new InputFormat("in", type, ',', Compression.NONE, Compatibility.V1_2, InputFormat.Metadata.LEFT_OUT, List.of());
    }

    private static Seen message(InputFormat format, byte[] bytes) {
        Seen seen = new Seen();
        format.reader().message(bytes, "m", seen);
        return seen;
    }

    private static Seen file(InputFormat format, byte[] bytes) throws IOException {
        Seen seen = new Seen();
        // A store gives as much as it likes at a time.
        InputStream slow = new ByteArrayInputStream(bytes) {
            @Override
            public synchronized int read(byte[] into, int offset, int length) {
                return super.read(into, offset, Math.min(length, 7));
            }
        };
        try (EventReader.Events events = format.reader().file(slow, "f")) {
            while (events.next(seen)) {
                assertThat(seen.all).isNotNull();
            }
        }
        return seen;
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', value = {
        "{\"a\":1} | {\"a\":1}",
        "\uFEFF{\"a\":1} | {\"a\":1}",
        "{\"a\":1}\\n{\"a\":2} | {\"a\":1} {\"a\":2}",
        "{\"a\":1}{\"a\":2} | {\"a\":1} {\"a\":2}",
        "[{\"a\":1},{\"a\":2}] | {\"a\":1} {\"a\":2}",
        "[{\"a\":1}]\\n[{\"a\":2}] | {\"a\":1} {\"a\":2}",
        "{\\n  \"a\": {\\n \"b\": [1, 2]\\n }\\n}\\n{\\n \"a\": 2\\n} | {\"a\":{\"b\":[1,2]}} {\"a\":2}",
        "{\"a\":\"}{\\\\\"\"} | {\"a\":\"}{\\\"\"}",
        "{\"a\":1}\\nnonsense\\n{\"a\":2} | {\"a\":1} !InvalidData {\"a\":2}",
        "{\"a\":1}\\n{\"a\":\\n{\"a\":2} | {\"a\":1} !InvalidData {\"a\":2}",
        "{\"a\":1}\\n{\"a\":\"x}\\n{\"a\":2}\\n{\"a\":3} | {\"a\":1} !InvalidData {\"a\":2} {\"a\":3}",
        "{\"a\":1}\\n{\"a\":tru}\\n{\"a\":2} | {\"a\":1} !InvalidData {\"a\":2}",
        "{\"a\":1}\\n{\"a\":01}\\n{\"a\":2} | {\"a\":1} !InvalidData {\"a\":2}",
        "{\"a\":1}\\n{\"a\":NaN} | {\"a\":1} !InvalidData",
        "{\"a\":99999999999999999999}\\n{\"a\":2} | !InvalidData {\"a\":2}",
        "{\"a\":1e999}\\n{\"a\":2} | !InvalidData {\"a\":2}",
        "{\"a\":1 | !InvalidData",
        "[1,2,3] | !InvalidData",
        "\"text\" | !InvalidData",
        "[[{\"a\":1}]] | !InvalidData {\"a\":1}"})
    void jsonIsReadInEveryLayoutAndBehindWhatIsBroken(String text, String expected) throws IOException {
        byte[] bytes = text.replace("\\n", "\n").replace("\\\\", "\\").getBytes(StandardCharsets.UTF_8);
        assertThat(String.join(" ", message(format(InputFormat.Type.JSON), bytes).all)).isEqualTo(expected);
        assertThat(String.join(" ", file(format(InputFormat.Type.JSON), bytes).all)).isEqualTo(expected);
    }

    @Test
    void theServiceTellsWhatItFound() {
        assertThat(message(format(InputFormat.Type.JSON), "1,2\r\n3".getBytes(StandardCharsets.UTF_8)).errors.getFirst().message())
                .isEqualTo("Json input stream should either be an array of objects or line separated objects. Found token type: Integer");
    }

    @Test
    void eventsThatNestTooDeepAreBroken() throws IOException {
        for (String deep : List.of("{\"a\":".repeat(10_000) + "1" + "}".repeat(10_000), "{\"a\":" + "[".repeat(10_000) + "]".repeat(10_000) + "}",
                "[".repeat(10_000) + "]".repeat(10_000))) {
            byte[] bytes = (deep + "\n{\"a\":1}").getBytes(StandardCharsets.UTF_8);
            assertThat(message(format(InputFormat.Type.JSON), bytes).all).containsExactly("!InvalidData", "{\"a\":1}");
            assertThat(file(format(InputFormat.Type.JSON), bytes).all).containsExactly("!InvalidData", "{\"a\":1}");
        }
    }

    @Test
    void anEventTooLargeIsPassedOverWithAllThatIsInIt() throws IOException {
        String inside = "{\"inner\":1},".repeat(2_000_000);
        byte[] bytes = ("{\"a\":[" + inside + "0]}\n{\"a\":1}\n").getBytes(StandardCharsets.UTF_8);
        Seen seen = new Seen();
        try (EventReader.Events events = format(InputFormat.Type.JSON).reader().file(new ByteArrayInputStream(bytes), "f")) {
            while (events.next(seen)) {
                assertThat(seen.all).isNotNull();
            }
        }
        assertThat(seen.all).containsExactly("!InvalidData", "{\"a\":1}");
    }

    @Test
    @Timeout(120)
    void manyBrokenObjectsTakeNoMoreTimeThanTheyAreLong() throws IOException {
        for (String broken : List.of("{\n", "[{\n", "{\"a\":\n", "{\"a\n", "{\n[\n")) {
            int count = 150_000;
            byte[] bytes = (broken.repeat(count) + "\n{\"a\":1}\n{\"a\":2}\n").getBytes(StandardCharsets.UTF_8);
            Seen message = message(format(InputFormat.Type.JSON), bytes);
            assertThat(message.all).as(broken).endsWith("{\"a\":1}", "{\"a\":2}");
            assertThat(message.errors.size()).as(broken).isGreaterThan(count / 2);
        }
        // one in another, and all closed
        byte[] nested = ("{\n".repeat(150_000) + "}\n".repeat(150_000) + "{\"a\":1}\n").getBytes(StandardCharsets.UTF_8);
        assertThat(message(format(InputFormat.Type.JSON), nested).all).endsWith("{\"a\":1}");
    }

    @Test
    void manyBrokenLinesLeaveTheOthers() throws IOException {
        byte[] bytes = "{\"a\":\n{\"a\":1}\n".repeat(300).getBytes(StandardCharsets.UTF_8);
        for (Seen seen : List.of(message(format(InputFormat.Type.JSON), bytes), file(format(InputFormat.Type.JSON), bytes))) {
            assertThat(seen.all).hasSize(600).filteredOn("{\"a\":1}"::equals).hasSize(300);
        }
    }

    @Test
    void otherEncodingsAreBroken() {
        assertThat(message(format(InputFormat.Type.JSON), "{\"a\":1}".getBytes(StandardCharsets.UTF_16)).all).containsOnly("!InvalidData").isNotEmpty();
        assertThat(message(format(InputFormat.Type.JSON), "{\"a\":\"ä\"}".getBytes(StandardCharsets.ISO_8859_1)).all).containsExactly("!InvalidData");
        assertThat(message(format(InputFormat.Type.CSV), "a,b\nä,1".getBytes(StandardCharsets.ISO_8859_1)).all).contains("!InvalidData");
    }

    @Test
    void bytesOfAnyKindNeverBreakAReader() throws IOException {
        var random = new SplittableRandom(11);
        String alphabet = "{}[]\",:\\ \n\r\t0123456789truefalsenull.eE+-aä\u0000";
        for (int i = 0; i < 3000; i++) {
            StringBuilder text = new StringBuilder();
            for (int length = random.nextInt(60); length > 0; length--) {
                text.append(alphabet.charAt(random.nextInt(alphabet.length())));
            }
            byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
            for (InputFormat.Type type : List.of(InputFormat.Type.JSON, InputFormat.Type.CSV, InputFormat.Type.AVRO)) {
                assertThat(message(format(type), bytes).all).isNotNull();
                assertThat(file(format(type), bytes).all).isNotNull();
            }
            for (Compression compression : List.of(Compression.GZIP, Compression.DEFLATE)) {
                InputFormat packed = new InputFormat("in", InputFormat.Type.JSON, ',', compression, Compatibility.V1_2, InputFormat.Metadata.LEFT_OUT, List.of());
                assertThat(message(packed, bytes).all).isNotNull();
            }
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '~', quoteCharacter = '`', value = {
        "a,b\\n1,x ~ {\"a\":\"1\",\"b\":\"x\"}",
        "\uFEFFa,b\\r\\n1,\"x,\"\"y\"\"\\nz\"\\r\\n\\r\\n2, ~ {\"a\":\"1\",\"b\":\"x,\\\"y\\\"\\nz\"} {\"a\":\"2\",\"b\":\"\"}",
        "a,,c\\n1,2,3 ~ {\"a\":\"1\",\"column2\":\"2\",\"c\":\"3\"}",
        "a,A\\n1,2 ~ !InvalidHeader",
        "a,b\\n1\\n1,2\\n1,2,3 ~ !InvalidData {\"a\":\"1\",\"b\":\"2\"} !InvalidData",
        "a,b ~ ``"})
    void csvIsReadUnderItsHeader(String text, String expected) throws IOException {
        byte[] bytes = text.strip().replace("\\r", "\r").replace("\\n", "\n").getBytes(StandardCharsets.UTF_8);
        String shown = expected == null ? "" : expected;
        assertThat(String.join(" ", message(format(InputFormat.Type.CSV), bytes).all)).isEqualTo(shown);
        assertThat(String.join(" ", file(format(InputFormat.Type.CSV), bytes).all)).isEqualTo(shown);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '~', quoteCharacter = '`', value = {
        "5,x\\n6,y ~ {\"column1\":5,\"column2\":\"x\"} {\"column1\":6,\"column2\":\"y\"}",
        "\uFEFF5,\"x\\n\"\\r\\n\\r\\n,null ~ {\"column1\":5,\"column2\":\"x\\n\"} {\"column1\":null,\"column2\":\"null\"}",
        "5\\n6,y,z\\n7,u ~ {\"column1\":5} {\"column1\":6,\"column2\":\"y\",\"column3\":\"z\"} {\"column1\":7,\"column2\":\"u\"}",
        "5,5 ~ {\"column1\":5,\"column2\":\"5\"}",
        "Column2,column1\\nx,5 ~ {\"Column2\":\"x\",\"column1\":5}",
        "a,b\\n5,x ~ {\"column1\":\"a\",\"column2\":\"b\"} {\"column1\":5,\"column2\":\"x\"}"})
    void csvHasNoHeaderWhereCreateTableNamesItsColumnsByTheirNumbers(String text, String expected) throws IOException {
        InputFormat format = csv(new DeclaredColumn("column1", Expression.Type.BIGINT), new DeclaredColumn("COLUMN2", Expression.Type.NVARCHAR));
        byte[] bytes = text.strip().replace("\\r", "\r").replace("\\n", "\n").getBytes(StandardCharsets.UTF_8);
        assertThat(String.join(" ", message(format, bytes).all)).isEqualTo(expected);
        assertThat(String.join(" ", file(format, bytes).all)).isEqualTo(expected);
    }

    @Test
    void csvHasAHeaderWhereCreateTableNamesAColumnByAWord() {
        InputFormat format = csv(new DeclaredColumn("column1", Expression.Type.BIGINT), new DeclaredColumn("b", Expression.Type.BIGINT));
        assertThat(message(format, ",b\n1,2".getBytes(StandardCharsets.UTF_8)).all).containsExactly("{\"column1\":1,\"b\":2}");
    }

    @Test
    void aReaderOfMessagesWithoutHeadersMayMeetOneWithAHeader() {
        EventReader reader = csv(new DeclaredColumn("column1", Expression.Type.BIGINT), new DeclaredColumn("column2", Expression.Type.NVARCHAR)).reader();
        Seen seen = new Seen();
        for (String text : List.of("column2,column1\nx,1", "2,y")) {
            reader.message(text.getBytes(StandardCharsets.UTF_8), "m", seen);
        }
        assertThat(seen.all).containsExactly("{\"column2\":\"x\",\"column1\":1}", "{\"column1\":2,\"column2\":\"y\"}");
    }

    private static InputFormat csv(DeclaredColumn... columns) {
        return new InputFormat("in", InputFormat.Type.CSV, ',', Compression.NONE, Compatibility.V1_2, InputFormat.Metadata.LEFT_OUT, List.of(columns));
    }

    @Test
    void columnsOfCsvBecomeWhatCreateTableSays() {
        var columns = List.of(new DeclaredColumn("N", Expression.Type.BIGINT), new DeclaredColumn("f", Expression.Type.FLOAT),
                new DeclaredColumn("t", Expression.Type.DATETIME), new DeclaredColumn("b", Expression.Type.BIT));
        InputFormat format = new InputFormat("in", InputFormat.Type.CSV, ';', Compression.NONE, Compatibility.V1_2, InputFormat.Metadata.LEFT_OUT, columns);
        assertThat(message(format, "n;f;t;b;s\n1;2.5;2024-05-06;true;x\n;;;;\nx;x;x;x;x".getBytes(StandardCharsets.UTF_8)).all).containsExactly(
                "{\"n\":1,\"f\":2.5,\"t\":\"2024-05-06T00:00:00.0000000Z\",\"b\":true,\"s\":\"x\"}",
                "{\"n\":null,\"f\":null,\"t\":null,\"b\":null,\"s\":\"\"}",
                "{\"n\":\"x\",\"f\":\"x\",\"t\":\"x\",\"b\":\"x\",\"s\":\"x\"}");
    }

    @ParameterizedTest
    @EnumSource(value = Compression.class, names = {"GZIP", "DEFLATE"})
    void packedMessagesAreUnpackedAndOthersAreBroken(Compression compression) throws IOException {
        InputFormat format = new InputFormat("in", InputFormat.Type.JSON, ',', compression, Compatibility.V1_2, InputFormat.Metadata.LEFT_OUT, List.of());
        var packed = new ByteArrayOutputStream();
        try (OutputStream out = compression.pack(packed, "events")) {
            out.write("{\"a\":1}\n{\"a\":2}".getBytes(StandardCharsets.UTF_8));
        }
        assertThat(message(format, packed.toByteArray()).all).containsExactly("{\"a\":1}", "{\"a\":2}");
        assertThat(file(format, packed.toByteArray()).all).containsExactly("{\"a\":1}", "{\"a\":2}");
        Seen plain = message(format, "{\"a\":1}".getBytes(StandardCharsets.UTF_8));
        assertThat(plain.all).containsExactly("!InvalidCompressionType");
        assertThat(plain.errors.getFirst().message()).startsWith("Unable to decompress events from resource 'm'.");
    }

    @Test
    void aMessageThatUnpacksToGigabytesIsGivenUp() throws IOException {
        InputFormat format = new InputFormat("in", InputFormat.Type.JSON, ',', Compression.GZIP, Compatibility.V1_2, InputFormat.Metadata.LEFT_OUT, List.of());
        var packed = new ByteArrayOutputStream();
        try (OutputStream out = Compression.GZIP.pack(packed, "events")) {
            byte[] blanks = " ".repeat(1 << 20).getBytes(StandardCharsets.UTF_8);
            for (int i = 0; i < 300; i++) {
                out.write(blanks);
            }
        }
        assertThat(packed.size()).isLessThan(1 << 20);
        assertThat(message(format, packed.toByteArray()).all).containsExactly("!InvalidData");
    }

    @Test
    void aMessageOfMoreEventsThanFitIsGivenUp() throws IOException {
        InputFormat format = new InputFormat("in", InputFormat.Type.JSON, ',', Compression.GZIP, Compatibility.V1_2, InputFormat.Metadata.LEFT_OUT, List.of());
        var packed = new ByteArrayOutputStream();
        try (OutputStream out = Compression.GZIP.pack(packed, "events")) {
            out.write("{}\n".repeat(3 << 20).getBytes(StandardCharsets.UTF_8));
        }
        assertThat(packed.size()).isLessThan(1 << 16);
        Seen seen = message(format, packed.toByteArray());
        assertThat(seen.all).hasSizeBetween(1 << 20, (1 << 20) + 2).endsWith("!InvalidData");
        assertThat(seen.errors).hasSize(1);
    }

    @ParameterizedTest
    @EnumSource(OutputFormat.Type.class)
    void rowsReadBackAsTheyWereWritten(OutputFormat.Type type) throws IOException, OutputException {
        Shape shape = Shape.of("n", "f", "s", "b", "t", "nothing");
        List<Record> rows = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            rows.add(new Record(shape, new Value[] {Value.of(i), Value.of(i + 0.5), Value.of("a,\"b\"\n" + i), Value.of(i % 2 == 0),
                new DateTime(i * 10_000_000_000_000L), Null.NULL}));
        }
        byte[] bytes = new OutputFormat(type, ',').message(rows);
        InputFormat.Type read = switch (type) {
            case JSON_LINES, JSON_ARRAY -> InputFormat.Type.JSON;
            case CSV -> InputFormat.Type.CSV;
            case AVRO -> InputFormat.Type.AVRO;
            case PARQUET -> InputFormat.Type.PARQUET;
        };
        String nothing = type == OutputFormat.Type.CSV ? "\"\"" : "null";
        List<String> expected = rows.stream().map(JsonPrint::text).map(text -> text.replace("null", nothing))
                .map(text -> type == OutputFormat.Type.CSV ? text.replaceAll(":([0-9.]+|true|false)([,}])", ":\"$1\"$2").replaceAll(":([0-9.]+|true|false)([,}])",
                        ":\"$1\"$2") : text).toList();
        assertThat(file(format(read), bytes).all).isEqualTo(expected);
    }

    @Test
    void whatHasOtherColumnsBeginsAnotherFile() throws IOException, RowRefused {
        JsonRead json = new JsonRead(JsonRead.Reading.PLAIN);
        Record first = json.record("{\"a\":1,\"b\":null}").orElseThrow();
        for (OutputFormat.Type type : List.of(OutputFormat.Type.CSV, OutputFormat.Type.AVRO, OutputFormat.Type.PARQUET)) {
            try (RowEncoder encoder = new OutputFormat(type, ',').open(new ByteArrayOutputStream())) {
                assertThat(encoder.takes(first)).isTrue();
                encoder.write(first);
                assertThat(encoder.takes(json.record("{\"a\":2,\"b\":\"x\"}").orElseThrow())).isTrue();
                assertThat(encoder.takes(json.record("{\"a\":2}").orElseThrow())).isFalse();
                assertThat(encoder.takes(json.record("{\"a\":\"x\",\"b\":null}").orElseThrow())).isEqualTo(type == OutputFormat.Type.CSV);
            }
        }
    }

    @Test
    void recordsAndArraysStayWhatTheyAreInAvro() throws IOException, OutputException {
        JsonRead json = new JsonRead(JsonRead.Reading.PLAIN);
        Record first = json.record("{\"r\":{\"x\":1,\"y\":null},\"l\":[1,2.5],\"rs\":[{\"a\":1},{\"a\":2}],\"mixed\":[1,\"x\",{\"z\":true}],\"e\":[]}").orElseThrow();
        Record second = json.record("{\"r\":null,\"l\":[null],\"rs\":[],\"mixed\":[],\"e\":[\"t\"]}").orElseThrow();
        byte[] bytes = new OutputFormat(OutputFormat.Type.AVRO, ',').message(List.of(first, second));
        assertThat(file(format(InputFormat.Type.AVRO), bytes).all).containsExactly(
                "{\"r\":{\"x\":1,\"y\":null},\"l\":[1.0,2.5],\"rs\":[{\"a\":1},{\"a\":2}],\"mixed\":[\"1\",\"x\",\"{\\\"z\\\":true}\"],\"e\":[]}",
                "{\"r\":null,\"l\":[null],\"rs\":[],\"mixed\":[],\"e\":[\"t\"]}");
        try (RowEncoder encoder = new OutputFormat(OutputFormat.Type.AVRO, ',').open(new ByteArrayOutputStream())) {
            encoder.write(first);
            assertThat(encoder.takes(second)).isTrue();
            assertThat(encoder.takes(json.record("{\"r\":{\"x\":\"t\",\"y\":null},\"l\":[],\"rs\":[],\"mixed\":[],\"e\":[]}").orElseThrow())).isFalse();
            assertThat(encoder.takes(json.record("{\"r\":{\"x\":1},\"l\":[],\"rs\":[],\"mixed\":[],\"e\":[]}").orElseThrow())).isFalse();
        }
        assertThatThrownBy(() -> new OutputFormat(OutputFormat.Type.AVRO, ',').message(List.of(json.record("{\"a b\":1}").orElseThrow())))
                .isInstanceOf(RowRefused.class).hasMessageContaining("a b");
    }

    @Test
    void recordsAndArraysAreWordsInCsv() throws OutputException {
        Record row = new JsonRead(JsonRead.Reading.PLAIN).record("{\"r\":{\"x\":1},\"l\":[1]}").orElseThrow();
        assertThat(new String(new OutputFormat(OutputFormat.Type.CSV, ',').message(List.of(row)), StandardCharsets.UTF_8)).isEqualTo("r,l\r\nRecord,Array\r\n");
    }

    @Test
    void jsonOfAnyRowReadsBack() throws IOException, OutputException {
        var values = new RandomValues(5);
        for (int i = 0; i < 1000; i++) {
            Record row = values.record(3);
            for (OutputFormat.Type type : List.of(OutputFormat.Type.JSON_LINES, OutputFormat.Type.JSON_ARRAY)) {
                byte[] bytes = new OutputFormat(type, ',').message(List.of(row, row));
                assertThat(file(format(InputFormat.Type.JSON), bytes).all).containsExactly(JsonPrint.text(row), JsonPrint.text(row));
                assertThat(message(format(InputFormat.Type.JSON), bytes).all).containsExactly(JsonPrint.text(row), JsonPrint.text(row));
            }
        }
    }

    @Test
    void columnsOfTheStoreOverwriteThoseOfTheEvent() {
        AddedColumns added = new AddedColumns(Compatibility.V1_2, List.of("PartitionId", "EventEnqueuedUtcTime"));
        JsonRead json = new JsonRead(JsonRead.Reading.PLAIN);
        for (int i = 0; i < 2; i++) {
            assertThat(JsonPrint.text(added.to(json.record("{\"a\":1}").orElseThrow(), Value.of(3), Null.NULL)))
                    .isEqualTo("{\"a\":1,\"PartitionId\":3,\"EventEnqueuedUtcTime\":null}");
            assertThat(JsonPrint.text(added.to(json.record("{\"partitionid\":1,\"a\":1}").orElseThrow(), Value.of(3), Null.NULL)))
                    .isEqualTo("{\"partitionid\":3,\"a\":1,\"EventEnqueuedUtcTime\":null}");
        }
    }

    @Test
    void aParquetFileThatThisMachineCannotMakeIsNoFaultOfARow() throws Exception {
        Record row = new Record(Shape.of(List.of("a")), new Value[] {Value.of(1)});
        try (RowEncoder full = new ParquetRows(OutputStream.nullOutputStream(), (_, _) -> {
            throw StoreException.system("UserErrorFileWriteFailure", "no space left", new IOException("no space left"));
        })) {
            assertThatThrownBy(() -> full.write(row)).isInstanceOf(IOException.class).hasMessageContaining("no space left");
        }
        Record wrong = new Record(Shape.of(List.of("a b")), new Value[] {Value.of(1)});
        try (RowEncoder encoder = new ParquetRows(OutputStream.nullOutputStream())) {
            assertThatThrownBy(() -> encoder.write(wrong)).isInstanceOf(RowRefused.class).hasMessageContaining("'a b'");
        }
    }
}
