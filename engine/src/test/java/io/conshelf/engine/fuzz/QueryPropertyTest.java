package io.conshelf.engine.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.engine.Answer;
import io.conshelf.engine.Engine;
import io.conshelf.engine.EngineConfig;
import io.conshelf.engine.Limits;
import io.conshelf.engine.Principal;
import io.conshelf.engine.Request;
import io.conshelf.kql.value.Chunk;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.BiPredicate;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What must hold whatever the rows are: against the same thing said otherwise, and against lists that are searched one by one.
class QueryPropertyTest {
    private static final long SEED = Long.getLong("seed", 1);
    private static final int ROUNDS = Integer.getInteger("rounds", Boolean.getBoolean("conshelf.full") ? 1_000 : 40);

    @TempDir
    static Path folder;

    private static Engine engine;

    private final Random random = new Random(SEED);

    /// A row; a null is the null of Kusto.
    private record Row(Long k, Long v) {
        static final Row NOTHING = new Row(null, null);
    }

    @BeforeAll
    static void open() {
        engine = Engine.open(EngineConfig.inMemory(folder).withLimits(Limits.ofThisMachine().withMemoryBytes(1L << 30)));
    }

    @AfterAll
    static void close() {
        engine.close();
    }

    private List<Row> rows() {
        return Stream.generate(() -> new Row(number(), number())).limit(random.nextInt(9)).toList();
    }

    private Long number() {
        return random.nextInt(5) == 0 ? null : Long.valueOf(random.nextInt(4));
    }

    private static String table(Collection<Row> rows) {
        return rows.stream().map(row -> literal(row.k()) + ", " + literal(row.v())).collect(Collectors.joining(", ", "datatable(k:long, v:long)[", "]"));
    }

    private static String literal(Long value) {
        return value == null ? "long(null)" : value.toString();
    }

    @Test
    void filtersMayChangePlacesAndPassProjections() {
        for (int round = 0; round < ROUNDS; round++) {
            String t = table(rows());
            String a = condition();
            String b = condition();
            List<String> expected = sorted(answer(t + " | where " + a + " and " + b));
            assertThat(sorted(answer(t + " | where " + a + " | where " + b))).as(t + a + b).isEqualTo(expected);
            assertThat(sorted(answer(t + " | where " + b + " | where " + a))).as(t + a + b).isEqualTo(expected);
            assertThat(sorted(answer(t + " | extend z = k + v | where " + a + " | project k, v | where " + b))).as(t + a + b).isEqualTo(expected);
            assertThat(sorted(answer(t + " | sort by v asc | where " + a + " | serialize | where " + b))).as(t + a + b).isEqualTo(expected);
        }
    }

    private String condition() {
        String column = random.nextBoolean() ? "k" : "v";
        return switch (random.nextInt(4)) {
            case 0 -> "isnull(" + column + ")";
            case 1 -> column + " > " + random.nextInt(4);
            case 2 -> column + " != " + random.nextInt(4);
            default -> column + " in (0, 2)";
        };
    }

    @Test
    void aUnionHasTheRowsOfBothAndItsPartsMayChangePlaces() {
        for (int round = 0; round < ROUNDS; round++) {
            List<Row> left = rows();
            List<Row> right = rows();
            List<String> expected = sorted(Stream.concat(left.stream(), right.stream()).map(row -> text(List.of(row))).toList());
            assertThat(sorted(answer(table(left) + " | union (" + table(right) + ")"))).isEqualTo(expected);
            assertThat(sorted(answer("union (" + table(right) + "), (" + table(left) + ")"))).isEqualTo(expected);
        }
    }

    @Test
    void joinsOfAllKindsFindThePairsThatLoopsFind() {
        for (int round = 0; round < ROUNDS; round++) {
            List<Row> left = rows();
            List<Row> right = rows();
            BiPredicate<Row, Row> match = (l, r) -> Objects.equals(l.k(), r.k());
            Predicate<Row> leftMatched = l -> right.stream().anyMatch(r -> match.test(l, r));
            Predicate<Row> rightMatched = r -> left.stream().anyMatch(l -> match.test(l, r));
            List<String> pairs = left.stream().flatMap(l -> right.stream().filter(r -> match.test(l, r)).map(r -> text(List.of(l, r)))).toList();
            List<String> leftAlone = left.stream().filter(leftMatched.negate()).map(l -> text(List.of(l, Row.NOTHING))).toList();
            List<String> rightAlone = right.stream().filter(rightMatched.negate()).map(r -> text(List.of(Row.NOTHING, r))).toList();
            check(left, right, "inner", pairs);
            check(left, right, "leftouter", Stream.of(pairs, leftAlone).flatMap(List::stream).toList());
            check(left, right, "rightouter", Stream.of(pairs, rightAlone).flatMap(List::stream).toList());
            check(left, right, "fullouter", Stream.of(pairs, leftAlone, rightAlone).flatMap(List::stream).toList());
            check(left, right, "leftsemi", left.stream().filter(leftMatched).map(l -> text(List.of(l))).toList());
            check(left, right, "leftanti", left.stream().filter(leftMatched.negate()).map(l -> text(List.of(l))).toList());
            check(left, right, "rightsemi", right.stream().filter(rightMatched).map(r -> text(List.of(r))).toList());
            check(left, right, "rightanti", right.stream().filter(rightMatched.negate()).map(r -> text(List.of(r))).toList());
            Set<Long> seen = new HashSet<>();
            long unique = left.stream().filter(l -> seen.add(l.k())).mapToLong(l -> right.stream().filter(r -> match.test(l, r)).count()).sum();
            assertThat(answer(table(left) + " | join kind=innerunique (" + table(right) + ") on k")).hasSize((int) unique);
        }
    }

    private static void check(List<Row> left, List<Row> right, String kind, List<String> expected) {
        assertThat(sorted(answer(table(left) + " | join kind=" + kind + " (" + table(right) + ") on k")))
                .as("%s of %s and %s", kind, left, right).isEqualTo(sorted(expected));
    }

    @Test
    void summariesAreThoseOfLoops() {
        for (int round = 0; round < ROUNDS; round++) {
            List<Row> rows = rows();
            Map<String, List<Row>> groups = new TreeMap<>(rows.stream().collect(Collectors.groupingBy(row -> String.valueOf(row.k()))));
            List<String> expected = groups.entrySet().stream().map(group -> {
                List<Long> values = group.getValue().stream().map(Row::v).filter(Objects::nonNull).toList();
                return group.getKey() + "|" + group.getValue().size() + "|" + values.stream().mapToLong(v -> v).sum() + "|"
                        + values.stream().min(Long::compare).map(String::valueOf).orElse("null") + "|" + values.stream().distinct().count();
            }).toList();
            assertThat(sorted(answer(table(rows) + " | summarize count(), sum(v), min(v), dcount(v) by k"))).as("of %s", rows)
                    .isEqualTo(sorted(expected));
            assertThat(sorted(answer(table(rows) + " | summarize by k"))).isEqualTo(sorted(answer(table(rows) + " | distinct k")));
        }
    }

    @Test
    void aScanIsALoopOverRows() {
        for (int round = 0; round < ROUNDS; round++) {
            List<Row> rows = rows();
            long sum = 0;
            var expected = new ArrayList<String>();
            for (Row row : rows) {
                sum = row.v() == null ? 0 : sum + row.v();
                expected.add(text(List.of(row)) + "|" + sum);
            }
            assertThat(answer(table(rows) + " | serialize | scan declare (s:long = 0) with (step a: true => s = iff(isnull(v), 0, a.s + v);)"))
                    .as("of %s", rows).isEqualTo(expected);
        }
    }

    private static List<String> sorted(List<String> rows) {
        return rows.stream().sorted().toList();
    }

    private static String text(List<Row> rows) {
        return rows.stream().map(row -> row.k() + "|" + row.v()).collect(Collectors.joining("|"));
    }

    /// The rows, each as the texts of its numbers.
    private static List<String> answer(String query) {
        var request = new Request(Principal.LOCAL_ADMINISTRATOR, "NetDefaultDB", "property", UUID.randomUUID(), Map.of(), Map.of(), "property",
                "property", Instant.parse("2024-01-01T00:00:00Z"), Duration.ofSeconds(20), false);
        var rows = new ArrayList<String>();
        try (Answer answer = engine.query(request, query)) {
            var table = answer.nextTable().orElseThrow();
            int columns = table.columns().size();
            for (var chunk = table.next(); chunk.isPresent(); chunk = table.next()) {
                for (int row = 0; row < chunk.get().rows(); row++) {
                    rows.add(cells(chunk.get(), row, columns));
                }
            }
        }
        return rows;
    }

    private static String cells(Chunk chunk, int row, int columns) {
        var cells = new ArrayList<String>();
        for (int column = 0; column < columns; column++) {
            cells.add(chunk.isNull(column, row) ? "null" : Long.toString(chunk.int64(column, row)));
        }
        return String.join("|", cells);
    }
}
