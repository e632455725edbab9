package io.conshelf.streams.value;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonParser;
import io.conshelf.streams.value.Value.DateTime;
import io.conshelf.streams.value.Value.Record;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ValuesTest {
    private static final int ROUNDS = 3000;

    @Test
    void bytesReadBackAsWhatWasWritten() throws IOException {
        var values = new RandomValues(1);
        for (int i = 0; i < ROUNDS; i++) {
            Row row = new Row(i, new Value[] {values.any(4), values.record(3)});
            var bytes = new ByteArrayOutputStream();
            BinaryValues.write(row, new DataOutputStream(bytes));
            var in = new DataInputStream(new ByteArrayInputStream(bytes.toByteArray()));
            assertThat(BinaryValues.readRow(in)).isEqualTo(row);
            assertThat(in.read()).isEqualTo(-1);
        }
    }

    @Test
    void halvesOfSurrogatePairsReadBackInValuesAndNames() throws IOException {
        for (String text : List.of("\ud800", "a\udc00b", "\udc00\ud800", "\ud83d\ude00", "\ufffd", "\ufffd\ud800\ufffd\ud83d\ude00\udbff", "\ue000\ud7ff", "ä\udfff?")) {
            Record record = new Record(Shape.of("a" + text, "a?"), new Value[] {Value.of(text), Value.of(1)});
            var bytes = new ByteArrayOutputStream();
            BinaryValues.write(record, new DataOutputStream(bytes));
            assertThat(BinaryValues.read(new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())))).isEqualTo(record);
        }
    }

    @Test
    void jsonReadsBackAsWhatWasPrinted() throws IOException {
        var values = new RandomValues(2);
        JsonRead reader = new JsonRead(JsonRead.Reading.PLAIN);
        for (int i = 0; i < ROUNDS; i++) {
            Record record = values.record(3);
            String json = JsonPrint.text(record);
            assertThat(reader.record(json)).as(json).hasValueSatisfying(read -> assertThat(JsonPrint.text(read)).isEqualTo(json));
        }
    }

    @Test
    void theOrderOfValuesIsTotal() {
        var values = new RandomValues(3);
        Comparator<Value> order = ValueOrder.ASCENDING;
        for (int i = 0; i < ROUNDS; i++) {
            Value a = values.any(2);
            Value b = values.any(2);
            Value c = values.any(2);
            assertThat(order.compare(a, a)).isZero();
            assertThat(Integer.signum(order.compare(a, b))).as(a + " " + b).isEqualTo(-Integer.signum(order.compare(b, a)));
            List<Value> sorted = java.util.stream.Stream.of(a, b, c).sorted(order).toList();
            assertThat(order.compare(sorted.getFirst(), sorted.getLast())).as(sorted.toString()).isLessThanOrEqualTo(0);
        }
    }

    @Test
    void recordsWithTheSameNamesShareTheirShape() throws IOException {
        JsonRead reader = new JsonRead(JsonRead.Reading.PLAIN);
        try (JsonParser parser = JsonRead.FACTORY.createParser("{\"a\":1,\"b\":{\"c\":2}} {\"a\":3,\"b\":{\"c\":4}} {\"b\":1,\"a\":1}")) {
            parser.nextToken();
            Record first = reader.event(parser);
            parser.nextToken();
            Record second = reader.event(parser);
            parser.nextToken();
            Record third = reader.event(parser);
            assertThat(second.shape()).isSameAs(first.shape());
            assertThat(((Record) second.field("B")).shape()).isSameAs(((Record) first.field("b")).shape());
            assertThat(third.shape().names()).containsExactly("b", "a");
        }
    }

    @Test
    @Timeout(120)
    void objectsOfVeryManyNamesAreReadInTheTimeOfTheirLength() {
        JsonRead reader = new JsonRead(JsonRead.Reading.PLAIN);
        int count = 400_000;
        String names = IntStream.range(0, count).mapToObj(i -> "\"n" + i + "\":" + i).collect(Collectors.joining(","));
        Record record = reader.record("{" + names + ",\"n7\":\"later\",\"new\":1}").orElseThrow();
        assertThat(record.shape().size()).isEqualTo(count + 1);
        assertThat(record.field("n7")).isEqualTo(Value.of("later"));
        assertThat(record.field("n399999")).isEqualTo(Value.of(399_999));
        // each name with an object that has many itself
        String inner = "{" + IntStream.range(0, 40).mapToObj(i -> "\"i" + i + "\":" + i).collect(Collectors.joining(","));
        String outer = IntStream.range(0, 10_000).mapToObj(i -> "\"o" + i + "\":" + inner + ",\"own" + i + "\":" + i + "}").collect(Collectors.joining(","));
        Record nested = reader.record("{" + outer + "}").orElseThrow();
        assertThat(nested.shape().size()).isEqualTo(10_000);
        assertThat(((Record) nested.field("o9999")).field("own9999")).isEqualTo(Value.of(9999));
    }

    @Test
    void ofTwoFieldsOfOneNameTheLastValueStays() {
        JsonRead reader = new JsonRead(JsonRead.Reading.PLAIN);
        assertThat(reader.record("{\"a\":1,\"b\":2,\"a\":3}")).hasToString("Optional[{\"a\":3,\"b\":2}]");
        assertThat(reader.record("{\"a\":1,\"b\":2,\"a\":3}")).hasToString("Optional[{\"a\":3,\"b\":2}]");
        assertThat(reader.record("{\"a\":1,\"A\":2}")).hasToString("Optional[{\"a\":1,\"A\":2}]");
    }

    @Test
    void namesWithoutEndDoNotFillTheMemory() {
        JsonRead reader = new JsonRead(JsonRead.Reading.PLAIN);
        for (int i = 0; i < 100_000; i++) {
            assertThat(reader.record("{\"k" + i + "\":1,\"x\":2}")).isPresent();
        }
        assertThat(reader.record("{\"a\":1,\"x\":2}").orElseThrow().shape().names()).containsExactly("a", "x");
    }

    @Test
    void levelsReadBooleansTimesAndNamesDifferently() {
        String json = "{\"Name\":true,\"When\":\"2024-05-06T07:08:09+02:00\"}";
        assertThat(read(json, Compatibility.V1_0)).isEqualTo("{\"name\":1,\"when\":\"2024-05-06T05:08:09.0000000Z\"}");
        assertThat(read(json, Compatibility.V1_1)).isEqualTo("{\"Name\":1,\"When\":\"2024-05-06T07:08:09+02:00\"}");
        assertThat(read(json, Compatibility.V1_2)).isEqualTo("{\"Name\":true,\"When\":\"2024-05-06T07:08:09+02:00\"}");
    }

    private static String read(String json, Compatibility level) {
        return JsonPrint.text(new JsonRead(JsonRead.Reading.at(level)).record(json).orElseThrow());
    }

    @ParameterizedTest
    @CsvSource({
        "2024-05-06, 2024-05-06T00:00:00.0000000Z",
        "2024-05-06T07:08, 2024-05-06T07:08:00.0000000Z",
        "2024-05-06 07:08:09, 2024-05-06T07:08:09.0000000Z",
        "2024-05-06T07:08:09.1, 2024-05-06T07:08:09.1000000Z",
        "2024-05-06T07:08:09.12345678Z, 2024-05-06T07:08:09.1234567Z",
        "2024-05-06T07:08:09+02:00, 2024-05-06T05:08:09.0000000Z",
        "2024-05-06T07:08:09-0730, 2024-05-06T14:38:09.0000000Z",
        "2024-02-29T24:00:00Z, 2024-03-01T00:00:00.0000000Z",
        "0001-01-01T00:00:00Z, 0001-01-01T00:00:00.0000000Z",
        "9999-12-31T23:59:59.9999999Z, 9999-12-31T23:59:59.9999999Z"})
    void timesOfIso8601AreRead(String text, String expected) {
        assertThat(Ticks.text(Ticks.parse(text))).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({"0000-01-01T00:00:00Z", "99999-01-01T00:00:00Z", "10000-01-01", "2023-02-29", "2024-13-01", "2024-05-06T25:00:00", "2024-05-06T07:60:00",
        "2024-05-06T07:08:09+15:00", "2024-05-06T07:08:09.", "2024-05-06T", "2024", "not a date", "0001-01-01T00:00:00+01:00",
        "9999-12-31T23:59:59-01:00", "2024-05-06T07:08:09Zx", "٢٠٢٤-05-06"})
    void whatIsNoTimeIsNotRead(String text) {
        assertThat(Ticks.parse(text)).isEqualTo(Ticks.NONE);
    }

    @Test
    void ticksAndInstantsAgree() {
        var random = new SplittableRandom(4);
        for (int i = 0; i < ROUNDS; i++) {
            long ticks = random.nextLong(Ticks.MAX);
            Instant instant = Ticks.instant(ticks);
            assertThat(Ticks.of(instant)).isEqualTo(ticks);
            assertThat(Ticks.parse(instant.toString())).isEqualTo(ticks);
            assertThat(Ticks.parse(Ticks.text(ticks))).isEqualTo(ticks);
        }
        assertThat(new DateTime(Ticks.UNIX_EPOCH)).isEqualTo(new DateTime(Ticks.of(Instant.EPOCH)));
    }

    @ParameterizedTest
    @CsvSource({"12, 12", "0.1, 0.1", "-0.5, -0.5", "1e14, 100000000000000", "1e15, 1E+15", "1.5e20, 1.5E+20", "0.0001, 0.0001", "0.00001, 1E-05",
        "123456789.125, 123456789.125", "-0.0, -0", "NaN, NaN"})
    void floatsPrintAsShortAsTheyCan(double number, String text) {
        assertThat(Numbers.text(number)).isEqualTo(text);
    }
}
