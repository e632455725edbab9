package io.conshelf.engine.external;

import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.type.Type;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What a query's predicates say of single columns: which values, or which range of moments, rows must have to be wanted.
/// Where nothing can be told, everything is wanted.
final class Bounds {
    private static final long NOT_BEFORE = Long.MIN_VALUE;
    private static final long NOT_AFTER = Long.MAX_VALUE;

    private final long nowTicks;
    private final Map<String, Set<String>> texts = new HashMap<>();
    private final Map<String, Range> moments = new HashMap<>();

    private Bounds(long nowTicks) {
        this.nowTicks = nowTicks;
    }

    /// Both ends included, in ticks.
    record Range(long from, long to) {
        Range and(Range other) {
            return new Range(Math.max(from, other.from), Math.min(to, other.to));
        }

        boolean meets(long first, long last) {
            return first <= to && last >= from;
        }
    }

    /// @param predicates all of which hold for every wanted row
    static Bounds of(List<Expr> predicates, long nowTicks) {
        var bounds = new Bounds(nowTicks);
        predicates.forEach(bounds::add);
        return bounds;
    }

    /// The texts that a column may have, where they are known.
    Optional<Set<String>> texts(String column) {
        return Optional.ofNullable(texts.get(column));
    }

    /// The moments that a column may have, where they are bounded.
    Optional<Range> moments(String column) {
        return Optional.ofNullable(moments.get(column));
    }

    private void add(Expr predicate) {
        if (!(predicate instanceof Expr.Call call) || call.arguments().size() < 2) {
            return;
        }
        switch (call.function()) {
            case "==", "in" -> equal(call.arguments().getFirst(), call.arguments().subList(1, call.arguments().size()));
            case "or" -> eitherText(call.arguments());
            default -> {
                // other functions say nothing that is of use here
            }
        }
        moments(call);
    }

    private void equal(Expr left, List<Expr> values) {
        if (left instanceof Expr.Constant && values.size() == 1) {
            equal(values.getFirst(), List.of(left));
        } else if (left instanceof Expr.Ref ref && ref.type() == Type.STRING) {
            Set<String> allowed = new HashSet<>();
            for (Expr value : values) {
                if (!(value instanceof Expr.Constant(Type type, Object text)) || type != Type.STRING) {
                    return;
                }
                allowed.add((String) text);
            }
            restrict(ref.column().name(), allowed);
        }
    }

    private void restrict(String column, Set<String> allowed) {
        texts.merge(column, allowed, (before, now) -> {
            Set<String> both = new HashSet<>(before);
            both.retainAll(now);
            return both;
        });
    }

    /// `a == 'x' or a == 'y'`
    private void eitherText(List<Expr> terms) {
        Map<String, Set<String>> either = new HashMap<>();
        for (Expr term : terms) {
            var one = of(List.of(term), nowTicks);
            if (one.texts.size() != 1) {
                return;
            }
            one.texts.forEach((column, allowed) -> either.computeIfAbsent(column, _ -> new HashSet<>()).addAll(allowed));
        }
        if (either.size() == 1) {
            either.forEach(this::restrict);
        }
    }

    private void moments(Expr.Call call) {
        var arguments = call.arguments();
        if (arguments.getFirst() instanceof Expr.Ref ref && ref.type() == Type.DATETIME) {
            range(call.function(), arguments.subList(1, arguments.size()))
                    .ifPresent(range -> moments.merge(ref.column().name(), range, Range::and));
        } else if (arguments.size() == 2 && arguments.getLast() instanceof Expr.Ref ref && ref.type() == Type.DATETIME) {
            range(turned(call.function()), List.of(arguments.getFirst()))
                    .ifPresent(range -> moments.merge(ref.column().name(), range, Range::and));
        }
    }

    /// The comparison with its sides exchanged.
    static String turned(String function) {
        return switch (function) {
            case "<" -> ">";
            case "<=" -> ">=";
            case ">" -> "<";
            case ">=" -> "<=";
            default -> function;
        };
    }

    private Optional<Range> range(String function, List<Expr> values) {
        var first = ticks(values.getFirst());
        if (first.isEmpty()) {
            return Optional.empty();
        }
        long at = first.get();
        return switch (function) {
            case "<", "<=" -> Optional.of(new Range(NOT_BEFORE, at));
            case ">", ">=" -> Optional.of(new Range(at, NOT_AFTER));
            case "==" -> Optional.of(new Range(at, at));
            case "between" -> ticks(values.getLast()).map(to ->
                    new Range(at, values.getLast().type() == Type.TIMESPAN ? at + to : to));
            default -> Optional.empty();
        };
    }

    /// The value of an expression that is known before the query runs.
    private Optional<Long> ticks(Expr expression) {
        return switch (expression) {
            case Expr.Constant(Type type, Object value) when type == Type.DATETIME || type == Type.TIMESPAN -> Optional.of((Long) value);
            case Expr.Call call -> switch (call.function()) {
                case "now" -> call.arguments().isEmpty() ? Optional.of(nowTicks) : both(call, 1);
                case "+" -> both(call, 1);
                case "-", "ago" -> both(call, -1);
                default -> Optional.empty();
            };
            case Expr.Ref _, Expr.Constant _, Expr.Null _, Expr.ScalarQuery _, Expr.InQuery _, Expr.Aggregate _ -> Optional.empty();
        };
    }

    private Optional<Long> both(Expr.Call call, int sign) {
        if (call.arguments().size() != 2) {
            return Optional.empty();
        }
        return ticks(call.arguments().getFirst()).flatMap(a -> ticks(call.arguments().getLast()).map(b -> a + sign * b));
    }
}
