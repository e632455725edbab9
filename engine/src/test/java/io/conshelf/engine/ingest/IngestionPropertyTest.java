package io.conshelf.engine.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.engine.BatchIngestion;
import io.conshelf.engine.store.Table;
import io.conshelf.kql.type.Type;
import io.conshelf.kql.value.DateTimeText;
import io.conshelf.kql.value.DynamicText;
import io.conshelf.kql.value.Ticks;
import io.conshelf.kql.value.TimeSpanText;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is ingested is what a query returns: random rows of all types, in each format and on each way in, before and after
/// they are sealed and the database is opened again.
class IngestionPropertyTest {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final List<Type> TYPES = List.of(Type.values());
    private static final int ROWS = 40;

    @TempDir
    Path folder;

    private final long seed = new Random().nextLong();
    private final Random random = new Random(seed);

    @Test
    void whatGoesInComesOut() throws Exception {
        List<List<Optional<Object>>> rows = new ArrayList<>();
        for (int i = 0; i < ROWS; i++) {
            rows.add(TYPES.stream().map(this::value).toList());
        }
        List<String> expected = rows.stream().map(IngestionPropertyTest::shown).sorted().toList();
        byte[] csv = csv(rows).getBytes(StandardCharsets.UTF_8);
        byte[] json = json(rows, "\n").getBytes(StandardCharsets.UTF_8);
        byte[] multijson = ("[" + json(rows, ",\n") + "]").getBytes(StandardCharsets.UTF_8);

        try (var cluster = TestCluster.inFolder(folder)) {
            String schema = String.join(", ", TYPES.stream().map(t -> "c_" + t + ":" + t).toList());
            for (String table : List.of("SCsv", "SJson", "SMulti", "BCsv", "BJson", "BMulti")) {
                cluster.create(table, schema);
            }
            cluster.stream("SCsv", "csv", Optional.empty(), csv);
            cluster.stream("SJson", "json", Optional.empty(), json);
            cluster.stream("SMulti", "multijson", Optional.empty(), multijson);
            batch(cluster, "BCsv", "csv", csv);
            batch(cluster, "BJson", "json", json);
            batch(cluster, "BMulti", "multijson", multijson);
            check(cluster, expected);
            cluster.storage.seal(TestCluster.DATABASE);
            check(cluster, expected);
        }
        try (var cluster = TestCluster.inFolder(folder)) {
            check(cluster, expected);
        }
    }

    private static void batch(TestCluster cluster, String table, String format, byte[] content) {
        var outcome = cluster.load(TestCluster.batch(
                        table, format, new BatchIngestion.Mapping.Identity(), cluster.source(table, content)))
                .outcomes()
                .getFirst();
        assertThat(outcome.error()).isEmpty();
    }

    private void check(TestCluster cluster, List<String> expected) throws Exception {
        for (String table : List.of("SCsv", "SJson", "SMulti", "BCsv", "BJson", "BMulti")) {
            assertThat(stored(cluster, table)).as("seed %d, table %s", seed, table).isEqualTo(expected);
        }
    }

    private static List<String> stored(TestCluster cluster, String name) throws Exception {
        Table table = cluster.table(name);
        try (var connection = cluster.duck.connect();
                var reading = cluster.storage.read(connection);
                var statement = connection.createStatement();
                var rows = statement.executeQuery("SELECT * FROM " + reading.relation(table.id()) + " AS q")) {
            var list = new ArrayList<String>();
            while (rows.next()) {
                var cells = new ArrayList<Optional<Object>>();
                for (int i = 0; i < TYPES.size(); i++) {
                    cells.add(Optional.ofNullable(rows.getObject(i + 1)));
                }
                list.add(shown(cells));
            }
            list.sort(null);
            return list;
        }
    }

    // A null string does not exist: it is the empty one.
    private static String shown(List<Optional<Object>> row) {
        var cells = new ArrayList<String>();
        for (int i = 0; i < TYPES.size(); i++) {
            Object value = row.get(i).orElse(TYPES.get(i) == Type.STRING ? "" : "null");
            cells.add(value instanceof BigDecimal decimal ? decimal.stripTrailingZeros().toPlainString() : value.toString());
        }
        return cells.toString();
    }

    private Optional<Object> value(Type type) {
        if (random.nextInt(8) == 0) {
            return Optional.empty();
        }
        return Optional.of(switch (type) {
            case BOOL -> random.nextBoolean();
            case INT -> pick(Integer.MIN_VALUE, Integer.MAX_VALUE, 0, random.nextInt());
            case LONG -> pick(Long.MIN_VALUE, Long.MAX_VALUE, 0L, random.nextLong());
            case REAL -> pick(Double.MIN_VALUE, -Double.MAX_VALUE, 0.1, random.nextGaussian() * 1e10);
            case DECIMAL -> pick(
                    new BigDecimal("999999999999999999999.99999999999999999"), new BigDecimal("-0.00000000000000001"),
                    BigDecimal.ZERO, new BigDecimal(new BigInteger(120, random), 17));
            case DATETIME -> pick(0L, Ticks.DATETIME_MAX, Ticks.UNIX_EPOCH - 1, Math.floorMod(random.nextLong(), Ticks.DATETIME_MAX));
            case TIMESPAN -> pick(0L, -1L, Ticks.DAY - 1, random.nextLong() / 2);
            case STRING -> pick("", "a,\"b\"\r\nc\\", " \u0000\t\uFEFF", text());
            case GUID -> new UUID(random.nextLong(), random.nextLong());
            case DYNAMIC -> pick("{\"a\":[1,2.5,null,\"x\"]}", "[]", "12345678901234567890", DynamicText.ofString(text() + "x"));
        });
    }

    private Object pick(Object... choices) {
        return choices[random.nextInt(choices.length)];
    }

    private String text() {
        var text = new StringBuilder();
        int length = random.nextInt(12);
        for (int i = 0; i < length; i++) {
            text.appendCodePoint("abc,\"'\\\n\r\t ;|é😀漢{}[]:".codePointAt(random.nextInt(15)));
        }
        return text.toString();
    }

    private static String csv(List<List<Optional<Object>>> rows) {
        var csv = new StringBuilder();
        for (List<Optional<Object>> row : rows) {
            var fields = new ArrayList<String>();
            for (int i = 0; i < TYPES.size(); i++) {
                Type type = TYPES.get(i);
                fields.add(row.get(i)
                        .map(v -> '"' + written(type, v).replace("\"", "\"\"") + '"')
                        .orElse(""));
            }
            csv.append(String.join(",", fields)).append("\r\n");
        }
        return csv.toString();
    }

    private static String written(Type type, Object value) {
        return switch (type) {
            case DATETIME -> DateTimeText.format((Long) value);
            case TIMESPAN -> TimeSpanText.format((Long) value);
            case DECIMAL -> ((BigDecimal) value).toPlainString();
            case BOOL, INT, LONG, REAL, STRING, GUID, DYNAMIC -> value.toString();
        };
    }

    private static String json(List<List<Optional<Object>>> rows, String separator) throws Exception {
        var lines = new ArrayList<String>();
        for (List<Optional<Object>> row : rows) {
            ObjectNode object = JSON.createObjectNode();
            for (int i = 0; i < TYPES.size(); i++) {
                String name = "c_" + TYPES.get(i);
                if (row.get(i).isEmpty()) {
                    continue;
                }
                Object value = row.get(i).get();
                switch (TYPES.get(i)) {
                    case BOOL -> object.put(name, (Boolean) value);
                    case INT -> object.put(name, (Integer) value);
                    case LONG -> object.put(name, (Long) value);
                    case REAL -> object.put(name, (Double) value);
                    case DYNAMIC -> object.putRawValue(name, new com.fasterxml.jackson.databind.util.RawValue((String) value));
                    case DECIMAL, DATETIME, TIMESPAN, STRING, GUID -> object.put(name, written(TYPES.get(i), value));
                }
            }
            lines.add(JSON.writeValueAsString(object));
        }
        return String.join(separator, lines);
    }
}
