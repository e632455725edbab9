package io.conshelf.engine.fuzz;

import io.conshelf.kql.type.ColumnSchema;
import io.conshelf.kql.type.Type;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// One operator over the columns that there are.
final class OperatorGenerator {
    private final Draw draw;
    private final ExpressionGenerator expressions;
    private final PluginGenerator plugins;

    /// Operators over columns, as many as asked for, joined: what stands in the parentheses of others.
    private final BiFunction<List<ColumnSchema>, Integer, String> inner;

    private final Supplier<String> table;
    private int names;

    private final List<Supplier<String>> frequent = List.of(
            () -> draw().anyOf("where ", "filter ") + expressions().of(Type.BOOL, 3),
            () -> "extend " + assignments(),
            () -> "project " + assignments(),
            this::summarize,
            this::sort,
            this::join,
            this::mvExpand,
            this::top);

    private final List<Supplier<String>> all = List.of(
            this::distinct,
            this::window,
            this::take,
            this::union,
            this::mvApply,
            this::parse,
            this::parseKv,
            this::scan,
            this::makeSeries,
            this::partition,
            this::topNested,
            this::projections,
            this::graph,
            this::several,
            this::sampled,
            this::small,
            this::searching,
            this::invoke,
            () -> "evaluate " + plugins().call(),
            () -> draw().anyOf("reduce by ", "reduce kind=mindiff by ") + expressions().column(Type.STRING) + draw().anyOf("", " with threshold=0.2", " with threshold=0.9, characters='-'"),
            () -> "render " + draw().anyOf("timechart", "table", "piechart with (title='a', xcolumn=x)", "columnchart kind=stacked", "scatterchart with (ycolumns=a, b)"),
            () -> "assert-schema " + draw().anyOf("(*, x:long)", "(" + schema() + ")"),
            () -> draw().anyOf("as t", "as hint.materialized=true t") + names++);

    OperatorGenerator(Draw draw, ExpressionGenerator expressions, PluginGenerator plugins, BiFunction<List<ColumnSchema>, Integer, String> inner, Supplier<String> table) {
        this.draw = draw;
        this.expressions = expressions;
        this.plugins = plugins;
        this.inner = inner;
        this.table = table;
    }

    private Draw draw() {
        return draw;
    }

    private ExpressionGenerator expressions() {
        return expressions;
    }

    private PluginGenerator plugins() {
        return plugins;
    }

    String operator() {
        return draw.any(draw.one(2) ? frequent : all).get();
    }

    /// One that makes a table of a table and needs no other.
    String plain() {
        return draw.any(draw.one(3) ? List.<Supplier<String>>of(this::take, this::distinct, this::window, this::small) : frequent.subList(0, 5)).get();
    }

    private String name() {
        names++;
        return draw.one(20) ? "['n " + names + "']" : "n" + names;
    }

    private String assignment() {
        String value = expressions.anything(3);
        return draw.one(8) ? value : draw.one(12) ? "(" + name() + ", " + name() + ") = " + value : name() + " = " + value;
    }

    private String assignments() {
        return draw.several(1, 3, this::assignment);
    }

    private String columns() {
        return draw.several(1, 3, expressions::column);
    }

    private String schema() {
        return expressions.columns().stream().map(column -> ExpressionGenerator.quoted(column.name()) + ":" + column.type().kustoName())
                .collect(Collectors.joining(", ")) + (expressions.columns().isEmpty() ? "*" : draw.anyOf("", ", *"));
    }

    private String inner(int operators) {
        List<ColumnSchema> before = expressions.columns();
        String text = inner.apply(before, operators);
        expressions.over(before);
        return text;
    }

    private String key() {
        return switch (draw.below(6)) {
            case 0 -> name() + " = bin(" + expressions.of(draw.any(List.of(Type.LONG, Type.REAL)), 1) + ", " + draw.anyOf("1", "10", "0.5", "0", "-1") + ")";
            case 1 -> "bin(" + expressions.column(Type.DATETIME) + ", " + draw.anyOf("1d", "1h", "0s", "7d") + ")";
            case 2, 3 -> expressions.column();
            default -> name() + " = " + expressions.anything(1);
        };
    }

    private String summarize() {
        String by = draw.one(4) ? "" : " by " + draw.several(1, 3, this::key);
        String hint = draw.one(12) ? draw.anyOf("hint.strategy=shuffle ", "hint.shufflekey=" + expressions.column() + " ") : "";
        return "summarize " + hint + draw.several(by.isEmpty() ? 1 : 0, 3, () -> draw.one(3) ? expressions.aggregate() : name() + " = " + expressions.aggregate()) + by;
    }

    private String order() {
        return draw.anyOf("", " asc", " desc", " asc nulls last", " desc nulls first", " asc nulls first", " desc nulls last", " granny-asc", " granny-desc");
    }

    private String sort() {
        return draw.anyOf("sort by ", "order by ") + draw.several(1, 3, () -> (draw.one(3) ? expressions.anything(2) : expressions.column()) + order());
    }

    private String top() {
        return "top " + count() + " by " + (draw.one(2) ? expressions.anything(2) : expressions.column()) + order();
    }

    private String count() {
        return draw.one(6) ? draw.anyOf("-1", "toscalar(print 2)", "long(null)", "1 + 1", "9223372036854775807", "'a'", "1.5") : "" + draw.below(5);
    }

    private String take() {
        return draw.anyOf("take ", "limit ") + count();
    }

    private String distinct() {
        return "distinct " + (draw.one(4) ? "*" : draw.several(1, 2, () -> draw.one(3) ? expressions.anything(1) : expressions.column()));
    }

    private String sampled() {
        return draw.oneOf(() -> "sample " + count(), () -> "sample-distinct " + count() + " of " + expressions.anything(1),
                () -> "top-hitters " + count() + " of " + expressions.column() + (draw.one(2) ? "" : " by " + expressions.of(Type.LONG, 1)));
    }

    private String small() {
        return draw.oneOf(() -> "count", () -> "getschema", () -> "consume", () -> "count as " + name(), () -> "serialize", () -> "__executeAndCache");
    }

    private String invoke() {
        return draw.anyOf("invoke Least()", "invoke Least(2)", "invoke tabular(" + draw.below(3) + ")", "invoke database('NetDefaultDB').Least()", "invoke nothing()");
    }

    private String searching() {
        String predicate = draw.oneOf(() -> "'a'", () -> "'a*' or 'b'", () -> expressions.of(Type.BOOL, 2), () -> expressions.column() + ":'a'", () -> "* has 'a'");
        return draw.one(2) ? "search " + draw.anyOf("", "kind=case_sensitive ") + predicate : "where " + draw.anyOf("* has 'a'", "* contains 'x' and * == 1");
    }

    private String window() {
        return draw.oneOf(
                () -> "serialize " + name() + " = row_number()",
                () -> "serialize " + name() + " = row_number(" + draw.below(4) + ", " + expressions.of(Type.BOOL, 1) + ")",
                () -> "serialize " + name() + " = row_cumsum(" + expressions.of(draw.any(List.of(Type.LONG, Type.REAL, Type.TIMESPAN)), 1) + (draw.one(2) ? ")" : ", " + expressions.of(Type.BOOL, 1) + ")"),
                () -> "serialize " + name() + " = " + draw.anyOf("prev", "next") + "(" + expressions.column() + draw.anyOf(")", ", 2)", ", 1, " + expressions.anything(0) + ")", ", -1)"),
                () -> "sort by " + expressions.column() + " asc | extend " + name() + " = " + draw.anyOf("row_rank_min(", "row_rank_dense(") + expressions.column() + ")",
                () -> "sort by " + expressions.column(Type.DATETIME) + " asc | extend " + name() + " = row_window_session(" + expressions.column(Type.DATETIME) + ", 1h, 10m, false)");
    }

    private String projections() {
        return draw.oneOf(
                () -> "project-away " + columns() + draw.anyOf("", ", n*"),
                () -> "project-keep " + columns() + draw.anyOf("", ", *1"),
                () -> "project-rename " + name() + " = " + expressions.column(),
                () -> "project-reorder " + columns() + draw.anyOf("", " asc", ", * granny-desc", ", n* desc"),
                () -> "project-by-names " + draw.anyOf("dynamic(['l', 'x'])", "'l'", "'n*'"),
                () -> "project *");
    }

    // ---------------------------------------------------------------- operators over two tables

    private String join() {
        List<ColumnSchema> left = expressions.columns();
        String right = table.get();
        List<ColumnSchema> rightColumns = expressions.columns();
        expressions.over(left);
        List<String> conditions = left.stream().flatMap(one -> rightColumns.stream().filter(other -> one.type() == other.type())
                .map(other -> one.name().equals(other.name()) && draw.one(2) ? ExpressionGenerator.quoted(one.name())
                        : "$left." + ExpressionGenerator.quoted(one.name()) + " == $right." + ExpressionGenerator.quoted(other.name()))).toList();
        String condition = conditions.isEmpty() || draw.one(12) ? expressions.column() : draw.several(1, 2, () -> draw.any(conditions));
        String operator = draw.one(4) ? draw.anyOf("lookup ", "lookup kind=inner ", "lookup kind=leftouter ")
                : "join " + draw.anyOf("", "kind=inner ", "kind=innerunique ", "kind=leftouter ", "kind=rightouter ", "kind=fullouter ", "kind=leftsemi ", "kind=rightsemi ",
                        "kind=leftanti ", "kind=rightanti ", "kind=anti ", "kind=leftantisemi ", "hint.strategy=broadcast ", "hint.remote=left ", "withsource=x ");
        return operator + "(" + right + ") on " + condition;
    }

    private String union() {
        List<ColumnSchema> before = expressions.columns();
        String other = table.get();
        expressions.over(before);
        return "union " + draw.anyOf("", "kind=inner ", "kind=outer ", "withsource=src ", "isfuzzy=true ") + "(" + other + ")"
                + draw.anyOf("", "", ", Every", ", Nothing*", ", E*", ", (print y = 1)", ", database('Other').There", ", Summed");
    }

    // ---------------------------------------------------------------- lists and texts

    private String list() {
        String list = draw.oneOf(() -> expressions.column(Type.DYNAMIC), () -> expressions.of(Type.DYNAMIC, 2), () -> "range(1, " + (draw.one(8) ? expressions.of(Type.LONG, 1) : expressions.column(Type.LONG) + " % 5") + ")",
                () -> "range(" + expressions.column(Type.LONG) + draw.anyOf("", " % 7", " % 9") + ", " + draw.below(9) + ", 2)", () -> "range(1h, 3h, 30m)",
                () -> "range(datetime(2024-01-01), datetime(2024-01-02), 6h)");
        return (draw.one(3) ? list : name() + " = " + list) + (draw.one(3) ? " to typeof(" + expressions.type().kustoName() + ")" : "");
    }

    private String mvExpand() {
        return draw.anyOf("mv-expand ", "mvexpand ", "mv-expand ") + draw.anyOf("", "", "with_itemindex=idx ", "bagexpansion=array ", "kind=array ", "kind=bag ")
                + draw.several(1, 2, this::list) + draw.anyOf("", "", " limit 2", " limit 0");
    }

    private String mvApply() {
        return "mv-apply " + draw.anyOf("", "with_itemindex=idx ") + draw.several(1, 2, this::list) + draw.anyOf("", " limit 2") + " on (" + inner(1 + draw.below(3)) + ")";
    }

    private String parse() {
        String parts = draw.oneOf(
                () -> "* " + draw.anyOf("'a'", "' '", "'-'", "''") + " " + name() + ":" + draw.anyOf("long", "string", "real", "datetime", "guid", "dynamic") + " *",
                () -> name() + " 'took ' " + name() + ":long ' ms' *",
                () -> "'user' " + name() + ":long * 'host-' " + name() + ":int '.' " + name(),
                () -> name());
        return draw.anyOf("parse ", "parse-where ") + draw.anyOf("", "kind=relaxed ", "kind=simple ", "kind=regex ", "kind=regex flags=Ui ") + expressions.column(Type.STRING) + " with " + parts;
    }

    private String parseKv() {
        return "parse-kv " + expressions.column(Type.STRING) + " as (" + name() + ":long, x:string, " + name() + ":" + draw.anyOf("real", "datetime", "dynamic") + ")"
                + draw.anyOf("", " with (pair_delimiter=',', kv_delimiter='=')", " with (pair_delimiter=' ', kv_delimiter=':', quote='\"', escape='\\\\', greedy=true)",
                        " with (regex=@'(\\w+)=(\\w+)')");
    }

    private String scan() {
        String name = name();
        String other = name();
        String condition = expressions.of(Type.BOOL, 2);
        return draw.oneOf(
                () -> "sort by " + expressions.column() + " asc | scan declare (" + name + ":long = 0) with (step s: " + condition + " => " + name + " = s." + name
                        + " + " + expressions.of(Type.LONG, 1) + ";)",
                () -> "serialize | scan with_match_id=m declare (" + name + ":long, " + other + ":string = 'o') with (step a: " + condition + " => " + name + " = 1; step b"
                        + draw.anyOf("", " optional", " output=last", " output=none") + ": " + expressions.of(Type.BOOL, 1) + " => " + other + " = tostring(a." + name + ");)",
                () -> "serialize | scan order by " + expressions.column() + " asc partition by " + expressions.column() + " with (step a: " + condition + ";)",
                () -> "serialize | scan with (step a output=all: true; step b: " + condition + ";)");
    }

    private String makeSeries() {
        List<Supplier<String>> axes = List.of(
                () -> expressions.of(Type.LONG, 1) + " from 0 to " + draw.below(9) + " step " + draw.anyOf("1", "2", "0", "-1"),
                () -> expressions.column(Type.DATETIME) + " from datetime(2024-01-01) to datetime(2024-01-04) step " + draw.anyOf("12h", "1d", "0s"),
                () -> expressions.column(Type.REAL) + " from 0.0 to 3.0 step 0.5",
                () -> expressions.column(Type.TIMESPAN) + " from 0h to 5h step 1h",
                () -> expressions.column(Type.DATETIME) + " in range(datetime(2024-01-01), datetime(2024-01-03), 1d)",
                () -> expressions.column(Type.LONG) + " step 1",
                () -> expressions.column(Type.DATETIME) + " to datetime(2024-01-04) step 1d");
        return "make-series " + draw.anyOf("", "kind=nonempty ")
                + draw.several(1, 2, () -> (draw.one(2) ? "" : name() + " = ") + expressions.numericAggregate() + draw.anyOf("", " default=0", " default=long(null)", " default=1.5", " default=real(nan)"))
                + " on " + draw.any(axes).get() + (draw.one(2) ? "" : " by " + draw.several(1, 2, expressions::column));
    }

    // ---------------------------------------------------------------- queries within

    private String partition() {
        return draw.oneOf(
                () -> "partition by " + expressions.column() + " (" + inner(1 + draw.below(2)) + ")",
                () -> "partition hint.strategy=" + draw.anyOf("native", "shuffle", "legacy") + " by " + expressions.column() + " (" + inner(1) + ")",
                () -> "partition by " + expressions.column() + " { Every | where l > 0 | count }",
                () -> "__partitionby " + expressions.column() + " (" + inner(1) + ")");
    }

    private String topNested() {
        return "top-nested " + draw.anyOf("", "2 ", "3 ") + "of " + expressions.column() + draw.anyOf("", " with others='rest'") + " by " + expressions.numericAggregate() + order()
                + (draw.one(2) ? "" : ", top-nested 2 of " + expressions.column() + " by " + name() + " = " + expressions.numericAggregate());
    }

    /// Those that give several tables.
    private String several() {
        return draw.oneOf(
                () -> "fork (" + inner(1) + ") " + name() + " = (" + inner(2) + ")",
                () -> "facet by " + columns() + (draw.one(2) ? "" : " with (" + inner(1) + ")"),
                () -> "fork (" + inner(1) + ")");
    }

    // ---------------------------------------------------------------- graphs

    private String graph() {
        String source = expressions.column(Type.STRING);
        String target = expressions.column(Type.STRING);
        boolean isOfColumns = source.matches("\\w+") && target.matches("\\w+") && draw.one(2);
        String columns = isOfColumns ? source + " --> " + target + " with_node_id=id" : "source --> target with Nodes on id";
        return (isOfColumns ? "" : "take 0 | project z = 1 | union (Edges) | ") + "make-graph " + columns
                + (draw.one(8) ? " partitioned-by " + (isOfColumns ? source : "source") + " (" + graphEnd() + ")" : " | " + graphEnd());
    }

    String graphEnd() {
        String range = draw.anyOf("", "", "*1..2", "*0..3", "*1..1", "*2..1");
        String edge = draw.anyOf("-[e" + range + "]->", "<-[e" + range + "]-", "-[e" + range + "]-");
        String condition = draw.anyOf("", " where a.id != b.id", " where all(e, weight > 0)", " where any(inner_nodes(e), id == 'a')", " where node_degree_in(a) > 0 and node_degree_out(b) < 9",
                " where e.weight > 1 or a.label has 'x'", " where labels(a) has 'x'", " where array_length(map(e, weight)) > 1");
        String projected = draw.anyOf("a.id, b.id", "a.id, n = e.weight", "path = map(e, weight), b.id", "l = labels(a), i = node_id(b)", "k = map(inner_nodes(e), label)", "*");
        return draw.oneOf(
                () -> "graph-match " + draw.anyOf("", "cycles=all ", "cycles=none ", "cycles=unique_edges ") + "(a)" + edge + "(b)" + condition + " project " + projected,
                () -> "graph-match (a)-->(b)<--(c), (b)--(d) project a.id, c.id, d.id",
                () -> "graph-shortest-paths " + draw.anyOf("", "output=all ", "output=any ") + "(a)-[e*1.." + draw.below(5) + "]->(b)" + condition + " project " + projected,
                () -> "graph-mark-components " + draw.anyOf("", "kind=weak ", "kind=strong with_component_id=c ") + "| graph-to-table nodes",
                () -> "graph-to-table " + draw.anyOf("nodes", "edges", "nodes as N with_node_id=i, edges as E with_source_id=s with_target_id=t"),
                () -> draw.anyOf("graph-where-nodes id != ''", "graph-where-edges true") + " | graph-to-table nodes",
                () -> "graph-match " + IntStream.range(0, 2 + draw.below(2)).mapToObj(i -> "(n" + i + ")").collect(Collectors.joining("-[e" + range + "]->")) + " project n0.id");
    }
}
