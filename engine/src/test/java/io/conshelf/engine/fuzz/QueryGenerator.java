package io.conshelf.engine.fuzz;

import io.conshelf.kql.bind.BindOptions;
import io.conshelf.kql.bind.Bound;
import io.conshelf.kql.bind.Catalog;
import io.conshelf.kql.bind.Kql;
import io.conshelf.kql.function.Catalogue;
import io.conshelf.kql.type.ColumnSchema;
import io.conshelf.kql.type.Type;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// Writes queries along the grammar, most of them right: statements, a source, a few operators. Each operator is bound over the columns
/// before it, which tells those behind it, and whether it is right; of the wrong ones only a few are kept.
final class QueryGenerator {
    private static final int TRIES = 4;

    private final Draw draw;
    private final ExpressionGenerator expressions;
    private final OperatorGenerator operators;
    private final Literals literals;
    private final Catalog catalog = FuzzCluster.catalog();
    private String statements = "";
    private List<String> views = List.of();
    private int depth;

    QueryGenerator(Random random) {
        draw = new Draw(random);
        literals = new Literals(draw);
        expressions = new ExpressionGenerator(draw, documented(), this::aside);
        operators = new OperatorGenerator(draw, expressions, new PluginGenerator(draw, expressions), this::piped, this::table);
    }

    /// The names of all functions of the service.
    static List<String> documented() {
        try (InputStream in = Catalogue.class.getResourceAsStream("documented-functions.txt")) {
            return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8).lines().toList();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    String query() {
        statements = "";
        views = List.of();
        depth = 0;
        expressions.over(List.of());
        for (int i = draw.one(2) ? 0 : 1 + draw.below(2); i > 0; i--) {
            declare(draw.below(14));
        }
        String last = pipeline(1 + draw.below(4));
        return statements + last + (draw.one(15) ? ";\n" + pipeline(1 + draw.below(2)) : "");
    }

    private void declare(int kind) {
        switch (kind) {
            case 0 -> statements += "let scalar = " + expressions.anything(2) + ";\n";
            case 1 -> statements += "let function = (x:long, s:string = 'q') { x + strlen(s) + " + expressions.of(Type.LONG, 1) + " };\n";
            case 2 -> statements += "let tabular = (T:" + draw.anyOf("(*)", "(l:long, *)") + ", n:long = 2) { T | " + draw.anyOf("take n", "where n > 1", "extend added = n", "count") + " };\n";
            case 3, 4 -> {
                String view = (draw.one(2) ? "V" : "W");
                String body = pipeline(1 + draw.below(3));
                statements += "let " + view + " = " + draw.anyOf("", "materialize", "view () ").replace("materialize", draw.one(2) ? "" : "materialize");
                statements += statements.endsWith("view () ") ? "{ " + body + " };\n" : "(" + body + ");\n";
                views = Stream.concat(views.stream(), Stream.of(view)).distinct().toList();
            }
            case 5 -> statements += "set " + draw.anyOf("notruncation", "truncationmaxrecords = 3", "query_now = datetime(2024-01-01)", "query_bin_auto_size = 5", "best_effort", "nothing = 'x'") + ";\n";
            case 6 -> statements = "declare query_parameters(p:long = 3, q:string = 'a', r:dynamic = dynamic([1]));\n" + statements;
            case 7 -> statements += "declare pattern Routed = (k:string)[path:string] { ('a').['x'] = { Every | take 1 }; ('b').['y'] = { Nodes }; };\n";
            case 8 -> statements += "alias database Elsewhere = cluster('localhost').database('Other');\n";
            case 9 -> statements += "restrict access to (" + draw.anyOf("Every, Events", "database('Other').*", "*", "Nodes") + ");\n";
            case 10 -> {
                String body = pipeline(1);
                statements += "let Stored = () { " + body + " };\n";
                views = Stream.concat(views.stream(), Stream.of("Stored()")).distinct().toList();
            }
            case 11 -> statements += "let nested = (T:(l:long)) { let inner = (U:(l:long)) { U | where l > 0 }; inner(T) | count };\n";
            case 12 -> statements += "let few = toscalar(" + pipeline(1) + ");\n";
            default -> statements += "let list = dynamic(['a', 1]);\n";
        }
    }

    // ---------------------------------------------------------------- pipelines

    private String pipeline(int count) {
        String source = source();
        return source + (source.contains("Large") ? large() : then(count));
    }

    /// Over the large table only what reads it at once.
    private String large() {
        String order = draw.anyOf("", " asc", " desc", " asc nulls first", " asc nulls last", " desc nulls first", " desc nulls last");
        return draw.oneOf(
                () -> "\n| top " + (1 + draw.below(4)) + " by " + draw.anyOf("r", "l", "t", "s") + order,
                () -> "\n| " + draw.anyOf("where l > 1000 ", "where r > 7 ", "project r, l ") + "| sort by " + draw.anyOf("r", "l") + order + " | take 3",
                () -> "\n| count",
                () -> "\n| where l < " + draw.below(20) + then(2),
                () -> "\n| take 5" + then(2),
                () -> "\n| summarize " + draw.anyOf("count()", "sum(l)", "max(r), min(t)") + draw.anyOf("", " by s"));
    }

    private String then(int count) {
        var text = new StringBuilder();
        for (int i = 0; i < count; i++) {
            text.append("\n| ").append(tried());
        }
        return text.toString();
    }

    /// The next operator; the columns are those behind it then.
    private String tried() {
        List<ColumnSchema> before = expressions.columns();
        for (int i = 0;; i++) {
            String operator = depth > 1 ? operators.plain() : operators.operator();
            expressions.over(before);
            Optional<List<ColumnSchema>> behind = columns(datatable(before) + " | serialize | " + operator);
            if (behind.isPresent() || i == TRIES || draw.one(12)) {
                behind.ifPresent(expressions::over);
                return operator;
            }
        }
    }

    private static String datatable(List<ColumnSchema> columns) {
        return columns.isEmpty() ? "print x = 1" : columns.stream().map(column -> ExpressionGenerator.quoted(column.name()) + ":" + column.type().kustoName())
                .collect(Collectors.joining(", ", "datatable(", ")[]"));
    }

    /// The columns of what a text gives, if it is right.
    private Optional<List<ColumnSchema>> columns(String text) {
        Bound bound = Kql.bind(statements + text, catalog, BindOptions.toCheck(0));
        return bound.problems().isEmpty() && !bound.results().isEmpty() ? Optional.of(bound.results().getLast().columns()) : Optional.empty();
    }

    /// Operators over the columns of what stands around them.
    private String piped(List<ColumnSchema> around, int count) {
        depth++;
        expressions.over(around);
        String text = IntStream.range(0, count).mapToObj(_ -> tried()).collect(Collectors.joining(" | "));
        depth--;
        return text;
    }

    /// A query within an expression, which knows nothing of the columns around it.
    private String aside(int count) {
        List<ColumnSchema> around = expressions.columns();
        depth += 2;
        String text = depth > 4 ? "print " + draw.below(3) : table() + then(count).replace("\n", " ");
        depth -= 2;
        expressions.over(around);
        return text;
    }

    // ---------------------------------------------------------------- sources

    private String known(String text) {
        expressions.over(columns(text).orElse(List.of()));
        return text;
    }

    private String table() {
        if (!views.isEmpty() && draw.one(3)) {
            return known(draw.any(views));
        }
        return draw.one(3) ? rows() : known(draw.anyOf("Every", "Every", "Events", "Streamed", "Secured", "Summed", "Empty", "Nodes", "Edges", "Plain()", "Shown"));
    }

    private String rows() {
        List<ColumnSchema> made = IntStream.range(0, 1 + draw.below(5)).mapToObj(i -> new ColumnSchema(draw.one(12) ? "c " + i : "c" + i, expressions.type())).toList();
        String values = IntStream.range(0, draw.below(5)).boxed().flatMap(_ -> made.stream().map(column -> expressions.literal(column.type()))).collect(Collectors.joining(", "));
        String text = datatable(made);
        return known(text.substring(0, text.length() - 1) + values + "]");
    }

    private String source() {
        return switch (draw.below(10)) {
            case 0 -> known("range x from " + draw.anyOf("0", "1", "datetime(2024-01-01)", "1h", "0.5", "-3") + " to " + draw.anyOf("9", "datetime(2024-01-03)", "9h", "3.5", "12")
                    + " step " + draw.anyOf("1", "6h", "1h", "0.5", "2", "-1", "0"));
            case 1 -> known("print " + draw.several(1, 3, () -> expressions.anything(3)));
            case 2, 3 -> rare();
            case 4 -> draw.one(8) ? known("database('Big').Large") : table();
            default -> table();
        };
    }

    private String rare() {
        return known(draw.oneOf(
                () -> "union " + draw.anyOf("withsource=src ", "kind=inner ", "isfuzzy=true ", "") + draw.anyOf("E*", "Every, Streamed", "*s", "Every, (print x = 1)", "Nothing, Every",
                        "database('*').There", "Every, Nothing*", "V, W"),
                () -> "find " + draw.anyOf("", "withsource=src in (Every, Ev*) where ", "in (E*, database('Other').*) where ") + draw.anyOf("'a'", "s has 'a'", "l == 1 and s != ''")
                        + draw.anyOf("", " project s, l:string", " project s, pack(*)", " project-smart", " project-away s"),
                () -> "search " + draw.anyOf("", "kind=case_sensitive ", "in (Every, Events) ", "in (*) ") + draw.anyOf("'a'", "'host*' or s:'a'", "l == 1", "* matches regex 'u[0-9]'", "'a' and not('b')"),
                () -> draw.anyOf("database('Other').There", "cluster('localhost').database('Other').There", "database('Elsewhere').There", "table('Every')", "database('NetDefaultDB').table('Every')",
                        "cluster('elsewhere').database('x').T"),
                () -> draw.anyOf("materialized_view('Summed')", "stored_query_result('Kept')", "external_table('Nothing')", "Routed('a').['x']", "Routed('b').y"),
                () -> "externaldata(x:long, y:string)['https://nowhere.example/a.csv'] with (format='csv')",
                () -> "inline_external_table (x:long) kind=storage partition by (p:string) pathformat=(p) dataformat=csv ('https://nowhere.example/a') with (ignoreFirstRecord=true)",
                () -> "macro-expand entity_group [database('NetDefaultDB'), database('Other')] as X (X." + draw.anyOf("There", "Every | count", "Every | where l > 0") + ")",
                () -> "graph('G') | " + operators.graphEnd(),
                () -> draw.anyOf("nothing", "{placeholder}", "__contextual_datatable('x', (x:long))") + " | " + draw.anyOf("take 1", "nothing 1"),
                () -> "materialized-view-combine ('Summed') base (Every | summarize c = count() by s) delta (Every) aggregations (summarize c = count() by s)",
                () -> "print " + literals.malformed(),
                () -> "(" + table() + then(1) + ")",
                () -> draw.anyOf("materialize(", "totable(") + table() + ")",
                () -> "evaluate " + new PluginGenerator(draw, expressions).call(),
                () -> table() + " datascope=" + draw.anyOf("all", "hotcache"),
                () -> draw.anyOf("tabular(Every)", "tabular(Every, 1)", "nested(Every)", "Least(Every, 0)", "function(1)", "scalar", "few", "list"),
                () -> "Every | where s in (" + draw.anyOf("V", "list", "q, 'a'", "few") + ")"));
    }
}
