package io.conshelf.kql.bind;

import io.conshelf.kql.function.Conversions;
import io.conshelf.kql.function.Lowering;
import io.conshelf.kql.plan.Column;
import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.plan.Plan;
import io.conshelf.kql.syntax.Diagnostic;
import io.conshelf.kql.syntax.Span;
import io.conshelf.kql.type.Type;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/// One binding of one text: what its parts share. Ids are drawn from here and diagnostics collected.
final class Binder {
    /// How deep functions may call each other, how often they may be called, and how many columns all plans together may
    /// make. Functions and variables are written out where they are used, so a short text can mean a huge plan.
    private static final int DEPTH_MAX = 50;
    private static final int CALLS_MAX = 20_000;
    private static final int COLUMNS_MAX = 500_000;
    private static final long PARTS_MAX = 100_000;

    private final String text;
    private final Catalog catalog;
    private final BindOptions options;
    private Set<Diagnostic> diagnostics = new LinkedHashSet<>();
    private Set<Diagnostic> refusals = new LinkedHashSet<>();
    private final Set<Column> placeholders = new HashSet<>();
    /// By identity: the same value is a part of many.
    private final Map<Expr, Long> parts = new IdentityHashMap<>();
    private final Map<Expr, Optional<Expr>> constants = new IdentityHashMap<>();
    /// The operators around what is bound, the innermost first.
    private final Deque<UnaryOperator<Plan>> bodies = new ArrayDeque<>();
    private int columns;
    private int shares;
    private int depth;
    private int functionCalls;
    private int declarations;
    /// Where a function's body is bound for a call: refusals are reported at the call when the body is not in the text.
    private Span foreign = new Span(0, 0);
    private boolean isForeign;

    final Settings settings;
    final Expressions expressions;
    final Memberships memberships;
    final Calls calls;
    final UserFunctions functions;
    final Entities entities;
    final EntityGroups entityGroups;
    final Pipelines pipelines;
    final Patterns patterns;

    Binder(String text, Catalog catalog, BindOptions options) {
        this.text = text;
        this.catalog = catalog;
        this.options = options;
        settings = new Settings(this);
        expressions = new Expressions(this);
        memberships = new Memberships(this);
        calls = new Calls(this);
        functions = new UserFunctions(this);
        entities = new Entities(this);
        entityGroups = new EntityGroups(this);
        pipelines = new Pipelines(this);
        patterns = new Patterns(this);
    }

    Catalog catalog() {
        return catalog;
    }

    BindOptions options() {
        return options;
    }

    /// The first rows of a plan, as texts, if there is somebody to ask. What stands over something wrong or refused is asked of nobody: it may be no plan
    /// at all.
    Optional<List<List<String>>> look(Plan plan, int rowsMax) {
        return isNothingRun() ? Optional.empty() : catalog.look(plan, rowsMax);
    }

    /// The same of what may stand in the body of an `mv-apply` or a `partition`: all rows that the bodies around it make of it, each once.
    Optional<List<List<String>>> lookThroughBodies(Plan plan, int rowsMax) {
        if (bodies.isEmpty()) {
            return look(plan, rowsMax);
        }
        Plan whole = plan;
        for (UnaryOperator<Plan> body : bodies) {
            whole = body.apply(whole);
        }
        List<Plan.Assignment> each = plan.columns().stream().map(column -> new Plan.Assignment(column(column.name(), column.type()), new Expr.Ref(column))).toList();
        return look(new Plan.Aggregate(whole, each, List.of()), rowsMax);
    }

    /// Binds what stands in a body.
    ///
    /// @param whole the operator with another body, for what is asked of the data while that is bound
    <T> T inBody(UnaryOperator<Plan> whole, Supplier<T> work) {
        bodies.push(whole);
        try {
            return work.get();
        } finally {
            bodies.pop();
        }
    }

    /// Whether unions leave out what they cannot find. No reader says so of a table's own query, which may leave out rows by what it unites.
    boolean fuzzyUnions() {
        return !entities.isInDefinition() && settings.said("best_effort").orElse(options.bestEffort());
    }

    Column column(String name, Type type) {
        if (++columns > COLUMNS_MAX) {
            throw new TooLarge();
        }
        return new Column(columns, name, type);
    }

    /// A column nobody has, which stands for a value that is not known yet.
    Column placeholder(String name, Type type) {
        Column column = column(name, type);
        placeholders.add(column);
        return column;
    }

    /// Whether a value depends on a parameter that has no value yet, so that it may still become a constant.
    boolean isUndecided(Expr expr) {
        return ExprWalk.columns(expr).stream().anyMatch(placeholders::contains);
    }

    /// The value of what depends on nothing, computed ahead. Empty where it depends on a row or on chance, or on a parameter that has no value yet,
    /// and where there is nobody to ask.
    Optional<Expr> constant(Expr value) {
        if (ExprWalk.isConstant(value)) {
            return Optional.of(value);
        }
        Optional<Expr> known = constants.get(value);
        if (known != null) {
            return known;
        }
        if (!ExprWalk.isIndependent(value) || mayReadRow(value)) {
            return Optional.empty();
        }
        Optional<Expr> computed = ConstantArithmetic.of(value);
        if (computed.isEmpty() && isNothingRun()) {
            // Any value does where nothing is going to be run. It is not kept: what is wrong here may be left out, and the rest is run.
            return Optional.of(Conversions.ofText("0", value.type()));
        }
        Optional<Expr> constant = computed.or(() -> lookedUp(value));
        constants.put(value, constant);
        return constant;
    }

    /// Binds what is only declared, and may never be run.
    <T> T declared(Supplier<T> work) {
        declarations++;
        try {
            return work.get();
        } finally {
            declarations--;
        }
    }

    /// Whether what is bound is not going to be run, so that no data may be looked at for it.
    boolean isNothingRun() {
        return options.checkOnly() || declarations > 0 || !refusals.isEmpty() || diagnostics.stream().anyMatch(Diagnostic::isError);
    }

    boolean isOnlyDeclared() {
        return declarations > 0;
    }

    /// A query in a body may read the row around it, and some functions do.
    private boolean mayReadRow(Expr value) {
        return ExprWalk.anyAround(List.of(), value, part -> part instanceof Expr.Call(_, Lowering.Intrinsic(Lowering.IntrinsicFunction function), _, _)
                ? !SeenRows.isOfRequest(function)
                : !bodies.isEmpty() && (part instanceof Expr.ScalarQuery || part instanceof Expr.InQuery));
    }

    private Optional<Expr> lookedUp(Expr value) {
        Type type = value.type();
        Plan row = new Plan.Rows(List.of(column("value", type)), List.of(List.of(value)));
        return look(row, 1).map(rows -> read(rows.getFirst().getFirst(), type));
    }

    /// A value from the text that [#look] gives: nulls are empty, and times are ticks.
    private static Expr read(String text, Type type) {
        if (text.isEmpty()) {
            return Literals.nothing(type);
        }
        return switch (type) {
            case DATETIME, TIMESPAN -> new Expr.Constant(type, Long.parseLong(text));
            case DYNAMIC -> new Expr.Constant(type, text);
            case BOOL, INT, LONG, REAL, DECIMAL, STRING, GUID -> Conversions.ofText(text, type);
        };
    }

    int shareId() {
        return ++shares;
    }

    // ---------------------------------------------------------------- diagnostics

    void report(Diagnostic diagnostic) {
        diagnostics.add(diagnostic);
    }

    /// Says that something can't be run yet. Binding goes on, so that the columns are known where they can be.
    void refuse(Span at, String construct) {
        refusals.add(Messages.notYet(isForeign ? foreign : at, text, construct));
    }

    /// Sees that a value is not too large when it is written out wherever its name stands: a name that stands for twice
    /// another, and so on, is a short text.
    void measure(Expr expr) {
        if (parts(expr) > PARTS_MAX) {
            throw new TooLarge();
        }
    }

    private long parts(Expr expr) {
        Long known = parts.get(expr);
        if (known != null) {
            return known;
        }
        List<Expr> inner = switch (expr) {
            case Expr.Call call -> call.arguments();
            case Expr.Aggregate aggregate -> aggregate.arguments();
            case Expr.InQuery in -> List.of(in.needle());
            case Expr.Ref _, Expr.Constant _, Expr.Null _, Expr.ScalarQuery _ -> List.of();
        };
        long count = 1;
        for (Expr part : inner) {
            count = Math.min(PARTS_MAX + 1, count + parts(part));
        }
        parts.put(expr, count);
        return count;
    }

    Meaning.Failed fail(Diagnostic diagnostic) {
        report(diagnostic);
        return new Meaning.Failed();
    }

    /// Forgets what was said, also by functions in the middle of which binding ended.
    void startOver() {
        diagnostics = new LinkedHashSet<>();
    }

    List<Diagnostic> diagnostics() {
        return patterns.together(diagnostics);
    }

    List<Diagnostic> refusals() {
        return List.copyOf(refusals);
    }

    /// Binds something away from the text at hand, such as the body of a function for one call, and gives its
    /// diagnostics apart.
    <T> Apart<T> apart(Supplier<T> work) {
        Set<Diagnostic> outer = diagnostics;
        diagnostics = new LinkedHashSet<>();
        try {
            return new Apart<>(work.get(), List.copyOf(diagnostics));
        } finally {
            diagnostics = outer;
        }
    }

    /// The same of what a query can do without: what is refused in it is an error of its own.
    <T> Apart<T> apartWithRefusals(Supplier<T> work) {
        Set<Diagnostic> outer = refusals;
        refusals = new LinkedHashSet<>();
        try {
            Apart<T> bound = apart(work);
            return new Apart<>(bound.result(), Stream.concat(bound.diagnostics().stream(), refusals.stream()).toList());
        } finally {
            refusals = outer;
        }
    }

    record Apart<T>(T result, List<Diagnostic> diagnostics) {
        List<Diagnostic> errors() {
            return diagnostics.stream().filter(Diagnostic::isError).toList();
        }
    }

    /// Does something one function call deeper; `at` is the call.
    <T> T deeper(Span at, boolean inForeignText, String function, Supplier<T> work, Supplier<T> otherwise) {
        if (depth >= DEPTH_MAX) {
            report(Messages.tooDeep(at, function));
            return otherwise.get();
        }
        if (++functionCalls > CALLS_MAX) {
            throw new TooLarge();
        }
        boolean wasForeign = isForeign;
        Span before = foreign;
        if (inForeignText && !isForeign) {
            isForeign = true;
            foreign = at;
        }
        depth++;
        try {
            T result = work.get();
            if (result instanceof Meaning.Scalar scalar) {
                measure(scalar.expr());
            }
            return result;
        } finally {
            depth--;
            isForeign = wasForeign;
            foreign = before;
        }
    }

    // ---------------------------------------------------------------- small plans that many operators need

    /// The plan with only these columns, in this order.
    static Plan keep(Plan input, List<Column> columns) {
        if (input.columns().equals(columns)) {
            return input;
        }
        return new Plan.Project(input, columns.stream().map(Binder::same).toList());
    }

    static Plan.Assignment same(Column column) {
        return new Plan.Assignment(column, new Expr.Ref(column));
    }

    /// The plan with further columns after its own.
    static Plan extend(Plan input, List<Plan.Assignment> more) {
        if (more.isEmpty()) {
            return input;
        }
        List<Plan.Assignment> all = new ArrayList<>(input.columns().stream().map(Binder::same).toList());
        all.addAll(more);
        return new Plan.Project(input, all);
    }

    /// A plan that is only there for its columns, after an error.
    Plan nothing(List<Column> columns) {
        return new Plan.Rows(columns, List.of());
    }

    /// The limit on what one text may grow to was reached.
    @SuppressWarnings("serial")
    static final class TooLarge extends RuntimeException {
        TooLarge() {
            super("the query is too large", null, false, false);
        }
    }
}
