package io.conshelf.engine.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.engine.KustoException;
import io.conshelf.kql.type.Type;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What must hold for values of every type, with nulls and NaN among them: against lists that are looked through one by one, and against
/// the same thing said otherwise.
class TypedPropertyTest {
    private static final long SEED = Long.getLong("seed", 1);
    private static final int ROUNDS = Integer.getInteger("rounds", Boolean.getBoolean("conshelf.full") ? 300 : 6);
    private static final List<String> OPERATORS = List.of("where {long} > -1", "where isnotnull({decimal}) or {bool}", "extend y = tostring({datetime}), z = {timespan} * 2",
            "summarize c = count(), s = sum({long} % 100), m = max({real}) by {string}", "distinct {string}, {long}", "sort by {int} asc, {long} asc, {string} desc", "project {string}, {long}, {int}",
            "mv-expand e = range(1, abs({long} % 4)) to typeof(long)", "summarize arg_max({int}, {long}), dcount({string})", "count", "extend k = bin({long}, 5)", "project-away {string}",
            "join kind=inner (datatable({long}:long, w:string)[0, 'zero', 2, 'two', long(null), 'none']) on {long}", "union (print w = 1)", "where {string} in ('a', 'A')",
            "extend n = toscalar(print 5)", "serialize r = 1", "mv-apply q = pack_array({long}, 1) to typeof(long) on (summarize p = sum(q % 10))");

    private static final Pattern NOT_IN_A_BRANCH = Pattern.compile("\\| (join|union|serialize|mv-apply) ");

    @TempDir
    static Path folder;

    private static FuzzCluster cluster;

    /// How the values of each type are told, in their order.
    private static final Map<Type, List<String>> TOLD = new EnumMap<>(Type.class);

    private final Random random = new Random(SEED);

    @BeforeAll
    static void open() {
        cluster = FuzzCluster.open(folder);
        TypedTable.VALUES.forEach((type, values) -> TOLD.put(type, values.stream().map(value -> rows("print " + value).getFirst()).toList()));
    }

    @AfterAll
    static void close() {
        cluster.close();
    }

    private static List<String> rows(String query) {
        List<String> all = cluster.rows(query);
        return all.subList(1, all.size());
    }

    private static List<String> sorted(List<String> rows) {
        return rows.stream().sorted().toList();
    }

    /// A value as it is told, null and NaN alike.
    private static String told(Type type, int cell) {
        return cell == TypedTable.NOTHING ? "nothing" : TOLD.get(type).get(cell);
    }

    private static List<String> alike(List<String> rows) {
        return rows.stream().map(row -> row.equals("null") || row.equals("NaN") ? "nothing" : row).toList();
    }

    private void forEachRound(Consumer<TypedTable> property) {
        for (int round = 0; round < ROUNDS; round++) {
            property.accept(TypedTable.of(random));
        }
    }

    @Test
    void rowsAreSortedByEveryType() {
        forEachRound(table -> TypedTable.TYPES.forEach(type -> {
            for (boolean isAscending : List.of(true, false)) {
                for (boolean nothingIsFirst : List.of(true, false)) {
                    Comparator<Integer> values = isAscending ? Comparator.naturalOrder() : Comparator.reverseOrder();
                    Comparator<Integer> nothing = Comparator.comparing(cell -> (cell == TypedTable.NOTHING) != nothingIsFirst);
                    List<String> expected = table.column(type).sorted(nothing.thenComparing(values)).map(cell -> told(type, cell)).toList();
                    String order = TypedTable.name(type) + (isAscending ? " asc" : " desc")
                            // The default is written now and then.
                            + (isAscending == nothingIsFirst && random.nextBoolean() ? "" : nothingIsFirst ? " nulls first" : " nulls last");
                    String only = " | project " + TypedTable.name(type);
                    assertThat(alike(rows(table.text() + " | sort by " + order + only))).as("by %s of %s", order, table.text()).isEqualTo(expected);
                    int few = random.nextInt(5);
                    List<String> first = expected.subList(0, Math.min(few, expected.size()));
                    assertThat(alike(rows(table.text() + " | top " + few + " by " + order + only))).as("top by %s of %s", order, table.text()).isEqualTo(first);
                    assertThat(alike(rows(table.text() + " | order by " + order + " | take " + few + only))).isEqualTo(first);
                }
            }
        }));
    }

    @Test
    void valuesAreCountedAndToldApart() {
        forEachRound(table -> TypedTable.TYPES.stream().filter(type -> type != Type.REAL).forEach(type -> {
            String name = TypedTable.name(type);
            List<String> different = table.column(type).distinct().map(cell -> told(type, cell)).sorted().toList();
            assertThat(sorted(alike(rows(table.text() + " | distinct " + name)))).as("%s of %s", name, table.text()).isEqualTo(different);
            assertThat(sorted(alike(rows(table.text() + " | summarize by " + name)))).isEqualTo(different);
            List<Integer> there = table.column(type).filter(cell -> cell != TypedTable.NOTHING).toList();
            long count = there.stream().distinct().count();
            String least = there.stream().min(Comparator.naturalOrder()).map(cell -> told(type, cell)).orElse("null");
            String greatest = there.stream().max(Comparator.naturalOrder()).map(cell -> told(type, cell)).orElse("null");
            boolean hasExtremes = type != Type.BOOL && type != Type.STRING && type != Type.GUID;
            assertThat(rows(table.text() + " | summarize dcount(%s), count_distinct(%s), countif(isnotnull(%s))%s".formatted(name, name, name,
                    hasExtremes ? ", min(%s), max(%s)".formatted(name, name) : ""))).as("%s of %s", name, table.text())
                    .containsExactly(count + " | " + count + " | " + there.size() + (hasExtremes ? " | " + least + " | " + greatest : ""));
        }));
    }

    @Test
    void rowsAreJoinedByEveryType() {
        forEachRound(left -> {
            TypedTable right = TypedTable.of(random);
            for (Type type : TypedTable.TYPES) {
                if (type == Type.REAL) {
                    continue;
                }
                String key = TypedTable.name(type);
                String numbered = "%s | serialize p = row_number() - 1 | project p, %s";
                String query = numbered.formatted(left.text(), key) + " | join kind={k} (" + numbered.formatted(right.text(), key) + ") on " + key;
                List<String> pairs = left.places().boxed().flatMap(l -> right.places().filter(r -> left.cell(l, type) == right.cell(r, type)).mapToObj(r -> l + " | " + r)).toList();
                List<String> leftAlone = left.places().filter(l -> right.column(type).noneMatch(cell -> cell == left.cell(l, type))).mapToObj(l -> l + " | null").toList();
                List<String> rightAlone = right.places().filter(r -> left.column(type).noneMatch(cell -> cell == right.cell(r, type))).mapToObj(r -> "null | " + r).toList();
                Map<String, List<List<String>>> kinds = Map.of("inner", List.of(pairs), "leftouter", List.of(pairs, leftAlone), "rightouter", List.of(pairs, rightAlone),
                        "fullouter", List.of(pairs, leftAlone, rightAlone));
                kinds.forEach((kind, expected) -> assertThat(sorted(rows(query.replace("{k}", kind) + " | project p, p1"))).as("%s by %s of %s and %s", kind, key, left.text(), right.text())
                        .isEqualTo(expected.stream().flatMap(List::stream).sorted().toList()));
                assertThat(sorted(rows(query.replace("{k}", "leftanti") + " | project p, p1 = long(null)"))).isEqualTo(sorted(leftAlone));
                assertThat(sorted(rows(query.replace("{k}", "rightanti") + " | project p1 = long(null), p"))).isEqualTo(sorted(rightAlone));
            }
        });
    }

    @Test
    void binsArgMaxAndSeriesAreThoseOfLoops() {
        for (int round = 0; round < ROUNDS; round++) {
            record Row(int k, Integer v) {}
            List<Row> rows = Stream.generate(() -> new Row(random.nextInt(3), random.nextInt(6) == 0 ? null : Integer.valueOf(random.nextInt(12) - 4))).limit(random.nextInt(12)).toList();
            String table = rows.stream().map(row -> row.k() + ", " + (row.v() == null ? "long(null)" : row.v().toString())).collect(Collectors.joining(", ", "datatable(k:long, v:long)[", "]"));
            Map<String, Long> bins = rows.stream().collect(Collectors.groupingBy(row -> row.v() == null ? "null" : "" + Math.floorDiv(row.v(), 5) * 5, Collectors.counting()));
            assertThat(sorted(rows(table + " | summarize n = count() by v = bin(v, 5)"))).as(table)
                    .isEqualTo(bins.entrySet().stream().map(bin -> bin.getKey() + " | " + bin.getValue()).sorted().toList());
            List<Row> there = rows.stream().filter(row -> row.v() != null).toList();
            there.stream().max(Comparator.comparing(Row::v)).ifPresent(most -> {
                String[] found = rows(table + " | summarize arg_max(v, k)").getFirst().split(" \\| ");
                assertThat(found[0]).as(table).isEqualTo(most.v().toString());
                assertThat(there.stream().filter(row -> row.v().equals(most.v())).map(row -> "" + row.k())).as(table).contains(found[1]);
            });
            String within = table + " | where v >= 0 and v < 6 | ";
            List<String> series = new ArrayList<>();
            for (int k : there.stream().filter(row -> row.v() >= 0 && row.v() < 6).map(Row::k).collect(Collectors.toCollection(TreeSet::new))) {
                series.add(k + " | " + IntStream.range(0, 3).mapToLong(bin -> there.stream().filter(row -> row.k() == k && row.v() >= 0 && row.v() / 2 == bin).count()).boxed().toList()
                        .toString().replace(" ", ""));
            }
            assertThat(sorted(rows(within + "make-series n = count() default = 0 on v from 0 to 6 step 2 by k | project k, n"))).as(table).isEqualTo(series);
            assertThat(sorted(rows(within + "summarize n = count() by k, v = bin(v, 2) | join kind=rightouter (" + within + "distinct k | mv-expand v = range(0, 5, 2) to typeof(long)) on k, v"
                    + " | sort by v1 asc | summarize n = make_list(coalesce(n, 0)) by k = k1"))).as(table).isEqualTo(series);
        }
    }

    @Test
    void whatIsNamedIsWhatItStandsFor() {
        var compared = new AtomicInteger();
        forEachRound(table -> {
            String steps = IntStream.range(0, 1 + random.nextInt(3)).mapToObj(_ -> " | " + operator()).collect(Collectors.joining());
            String query = table.text() + steps;
            List<String> expected;
            try {
                expected = cluster.rows(query);
            } catch (KustoException asksForAColumnThatIsGone) {
                assertThat(asksForAColumnThatIsGone).as(query).hasMessageContaining("SEM0100");
                return;
            }
            compared.incrementAndGet();
            List<String> rows = sorted(expected);
            for (String same : List.of(
                    "let T = " + table.text() + "; T" + steps,
                    "let T = materialize(" + table.text() + "); T" + steps,
                    "let Q = materialize(" + query + "); Q",
                    "let Q = " + query + "; Q | where true",
                    "let f = () { " + query + " }; f()",
                    "let f = (T:" + TypedTable.schema() + ") { T" + steps + " }; f(" + table.text() + ")",
                    "let f = (T:" + TypedTable.schema() + ") { T" + steps + " }; " + table.text() + " | invoke f()",
                    "let V = view () { " + query + " }; union V",
                    query + " | as hint.materialized=true Q | union (Q | where false)",
                    "(" + query + ")")) {
                assertThat(sorted(cluster.rows(same))).as(same).isEqualTo(rows);
            }
            if (!NOT_IN_A_BRANCH.matcher(steps).find()) {
                String fork = table.text() + " | fork (" + steps.substring(3) + ")";
                assertThat(sorted(cluster.rows(fork))).as(fork).isEqualTo(rows);
            }
            List<String> one = rows(query + " | count");
            assertThat(rows("print toscalar(" + query + " | count)")).as(query).isEqualTo(one);
            assertThat(rows("let n = toscalar(" + query + " | count); range x from 1 to 2 step 1 | extend y = n | summarize take_any(y)")).as(query).isEqualTo(one);
            assertThat(rows("range x from 1 to 1 step 1 | where toscalar(" + query + " | count) == " + one.getFirst() + " | project " + one.getFirst())).as(query).isEqualTo(one);
        });
        assertThat(compared).hasValueGreaterThan(ROUNDS / 4);
    }

    private String operator() {
        String text = OPERATORS.get(random.nextInt(OPERATORS.size()));
        for (Type type : TypedTable.TYPES) {
            text = text.replace("{" + type.kustoName() + "}", TypedTable.name(type));
        }
        return text;
    }

    @Test
    void aRangeIsTheListOfItsNumbers() {
        forEachRound(table -> {
            String l = TypedTable.name(Type.LONG);
            String range = "range(" + random.nextInt(3) + ", abs(" + l + " % 6), " + (1 + random.nextInt(2)) + ")";
            String type = List.of("long", "int", "real", "string", "dynamic").get(random.nextInt(5));
            String rest = " to typeof(" + type + ") | project " + l + ", e";
            List<String> expected = cluster.rows(table.text() + " | mv-expand e = todynamic(tostring(" + range + "))" + rest);
            assertThat(cluster.rows(table.text() + " | mv-expand e = " + range + rest)).as(range + rest + table.text()).isEqualTo(expected);
            assertThat(cluster.rows(table.text() + " | extend e = " + range + " | mv-expand e" + rest)).isEqualTo(expected);
            assertThat(cluster.rows(table.text() + " | mv-apply e = " + range + rest.replace(" | project ", " on (where true) | project "))).isEqualTo(expected);
        });
    }

    @Test
    void projectionsAndFiltersMayChangePlaces() {
        forEachRound(table -> {
            Type type = TypedTable.TYPES.get(random.nextInt(TypedTable.TYPES.size()));
            String name = TypedTable.name(type);
            List<String> values = TypedTable.VALUES.get(type);
            boolean isOrdered = type != Type.BOOL && type != Type.GUID && type != Type.STRING;
            String sign = (isOrdered ? List.of("==", "!=", "<", ">=") : List.of("==", "!=")).get(random.nextInt(isOrdered ? 4 : 2));
            String condition = name + " " + sign + " " + values.get(random.nextInt(values.size()));
            String kept = Stream.of(type, Type.LONG, Type.REAL).distinct().map(TypedTable::name).collect(Collectors.joining(", "));
            List<String> expected = sorted(cluster.rows(table.text() + " | where " + condition + " | project " + kept));
            for (String other : List.of(
                    "project {k} | where {c}", "extend z = {c} | where z | project {k}", "where not(not({c})) or 1 == 2 | project {k}", "sort by {n} asc | where {c} | project {k}",
                    "union (Empty | where 1 == 2 | project nothing = 1 | take 0) | where {c} | project {k}", "serialize z = row_number() | where {c} | project {k}",
                    "extend copy = {n} | project-rename other = {n} | project-rename {n} = copy | where {c} | project {k}")) {
                String query = table.text() + " | " + other.replace("{c}", condition).replace("{n}", name).replace("{k}", kept);
                assertThat(sorted(cluster.rows(query))).as(query).isEqualTo(expected);
            }
        });
    }

    @Test
    void aUnionHasTheColumnsOfItsKind() {
        forEachRound(table -> {
            String other = " (" + TypedTable.of(random).text() + " | project " + TypedTable.name(Type.STRING) + ", extra = 1)";
            long rows = Long.parseLong(rows(table.text() + " | count").getFirst()) + Long.parseLong(rows(other + " | count").getFirst());
            List<String> inner = cluster.rows(table.text() + " | union kind=inner" + other);
            assertThat(inner.getFirst()).isEqualTo(TypedTable.name(Type.STRING) + ":string");
            assertThat(inner).hasSize((int) rows + 1);
            List<String> outer = cluster.rows(table.text() + " | union kind=outer" + other + " | project extra, " + TypedTable.name(Type.STRING) + ", " + TypedTable.name(Type.LONG));
            assertThat(outer).hasSize((int) rows + 1);
            assertThat(outer.stream().filter(row -> row.startsWith("1 | ")).count()).isEqualTo(Long.parseLong(rows(other + " | count").getFirst()));
            assertThat(sorted(rows(table.text() + " | union withsource=src" + other + " | summarize count() by src | project count_")).stream().mapToLong(Long::parseLong).sum()).isEqualTo(rows);
        });
    }

    @Test
    void theFirstRowsOfALargeTableAreThoseOfItsWholeOrder() {
        for (int round = 0; round < ROUNDS; round++) {
            String input = "database('Big').Large" + List.of("", " | where l > 40000", " | project l, r", " | where s != 's1'", " | extend z = r", " | where l % 70000 == 0").get(random.nextInt(6));
            String order = List.of("r", "l").get(random.nextInt(2)) + List.of(" asc", " desc", " asc nulls last", " desc nulls first").get(random.nextInt(4)) + ", l asc";
            int count = 1 + random.nextInt(9);
            assertThat(rows(input + " | sort by " + order + " | take " + count + " | project l, r")).as(input + " by " + order)
                    .isEqualTo(rows(input + " | sort by " + order + " | extend number = row_number() | where number <= " + count + " | project l, r"));
        }
    }
}
