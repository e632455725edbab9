package io.conshelf.engine.sql;

import io.conshelf.kql.function.Template;
import io.conshelf.kql.plan.Column;
import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.plan.Plan;
import io.conshelf.kql.plan.Plan.SortKey;
import io.conshelf.kql.type.Type;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// What stands behind `ORDER BY`, and the first rows of it.
///
/// Kusto keeps NaN beside the nulls, at whichever end they are. To DuckDB it is the greatest number, so where that is the
/// wrong end the negated values are ordered the other way round: a second key would make sorting slower.
final class SortSql {
    /// More rows than this DuckDB may sort rather than keep the first ones.
    private static final long FIRST_MAX = 5_000;

    /// Of fewer rows DuckDB looks through all sooner than it plans to read them twice.
    private static final long TABLE_ROWS_MIN = 1_000_000;

    private static final Pattern TERM = Pattern.compile("(.*)( (?:ASC|DESC) NULLS (?:FIRST|LAST))", Pattern.DOTALL);

    /// A column of a table, negated.
    private static final Pattern TURNED_COLUMN = Pattern.compile("-(\\w+\\.(\\w+))( ASC NULLS LAST| DESC NULLS FIRST)");

    /// A column that is the same constant in every row, as in a table of one row.
    private static final Pattern LITERAL = Pattern.compile("'(?:[^']++|'')*+'|true|false|\\(?-?[0-9.]+(?:e-?[0-9]+)?\\)?", Pattern.DOTALL | Pattern.CASE_INSENSITIVE);

    private static final String NAN = "CAST('nan' AS DOUBLE)";

    private SortSql() {}

    /// One of what stands behind `ORDER BY`, apart.
    record Term(String value, String direction) {
        static Term of(String text) {
            Matcher term = TERM.matcher(text);
            if (!term.matches()) {
                throw new AssertionError("'" + text + "' is no term of an order");
            }
            return new Term(term.group(1), term.group(2));
        }
    }

    private record Key(String sql, SortKey of) {}

    static Select sorted(PlanWriter plans, Plan plan, List<SortKey> keys) {
        Select input = plans.unrepeated(plans.unlimited(plans.select(plan), plan), plan, keys.stream().map(SortKey::value).toList());
        ExprWriter writer = plans.expressions(input);
        List<String> terms = keys.stream()
                // A constant orders nothing, and DuckDB refuses some.
                .filter(key -> !(key.value() instanceof Expr.Constant) && !(key.value() instanceof Expr.Null))
                .map(key -> new Key(writer.write(key.value()), key))
                .filter(key -> !LITERAL.matcher(key.sql()).matches())
                .map(key -> term(Template.atom(key.sql()), key.of()))
                .toList();
        return plans.isLateral() && terms.stream().anyMatch(PlanWriter::isVolatileToDuckDb) ? drawn(plans, input, plan.columns(), terms) : input.orderedBy(terms);
    }

    /// Beside each row of another SELECT a window names the order, and that may not draw by chance.
    private static Select drawn(PlanWriter plans, Select input, List<Column> columns, List<String> terms) {
        Apart apart = Apart.of(plans, terms);
        String items = input.items(columns) + ", " + String.join(", ", apart.values());
        return Select.from("(" + input.sqlSelecting(items) + ") AS " + plans.alias("q"), input.plainValues(columns)).orderedBy(apart.order());
    }

    /// The terms of an order as columns of their own, and what orders by those.
    private record Apart(List<String> values, List<String> order) {
        static Apart of(PlanWriter plans, List<String> terms) {
            var values = new ArrayList<String>();
            var order = new ArrayList<String>();
            for (String text : terms) {
                Term term = Term.of(text);
                String key = plans.alias("k");
                values.add(term.value() + " AS " + key);
                order.add(key + term.direction());
            }
            return new Apart(values, order);
        }
    }

    /// Whether the rows of a plan have an order.
    static boolean isOrdered(Plan plan) {
        return switch (plan) {
            case Plan.Sort _, Plan.Top _, Plan.Window _, Plan.StepScan _, Plan.Sessions _ -> true;
            case Plan.Filter p -> isOrdered(p.input());
            case Plan.Project p -> isOrdered(p.input());
            case Plan.Limit p -> isOrdered(p.input());
            case Plan.Serialize p -> isOrdered(p.input());
            case Plan.Expand p -> isOrdered(p.input());
            case Plan.Scan _, Plan.Rows _, Plan.Supplied _, Plan.Range _, Plan.Aggregate _, Plan.Join _, Plan.Union _,
                    Plan.Apply _, Plan.ApplyInput _, Plan.Partition _, Plan.MakeSeries _, Plan.Walks _, Plan.Shared _,
                    Plan.Refused _ -> false;
        };
    }

    /// @param value an atom
    static String term(String value, SortKey key) {
        boolean isTurned = key.value().type() == Type.REAL && key.descending() != key.nullsFirst();
        return (isTurned ? "-" + value : value)
                + (key.descending() != isTurned ? " DESC" : " ASC")
                + (key.nullsFirst() ? " NULLS FIRST" : " NULLS LAST");
    }

    /// The first rows of what may be ordered.
    static Select first(PlanWriter plans, Select rows, List<Column> columns, Expr count) {
        if (plans.isLateral() && !(count instanceof Expr.Constant)) {
            // Beside each row of another SELECT, DuckDB takes a written number only.
            String number = "o <= " + Template.atom(plans.expressions(rows).write(count));
            return plans.numbered(rows, columns).and(number).orderedBy(rows.isOrdered() ? List.of("o") : List.of());
        }
        Select first = rows.limitedTo(plans.expressions(rows).write(count));
        if (!rows.isOrdered() || !isFew(count) || plans.isLateral() || plans.tableRows(rows.from()) < TABLE_ROWS_MIN
                // What reads another query would do so several times, and what draws by chance would draw anew.
                || Stream.of(rows.where(), rows.orderBy(), rows.values().values()).flatMap(Collection::stream)
                        .anyMatch(sql -> sql.contains("(SELECT ") || PlanWriter.isVolatile(sql))) {
            return first;
        }
        Matcher turned = TURNED_COLUMN.matcher(rows.orderBy().getFirst());
        if (!turned.matches()) {
            return first;
        }
        String value = turned.group(1);
        if (!plans.isWithoutNan(rows.from(), turned.group(2))) {
            return apart(plans, first, columns, value);
        }
        var terms = new ArrayList<>(first.orderBy());
        terms.set(0, numbers(value, turned.group(3).endsWith(" LAST")));
        return first.orderedBy(terms);
    }

    /// The order of a column's numbers alone.
    private static String numbers(String value, boolean descending) {
        return value + (descending ? " DESC NULLS LAST" : " ASC NULLS FIRST");
    }

    private static boolean isFew(Expr count) {
        return count instanceof Expr.Constant(_, Number number) && number.longValue() > 0 && number.longValue() <= FIRST_MAX;
    }

    /// Where DuckDB orders by a column itself, its statistics tell which rows of a table cannot be among the first, and the others are not
    /// read. Where there may be NaN, the first of the numbers are asked for apart from those that are none, which have no order by this column among
    /// themselves.
    private static Select apart(PlanWriter plans, Select first, List<Column> columns, String value) {
        Apart apart = Apart.of(plans, first.orderBy());
        String items = first.items(columns) + ", " + String.join(", ", apart.values());
        boolean numbersComeFirst = apart.order().getFirst().endsWith(" LAST");
        List<String> laterTerms = first.orderBy().subList(1, first.orderBy().size());
        var terms = new ArrayList<>(laterTerms);
        // Where nulls come first, DuckDB reads all that may have some.
        terms.addFirst(value + (numbersComeFirst ? " DESC" : " ASC") + " NULLS LAST");
        String numbers = first.and(value + " < " + NAN).orderedBy(terms).sqlSelecting(items);
        Select rest = first.orderedBy(laterTerms);
        String found = "(" + numbers + ")";
        if (numbersComeFirst) {
            found = "FROM " + plans.named("f", numbers);
            // Nobody looks for the rest where there are numbers enough.
            rest = rest.joinedWith("(SELECT 1 " + found + " HAVING count(*) < " + first.limit().orElseThrow() + ") AS " + plans.alias("q"));
        }
        String all = found + " UNION ALL (" + rest.and(value + " = " + NAN).sqlSelecting(items) + ") UNION ALL ("
                + rest.and(value + " IS NULL").sqlSelecting(items) + ")";
        return Select.from("(" + all + ") AS " + plans.alias("q"), first.plainValues(columns))
                .orderedBy(apart.order()).limitedTo(first.limit().orElseThrow());
    }
}
