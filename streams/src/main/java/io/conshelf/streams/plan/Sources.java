package io.conshelf.streams.plan;

import io.conshelf.connectors.definition.Spelling;
import io.conshelf.streams.expression.Expression;
import io.conshelf.streams.expression.ExpressionText;
import io.conshelf.streams.job.JobDefinition.InputType;
import io.conshelf.streams.plan.Relation.Kind;
import io.conshelf.streams.plan.Relation.Origin;
import io.conshelf.streams.plan.Step.DeclaredColumn;
import io.conshelf.streams.plan.Step.EventTime;
import io.conshelf.streams.plan.Step.Partitioning;
import io.conshelf.streams.query.Span;
import io.conshelf.streams.query.Syntax;
import io.conshelf.streams.query.Syntax.Name;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What FROM and JOIN can name: the inputs of the job, and the steps of WITH before.
final class Sources {
    private final Problems problems;
    private final QueryContext context;
    private final Steps steps;
    private final Map<String, List<DeclaredColumn>> tables = new HashMap<>();
    private final Map<String, Bound> declared = new LinkedHashMap<>();
    private final Map<String, Span> announced = new HashMap<>();
    private final List<String> spelled = new ArrayList<>();
    private final Set<String> unknown = new HashSet<>();
    private final Map<String, Span> withSubstreams = new LinkedHashMap<>();
    private final Map<String, Span> withoutSubstreams = new LinkedHashMap<>();
    private final Map<String, String> inputsRead = new LinkedHashMap<>();

    Sources(Problems problems, QueryContext context, Steps steps) {
        this.problems = problems;
        this.context = context;
        this.steps = steps;
    }

    void table(Syntax.TableDeclaration table) {
        if (context.input(table.name().text()).isEmpty()) {
            problems.error(table.name().span(), "CREATE TABLE: there is no input '%s'%s", table.name().text(),
                    Spelling.hint(context.inputs().keySet(), table.name().text()));
        }
        Map<String, DeclaredColumn> columns = new LinkedHashMap<>();
        ExpressionBinder types = new ExpressionBinder(problems, context, new SourceNames(problems, "", Columns.OPEN));
        for (Syntax.ColumnDeclaration column : table.columns()) {
            types.type(column.type()).ifPresent(type -> {
                if (columns.putIfAbsent(column.name().text().toLowerCase(Locale.ROOT), new DeclaredColumn(column.name().text(), type)) != null) {
                    problems.error(column.span(), "two columns are called '%s'", column.name().text());
                }
            });
        }
        if (tables.putIfAbsent(table.name().text().toLowerCase(Locale.ROOT), List.copyOf(columns.values())) != null) {
            problems.error(table.name().span(), "the table '%s' is declared twice", table.name().text());
        }
    }

    /// That a step of this name is going to be bound.
    void announce(Name name) {
        spelled.add(name.text());
        if (announced.putIfAbsent(name.text().toLowerCase(Locale.ROOT), name.span()) != null) {
            problems.error(name.span(), "two steps are called '%s'", name.text());
        }
    }

    void declare(Name name, Bound bound) {
        declared.put(name.text().toLowerCase(Locale.ROOT), bound);
    }

    /// A step that could not be bound: what reads it is not wrong because of that.
    void declareUnknown(Name name) {
        unknown.add(name.text().toLowerCase(Locale.ROOT));
    }

    Relation relation(Syntax.Source source) {
        String name = source.name().text();
        String key = name.toLowerCase(Locale.ROOT);
        Bound step = declared.get(key);
        if (step != null) {
            return step(source, step);
        }
        if (unknown.contains(key)) {
            return unknown(source);
        }
        Optional<String> input = context.input(name);
        if (input.isEmpty() && announced.containsKey(key)) {
            Span at = announced.get(key);
            // a step that could not be bound has told why
            if (at.startLine() > source.span().startLine() || at.startLine() == source.span().startLine() && at.startColumn() > source.span().startColumn()) {
                problems.error(source.name().span(), "the step '%s' is defined below; a step reads steps above it", name);
            } else {
                problems.error(source.name().span(), "the step '%s' reads itself", name);
            }
            return unknown(source);
        }
        if (input.isEmpty()) {
            List<String> known = new ArrayList<>(context.inputs().keySet());
            known.addAll(spelled);
            problems.error(source.name().span(), "there is no input and no step '%s'%s", name, Spelling.hint(known, name));
            return unknown(source);
        }
        inputsRead.putIfAbsent(input.get(), input.get());
        return context.inputs().get(input.get()) == InputType.REFERENCE ? reference(source, input.get()) : stream(source, input.get());
    }

    private Relation unknown(Syntax.Source source) {
        return new Relation(source.called().text(), Kind.STREAM, Origin.UNKNOWN, -1, Columns.OPEN, List.of(), List.of(), List.of(), source.span());
    }

    private Relation step(Syntax.Source source, Bound step) {
        source.timestampBy().ifPresent(by -> problems.error(by.span(), "TIMESTAMP BY is for inputs; '%s' is a step and keeps the times it has",
                source.name().text()));
        List<Expression> partitionBy = List.of();
        if (!source.partitionBy().isEmpty()) {
            if (step.kind() == Kind.REFERENCE) {
                problems.error(source.partitionBy().getFirst().span(), "reference data cannot be partitioned");
            }
            partitionBy = binder(source, step.columns()).all(source.partitionBy());
        }
        return new Relation(source.called().text(), step.kind(), Origin.STEP, step.step(), step.columns(), partitionBy, step.timeKeys(), step.lostKeys(),
                source.span());
    }

    private Relation reference(Syntax.Source source, String input) {
        source.timestampBy().ifPresent(by -> problems.error(by.span(), "TIMESTAMP BY is for streams; '%s' is reference data", input));
        if (!source.partitionBy().isEmpty()) {
            problems.error(source.partitionBy().getFirst().span(), "reference data cannot be partitioned");
        }
        int step = steps.addShared("reference " + input, new Step.Reference(input, schema(input), source.span()));
        return new Relation(source.called().text(), Kind.REFERENCE, Origin.INPUT, step, Columns.OPEN, List.of(), List.of(), List.of(), source.span());
    }

    private Relation stream(Syntax.Source source, String input) {
        ExpressionBinder binder = binder(source, Columns.OPEN);
        EventTime time = source.timestampBy().<EventTime>map(by -> new EventTime.By(binder.bind(by.value()), binder.all(by.over())))
                .orElseGet(EventTime.Arrival::new);
        List<Expression> over = time instanceof EventTime.By by ? by.over() : List.of();
        (over.isEmpty() ? withoutSubstreams : withSubstreams).putIfAbsent(input, source.span());
        List<Expression> partitionBy = binder.all(source.partitionBy());
        String timeText = switch (time) {
            case EventTime.Arrival _ -> "";
            case EventTime.By by -> ExpressionText.key(by.value());
        };
        int step = steps.addShared("stream " + input + " by " + timeText + " over " + keys(over) + " partition " + keys(partitionBy),
                new Step.Source(input, schema(input), time, new Partitioning(partitionBy), source.span()));
        return new Relation(source.called().text(), Kind.STREAM, Origin.INPUT, step, Columns.OPEN, partitionBy, over, List.of(), source.span());
    }

    private static List<String> keys(List<Expression> expressions) {
        return expressions.stream().map(ExpressionText::key).toList();
    }

    private List<DeclaredColumn> schema(String input) {
        return tables.getOrDefault(input.toLowerCase(Locale.ROOT), List.of());
    }

    private ExpressionBinder binder(Syntax.Source source, Columns columns) {
        return new ExpressionBinder(problems, context, new SourceNames(problems, source.called().text(), columns));
    }

    /// Substreams are for all inputs or for none.
    void checkSubstreams() {
        if (!withSubstreams.isEmpty()) {
            withoutSubstreams.forEach((input, span) -> problems.error(span,
                    "TIMESTAMP BY … OVER must be given for all inputs or for none; '%s' has none", input));
        }
    }

    /// In the order in which the query reads them.
    List<String> inputsRead() {
        return new ArrayList<>(inputsRead.keySet());
    }
}
