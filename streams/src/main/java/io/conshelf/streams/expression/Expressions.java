package io.conshelf.streams.expression;

import io.conshelf.streams.expression.Expression.BinaryOperator;
import io.conshelf.streams.query.Span;
import io.conshelf.streams.value.Row;
import io.conshelf.streams.value.Value;
import io.conshelf.streams.value.Value.Null;
import io.conshelf.streams.value.Value.Text;
import java.util.List;
import java.util.Optional;

/// Makes expressions ready to run: a tree of small evaluators, each knowing its own. Conditions know two answers: what compares with NULL does not hold.
public final class Expressions {
    private static final Row NO_ROW = new Row(0, new Value[0]);

    private final Context context;

    private Expressions(Context context) {
        this.context = context;
    }

    /// What it gives belongs to one thread.
    public static Evaluator compile(Expression expression, Context context) {
        return new Expressions(context).evaluator(expression);
    }

    /// What is the same for every row; empty where it depends on the row, or fails.
    public static Optional<Value> constant(Expression expression, Context context) {
        return isConstantPart(expression) && compile(expression, context) instanceof Constant(Value value) ? Optional.of(value) : Optional.empty();
    }

    /// As [#compile], and what is not of the type is converted as functions convert their arguments; what cannot be ends the job.
    public static Evaluator compile(Expression expression, Expression.Type type, Context context) {
        Evaluator of = compile(expression, context);
        return row -> converted(of.value(row), type, expression, Context.whole(expression), context);
    }

    private Evaluator evaluator(Expression expression) {
        Evaluator evaluator = switch (expression) {
            case Expression.Literal(Value value, _) -> new Constant(value);
            case Expression.Slot(int index, _) -> row -> row.slots()[index];
            case Expression.Timestamp _ -> row -> new Value.DateTime(row.ticks());
            case Expression.Field(Expression.Slot(int index, _), String name, _) -> new Fields.OfSlot(index, name);
            case Expression.Field(Expression of, String name, _) -> new Fields.OfValue(evaluator(of), name);
            case Expression.Element(Expression of, int index, _) -> Fields.element(evaluator(of), index);
            case Expression.Unary(var operator, Expression of, Span span) -> unary(operator, evaluator(of), span);
            case Expression.Binary(var operator, Expression left, Expression right, Span span) ->
                binary(operator, evaluator(left), evaluator(right), span);
            case Expression.Like(Expression of, Expression pattern, Span span) -> like(evaluator(of), evaluator(pattern), span);
            case Expression.Between(Expression of, Expression low, Expression high, Span span) ->
                between(evaluator(of), evaluator(low), evaluator(high), span);
            case Expression.In(Expression of, List<Expression> among, _) -> in(evaluator(of), all(among));
            case Expression.IsNull(Expression of, _) -> isNull(evaluator(of));
            case Expression.Case(var branches, Expression otherwise, _) -> branches(branches, evaluator(otherwise));
            case Expression.Cast cast -> cast(cast);
            case Expression.Call call -> call(call);
            case Expression.UserCall call -> Calls.of(call, all(call.arguments()), context);
        };
        return isConstant(expression) ? folded(evaluator) : evaluator;
    }

    private Evaluator[] all(List<Expression> expressions) {
        return expressions.stream().map(this::evaluator).toArray(Evaluator[]::new);
    }

    private Evaluator call(Expression.Call call) {
        Function function = Functions.named(call.function()).orElseThrow(() ->
                new IllegalArgumentException("no built-in function is called '" + call.function() + "'"));
        return Calls.of(function, call, all(call.arguments()), context);
    }

    /// Whether it is the same for every row. Functions of the job are not asked: they may count their calls.
    private static boolean isConstant(Expression expression) {
        return switch (expression) {
            case Expression.Literal _, Expression.Slot _, Expression.Timestamp _, Expression.UserCall _ -> false;
            case Expression.Field field -> isConstantPart(field.of());
            case Expression.Element element -> isConstantPart(element.of());
            case Expression.Unary unary -> isConstantPart(unary.of());
            case Expression.Binary binary -> isConstantPart(binary.left()) && isConstantPart(binary.right());
            case Expression.Like like -> isConstantPart(like.of()) && isConstantPart(like.pattern());
            case Expression.Between between -> isConstantPart(between.of()) && isConstantPart(between.low()) && isConstantPart(between.high());
            case Expression.In in -> isConstantPart(in.of()) && in.among().stream().allMatch(Expressions::isConstantPart);
            case Expression.IsNull isNull -> isConstantPart(isNull.of());
            case Expression.Case branches -> isConstantPart(branches.otherwise())
                    && branches.branches().stream().allMatch(branch -> isConstantPart(branch.when()) && isConstantPart(branch.then()));
            case Expression.Cast cast -> isConstantPart(cast.of());
            case Expression.Call call -> call.arguments().stream().allMatch(Expressions::isConstantPart);
        };
    }

    private static boolean isConstantPart(Expression expression) {
        return expression instanceof Expression.Literal || isConstant(expression);
    }

    /// A fault is left to the first row that comes to it.
    private static Evaluator folded(Evaluator evaluator) {
        try {
            return new Constant(evaluator.value(NO_ROW));
        } catch (RuntimeFault fault) {
            return evaluator;
        }
    }

    private static Evaluator unary(Expression.UnaryOperator operator, Evaluator of, Span span) {
        return switch (operator) {
            case NOT -> (Condition) row -> !of.holds(row);
            case MINUS -> located(row -> Arithmetic.negated(of.value(row)), span);
            case COMPLEMENT -> located(row -> Arithmetic.complement(of.value(row)), span);
        };
    }

    private static Evaluator binary(BinaryOperator operator, Evaluator left, Evaluator right, Span span) {
        return switch (operator) {
            case AND -> (Condition) row -> left.holds(row) && right.holds(row);
            case OR -> (Condition) row -> left.holds(row) || right.holds(row);
            case EQUAL -> (Condition) row -> Comparison.areEqual(left.value(row), right.value(row));
            case NOT_EQUAL -> (Condition) row -> {
                Value a = left.value(row);
                Value b = right.value(row);
                return !(a instanceof Null) && !(b instanceof Null) && !Comparison.areEqual(a, b);
            };
            case LESS -> new Ordered(left, right, span) {
                @Override
                boolean holds(int order) {
                    return order < 0;
                }
            };
            case LESS_OR_EQUAL -> new Ordered(left, right, span) {
                @Override
                boolean holds(int order) {
                    return order <= 0;
                }
            };
            case GREATER -> new Ordered(left, right, span) {
                @Override
                boolean holds(int order) {
                    return order > 0;
                }
            };
            case GREATER_OR_EQUAL -> new Ordered(left, right, span) {
                @Override
                boolean holds(int order) {
                    return order >= 0;
                }
            };
            case ADD -> located(row -> Arithmetic.add(left.value(row), right.value(row)), span);
            case SUBTRACT, MULTIPLY, DIVIDE, REMAINDER -> located(row -> Arithmetic.computed(operator, left.value(row), right.value(row)), span);
            case BIT_AND, BIT_OR, BIT_XOR -> located(row -> Arithmetic.bits(operator, left.value(row), right.value(row)), span);
        };
    }

    /// What asks for an order.
    private abstract static class Ordered implements Condition {
        private final Evaluator left;
        private final Evaluator right;
        private final Span span;

        Ordered(Evaluator left, Evaluator right, Span span) {
            this.left = left;
            this.right = right;
            this.span = span;
        }

        abstract boolean holds(int order);

        @Override
        public final boolean holds(Row row) {
            Value a = left.value(row);
            if (a instanceof Null) {
                return false;
            }
            Value b = right.value(row);
            if (b instanceof Null) {
                return false;
            }
            try {
                return holds(Comparison.compare(a, b));
            } catch (ValueFault fault) {
                throw new RuntimeFault(fault.getMessage(), span);
            }
        }
    }

    private static Evaluator like(Evaluator of, Evaluator pattern, Span span) {
        LikePattern.Lately lately = new LikePattern.Lately();
        return (Condition) row -> {
            Value text = of.value(row);
            Value form = pattern.value(row);
            return !(text instanceof Null) && !(form instanceof Null) && lately.of(text(form, "LIKE", span)).matches(text(text, "LIKE", span));
        };
    }

    private static String text(Value value, String operator, Span span) {
        return ((Text) Conversions.text(value).orElseThrow(() ->
                new RuntimeFault("Operator '" + operator + "' cannot be applied to a value of type '" + value.typeName() + "'.", span))).value();
    }

    private static Evaluator between(Evaluator of, Evaluator low, Evaluator high, Span span) {
        return (Condition) row -> {
            Value value = of.value(row);
            Value from = low.value(row);
            Value to = high.value(row);
            if (value instanceof Null || from instanceof Null || to instanceof Null) {
                return false;
            }
            try {
                return Comparison.compare(value, from) >= 0 && Comparison.compare(value, to) <= 0;
            } catch (ValueFault fault) {
                throw new RuntimeFault(fault.getMessage(), span);
            }
        };
    }

    private static Evaluator in(Evaluator of, Evaluator[] among) {
        return (Condition) row -> {
            Value value = of.value(row);
            for (Evaluator one : among) {
                if (Comparison.areEqual(value, one.value(row))) {
                    return true;
                }
            }
            return false;
        };
    }

    private static Evaluator isNull(Evaluator of) {
        return (Condition) row -> of.value(row) instanceof Null;
    }

    private Evaluator branches(List<Expression.Branch> branches, Evaluator otherwise) {
        Evaluator[] when = all(branches.stream().map(Expression.Branch::when).toList());
        Evaluator[] then = all(branches.stream().map(Expression.Branch::then).toList());
        return row -> {
            for (int i = 0; i < when.length; i++) {
                if (when[i].holds(row)) {
                    return then[i].value(row);
                }
            }
            return otherwise.value(row);
        };
    }

    private Evaluator cast(Expression.Cast cast) {
        Evaluator of = evaluator(cast.of());
        Expression.Type to = cast.to();
        return switch (cast.onFailure()) {
            case NULL -> row -> Conversions.cast(of.value(row), to).orElse(Null.NULL);
            case ERROR -> row -> {
                Value value = of.value(row);
                return Conversions.cast(value, to).orElseThrow(() -> cannotCast(value, to, cast.of(), cast.span(), context));
            };
        };
    }

    private static Value converted(Value value, Expression.Type to, Expression expression, Span span, Context context) {
        return Conversions.cast(value, to).orElseThrow(() -> cannotCast(value, to, expression, span, context));
    }

    private static RuntimeFault cannotCast(Value value, Expression.Type to, Expression expression, Span span, Context context) {
        return new RuntimeFault(Conversions.message(value, Conversions.typeName(to), context.text(expression), span), span);
    }

    private static Evaluator located(Evaluator evaluator, Span span) {
        return row -> {
            try {
                return evaluator.value(row);
            } catch (ValueFault fault) {
                throw new RuntimeFault(fault.getMessage(), span);
            }
        };
    }

    /// An evaluator whose answer is yes or no.
    private interface Condition extends Evaluator {
        @Override
        boolean holds(Row row);

        @Override
        default Value value(Row row) {
            return Value.of(holds(row));
        }
    }
}
