package io.conshelf.streams.plan;

import io.conshelf.streams.expression.Expression;
import io.conshelf.streams.expression.ExpressionText;
import io.conshelf.streams.plan.MatchPattern.Count;
import io.conshelf.streams.plan.MatchPattern.Node;
import io.conshelf.streams.plan.MatchPattern.ReadFunction;
import io.conshelf.streams.plan.Step.Partitioning;
import io.conshelf.streams.query.Span;
import io.conshelf.streams.query.Syntax;
import io.conshelf.streams.query.Syntax.Name;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// Binds a SELECT with MATCH_RECOGNIZE. Conditions and measures read the row in slot 0 and what was matched so far in slots from 1 on.
final class MatchBinder {
    private final Problems problems;
    private final QueryContext context;
    private final Sources sources;
    private final Syntax.Select select;
    private final Steps steps;
    private final Map<String, String> defined = new LinkedHashMap<>();
    private final List<MatchPattern.Read> reads = new ArrayList<>();
    private final Map<String, Integer> places = new HashMap<>();

    MatchBinder(Problems problems, QueryContext context, Sources sources, Syntax.Select select, Steps steps) {
        this.problems = problems;
        this.context = context;
        this.sources = sources;
        this.select = select;
        this.steps = steps;
    }

    Optional<Bound> bind() {
        Syntax.Match match = select.relations().stream().filter(Syntax.Match.class::isInstance).map(Syntax.Match.class::cast).findFirst().orElseThrow();
        int told = problems.told();
        checkSelect(match);
        Relation source = sources.relation(select.from());
        if (source.kind() == Relation.Kind.REFERENCE) {
            problems.error(select.from().span(), "MATCH_RECOGNIZE needs a stream; '%s' is reference data", source.name());
        }
        ExpressionBinder keys = new ExpressionBinder(problems, context, new SourceNames(problems, source.name(), source.columns()));
        List<Expression> partitionBy = keys.all(match.partitionBy());
        List<LostKey> substreams = substreams(source, partitionBy, match);
        Optional<Long> limit = limit(match);
        List<MatchPattern.Definition> definitions = new ArrayList<>();
        for (Syntax.Definition definition : match.definitions()) {
            String name = definition.name().text();
            if (defined.put(name.toLowerCase(Locale.ROOT), name) != null) {
                problems.error(definition.span(), "'%s' is defined twice", name);
            }
            definitions.add(new MatchPattern.Definition(name, binder(source, name).bind(definition.condition())));
        }
        Optional<Node> pattern = pattern(match);
        Map<String, MatchPattern.Measure> measures = new LinkedHashMap<>();
        for (Syntax.Measure measure : match.measures()) {
            String name = context.column(measure.name().text());
            if (measures.put(name.toLowerCase(Locale.ROOT), new MatchPattern.Measure(name, binder(source, "").bind(measure.value()))) != null) {
                problems.error(measure.span(), "two measures are called '%s'", name);
            }
        }
        if (measures.isEmpty()) {
            problems.error(match.span(), "MATCH_RECOGNIZE needs MEASURES: what it gives of a match");
        }
        if (problems.told() > told || source.origin() == Relation.Origin.UNKNOWN || limit.isEmpty() || pattern.isEmpty()) {
            return Optional.empty();
        }
        int step = steps.add(new Step.Match(source.step(),
                new MatchPattern(limit.get(), partitionBy, pattern.get(), definitions, reads, List.copyOf(measures.values())),
                new Partitioning(source.partitionBy())));
        Columns columns = new Columns.Closed(measures.values().stream().map(MatchPattern.Measure::name).toList());
        return Optional.of(new Bound(step, Relation.Kind.STREAM, columns, List.of(), substreams));
    }

    /// The keys of substreams: rows that have times of their own are not matched together, and what comes of a match does not tell them.
    private List<LostKey> substreams(Relation source, List<Expression> partitionBy, Syntax.Match match) {
        List<LostKey> keys = new ArrayList<>(source.lostKeys());
        List<String> missing = new ArrayList<>();
        if (!keys.isEmpty()) {
            problems.error(source.span(), "'%s' has substreams (TIMESTAMP BY … OVER), and %s", source.name(), LostKey.told(keys));
        }
        for (Expression key : source.timeKeys()) {
            String text = ExpressionText.of(key).replace("#0.", "");
            keys.add(new LostKey.NotPassedOn(text));
            if (partitionBy.stream().noneMatch(one -> ExpressionText.key(one).equals(ExpressionText.key(key)))) {
                missing.add(text);
            }
        }
        if (!missing.isEmpty()) {
            problems.error(match.span(), "PARTITION BY must hold the keys of TIMESTAMP BY … OVER: %s is missing", String.join(", ", missing));
        }
        return keys;
    }

    private void checkSelect(Syntax.Match match) {
        if (select.relations().size() > 1) {
            problems.error(match.span(), "MATCH_RECOGNIZE cannot stand beside JOIN or APPLY");
        }
        if (select.items().size() != 1 || !(select.items().getFirst() instanceof Syntax.All)) {
            problems.error(select.items().getFirst().span(), "with MATCH_RECOGNIZE, SELECT * is all that can be selected");
        }
        select.where().ifPresent(where -> problems.error(where.span(), "WHERE cannot stand beside MATCH_RECOGNIZE; filter in a step of WITH"));
        select.having().ifPresent(having -> problems.error(having.span(), "HAVING cannot stand beside MATCH_RECOGNIZE; filter in a step of WITH"));
        if (!select.groupBy().isEmpty()) {
            problems.error(select.groupBy().getFirst().span(), "GROUP BY cannot stand beside MATCH_RECOGNIZE; group in a step of WITH");
        }
    }

    private Optional<Long> limit(Syntax.Match match) {
        if (match.limit().isEmpty()) {
            problems.error(match.span(), "MATCH_RECOGNIZE needs LIMIT DURATION(unit, length)");
            return Optional.empty();
        }
        Syntax.Duration limit = match.limit().get();
        return new WindowBinder(problems, _ -> Expression.TRUE).limit(limit.span(), limit.unit(), limit.length());
    }

    // ---------------------------------------------------------------- the pattern

    private Optional<Node> pattern(Syntax.Match match) {
        if (match.pattern().isEmpty()) {
            problems.error(match.span(), "MATCH_RECOGNIZE needs PATTERN (…)");
        }
        Optional<Node> pattern = match.pattern().map(this::node);
        if (pattern.isPresent() && pattern.get().steps() > MatchPattern.STEPS_MAX) {
            problems.error(match.span(), "PATTERN has more than %d steps when its repetitions are written out", MatchPattern.STEPS_MAX);
            return Optional.empty();
        }
        return pattern;
    }

    private Node node(Syntax.Pattern pattern) {
        return switch (pattern) {
            case Syntax.PatternName(Name name, Span span) -> {
                String known = defined.get(name.text().toLowerCase(Locale.ROOT));
                if (known == null) {
                    problems.error(span, "the pattern name '%s' is not defined; DEFINE %s AS condition", name.text(), name.text());
                }
                yield new Node.Name(known == null ? name.text() : known);
            }
            case Syntax.AnyRow _ -> new Node.AnyRow();
            case Syntax.Sequence(var parts, _) -> new Node.Sequence(parts.stream().map(this::node).toList());
            case Syntax.Either(var parts, _) -> new Node.Either(parts.stream().map(this::node).toList());
            case Syntax.Repeat(var of, int min, int max, _) -> new Node.Repeat(node(of), min, max < 0 ? Count.NONE : new Count(max));
        };
    }

    // ---------------------------------------------------------------- names in DEFINE and MEASURES

    /// @param current the name that is being defined; empty in MEASURES
    private ExpressionBinder binder(Relation source, String current) {
        return new ExpressionBinder(problems, context, new MatchNames(source, current));
    }

    private Expression read(ReadFunction function, String name, Expression value, Span span) {
        int place = places.computeIfAbsent(function + " " + name + " " + ExpressionText.key(value), _ -> {
            reads.add(new MatchPattern.Read(function, name, value));
            return reads.size();
        });
        return new Expression.Slot(place, span);
    }

    private static final Expression ROW = new Expression.Slot(0, Span.NONE);

    private final class MatchNames implements Names {
        private final Relation source;
        private final String current;

        MatchNames(Relation source, String current) {
            this.source = source;
            this.current = current;
        }

        private Expression field(List<Name> path) {
            if (!source.columns().mayHave(path.getFirst().text())) {
                return problems.refused(path.getFirst().span(), "'%s' has no column '%s'", source.name(), path.getFirst().text());
            }
            return ExpressionBinder.members(ROW, path, problems);
        }

        @Override
        public Expression path(List<Name> path, Span span) {
            String name = path.size() > 1 ? defined.get(path.getFirst().text().toLowerCase(Locale.ROOT)) : null;
            if (name == null) {
                if (current.isEmpty()) {
                    return problems.refused(span, "in MEASURES a field is read by Min, Max, First or Last of a pattern name: Last(name.field)");
                }
                return field(path);
            }
            Expression field = field(path.subList(1, path.size()));
            if (name.equals(current)) {
                return field;
            }
            // without a function, a name stands for the row it has matched last
            return read(ReadFunction.LAST, name, field, span);
        }

        @Override
        public Optional<Expression> special(Syntax.Call call) {
            String function = call.text().toLowerCase(Locale.ROOT);
            if (function.equals("classifier")) {
                return Optional.of(call.arguments().isEmpty() ? read(ReadFunction.CLASSIFIER, "", ROW, call.span())
                        : problems.refused(call.span(), "Classifier() takes no arguments"));
            }
            Optional<ReadFunction> known = switch (function) {
                case "min" -> Optional.of(ReadFunction.MIN);
                case "max" -> Optional.of(ReadFunction.MAX);
                case "first" -> Optional.of(ReadFunction.FIRST);
                case "last" -> Optional.of(ReadFunction.LAST);
                default -> Optional.empty();
            };
            if (known.isEmpty()) {
                return function.startsWith("uda.") || Catalogue.aggregate(function).isPresent() || function.equals("lag") || function.equals("isfirst")
                        ? Optional.of(problems.refused(call.span(), "%s cannot be used in MATCH_RECOGNIZE; there are Min, Max, First, Last and Classifier",
                                call.text()))
                        : Optional.empty();
            }
            List<Name> path = call.arguments().size() == 1 && call.over().isEmpty() ? path(call.arguments().getFirst()) : List.of();
            String name = path.size() < 2 ? null : defined.get(path.getFirst().text().toLowerCase(Locale.ROOT));
            if (name == null) {
                String asked = path.isEmpty() ? "" : path.getFirst().text();
                return Optional.of(problems.refused(call.span(), path.size() >= 2
                        ? "the pattern name '%2$s' is not defined above: %1$s reads names that are" : "%1$s takes one field of a pattern name: %1$s(name.field)",
                        call.text(), asked));
            }
            return Optional.of(read(known.get(), name, field(path.subList(1, path.size())), call.span()));
        }

        private List<Name> path(Syntax.Expr expr) {
            return switch (expr) {
                case Syntax.Named(Name name, _) -> new ArrayList<>(List.of(name));
                case Syntax.Member(Syntax.Expr of, Name part, _) -> {
                    List<Name> path = path(of);
                    if (!path.isEmpty()) {
                        path.add(part);
                    }
                    yield path;
                }
                default -> new ArrayList<>();
            };
        }

        @Override
        public Optional<Expression> record(Name name) {
            return Optional.empty();
        }

        @Override
        public Optional<Expression> time(Name name) {
            return Optional.empty();
        }

        @Override
        public boolean isKnown(Name name) {
            return source.columns().isKnownToHave(name.text());
        }

        @Override
        public Expression timestamp(Span span) {
            return new Expression.Timestamp(span);
        }

        @Override
        public Expression windowId(Span span) {
            return problems.refused(span, "System.Window() can be used in the SELECT of a query with GROUP BY only");
        }
    }
}
