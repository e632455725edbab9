package io.conshelf.engine.fuzz;

import io.conshelf.kql.function.AggregateFunction;
import io.conshelf.kql.function.Catalogue;
import io.conshelf.kql.function.Parameter;
import io.conshelf.kql.function.ScalarFunction;
import io.conshelf.kql.function.Signature;
import io.conshelf.kql.type.ColumnSchema;
import io.conshelf.kql.type.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.IntFunction;

/// Expressions of the type that is wanted, over the columns that there are, with every function and aggregate of the catalogue.
final class ExpressionGenerator {
    private static final List<String> COMPARISONS = List.of("==", "!=", "<", ">", "<=", ">=");
    private static final List<String> ARITHMETIC = List.of("+", "-", "*", "/", "%");

    private final Draw draw;
    private final Literals literals;
    private final Map<Type, List<Shape>> functions = new EnumMap<>(Type.class);
    private final Map<Type, List<Shape>> aggregates = new EnumMap<>(Type.class);
    private final List<Shape> allAggregates = new ArrayList<>();
    private final List<String> textOperators;

    /// Names of functions that queries use in a form of their own, or that are not built: called with anything.
    private final List<String> others;

    private int othersMade;
    private final IntFunction<String> subquery;
    private List<ColumnSchema> columns = List.of();

    /// One way to call a function.
    private record Shape(String name, List<Parameter> parameters, List<Type> arguments, AggregateFunction.Output output) {}

    /// @param subquery a query of at most so many operators
    ExpressionGenerator(Draw draw, List<String> documented, IntFunction<String> subquery) {
        this.draw = draw;
        this.literals = new Literals(draw);
        this.subquery = subquery;
        var names = new TreeSet<>(documented);
        var signs = new ArrayList<String>();
        for (ScalarFunction function : Catalogue.scalars()) {
            if (isCall(function)) {
                names.remove(function.name());
                function.signatures().forEach(signature -> learn(functions, function.name(), signature, AggregateFunction.Output.ONE));
            } else if (Character.isLetter(function.name().replace("!", "").charAt(0)) && !function.name().startsWith("$")) {
                signs.add(function.name());
            }
        }
        for (AggregateFunction aggregate : Catalogue.aggregates()) {
            aggregate.signatures().forEach(signature -> learn(aggregates, aggregate.name(), signature, aggregate.output()));
        }
        aggregates.values().forEach(allAggregates::addAll);
        textOperators = List.copyOf(signs);
        others = List.copyOf(names);
    }

    private static boolean isCall(ScalarFunction function) {
        return function.name().matches("[a-z_][a-z0-9_]*") && Catalogue.isDocumentedScalar(function.name());
    }

    private static void learn(Map<Type, List<Shape>> shapes, String name, Signature signature, AggregateFunction.Output output) {
        int count = Math.max(signature.argumentsMin(), signature.parameters().size() - signature.repeated());
        for (int surplus = 0; surplus <= 2 * signature.repeated(); surplus++) {
            signature.parametersFor(count + surplus).ifPresent(parameters -> {
                List<Type> arguments = parameters.stream().map(parameter -> parameter.accepts().stream().sorted().findFirst().orElse(Type.LONG)).toList();
                shapes.computeIfAbsent(returned(signature, arguments), _ -> new ArrayList<>()).add(new Shape(name, parameters, arguments, output));
            });
        }
    }

    private static Type returned(Signature signature, List<Type> arguments) {
        try {
            return signature.returns().of(arguments);
        } catch (RuntimeException notWithThese) {
            // The result depends on arguments that the first types do not have.
            return Type.DYNAMIC;
        }
    }

    void over(List<ColumnSchema> some) {
        columns = List.copyOf(some);
    }

    List<ColumnSchema> columns() {
        return columns;
    }

    Type type() {
        return draw.any(Arrays.asList(Type.values()));
    }

    static String quoted(String name) {
        return name.matches("[A-Za-z_]\\w*") ? name : "['" + name.replace("\\", "\\\\").replace("'", "\\'") + "']";
    }

    String column() {
        return columns.isEmpty() ? draw.anyOf("x", "Count", "n0") : quoted(draw.any(columns).name());
    }

    /// A column of a type where there is one; else any expression.
    String column(Type type) {
        List<ColumnSchema> fitting = columns.stream().filter(column -> column.type() == type).toList();
        return fitting.isEmpty() ? of(type, 1) : quoted(draw.any(fitting).name());
    }

    String literal(Type type) {
        return literals.of(type);
    }

    String anything(int depth) {
        return of(type(), depth);
    }

    String of(Type type, int depth) {
        List<ColumnSchema> fitting = columns.stream().filter(column -> column.type() == type).toList();
        if (!fitting.isEmpty() && (depth <= 0 || draw.one(3))) {
            return quoted(draw.any(fitting).name());
        }
        if (depth <= 0 || draw.one(6)) {
            return literal(type);
        }
        if (draw.one(15)) {
            // The wrong type now and then.
            return anything(depth - 1);
        }
        return switch (draw.below(13)) {
            case 0 -> draw.anyOf("iff(", "iif(") + of(Type.BOOL, depth - 1) + ", " + of(type, depth - 1) + ", " + of(type, depth - 1) + ")";
            case 1, 2, 3 -> binary(type, depth);
            case 4 -> converted(type, depth);
            case 5 -> "case(" + of(Type.BOOL, depth - 1) + ", " + of(type, depth - 1) + ", " + of(Type.BOOL, depth - 1) + ", " + of(type, depth - 1) + ", "
                    + of(type, depth - 1) + ")";
            case 6 -> special(type, depth);
            default -> call(functions, type, depth);
        };
    }

    private String converted(Type type, int depth) {
        return type == Type.DYNAMIC && draw.one(2) ? "pack_array(" + draw.several(0, 3, () -> anything(depth - 1)) + ")"
                : "to" + type.kustoName() + "(" + anything(depth - 1) + ")";
    }

    /// What has a syntax of its own.
    private String special(Type type, int depth) {
        if (draw.one(3)) {
            return switch (type) {
                case BOOL -> draw.oneOf(
                        () -> "not(" + of(Type.BOOL, depth - 1) + ")",
                        () -> of(Type.STRING, depth - 1) + " matches regex " + literals.argument("regex", Type.STRING),
                        () -> anything(depth - 1) + draw.anyOf(" in ", " !in ", " in~ ", " !in~ ") + "((" + subquery.apply(1) + "))",
                        () -> of(Type.STRING, depth - 1) + draw.anyOf(" has_any ", " has_all ", " in ") + "(" + literal(Type.DYNAMIC) + ")",
                        () -> of(Type.STRING, depth - 1) + " : 'a'");
                case DYNAMIC -> draw.oneOf(
                        () -> of(Type.DYNAMIC, depth - 1) + ".a",
                        () -> of(Type.DYNAMIC, depth - 1) + "[0]",
                        () -> of(Type.DYNAMIC, depth - 1) + "['a b'].c[-1]",
                        () -> of(Type.DYNAMIC, depth - 1) + "[" + of(Type.LONG, depth - 1) + "]",
                        () -> "dynamic([1, 2])[" + of(Type.STRING, depth - 1) + "]");
                case INT, LONG, REAL, DECIMAL, DATETIME, TIMESPAN, STRING, GUID -> draw.anyOf("-", "-", "+") + column(type);
            };
        }
        if (draw.one(4)) {
            return "column_ifexists('" + draw.anyOf("x", "l", "nothing") + "', " + of(type, depth - 1) + ")";
        }
        if (draw.one(6)) {
            // One after the other: each is rarely drawn.
            return others.get(othersMade++ % others.size()) + "(" + (draw.one(4) ? "string(null), " : "") + draw.several(0, 3, () -> anything(depth - 1)) + ")";
        }
        return draw.one(2) ? "toscalar(" + subquery.apply(2) + ")" : "Added(" + of(Type.LONG, depth - 1) + ")";
    }

    private String binary(Type type, int depth) {
        String left = of(type, depth - 1);
        return switch (type) {
            case BOOL -> condition(depth);
            case DATETIME -> "(" + left + draw.anyOf(" + ", " - ") + of(Type.TIMESPAN, depth - 1) + ")";
            case TIMESPAN -> draw.one(2) ? "(" + left + draw.anyOf(" * ", " / ") + of(draw.any(List.of(Type.LONG, Type.REAL)), depth - 1) + ")"
                    : "(" + of(Type.DATETIME, depth - 1) + " - " + of(Type.DATETIME, depth - 1) + ")";
            case INT, LONG, REAL, DECIMAL -> "(" + left + " " + draw.any(ARITHMETIC) + " " + of(draw.one(3) ? draw.any(List.of(Type.INT, Type.REAL, Type.DECIMAL)) : type, depth - 1) + ")";
            case STRING, GUID, DYNAMIC -> left;
        };
    }

    private String condition(int depth) {
        Type type = type();
        String left = of(type, depth - 1);
        return switch (draw.below(6)) {
            case 0 -> "(" + of(Type.BOOL, depth - 1) + draw.anyOf(" and ", " or ") + of(Type.BOOL, depth - 1) + ")";
            case 1 -> left + draw.anyOf(" in ", " !in ", " in~ ", " !in~ ", " has_any ", " has_all ") + "(" + literal(type) + ", " + literal(type) + ")";
            case 2 -> left + draw.anyOf(" between ", " !between ") + "(" + of(type, depth - 1) + " .. " + literal(type) + ")";
            case 3 -> of(Type.STRING, depth - 1) + " " + draw.any(textOperators).replaceFirst("^matches.*", "contains") + " " + of(Type.STRING, depth - 1);
            case 4 -> of(Type.STRING, depth - 1) + draw.anyOf(" =~ ", " !~ ", " has ", " !has ", " like ", " likecs ", " notlike ", " notlikecs ") + of(Type.STRING, depth - 1);
            default -> left + " " + draw.any(COMPARISONS) + " " + of(type, depth - 1);
        };
    }

    // ---------------------------------------------------------------- calls

    private String call(Map<Type, List<Shape>> shapes, Type type, int depth) {
        List<Shape> fitting = shapes.getOrDefault(type, List.of());
        return fitting.isEmpty() ? literal(type) : call(draw.any(fitting), depth);
    }

    private String call(Shape shape, int depth) {
        var arguments = new ArrayList<String>();
        for (int i = 0; i < shape.parameters().size(); i++) {
            Parameter parameter = shape.parameters().get(i);
            if (parameter.isOptional() && draw.one(2)) {
                break;
            }
            List<Type> accepted = parameter.accepts().stream().sorted().toList();
            Type wanted = accepted.isEmpty() || draw.one(3) ? shape.arguments().get(i) : draw.any(accepted);
            arguments.add(argument(parameter, wanted, depth));
        }
        return shape.name() + "(" + String.join(", ", arguments) + (isOpen(shape) && draw.one(4) ? arguments.isEmpty() ? "*" : ", *" : "") + ")";
    }

    private static boolean isOpen(Shape shape) {
        return shape.output() == AggregateFunction.Output.OF_ONE_ROW || shape.output() == AggregateFunction.Output.EXTREME_AND_OTHERS;
    }

    private String argument(Parameter parameter, Type wanted, int depth) {
        if (parameter.use() instanceof Parameter.Use.AsTypeName) {
            return "typeof(" + literals.typeName() + ")";
        }
        return switch (parameter.fixed()) {
            case CONSTANT, LITERAL -> literals.argument(parameter.name(), wanted);
            case FOR_ALL_ROWS -> draw.one(4) ? "toscalar(print " + literals.argument(parameter.name(), wanted) + ")" : literals.argument(parameter.name(), wanted);
            case NOT -> draw.one(2) ? literals.argument(parameter.name(), wanted) : of(wanted, depth - 1);
        };
    }

    /// A call of an aggregate.
    String aggregate() {
        String call = draw.one(3) ? call(aggregates, draw.any(List.of(Type.LONG, Type.REAL, Type.DYNAMIC, Type.DATETIME)), 2) : call(draw.any(allAggregates), 2);
        return draw.one(10) ? call + draw.anyOf(" + 1", " * 1.0", "[0]", " / count()") : call;
    }

    /// A call of an aggregate that gives one number.
    String numericAggregate() {
        return draw.one(4) ? call(aggregates, draw.any(List.of(Type.LONG, Type.REAL)), 1)
                : draw.oneOf(() -> "count()", () -> "sum(" + of(Type.LONG, 1) + ")", () -> "avg(" + column(Type.REAL) + ")", () -> "max(" + column(Type.LONG) + ")",
                        () -> "dcount(" + column() + ")");
    }
}
