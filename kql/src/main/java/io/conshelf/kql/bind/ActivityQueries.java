package io.conshelf.kql.bind;

import io.conshelf.kql.bind.Meaning.Rows;
import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.syntax.Syntax;
import io.conshelf.kql.syntax.Syntax.Expression;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// The plugins that count who was active when, as queries for [PluginQueries].
final class ActivityQueries {
    static final Set<String> NAMES = Set.of("active_users_count", "activity_counts_metrics", "activity_engagement", "activity_metrics", "new_activity_metrics", "sliding_window_counts");

    private static final Set<String> CALENDAR = new TreeSet<>(Set.of("week", "month", "year"));

    private static final String ACTIVITY_COUNTS = """
            let w = _T | where _1 between (_2 .. _3) | extend _b = bin_at(_1, _4, _2);
            w | summarize _c = count(), _d = dcount(_0) by _b{D}
            | join kind=leftouter (w | summarize _b = min(_b) by _0{D} | summarize _n = count() by _b{D}) on _b{D}
            | extend _n = coalesce(_n, 0)
            | sort by {S}_b asc
            | extend _a = row_cumsum(_n{R})
            | project _b{D}, _c, _d, _n, _a""";
    private static final String SLIDING_WINDOW = """
            _T | extend _b = bin_at(_1, _5, _2) | where _1 <= _3
            | mv-expand _k = range(0, tolong(_4 / _5) - 1) to typeof(long)
            | extend _t = _b + _k * _5
            | where _t between (_2 .. _3)
            | summarize _c = count(), _d = dcount(_0) by _t{D}
            | sort by {S}_t asc
            | project _t{D}, _c, _d""";
    /// Periods of the calendar are of several lengths, so each row meets those that begin within the window from its own on.
    private static final String SLIDING_CALENDAR = """
            _T | extend _b = bin_at(_1, _5, _2), _k = 1 | where _1 <= _3
            | join kind=inner (range _t from startofday(_2) to _3 step 1d | where _t == bin_at(_t, _5, _2) | extend _k = 1) on _k
            | where _t >= _b and _t - _b < _4
            | summarize _c = count(), _d = dcount(_0) by _t{D}
            | sort by {S}_t asc
            | project _t{D}, _c, _d""";
    private static final String ACTIVE_USERS = """
            let w = _T | where _1 > _2 - _4 and _1 <= _3 | distinct _0, _1{D};
            w | where _1 >= _2
            | join kind=inner (w | project-rename _p = _1) on _0{D}
            | where _p > _1 - _4 and _p <= _1
            | summarize _n = dcount(bin(_p, _5)) by _0, _1{D}
            | where _n >= _6
            | summarize _c = dcount(_0) by _b = bin_at(_1, _7, _2){D}
            | sort by {S}_b asc
            | project _b{D}, _c""";
    private static final String ACTIVITY_METRICS = """
            let w = _T | {W}| extend _b = {B} | distinct _0, _b{D};
            w | join kind=leftouter (w | extend _b = _b + {P}, _r = 1) on _0, _b{D}
            | summarize _v = count(), _s = countif(isnotnull(_r)) by _b{D}
            | join kind=leftouter (w | summarize _p = count() by _b{D} | extend _b = _b + {P}) on _b{D}
            | extend _p = todouble(coalesce(_p, 0))
            | sort by {S}_b asc
            | project _b{D}, _v, _n = _v - _s, _k = _s / _p, _l = (_p - _s) / _p""";
    private static final String ENGAGEMENT = """
            let w = _T | extend _b = {B} | distinct _0, _b{D};
            let inner = w | summarize _i = dcount(_0) by _b{D};
            let outer = w | mv-expand _k = range(0, tolong({O} / {P}) - 1) to typeof(long) | extend _b = _b + _k * {P} | summarize _o = dcount(_0) by _b{D};
            inner | {V}| join kind=inner outer on _b{D}
            | sort by {S}_b asc
            | project _b{D}, _i, _o, _q = todouble(_i) / _o""";
    private static final String NEW_ACTIVITY = """
            let w = _T | where _1 between (_2 .. _3) {L}| extend _b = bin_at(_1, _4, _2) | distinct _0, _b{D};
            let g = w | join kind=inner (w | summarize _f = min(_b) by _0{D}) on _0{D};
            let cohorts = g | where _b == _f {C}| summarize _n = count() by _f{D};
            let pairs = g | summarize _c = count() by _f, _b{D};
            cohorts | extend _k = 1
            | join kind=inner ({G}| extend _k = 1) on _k
            | where _b >= _f
            | join kind=leftouter (pairs | project _f, _b{D}, _r = _c) on _f, _b{D}
            | join kind=leftouter (cohorts | project _f{D}, _k = 1
                | join kind=inner (pairs | project _g = _f, _b{D}, _c, _k = 1) on _k{D}
                | where _b >= _f and (_g > _f or _b == _f and _g == _f)
                | summarize _m = sum(_c) by _f, _b{D}) on _f, _b{D}
            | extend _r = coalesce(_r, 0), _m = coalesce(_m, 0)
            | sort by {S}_f asc, _b asc
            | project _f, _b{D}, _m, _r, _h = _n - _r, _x = todouble(_r) / _n, _y = todouble(_n - _r) / _n""";

    private final Binder binder;

    ActivityQueries(Binder binder) {
        this.binder = binder;
    }

    Optional<String> query(PluginUse use) {
        return switch (use.name()) {
            case "activity_counts_metrics" -> calendar(use, 4, use.text(ACTIVITY_COUNTS, 5));
            case "sliding_window_counts" -> calendar(use, 5, use.text(use.isText(5) ? SLIDING_CALENDAR : SLIDING_WINDOW, 6));
            case "active_users_count" -> calendar(use, 7, use.text(ACTIVE_USERS, 8));
            case "activity_metrics" -> metrics(use);
            case "activity_engagement" -> engagement(use);
            case "new_activity_metrics" -> newActivity(use);
            default -> throw new IllegalStateException("no query for the plugin " + use.name());
        };
    }

    /// A query whose periods may be weeks, months or years: what they begin with, and what follows them, is then told by the calendar.
    private Optional<String> calendar(PluginUse use, int period, String query) {
        if (!use.isText(period)) {
            return Optional.of(query);
        }
        if (!(use.values().get(period).orElseThrow() instanceof Expr.Constant(_, String name)) || !CALENDAR.contains(name)) {
            binder.report(Messages.failedInside(use.at(period), use.name(), "a period is a value or one of " + String.join(", ", CALENDAR)));
            return Optional.empty();
        }
        return Optional.of(query.replaceAll("bin_at\\((_\\w+), _" + period + ", _2\\)", "startof" + name + "($1)").replace("bin(_1, _" + period + ")", "startof" + name + "(_1)")
                .replace("_b + _" + period, "datetime_add('" + name + "', 1, _b)"));
    }

    /// Only `activity_engagement` has periods of one length alone, as its page and the language service say.
    private Optional<String> periods(PluginUse use, int period, String query) {
        if (use.isText(period)) {
            binder.report(Messages.failedInside(use.at(period), use.name(), "a period is a value of the times' kind, such as 1d; those of the calendar are of several lengths"));
            return Optional.empty();
        }
        return Optional.of(query);
    }

    /// `activity_metrics(id, time, [start, end,] window, dimensions…)`.
    private Optional<String> metrics(PluginUse use) {
        boolean isBounded = use.isConstant(3) && use.isConstant(4);
        int window = isBounded ? 4 : 2;
        return calendar(use, window, use.text(ACTIVITY_METRICS, window + 1)
                .replace("{W}", isBounded ? "where _1 between (_2 .. _3) " : "where true ")
                .replace("{B}", isBounded ? "bin_at(_1, _4, _2)" : "bin(_1, _2)")
                .replace("{P}", "_" + window));
    }

    /// `activity_engagement(id, time, [start, end,] inner, outer, dimensions…)`.
    private Optional<String> engagement(PluginUse use) {
        boolean isBounded = use.isConstant(4) && use.isConstant(5);
        int window = isBounded ? 4 : 2;
        return periods(use, window, use.text(ENGAGEMENT, window + 2)
                .replace("{V}", isBounded ? "where _b between (_2 .. _3) " : "where true ")
                .replace("{B}", isBounded ? "bin_at(_1, _4, _2)" : "bin(_1, _2)")
                .replace("{P}", "_" + window)
                .replace("{O}", "_" + (window + 1)));
    }

    /// `new_activity_metrics(id, time, start, end, window, [cohort,] dimensions…, [lookback])`.
    private Optional<String> newActivity(PluginUse use) {
        boolean hasCohort = use.isConstant(5);
        String bounds = use.isText(4) ? "range _b from startofday(_2) to _3 step 1d | where _b >= _2 and _b == bin_at(_b, _4, _2) " : "range _b from _2 to _3 step _4 ";
        return calendar(use, 4, use.text(NEW_ACTIVITY, hasCohort ? 6 : 5)
                .replace("{C}", hasCohort ? "and _f == bin_at(_5, _4, _2) " : "")
                .replace("{G}", bounds)
                .replace("{L}", use.lookback().isPresent() ? "| join kind=leftanti _L on _0 " : ""));
    }

    /// The last argument where it is a table: who is in it is not new.
    Optional<Rows> lookback(Syntax.Evaluate op, Rows input, Scope scope) {
        List<Expression> arguments = op.plugin().arguments();
        if (!op.plugin().function().text().equals("new_activity_metrics") || arguments.size() < 6
                || arguments.getLast() instanceof Syntax.NameReference(String name, _, _) && Columns.of(input).find(name).isPresent()) {
            return Optional.empty();
        }
        Binder.Apart<Meaning> last = binder.apart(() -> binder.expressions.any(arguments.getLast(), Env.of(scope)));
        if (!(last.result() instanceof Rows rows)) {
            return Optional.empty();
        }
        last.diagnostics().forEach(binder::report);
        return Optional.of(rows);
    }

    static Syntax.Evaluate withoutLast(Syntax.Evaluate op) {
        Syntax.FunctionCall call = op.plugin();
        List<Expression> arguments = call.arguments().subList(0, call.arguments().size() - 1);
        return new Syntax.Evaluate(op.parameters(), new Syntax.FunctionCall(call.function(), call.parameters(), arguments, call.span()), op.schema(), op.span());
    }
}
