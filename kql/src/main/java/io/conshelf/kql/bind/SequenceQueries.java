package io.conshelf.kql.bind;

import io.conshelf.kql.type.Type;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// The plugins that follow events of one id, or of the same dimensions, through time, as queries for [PluginQueries]. The states and predicates of
/// a sequence are `_q0`, `_q1` … in them.
final class SequenceQueries {
    /// A session is new where its id was not seen within the time to look back. The first moment itself is only looked back at, and periods begin at
    /// multiples of their length: that gives the values of the page's chart.
    static final String SESSIONS = """
            _T | where _1 >= _2 - _5 and _1 <= _3
            | sort by {S}_0 asc, _1 asc
            | extend _n = isnull(prev(_1)) or _0 != prev(_0) or _1 - prev(_1) > _5{N}
            | where _n and _1 > _2
            | summarize _c = count() by _b = bin(_1, _4){D}
            | sort by {S}_b asc
            | project _b{D}, _c""";

    /// Each is a join with all events.
    static final int STEPS_MAX = 32;

    private SequenceQueries() {}

    /// What came before and after a sequence of states that follow each other directly: `_p` and `_x`, empty where nothing did. Events of
    /// one state with no other between them are one, from the first to the last; a state follows another within the step window.
    static String funnel(int steps) {
        String follows = IntStream.range(1, steps)
                .mapToObj(i -> " and next(_s, %1$d) == _q%1$d and %2$s".formatted(i, near(i))).collect(Collectors.joining());
        return """
                _T | where _1 >= _2 and _1 < _3 | project _0, _1, _s = tostring(_6)
                | sort by _0 asc, _1 asc
                | extend _g = row_cumsum(toint(row_number() == 1 or _0 != prev(_0) or _s != prev(_s)))
                | summarize _a = min(_1), _z = max(_1) by _g, _0, _s
                | sort by _g asc
                | extend _p = iff(prev(_0) == _0 and _a - prev(_z) <= _4, prev(_s), ''),
                    _x = iff({X}, next(_s, {N}), ''),
                    _m = _s == _q0{F}
                | where _m
                | project _0, _b = bin_at(_a, _5, _2), _p, _x""".replace("{X}", near(steps)).replace("{N}", Integer.toString(steps)).replace("{F}", follows);
    }

    /// Whether the i-th state from here is the same id's, and soon enough after the one before it.
    private static String near(int i) {
        return "next(_0, %d) == _0 and next(_a, %d) - %s <= _4".formatted(i, i, i == 1 ? "_z" : "next(_z, " + (i - 1) + ")");
    }

    /// Who had what came before or after, by those columns of [#funnel].
    static String funnelTable(String by) {
        return "_M | summarize _c = dcount(_0), _i = make_set(_0, 128) by _b, " + by + " | sort by _b asc, _c desc, "
                + by.replace(",", " asc,") + " asc | project _b, " + by + ", _c, array_sort_asc(_i)";
    }

    /// For each first event and each further step the earliest event after that of the step before: no other lets more of the sequence follow.
    static String completion(int steps, Type timeline, Type state) {
        StringBuilder query = new StringBuilder("""
                let e = _T | where _1 >= _2 and _1 < _3 | project _0, _1, _b = bin_at(_1, _4, _2), _s = tostring(_5);
                let s0 = e | where _s == _q0 | distinct _0, _b, _1 | project _0, _b, _t = _1, _c0 = _1;
                """);
        for (int i = 1; i < steps; i++) {
            String before = IntStream.range(0, i).mapToObj(k -> "_c" + k).collect(Collectors.joining(", "));
            query.append("let s%1$d = s%2$d | join kind=leftouter (e | where _s == _q%1$d | project _0, _b, _n = _1) on _0, _b\n"
                    .formatted(i, i - 1));
            query.append("| summarize _c%d = minif(_n, _n > _c%d) by _0, _b, _t, %s;\n".formatted(i, i - 1, before));
        }
        String period = switch (timeline) {
            // A literal array has ticks for its timespans.
            case DATETIME, TIMESPAN -> "iff(gettype(_q) == 'long', tolong(_q) * 1tick, totimespan(_q))";
            case INT, LONG -> "tolong(_q)";
            case REAL, DECIMAL, BOOL, STRING, GUID, DYNAMIC -> "toreal(_q)";
        };
        query.append("let f = materialize(s%d | mv-expand _q = _7 | extend _p = %s);\nunion ".formatted(steps - 1, period));
        query.append(IntStream.range(0, steps)
                .mapToObj(i -> "(f | summarize _n = dcountif(_0, _c%1$d - _t <= _p) by _b, _p | extend _k = %1$d, _s = _q%1$d)".formatted(i))
                .collect(Collectors.joining(", ")));
        return query + "\n| sort by _b asc, _p asc, _k asc | project _b, _s = " + converted("_s", state) + ", _p, _n";
    }

    /// All events for each step that come after one of the step before, near enough to it and to the first.
    static String detection(int steps, List<String> dimensions) {
        String list = dimensions.stream().map(d -> d + ", ").collect(Collectors.joining());
        StringBuilder query = new StringBuilder("_T | where _q0 | distinct " + list + "_t0 = _0 | extend _j = 0\n");
        for (int i = 1; i < steps; i++) {
            query.append("| join kind=inner (_T | where _q%1$d | distinct %2$s_t%1$d = _0 | extend _j = 0) on %2$s_j\n".formatted(i, list));
            query.append("| where _t%1$d > _t%2$d and _t%1$d - _t%2$d <= _1 and _t%1$d - _t0 <= _2\n".formatted(i, i - 1));
            query.append("| project %s_j, %s\n".formatted(list, times(i)));
        }
        return query + "| project " + list + times(steps - 1) + ", _d = _t" + (steps - 1) + " - _t0";
    }

    private static String times(int last) {
        return IntStream.rangeClosed(0, last).mapToObj(i -> "_t" + i).collect(Collectors.joining(", "));
    }

    /// A value read from its text.
    static String converted(String text, Type type) {
        return switch (type) {
            case BOOL -> "tobool(" + text + ")";
            case INT -> "toint(" + text + ")";
            case LONG -> "tolong(" + text + ")";
            case REAL -> "todouble(" + text + ")";
            case DECIMAL -> "todecimal(" + text + ")";
            case DATETIME -> "todatetime(" + text + ")";
            case TIMESPAN -> "totimespan(" + text + ")";
            case STRING -> text;
            case GUID -> "toguid(" + text + ")";
            case DYNAMIC -> "todynamic(" + text + ")";
        };
    }
}
