package io.conshelf.engine.sql;

import io.conshelf.kql.plan.Column;
import io.conshelf.kql.plan.Expr;
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
        var keys = new ArrayList<String>();
        var order = new ArrayList<String>();
        for (String text : first.orderBy()) {
            Term term = Term.of(text);
            String key = plans.alias("k");
            keys.add(term.value() + " AS " + key);
            order.add(key + term.direction());
        }
        String items = first.items(columns) + ", " + String.join(", ", keys);
        boolean numbersComeFirst = order.getFirst().endsWith(" LAST");
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
                .orderedBy(order).limitedTo(first.limit().orElseThrow());
    }
}
