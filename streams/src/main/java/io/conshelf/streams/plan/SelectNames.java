package io.conshelf.streams.plan;

import io.conshelf.streams.expression.Expression;
import io.conshelf.streams.expression.ExpressionText;
import io.conshelf.streams.query.Span;
import io.conshelf.streams.query.Syntax;
import io.conshelf.streams.query.Syntax.Name;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Supplier;

/// What names mean in the clauses of one SELECT.
final class SelectNames implements Names {
    enum Grouping { GROUPED, PLAIN }

    private final Problems problems;
    private final Scope scope;
    private final Grouping grouping;
    private final ExpressionBinder expressions;
    private final CallBinder callBinder;
    private final WindowBinder windows;
    private final Map<String, Syntax.Expr> aliases = new HashMap<>();
    private final Set<String> groupKeys = new HashSet<>();
    private final Set<Integer> timesRead = new HashSet<>();
    private Place place = Place.SELECT;

    SelectNames(Problems problems, QueryContext context, Scope scope, Calls calls, Grouping grouping) {
        this.problems = problems;
        this.scope = scope;
        this.grouping = grouping;
        this.expressions = new ExpressionBinder(problems, context, this);
        this.windows = new WindowBinder(problems, expressions::bind);
        this.callBinder = new CallBinder(problems, context, this, calls);
    }

    ExpressionBinder expressions() {
        return expressions;
    }

    WindowBinder windows() {
        return windows;
    }

    <T> T at(Place inner, Supplier<T> bound) {
        Place outer = place;
        place = inner;
        try {
            return bound.get();
        } finally {
            place = outer;
        }
    }

    /// HAVING sees the names that SELECT gives.
    void alias(String name, Syntax.Expr value) {
        aliases.putIfAbsent(name.toLowerCase(java.util.Locale.ROOT), value);
    }

    void groupKey(Expression key) {
        groupKeys.add(ExpressionText.key(key));
    }

    /// The sources whose events' times are read one by one.
    Set<Integer> timesRead() {
        return timesRead;
    }

    // ---------------------------------------------------------------- names

    @Override
    public Expression path(List<Name> path, Span span) {
        if (path.size() == 2 && path.getFirst().text().equalsIgnoreCase("System") && path.getLast().text().equalsIgnoreCase("Timestamp")
                && scope.find("System").isEmpty()) {
            return timestamp(span);
        }
        if (place == Place.HAVING) {
            Syntax.Expr aliased = aliases.get(path.getFirst().text().toLowerCase(java.util.Locale.ROOT));
            if (aliased != null && !isGroupKey(path, span)) {
                return ExpressionBinder.members(at(Place.SELECT, () -> expressions.bind(aliased)), path.subList(1, path.size()), problems);
            }
        }
        return scope.path(path, span);
    }

    // A column that is grouped by goes before an alias of its name.
    private boolean isGroupKey(List<Name> path, Span span) {
        Scope quiet = new Scope(new Problems());
        scope.relations().forEach(quiet::add);
        return groupKeys.contains(ExpressionText.key(quiet.path(path, span)));
    }

    @Override
    public Optional<Expression> record(Name name) {
        OptionalInt index = scope.find(name.text());
        return index.isEmpty() || scope.relation(index.getAsInt()).columns().isKnownToHave(name.text()) ? Optional.empty()
                : Optional.of(new Expression.Slot(Slots.record(index.getAsInt()), name.span()));
    }

    @Override
    public Optional<Expression> time(Name name) {
        OptionalInt index = scope.find(name.text());
        if (index.isEmpty() || scope.relation(index.getAsInt()).kind() != Relation.Kind.STREAM
                || scope.relation(index.getAsInt()).columns().isKnownToHave(name.text())) {
            return Optional.empty();
        }
        return Optional.of(time(index.getAsInt(), name.span()));
    }

    /// A row of several events has the latest time; the time of each is kept beside its record.
    Expression time(int relation, Span span) {
        if (streams() < 2) {
            return new Expression.Timestamp(span);
        }
        timesRead.add(relation);
        return new Expression.Slot(Slots.time(relation), span);
    }

    private long streams() {
        return scope.relations().stream().filter(relation -> relation.kind() == Relation.Kind.STREAM).count();
    }

    @Override
    public boolean isKnown(Name name) {
        return scope.isKnown(name);
    }

    @Override
    public Optional<Expression> special(Syntax.Call call) {
        return callBinder.bind(call);
    }

    @Override
    public Expression timestamp(Span span) {
        if (streams() == 0) {
            return problems.refused(span, "reference data has no System.Timestamp()");
        }
        return new Expression.Timestamp(span);
    }

    @Override
    public Expression windowId(Span span) {
        if (place != Place.SELECT || grouping == Grouping.PLAIN) {
            return problems.refused(span, "System.Window() can be used in the SELECT of a query with GROUP BY only");
        }
        return new Expression.Slot(Slots.WINDOW_ID, span);
    }

    // ---------------------------------------------------------------- what may stand where

    /// The event as a whole, where FROM has one source.
    Optional<Expression> event(Span span) {
        return scope.relations().size() == 1 ? Optional.of(new Expression.Slot(Slots.record(0), span)) : Optional.empty();
    }

    Expression firstEvent(Span span) {
        return streams() > 1 ? problems.refused(span, "'*' may be the event of any of several sources: name the source instead")
                : new Expression.Slot(Slots.record(0), span);
    }

    Optional<String> aggregateRefusal(String function) {
        return switch (place) {
            case SELECT, HAVING -> grouping == Grouping.GROUPED ? Optional.empty()
                    : Optional.of(function + ": a window must be specified, such as GROUP BY TumblingWindow(minute, 1)");
            case WHERE -> Optional.of(function + " is an aggregate: it cannot stand in WHERE, but in HAVING");
            case GROUP_BY, ON, APPLY -> Optional.of(function + " is an aggregate: it cannot stand in " + place);
            case AGGREGATE, ANALYTIC -> Optional.of(function + " is an aggregate: it cannot stand in " + place + "; compute it in a step of WITH");
        };
    }

    Optional<String> analyticRefusal(String function) {
        if (streams() == 0) {
            return Optional.of(function + " needs a stream: reference data has no order in time");
        }
        return switch (place) {
            case SELECT, WHERE, GROUP_BY, ON, AGGREGATE -> Optional.empty();
            case HAVING -> grouping == Grouping.PLAIN ? Optional.empty()
                    : Optional.of(function + " is computed before GROUP BY: it cannot stand in HAVING; compute it in a step of WITH");
            case APPLY -> Optional.of(function + " cannot stand in APPLY; compute it in a step of WITH");
            case ANALYTIC -> Optional.of(function + " cannot stand in another analytic function; compute it in a step of WITH");
        };
    }
}
