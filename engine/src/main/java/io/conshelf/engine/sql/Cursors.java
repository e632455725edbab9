package io.conshelf.engine.sql;

import io.conshelf.engine.Errors;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.duck.Sql;
import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.value.DateTimeText;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/// What the cursor functions of a query say, and which tables are read as if they stood behind them.
///
/// A cursor is the number of a commit as text. A row is after it when its own commit is greater, and in any case not before
/// the database's current cursor has reached the row: who asks with that cursor later would get it again.
///
/// @param current      what `cursor_current()` gives
/// @param after        the cursor of `cursor_after()` without argument
/// @param beforeOrAt   the cursor of `cursor_before_or_at()` without argument
/// @param scopedTables the names of tables of which only the rows between these two are read
/// @param isDisabled   whether the functions are refused
public record Cursors(
        String current, Optional<String> after, Optional<String> beforeOrAt, Set<String> scopedTables, boolean isDisabled) {
    public Cursors {
        scopedTables = Set.copyOf(scopedTables);
    }

    public static Cursors at(long current) {
        return new Cursors(Long.toString(current), Optional.empty(), Optional.empty(), Set.of(), false);
    }

    String currentSql() {
        requireEnabled("cursor_current");
        return Sql.text(current);
    }

    /// @param commit  SQL of the row's commit
    /// @param horizon SQL of the current cursor of the row's database
    String afterSql(String commit, String horizon, Optional<Expr> argument, Optional<String> argumentSql) {
        requireEnabled("cursor_after");
        String bound = commit + " <= " + horizon;
        return lowerBound("cursor_after", argument, after, argumentSql)
                .map(lower -> "(" + commit + " > " + lower + " AND " + bound + ")").orElse("(" + bound + ")");
    }

    String beforeOrAtSql(String commit, String horizon, Optional<Expr> argument, Optional<String> argumentSql) {
        requireEnabled("cursor_before_or_at");
        String bound = commit + " <= " + horizon;
        return lowerBound("cursor_before_or_at", argument, beforeOrAt, argumentSql)
                .map(upper -> "(" + commit + " <= " + upper + " AND " + bound + ")").orElse("(" + bound + ")");
    }

    /// The rows of a scoped table, or nothing where all of them are read.
    Optional<String> scopeSql(String table, String commit, String horizon) {
        if (!scopedTables.contains(table)) {
            return Optional.empty();
        }
        return Optional.of(afterSql(commit, horizon, Optional.empty(), Optional.empty()) + " AND "
                + (beforeOrAt.isPresent() ? beforeOrAtSql(commit, horizon, Optional.empty(), Optional.empty()) : "true"));
    }

    /// Nothing where there is no bound.
    private Optional<String> lowerBound(
            String function, Optional<Expr> argument, Optional<String> byDefault, Optional<String> argumentSql) {
        if (argument.isPresent() && !(argument.get() instanceof Expr.Constant)) {
            return argumentSql.map(sql -> "coalesce(CAST(nullif(" + sql + ", '') AS BIGINT), "
                    + (function.equals("cursor_after") ? "-1" : Long.toString(Long.MAX_VALUE)) + ")");
        }
        String text = argument.map(constant -> ((Expr.Constant) constant).value().toString())
                .or(() -> byDefault)
                .or(() -> scopedTables.isEmpty() ? Optional.empty() : Optional.of(""))
                .orElseThrow(() -> new KustoException(Errors.badRequest(function + "() needs a cursor: give it one, or the"
                        + " request option 'query_" + function + "_default'.")));
        OptionalLong commit = number(function, text);
        return commit.isEmpty() ? Optional.empty() : Optional.of(Long.toString(commit.getAsLong()));
    }

    /// The commit that a cursor stands for, or nothing for the empty one.
    private static OptionalLong number(String function, String text) {
        if (text.isEmpty()) {
            return OptionalLong.empty();
        }
        if (text.length() < 20 && text.chars().allMatch(c -> c >= '0' && c <= '9')) {
            try {
                return OptionalLong.of(Long.parseLong(text));
            } catch (NumberFormatException _) {
                throw notACursor(function, text);
            }
        }
        // Commits are numbered by the time, so a moment is a cursor as well; the documents show some.
        var ticks = DateTimeText.parse(text);
        if (ticks.isEmpty()) {
            throw notACursor(function, text);
        }
        return ticks;
    }

    private static KustoException notACursor(String function, String text) {
        return new KustoException(Errors.badRequest(function + "(): '" + text
                + "' is no database cursor; take what cursor_current() gives, or '' for the beginning."));
    }

    private void requireEnabled(String function) {
        if (isDisabled) {
            throw new KustoException(Errors.badRequest(
                    function + "() is disabled by the request option 'query_cursor_disabled'."));
        }
    }
}
