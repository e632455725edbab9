package io.conshelf.kql.function;

import io.conshelf.kql.plan.Expr;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// How a call becomes work for the engine. This is data: the engine renders it, nothing here runs SQL.
///
/// SQL runs vectorised inside DuckDB; a kernel in it costs about twenty times as much a row.
public sealed interface Lowering {
    /// Rounding down to a multiple of a positive constant, of what is never negative. What groups by it may group by the
    /// quotient.
    String MULTIPLE = "{0} // {1} * {1}";

    /// A DuckDB expression, which may call a [Kernel] by its name. Arguments are spliced in as `{0}`, `{1}` …; `{*}` is
    /// all of them, comma-separated, and `{1*}` all from the second on. A placeholder is replaced by a parenthesised or
    /// atomic expression. Where an argument stands twice the engine renders it twice, so text grows with the power of
    /// nesting: operators that nest deeply use each argument once.
    ///
    /// In an aggregate whose result depends on the order of rows, `{order}` stands behind the argument of its list
    /// (`list({0} {order})`): it becomes an `ORDER BY` where the rows come sorted, and nothing elsewhere.
    record Sql(String template) implements Lowering {
        /// One comparison, or one list, with null taken for false, or for false or null.
        private static final Pattern NULL_IS_FALSE = Pattern.compile("coalesce\\(([^,()]+(?:\\([^,()]*\\))?), (?:false|CASE WHEN .* THEN NULL ELSE false END)\\)");

        /// What a filter is written with: null is as good as false there, so that nothing has to make it false.
        public Sql asCondition() {
            Matcher plain = NULL_IS_FALSE.matcher(template);
            return plain.matches() ? new Sql(plain.group(1)) : this;
        }
    }

    /// A call rewritten into other expressions while binding: for names that are another name for something, and for
    /// functions that are a composition of others.
    record Rewrite(Rewriter rewriter) implements Lowering {}

    /// A function over neighbouring rows of a serialised input. The template is a DuckDB window function; `{over}` stands
    /// for its `OVER (…)` in row order, which is added at the end where the template has none. Calls may be arguments of
    /// each other.
    ///
    /// @param restart the argument that begins a new run of rows where it is true, as in `row_number(1, g != prev(g))`;
    ///                the function then sees its run alone
    /// @param totals  how the function follows from sums, where it does: then no run has to be told apart from the others
    record Window(String template, OptionalInt restart, Optional<Totals> totals) implements Lowering {
        public Window(String template, OptionalInt restart) {
            this(template, restart, Optional.empty());
        }

        public Window(String template) {
            this(template, OptionalInt.empty());
        }
    }

    /// @param sums     exact sums over all rows up to one, as window functions without `OVER (…)`
    /// @param template the function over a run; `{total0}` stands for what the first of the sums grew by in the run, and so on
    record Totals(List<String> sums, String template) {
        public Totals {
            sums = List.copyOf(sums);
        }
    }

    /// Something only the engine knows how to do, such as `now()` or `ingestion_time()`.
    record Intrinsic(IntrinsicFunction function) implements Lowering {}

    /// A call that makes several columns, such as `series_stats()`.
    record Columns(Expander expander) implements Lowering {}

    /// Something that is no function of values and that only the binder can expand, such as `pack_all()`.
    record Form(SpecialForm form) implements Lowering {}

    /// Rewrites a call's arguments, already bound and converted to the signature's types, to the expression it stands for.
    @FunctionalInterface
    interface Rewriter {
        Expr rewrite(List<Expr> arguments);
    }

    /// The columns that a call makes, given its arguments, bound and converted, and their automatic names.
    @FunctionalInterface
    interface Expander {
        List<NamedValue> expand(List<Expr> arguments, List<String> names);
    }

    record NamedValue(String name, Expr value) {}

    /// The functions whose value depends on the request or the row's storage.
    enum IntrinsicFunction {
        NOW, INGESTION_TIME, CURRENT_DATABASE, CURRENT_PRINCIPAL, CURRENT_PRINCIPAL_DETAILS,
        CURRENT_PRINCIPAL_IS_MEMBER_OF, CURRENT_CLUSTER_ENDPOINT,
        EXTENT_ID, EXTENT_TAGS, CURSOR_CURRENT, CURSOR_AFTER, CURSOR_BEFORE_OR_AT, RAND, NEW_GUID
    }

    /// The names that look like functions but read the query around them.
    enum SpecialForm {
        /// `pack_all([ignore_null_empty])`: a bag of all columns.
        PACK_ALL,
        /// `bag_pack_columns(a, b)`: a bag of columns.
        BAG_PACK_COLUMNS,
        /// `estimate_data_size(a, b)`, `estimate_data_size(*)`.
        ESTIMATE_DATA_SIZE,
        /// `column_ifexists(name, default)`.
        COLUMN_IFEXISTS,
        /// `toscalar(query)`.
        TO_SCALAR,
        /// `typeof(type)`.
        TYPE_OF,
        /// `assert(condition, message)`.
        ASSERT
    }
}
