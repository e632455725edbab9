package io.conshelf.streams.plan;

import io.conshelf.streams.expression.Expression;
import io.conshelf.streams.expression.ExpressionText;
import io.conshelf.streams.query.Span;
import io.conshelf.streams.query.Syntax;
import io.conshelf.streams.query.Syntax.Name;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/// Binds a whole query: its tables, its steps in their order, and its statements.
final class ScriptBinder {
    static final String DEFAULT_OUTPUT = "output";

    private final Problems problems;
    private final QueryContext context;
    private final Steps steps;
    private final Sources sources;
    private final Map<String, Collected> outputs = new LinkedHashMap<>();

    ScriptBinder(Problems problems, QueryContext context) {
        this.problems = problems;
        this.context = context;
        this.steps = new Steps(context);
        this.sources = new Sources(problems, context, steps);
    }

    /// What goes to one output.
    private record Collected(String name, Span span, List<Bound> bound) {}

    Optional<Plan> bind(Syntax.Script script) {
        script.tables().forEach(sources::table);
        script.steps().forEach(step -> sources.announce(step.name()));
        for (Syntax.StepDeclaration step : script.steps()) {
            step.query().selects().stream().flatMap(select -> select.into().stream())
                    .forEach(into -> problems.error(into.span(), "INTO cannot stand in a step of WITH"));
            query(step.query()).ifPresentOrElse(bound -> sources.declare(step.name(), bound), () -> sources.declareUnknown(step.name()));
        }
        script.queries().forEach(this::statement);
        sources.checkSubstreams();
        if (problems.hasErrors()) {
            return Optional.empty();
        }
        return Optional.of(steps.plan(outputs.values().stream().map(this::output).toList()));
    }

    List<String> inputsRead() {
        return sources.inputsRead();
    }

    private void statement(Syntax.Query query) {
        List<Name> named = query.selects().stream().flatMap(select -> select.into().stream()).toList();
        for (Name other : named) {
            if (!other.text().equalsIgnoreCase(named.getFirst().text())) {
                problems.error(other.span(), "the parts of a UNION go to one output: '%s' is not '%s'", other.text(), named.getFirst().text());
            }
        }
        String name = named.isEmpty() ? DEFAULT_OUTPUT : named.getFirst().text();
        Span span = named.isEmpty() ? query.span() : named.getFirst().span();
        query(query).ifPresent(bound -> {
            if (bound.kind() == Relation.Kind.REFERENCE) {
                problems.error(query.span(), "a query needs a stream: reference data gives no rows by itself");
            }
            outputs.computeIfAbsent(name.toLowerCase(Locale.ROOT), _ -> new Collected(name, span, new ArrayList<>())).bound().add(bound);
        });
    }

    private Plan.Output output(Collected collected) {
        List<Bound> all = collected.bound();
        int step = all.size() == 1 ? all.getFirst().step() : steps.add(new Step.Union(all.stream().map(Bound::step).toList()));
        List<String> columns = all.stream().map(Bound::columns).reduce(Columns::and).orElse(Columns.OPEN).known();
        return new Plan.Output(collected.name(), step, columns, collected.span());
    }

    // ---------------------------------------------------------------- UNION

    private Optional<Bound> query(Syntax.Query query) {
        List<Bound> parts = new ArrayList<>();
        for (Syntax.Select select : query.selects()) {
            new SelectBinder(problems, context, sources, select, steps).bind().ifPresent(parts::add);
        }
        if (parts.size() < query.selects().size()) {
            return Optional.empty();
        }
        return parts.size() == 1 ? Optional.of(parts.getFirst()) : union(query, parts);
    }

    /// Columns go together by their place, and have the names of the first part.
    private Optional<Bound> union(Syntax.Query query, List<Bound> parts) {
        Bound first = parts.getFirst();
        List<Integer> from = new ArrayList<>();
        for (int i = 0; i < parts.size(); i++) {
            Bound part = parts.get(i);
            Span span = query.selects().get(i).span();
            if (part.kind() != first.kind()) {
                problems.error(span, "UNION cannot put a stream and reference data together");
            }
            if (first.columns() instanceof Columns.Closed(var names) && part.columns() instanceof Columns.Closed(var mine) && names.size() != mine.size()) {
                problems.error(span, "the parts of a UNION have the same columns: found %d, the first has %d", mine.size(), names.size());
                return Optional.empty();
            }
            from.add(renamed(part, first));
        }
        Columns columns = parts.stream().allMatch(part -> part.columns() instanceof Columns.Closed) ? first.columns() : Columns.OPEN;
        List<LostKey> lost = parts.stream().flatMap(part -> part.lostKeys().stream()).distinct().collect(Collectors.toCollection(ArrayList::new));
        List<List<String>> keys = parts.stream().map(part -> texts(keysAsIn(first, part))).distinct().toList();
        boolean sameKeys = keys.size() == 1;
        if (!sameKeys && lost.isEmpty()) {
            lost.add(keys.contains(List.of()) ? new LostKey.NotOfAllParts() : new LostKey.InOtherColumns(keys));
        }
        return Optional.of(new Bound(steps.add(new Step.Union(from)), first.kind(), columns, sameKeys ? first.timeKeys() : List.of(), lost));
    }

    private static List<String> texts(List<Expression> keys) {
        return keys.stream().map(key -> ExpressionText.key(key).replace("#0.", "")).toList();
    }

    /// The keys of a part's substreams, by the names that its columns get.
    private static List<Expression> keysAsIn(Bound first, Bound part) {
        if (!(first.columns() instanceof Columns.Closed(var names)) || !(part.columns() instanceof Columns.Closed(var mine))) {
            return part.timeKeys();
        }
        return Rewrite.all(part.timeKeys(), one -> {
            if (one instanceof Expression.Field(Expression.Slot slot, String name, Span span)) {
                for (int i = 0; i < mine.size(); i++) {
                    if (mine.get(i).equalsIgnoreCase(name)) {
                        return Optional.of(new Expression.Field(slot, names.get(i), span));
                    }
                }
            }
            return Optional.empty();
        });
    }

    private int renamed(Bound part, Bound first) {
        if (!(first.columns() instanceof Columns.Closed(var names)) || !(part.columns() instanceof Columns.Closed(var mine)) || names.equals(mine)) {
            return part.step();
        }
        List<Step.Item> items = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            items.add(new Step.Item.Named(names.get(i), new Expression.Field(new Expression.Slot(0, Span.NONE), mine.get(i), Span.NONE)));
        }
        return steps.add(new Step.Project(part.step(), items));
    }
}
