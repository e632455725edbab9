package io.conshelf.engine.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.engine.store.TableColumn;
import io.conshelf.kql.type.Type;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ColumnShapesTest {
    private static final int BUFFER_BYTES = 200;
    private static final List<String> NUMBERS = List.of("", "1", "-12", "0", "1234567", "-1234567", "12345678", "-12345678", "123456789");
    private static final List<String> OTHER_NUMBERS = List.of("1234567890", "123456789012345678901", "+5", "-", "--1", " 1", "1 ", "1.5", "1e3", "12a4567", "\"5\"",
            "1234567/", "1234567:", "½");
    private static final List<String> MOMENTS = List.of("", "2014-05-25", "2014-05-25 08:20:03", "2014-05-25T08:20:03Z", "2016-02-29 23:59:59.123456",
            "2014-05-25 20:00:00.1Z");
    private static final List<String> OTHER_MOMENTS = List.of("2014-05-32", "2015-02-29 08:20:03", "2014-13-01 00:00:00", "2014-05-25 24:00:00",
            "2014-05-25 30:00:00", "2014-05-25 08:60:03", "2014-05-25 08:20:60", "2014-05-25 08.20:03", "2014-05-25 0a:20:03", "2014-05-25 08:20:03.1234567",
            "2014-05-25_08:20:03", "2014-05-25 08:20", "2014/05/25", "2014-05-2", "2014-05-25 08:20:03.", "2014-05-25 \u00b08:20:03");
    private static final List<String> TEXTS = List.of("abc", "", "\"\"", "\"a,b\"", "\"l1\nl2\"", "\"say \"\"x\"\"\"", "a\"b", "abcdefgh", "abcdefghijklmnopq", "é");
    private static final List<TableColumn> COLUMNS = List.of(column("c0", Type.INT), column("c1", Type.STRING), column("c2", Type.DATETIME),
            column("c3", Type.LONG), column("c4", Type.STRING));

    private static TableColumn column(String id, Type type) {
        return new TableColumn(id, id, type, "");
    }

    @Test
    void tellsWhatStandsInTheTextHoweverItComes() {
        long seed = new Random().nextLong();
        var random = new Random(seed);
        for (int round = 0; round < 5_000; round++) {
            var records = new ArrayList<List<String>>();
            int broken = random.nextInt(8);
            for (int i = 1 + random.nextInt(12); i > 0; i--) {
                records.add(List.of(
                        any(random, NUMBERS, broken == 0 ? OTHER_NUMBERS : NUMBERS),
                        any(random, TEXTS, TEXTS),
                        any(random, MOMENTS, broken == 1 ? OTHER_MOMENTS : MOMENTS),
                        any(random, NUMBERS, broken == 2 ? OTHER_NUMBERS : List.of("1234567890", "-123456789012345678")),
                        any(random, TEXTS, TEXTS)));
            }
            String lineEnd = random.nextBoolean() ? "\n" : "\r\n";
            String text = String.join(lineEnd, records.stream().map(fields -> String.join(",", fields)).toList()) + (random.nextBoolean() ? lineEnd : "");
            check("seed %d: %s".formatted(seed, text), text, records, looked(text, random));
        }
    }

    private static String any(Random random, List<String> usual, List<String> others) {
        List<String> values = random.nextInt(6) == 0 ? others : usual;
        return values.get(random.nextInt(values.size()));
    }

    private static ColumnShapes looked(String text, Random random) {
        var shapes = ColumnShapes.wanted(Format.CSV, RecordMapping.identity(COLUMNS, Format.CSV), false);
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        byte[] buffer = new byte[BUFFER_BYTES + ColumnShapes.SLACK_BYTES];
        int left = 0;
        for (int at = 0; at < bytes.length; ) {
            int count = Math.min(Math.min(bytes.length - at, BUFFER_BYTES - left), 1 + random.nextInt(BUFFER_BYTES));
            System.arraycopy(bytes, at, buffer, left, count);
            left = shapes.look(buffer, left + count);
            at += count;
        }
        shapes.end(buffer, left);
        return shapes;
    }

    private static void check(String name, String text, List<List<String>> records, ColumnShapes shapes) {
        boolean areInts = records.stream().allMatch(fields -> fields.get(0).matches("|-?[0-9]{1,9}"));
        boolean areMoments = records.stream().noneMatch(fields -> OTHER_MOMENTS.contains(fields.get(2)));
        boolean areLongs = records.stream().allMatch(fields -> fields.get(3).matches("|-?[0-9]{1,18}"));
        assertThat(shapes.duckType(0)).as(name).isEqualTo(areInts ? Optional.of("INTEGER") : Optional.empty());
        assertThat(shapes.duckType(1)).as(name).isEmpty();
        assertThat(shapes.duckType(2)).as(name).isEqualTo(areMoments ? Optional.of("TIMESTAMP") : Optional.empty());
        assertThat(shapes.duckType(3)).as(name).isEqualTo(areLongs ? Optional.of("BIGINT") : Optional.empty());
        assertThat(shapes.hasQuotes()).as(name).isEqualTo(text.contains("\""));
        assertThat(shapes.hasOpenQuote()).as(name).isEqualTo(text.chars().filter(c -> c == '"').count() % 2 == 1);
        assertThat(shapes.hasTrailingSeparators()).as(name)
                .isEqualTo(records.stream().anyMatch(fields -> fields.get(4).isEmpty() || fields.get(4).equals("\"\"")));
    }
}
