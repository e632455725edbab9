package io.conshelf.streams.expression;

import io.conshelf.streams.query.Span;
import io.conshelf.streams.value.Row;
import io.conshelf.streams.value.Value;
import io.conshelf.streams.value.Value.Null;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Calls of built-in functions and of those of the job.
final class Calls {
    private Calls() {}

    static Evaluator of(Function function, Expression.Call call, Evaluator[] arguments, Context context) {
        return new BuiltIn(function, call.arguments(), arguments, function.opening().body(context), call.span(), context);
    }

    static Evaluator of(Expression.UserCall call, Evaluator[] arguments, Context context) {
        JobFunctions.Scalar function = context.functions().scalar(call.name());
        return row -> {
            Value[] values = new Value[arguments.length];
            for (int i = 0; i < values.length; i++) {
                values[i] = arguments[i].value(row);
            }
            try {
                return function.call(values);
            } catch (JobFunctions.FunctionFault fault) {
                throw new RuntimeFault(fault.getMessage(), call.span());
            }
        };
    }

    static ValueFault invalidType(String function, int index, Value value, Parameter parameter) {
        return new ValueFault("The " + ordinal(index + 1) + " argument of function " + function.toLowerCase(Locale.ROOT) + " has invalid type '"
                + value.typeName() + "'. Only " + parameter.allowed() + " is allowed.");
    }

    private static String ordinal(int number) {
        return switch (number % 100) {
            case 11, 12, 13 -> number + "th";
            default -> switch (number % 10) {
                case 1 -> number + "st";
                case 2 -> number + "nd";
                case 3 -> number + "rd";
                default -> number + "th";
            };
        };
    }

    private static final class BuiltIn implements Evaluator {
        private final Function function;
        private final List<Expression> written;
        private final Evaluator[] arguments;
        private final Parameter[] parameters;
        private final Function.Body body;
        private final boolean giveNull;
        private final Span span;
        private final Context context;

        BuiltIn(Function function, List<Expression> written, Evaluator[] arguments, Function.Body body, Span span, Context context) {
            this.function = function;
            this.written = written;
            this.arguments = arguments.clone();
            this.parameters = new Parameter[arguments.length];
            this.body = body;
            this.giveNull = function.nulls() == Function.Nulls.GIVE_NULL;
            this.span = span;
            this.context = context;
            for (int i = 0; i < arguments.length; i++) {
                parameters[i] = function.parameter(i);
                this.arguments[i] = convertedOnce(i);
            }
        }

        /// What is always the same, such as the text of a date, is converted now.
        private Evaluator convertedOnce(int index) {
            if (arguments[index] instanceof Constant(Value value) && !(value instanceof Null)) {
                return parameters[index].taken(value).<Evaluator>map(Constant::new).orElse(arguments[index]);
            }
            return arguments[index];
        }

        @Override
        public Value value(Row row) {
            Value[] values = new Value[arguments.length];
            for (int i = 0; i < values.length; i++) {
                Value value = arguments[i].value(row);
                if (value instanceof Null) {
                    if (giveNull) {
                        return value;
                    }
                } else if (!parameters[i].is(value)) {
                    value = converted(i, value);
                }
                values[i] = value;
            }
            try {
                return body.value(values);
            } catch (ValueFault fault) {
                throw new RuntimeFault(fault.getMessage(), span);
            }
        }

        private Value converted(int index, Value value) {
            Optional<Value> converted = parameters[index].taken(value);
            if (converted.isPresent()) {
                return converted.get();
            }
            Expression argument = written.get(index);
            throw switch (parameters[index]) {
                case ARRAY -> cannotCast(value, "array", argument);
                case RECORD -> cannotCast(value, "record", argument);
                case DATETIME -> cannotCast(value, "datetime", argument);
                case NUMBER, BIGINT, FLOAT, TEXT, ANY, DATE_PART, INPUT ->
                    new RuntimeFault(invalidType(function.name(), index, value, parameters[index]).getMessage(), argument.span());
            };
        }

        private RuntimeFault cannotCast(Value value, String type, Expression argument) {
            return new RuntimeFault(Conversions.message(value, type, context.text(argument), Context.whole(argument)), Context.whole(argument));
        }
    }
}
