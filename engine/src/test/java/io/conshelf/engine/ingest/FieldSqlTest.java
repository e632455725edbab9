package io.conshelf.engine.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.engine.store.EncodingPolicy;
import io.conshelf.engine.store.RowColumn;
import io.conshelf.kql.type.Type;
import io.conshelf.kql.value.DateTimeText;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// A text has one value, whether DuckDB converts it, the parser does from bytes, or the parser from text.
class FieldSqlTest {
    private static final List<String> MOMENTS = List.of(
            "2001-01-01 00:01:00", "2001-01-01T00:01:00", "2001-01-01T00:01:00Z", "2001-01-01 00:01:00Z",
            "2001-01-01T00:01:00.5", "2001-01-01T00:01:00.1234567Z", "2001-01-01 00:01:00.123456", "2001-01-01",
            "2001-02-29 00:00:00", "2000-02-29 00:00:00", "0001-01-01 00:00:00", "9999-12-31 23:59:59.9999999",
            "9999-12-31 23:59:59.999999", "10000-01-01 00:00:00", "0000-01-01 00:00:00", "-0001-01-01 00:00:00",
            "2001-01-01 24:00:00", "2001-01-01 23:59:60", "2001-01-01 00:01", "2001-1-1 0:1:0", "infinity", "-infinity",
            "epoch", "now", "today", "2001-01-01 00:01:00+02", "2001-01-01T00:01:00+02:00", "2001-01-01 00:01:00 UTC",
            "2001-01-01 00:01:00 (BC)", " 2001-01-01 00:01:00", "2001-01-01 00:01:00 ", "2001/01/01 00:01:00", "", "T", "Z",
            "2001-01-01TZ00:01:00", "2001-01-01 00:01:00ZZ", "Sat, 8 Nov 14 15:05:02 GMT", "20010101", "2001-01-01  00:01:00",
            "2001-01-01 00:01:00.", "2001-01-01 00:01:00.000", "١٢٣٤-01-01 00:00:00");
    private static final String PIECES = "0123456789-: .TZ+/eE_x";

    private final long seed = new Random().nextLong();
    private final Random random = new Random(seed);

    @Test
    void duckDbAndTheParserReadMomentsAlike() throws SQLException {
        var texts = new ArrayList<>(MOMENTS);
        for (int i = 0; i < 4_000; i++) {
            texts.add(mutated(MOMENTS.get(random.nextInt(MOMENTS.size()))));
        }
        try (var duck = DriverManager.getConnection("jdbc:duckdb:")) {
            FieldSql.register(duck);
            assertThat(differences(
                    converted(duck, Type.DATETIME, texts),
                    texts.stream().map(text -> shown(text, DateTimeText.parse(text))).toList())).as("seed %d", seed).isEmpty();
        }
    }

    @Test
    void duckDbAndTheParserReadNumbersAlike() throws SQLException {
        var texts = new ArrayList<>(List.of(
                "0", "-0", "+1", "007", "-7", "9223372036854775807", "-9223372036854775808", "9223372036854775808",
                "999999999999999999", "-999999999999999999", "1e3", "1.0", "1_0", "0x1F", " 5 ", "", "-", "--1", "٣"));
        for (int i = 0; i < 4_000; i++) {
            texts.add(mutated(texts.get(random.nextInt(19))));
        }
        try (var duck = DriverManager.getConnection("jdbc:duckdb:")) {
            FieldSql.register(duck);
            var expected = texts.stream()
                    .map(text -> shown(text, FieldText.integer(text, Long.MIN_VALUE, Long.MAX_VALUE))).toList();
            assertThat(differences(converted(duck, Type.LONG, texts), expected)).as("seed %d", seed).isEmpty();
            assertThat(differences(texts.stream().map(FieldSqlTest::fromBytes).toList(), expected)).as("seed %d", seed).isEmpty();
        }
    }

    private static List<String> differences(List<String> found, List<String> expected) {
        assertThat(found).hasSameSizeAs(expected);
        return IntStream.range(0, found.size())
                .filter(i -> !found.get(i).equals(expected.get(i)))
                .mapToObj(i -> found.get(i) + ", not: " + expected.get(i))
                .toList();
    }

    private static String fromBytes(String text) {
        byte[] bytes = ("," + text + ",").getBytes(StandardCharsets.UTF_8);
        var column = new RowColumn(Type.LONG);
        FieldText.write(Type.LONG, EncodingPolicy.VALUE_BYTES_USUAL, bytes, 1, bytes.length - 1, column, 0);
        return shown(text, column.isNull(0) ? OptionalLong.empty() : OptionalLong.of(column.longAt(0)));
    }

    private String mutated(String text) {
        var changed = new StringBuilder(text);
        for (int i = random.nextInt(3); i >= 0; i--) {
            int at = random.nextInt(changed.length() + 1);
            char piece = PIECES.charAt(random.nextInt(PIECES.length()));
            if (at < changed.length() && random.nextBoolean()) {
                changed.setCharAt(at, piece);
            } else if (at < changed.length() && random.nextInt(4) == 0) {
                changed.deleteCharAt(at);
            } else {
                changed.insert(at, piece);
            }
        }
        return changed.toString();
    }

    private static List<String> converted(Connection duck, Type type, List<String> texts) throws SQLException {
        var values = new ArrayList<String>();
        try (var query = duck.prepareStatement("SELECT t, " + FieldSql.convert(type, "t", EncodingPolicy.VALUE_BYTES_USUAL)
                + " FROM (SELECT unnest(string_split(?, chr(10))) AS t)")) {
            query.setString(1, String.join("\n", texts));
            try (var rows = query.executeQuery()) {
                while (rows.next()) {
                    String text = rows.getString(1);
                    long value = rows.getLong(2);
                    values.add(shown(text, rows.wasNull() ? OptionalLong.empty() : OptionalLong.of(value)));
                }
            }
        }
        return values;
    }

    private static String shown(String text, OptionalLong value) {
        return "'" + text + "' is " + (value.isPresent() ? value.getAsLong() : "null");
    }
}
