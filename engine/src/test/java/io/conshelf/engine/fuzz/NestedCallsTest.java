package io.conshelf.engine.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.engine.Answer;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.Principal;
import io.conshelf.engine.sql.Cursors;
import io.conshelf.engine.sql.PlanWriter;
import io.conshelf.engine.sql.QueryContext;
import io.conshelf.kql.bind.BindOptions;
import io.conshelf.kql.bind.Kql;
import io.conshelf.kql.function.Catalogue;
import io.conshelf.kql.function.Parameter;
import io.conshelf.kql.function.ScalarFunction;
import io.conshelf.kql.type.Type;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Calls in calls of the same function, in each argument that takes what the function gives: their SQL grows with their number, whatever a lowering
/// does with an argument.
class NestedCallsTest {
    private static final int DEPTH = 20;
    private static final int CHARS_MAX = 40_000;
    private static final String ROWS = "datatable(xbool:bool, xint:int, xlong:long, xreal:real, xdecimal:decimal, xdatetime:datetime, xtimespan:timespan,"
            + " xstring:string, xguid:guid, xdynamic:dynamic)[true, 3, 5, 0.25, decimal(1.5), datetime(2024-02-03 04:05:06), 25h, 'a b',"
            + " guid(74be27de-1e4e-49d9-b579-fe0b331d3642), dynamic([3, 1, 2])] | extend xlong = xlong + 1 | project x = ";
    private static final Map<Type, String> LITERALS = Map.of(Type.BOOL, "true", Type.INT, "int(2)", Type.LONG, "2", Type.REAL, "0.5", Type.DECIMAL, "decimal(0.5)",
            Type.DATETIME, "datetime(2024-01-01)", Type.TIMESPAN, "1h", Type.STRING, "'a'", Type.GUID, "guid(74be27de-1e4e-49d9-b579-fe0b331d3642)", Type.DYNAMIC, "dynamic([1, 2])");
    /// What a parameter is called with first.
    private static final List<Type> PREFERRED = List.of(Type.LONG, Type.STRING, Type.REAL, Type.DYNAMIC, Type.TIMESPAN, Type.DATETIME, Type.BOOL, Type.GUID, Type.DECIMAL, Type.INT);

    private static final Set<String> INFIX = Set.of("and", "or", "contains", "contains_cs", "startswith", "startswith_cs", "endswith", "endswith_cs", "has", "has_cs",
            "hasprefix", "hasprefix_cs", "hassuffix", "hassuffix_cs", "matches regex");

    /// What each of them gives is several times as long as what it takes.
    private static final Set<String> GROWING = Set.of("to_utf8", "unicode_codepoints_from_string", "strcat_delim");

    /// Lists of what may be null, and one of so many constants that they are a query.
    private static final List<Nest> LISTS = List.of(
            new Nest("in", "xbool", inner -> "(" + inner + " in (xlong > 5, xreal > 0))"),
            new Nest("!in", "xbool", inner -> "(" + inner + " !in (xlong > 5, xreal > 0))"),
            new Nest("in", "xbool", inner -> "(" + inner + " in (" + String.join(", ", Collections.nCopies(40, "tobool('true')")) + "))"),
            new Nest("in", "xdynamic", inner -> "tobool(" + inner + ") in (xlong > 5)"));

    @TempDir
    static Path folder;

    /// A function with one argument left open.
    private record Nest(String function, String column, UnaryOperator<String> around) {
        String query(int depth) {
            String expression = column;
            for (int i = 0; i < depth; i++) {
                expression = around.apply(expression);
            }
            return ROWS + expression;
        }
    }

    @Test
    void sqlGrowsWithTheNumberOfCalls() throws Exception {
        List<String> tooLong = new ArrayList<>();
        List<String> unanswered = new ArrayList<>();
        int nested = 0;
        try (FuzzCluster cluster = FuzzCluster.open(folder)) {
            for (Nest nest : Stream.concat(Catalogue.scalars().stream().sorted(Comparator.comparing(ScalarFunction::name)).flatMap(NestedCallsTest::nests),
                    LISTS.stream()).toList()) {
                nested++;
                List<Integer> chars = Stream.of(1, DEPTH).map(depth -> sql(nest.query(depth)).orElse(Integer.MAX_VALUE)).toList();
                if (chars.getLast() > CHARS_MAX) {
                    tooLong.add(nest.query(1).substring(ROWS.length()) + ": " + chars);
                } else if (!GROWING.contains(nest.function())) {
                    answer(cluster, nest.query(DEPTH)).ifPresent(unanswered::add);
                }
            }
        }
        assertThat(tooLong).as("calls whose SQL grows faster than they do").isEmpty();
        assertThat(unanswered).as("nested calls without an answer").isEmpty();
        assertThat(nested).as("functions that nest").isGreaterThan(500);
    }

    private static Optional<String> answer(FuzzCluster cluster, String query) throws Exception {
        try (Answer answer = cluster.query(query, Duration.ofSeconds(60))) {
            for (var table = answer.nextTable(); table.isPresent(); table = answer.nextTable()) {
                while (table.get().next().isPresent()) {}
            }
            return Optional.empty();
        } catch (KustoException e) {
            return e.error().httpStatus() < 500 ? Optional.empty() : Optional.of(query.substring(ROWS.length()) + ": " + e.error().message());
        }
    }

    private static Stream<Nest> nests(ScalarFunction function) {
        return function.signatures().stream()
                .flatMap(signature -> Stream.of(0, 1).flatMap(more -> signature.parametersFor(signature.argumentsMin() + more).stream()
                        .map(parameters -> parameters.subList(0, Math.min(parameters.size(), signature.argumentsMin() + more)))))
                .distinct()
                .flatMap(parameters -> IntStream.range(0, parameters.size()).boxed().flatMap(open -> nest(function.name(), parameters, open).stream()))
                .collect(Collectors.toMap(nest -> nest.query(1), nest -> nest, (a, _) -> a, LinkedHashMap::new)).values().stream();
    }

    /// With the first type that the function takes and gives, and with reals, whose NaN is another case.
    private static List<Nest> nest(String name, List<Parameter> parameters, int open) {
        List<Nest> nests = PREFERRED.stream().filter(type -> parameters.get(open).accepts().contains(type)).map(type -> new Nest(name, "x" + type, inner ->
                call(name, IntStream.range(0, parameters.size()).mapToObj(i -> i == open ? inner : literal(parameters.get(i))).toList())))
                .filter(nest -> sql(nest.query(2)).isPresent()).toList();
        return nests.stream().filter(nest -> nest == nests.getFirst() || nest.column().equals("xreal")).toList();
    }

    private static String call(String name, List<String> arguments) {
        List<String> others = arguments.subList(Math.min(1, arguments.size()), arguments.size());
        return switch (name) {
            case "in", "!in", "in~", "!in~", "has_any", "has_all" -> "(" + arguments.getFirst() + " " + name + " (" + String.join(", ", others) + "))";
            case "between", "!between" -> "(" + arguments.getFirst() + " " + name + " (" + String.join(" .. ", others) + "))";
            case String _ when arguments.size() == 2 && isOperator(name) -> "(" + arguments.getFirst() + " " + name + " " + others.getFirst() + ")";
            case String _ -> name + "(" + String.join(", ", arguments) + ")";
        };
    }

    private static boolean isOperator(String name) {
        return !Character.isLetter(name.charAt(0)) || INFIX.contains(name);
    }

    private static String literal(Parameter parameter) {
        return PREFERRED.stream().filter(parameter.accepts()::contains).map(LITERALS::get).findFirst().orElseThrow();
    }

    /// How long the SQL of a query is; nothing for one that is none.
    private static Optional<Integer> sql(String query) {
        var bound = Kql.bind(query, FuzzCluster.catalog(), BindOptions.at(0));
        if (!bound.problems().isEmpty()) {
            return Optional.empty();
        }
        var context = new QueryContext(0, "NetDefaultDB", Principal.LOCAL_ADMINISTRATOR, "", _ -> { throw new AssertionError("no table is read"); }, Map.of(), Cursors.at(0));
        try {
            return Optional.of(PlanWriter.write(bound.results().getFirst().plan(), context).sql().length());
        } catch (KustoException tooLong) {
            return Optional.empty();
        }
    }
}
