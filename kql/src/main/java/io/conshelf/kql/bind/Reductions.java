package io.conshelf.kql.bind;

import io.conshelf.kql.bind.Meaning.Rows;
import io.conshelf.kql.bind.Meaning.Scalar;
import io.conshelf.kql.function.Reduction;
import io.conshelf.kql.plan.Column;
import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.plan.Plan;
import io.conshelf.kql.plan.Plan.Assignment;
import io.conshelf.kql.plan.Plan.JoinKey;
import io.conshelf.kql.plan.Plan.JoinKind;
import io.conshelf.kql.syntax.Syntax;
import io.conshelf.kql.syntax.Syntax.Expression;
import io.conshelf.kql.type.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// `reduce`: finds the words that are frequent where they stand (Vaarandi, "A Data Clustering Algorithm for Mining Patterns From
/// Event Logs"), and groups values by those they have.
///
/// DuckDB counts values, words and patterns; [Reduction] cuts texts into words and joins patterns.
final class Reductions {
    private static final double THRESHOLD = 0.1;
    private static final String VALUES = "_T | serialize _r = row_number() | summarize _c = count(), _r = min(_r) by _v";
    /// What occurs once is not frequent. Words beyond the bound are not either: what is listed is held whole, and a pattern has
    /// something for each place ahead of its words.
    private static final String FREQUENT = """
            let n = toscalar(_D | summarize sum(_c));
            _W | mv-expand with_itemindex=_i _w to typeof(string)
            | summarize _n = sum(_c) by _i, _w
            | where _n >= 2 and _n >= _threshold * n
            | sort by _n desc, _i asc, _w asc | take 16384
            | project _i, _t = strcat(_i, ':', _w) | extend _b = row_cumsum(string_size(_t) + _i) | where _b <= 1048576
            | summarize make_list(_t)""";
    /// The patterns of most rows stay as they are. Of the others, of which there may be as many as there are values, only the
    /// most frequent word counts, and of those there are no more than frequent words.
    private static final String CANDIDATES = """
            _P | where _p contains '"'
            | summarize _n = sum(_c), _r = min(_r) by _p
            | sort by _n desc, _r asc
            | extend _i = row_number(), _b = row_cumsum(string_size(_p))
            | project _p, _e = _i <= 16384 and _b <= 2097152""";
    private static final String VALUES_OF_PATTERNS = "_P | join kind=inner (_Q | project _p, _s) on _p | project _v, _c, _r, _p = _s";
    private static final String PATTERN_LISTS = """
            _S | summarize _m = count(), _o = countif(_c == 1), _n = sum(_c), _r = min(_r) by _p
            | sort by _r asc | summarize make_list(_p), make_list(_m), make_list(_o), make_list(_n)""";
    /// The values of a pattern that are one group come first; each further one is a group of its own. What has no frequent word
    /// belongs to no group.
    private static final String MEMBERS = """
            let p = union (_P | where _p !contains '"'), _S;
            let m = _M | mv-expand _m | project _p = tostring(_m[0]), _k = tolong(_m[1]), _g = tolong(_m[2]), _q = tostring(_m[3]);
            p | sort by _p asc, iff(_c == 1, 0, 1) asc, _r asc
            | extend _x = row_number(1, _p != prev(_p))
            | join kind=leftouter m on _p
            | project _v, _c, _r, _q, _g = case(isnull(_k), '', _x <= _k, strcat('g', _g), strcat('v', _r))""";
    private static final String GROUPS = """
            _V | summarize _c = sum(_c), arg_min(_r, _v, _q) by _g | project _g, _c, _r, _v = iff(_g == '', '', _v), _q""";

    private final Binder binder;

    Reductions(Binder binder) {
        this.binder = binder;
    }

    Rows reduce(Syntax.Reduce op, Rows input, Scope scope) {
        Parameters parameters = new Parameters(binder, "reduce", op.parameters());
        boolean isOfSource = parameters.word("kind", List.of("source")).isPresent();
        Optional<Expr> by = binder.expressions.expr(op.by(), Env.of(scope, Columns.of(input), "reduce"));
        if (by.isPresent() && by.get().type() != Type.STRING) {
            binder.report(Messages.typeExpected(op.by().span(), "reduce", "string", by.get().type()));
            by = Optional.empty();
        }
        Parameters with = new Parameters(binder, "reduce", op.with());
        Optional<Expr> threshold = with.value("threshold").map(value -> threshold(value, scope)).orElse(Optional.of(real(THRESHOLD)));
        Optional<Expr> characters = with.value("characters").isEmpty() ? Optional.of(text(""))
                : with.literalText("characters").map(listed -> text("=" + listed));
        Optional<Rows> made = by.isEmpty() || threshold.isEmpty() || characters.isEmpty() ? Optional.empty()
                : new Use(op, input, scope.inner(), threshold.get(), characters.get()).rows(by.get(), isOfSource);
        return made.orElseGet(() -> Rows.of(binder.nothing(columns(isOfSource ? input.columns() : List.of()))));
    }

    private List<Column> columns(List<Column> before) {
        List<Column> columns = new ArrayList<>(before);
        columns.add(binder.column("Pattern", Type.STRING));
        columns.add(binder.column("Count", Type.LONG));
        columns.add(binder.column("Representative", Type.STRING));
        return columns;
    }

    private Optional<Expr> threshold(Expression written, Scope scope) {
        if (!(written instanceof Syntax.Literal)) {
            binder.report(Messages.literalExpected(written.span(), "reduce", "numeric"));
            return Optional.empty();
        }
        Optional<Expr> value = binder.expressions.expr(written, Env.of(scope));
        if (value.isPresent() && value.get() instanceof Expr.Constant(Type type, Number number) && type.isNumeric()
                && number.doubleValue() > 0 && number.doubleValue() <= 1) {
            return Optional.of(real(number.doubleValue()));
        }
        binder.report(Messages.error(written.span(), "reduce: the threshold is a number above 0 and not above 1"));
        return Optional.empty();
    }

    private static Expr real(double value) {
        return new Expr.Constant(Type.REAL, value);
    }

    private static Expr text(String value) {
        return new Expr.Constant(Type.STRING, value);
    }

    /// One `reduce`, whose steps have names in a scope of its own.
    private final class Use {
        private final Rows input;
        private final Scope inner;
        private final Expr threshold;
        private final Expr characters;
        private final WrittenQuery query;

        Use(Syntax.Reduce op, Rows input, Scope inner, Expr threshold, Expr characters) {
            this.input = input;
            this.inner = inner;
            this.threshold = threshold;
            this.characters = characters;
            query = new WrittenQuery(binder, "reduce", op.span());
            inner.declare("_threshold", Scalar.named(threshold, "_threshold"));
        }

        Optional<Rows> rows(Expr by, boolean isOfSource) {
            Column value = binder.column("_v", Type.STRING);
            Plan source = binder.entities.shared(Binder.extend(input.plan(), List.of(new Assignment(value, by))));
            Plan values = new PlanCopy(binder).copy(source);
            inner.declare("_T", Rows.of(Binder.keep(values, List.of(values.columns().getLast()))));
            return step("_D", VALUES).flatMap(distinct -> {
                declare("_W", distinct, "_w", Reduction.words(ref(distinct, "_v"), characters));
                return step("_F", FREQUENT);
            }).flatMap(_ -> {
                Rows distinct = given("_D");
                declare("_P", distinct, "_p", Reduction.pattern(ref(distinct, "_v"), characters, frequent()));
                return query.run(CANDIDATES, inner);
            }).flatMap(candidates -> {
                declare("_Q", candidates, "_s", Reduction.shorter(ref(candidates, "_p"), ref(candidates, "_e"), frequent()));
                return step("_S", VALUES_OF_PATTERNS);
            }).flatMap(_ -> query.run(PATTERN_LISTS, inner)).flatMap(patterns -> {
                List<Column> lists = patterns.columns();
                declare("_M", patterns, "_m", Reduction.groups(new Expr.Ref(lists.get(0)), new Expr.Ref(lists.get(1)),
                        new Expr.Ref(lists.get(2)), new Expr.Ref(lists.get(3)), threshold));
                return step("_V", MEMBERS);
            }).flatMap(_ -> query.run(GROUPS, inner)).map(groups -> isOfSource ? besideSource(source, groups) : alone(groups));
        }

        private Optional<Rows> step(String name, String text) {
            Optional<Rows> rows = query.run(text, inner).map(made -> Rows.of(binder.entities.shared(made.plan())));
            rows.ifPresent(made -> inner.declare(name, made));
            return rows;
        }

        /// Rows with a column more, which are computed once.
        private void declare(String name, Rows rows, String column, Expr value) {
            inner.declare(name, Rows.of(binder.entities.shared(
                    Binder.extend(rows.plan(), List.of(new Assignment(binder.column(column, value.type()), value))))));
        }

        private Rows given(String name) {
            return binder.entities.reference((Rows) inner.find(name).orElseThrow());
        }

        private Expr ref(Rows rows, String name) {
            return new Expr.Ref(Columns.of(rows).find(name).orElseThrow());
        }

        /// The list of them all.
        private Expr frequent() {
            Rows words = given("_F");
            return new Expr.ScalarQuery(binder.shareId(), words.plan(), words.columns().getFirst().type());
        }

        /// A row for each group, what belongs to none behind them all.
        private Rows alone(Rows groups) {
            Plan sorted = new Plan.Sort(groups.plan(), List.of(new Plan.SortKey(isOther(groups), false, false),
                    new Plan.SortKey(ref(groups, "_r"), false, false)));
            List<Column> columns = columns(List.of());
            return Rows.of(new Plan.Project(sorted, List.of(new Assignment(columns.get(0), pattern(groups)),
                    new Assignment(columns.get(1), ref(groups, "_c")), new Assignment(columns.get(2), ref(groups, "_v")))));
        }

        private Rows besideSource(Plan source, Rows groups) {
            Plan rows = new PlanCopy(binder).copy(source);
            Rows members = given("_V");
            Column group = Columns.of(members).find("_g").orElseThrow();
            Plan joined = new Plan.Join(JoinKind.INNER, rows, members.plan(),
                    List.of(new JoinKey(new Expr.Ref(rows.columns().getLast()), ref(members, "_v"))));
            joined = new Plan.Join(JoinKind.INNER, joined, groups.plan(), List.of(new JoinKey(new Expr.Ref(group), ref(groups, "_g"))));
            List<Assignment> all = new ArrayList<>();
            for (int i = 0; i < input.columns().size(); i++) {
                all.add(Binder.same(rows.columns().get(i)));
            }
            List<Column> columns = columns(List.of());
            all.add(new Assignment(columns.get(0), pattern(groups)));
            all.add(new Assignment(columns.get(1), ref(groups, "_c")));
            all.add(new Assignment(columns.get(2), ref(groups, "_v")));
            return Rows.of(new Plan.Project(joined, all));
        }

        private Expr isOther(Rows groups) {
            return builtin("==", ref(groups, "_g"), text(""));
        }

        private Expr pattern(Rows groups) {
            return builtin("iff", isOther(groups), text("others"), Reduction.text(ref(groups, "_v"), characters, ref(groups, "_q")));
        }

        private Expr builtin(String name, Expr... arguments) {
            return binder.calls.tryBuiltin(name, List.of(arguments)).orElseThrow();
        }
    }
}
