package io.conshelf.engine.fuzz;

import io.conshelf.kql.function.Catalogue;
import io.conshelf.kql.function.Parameter;
import io.conshelf.kql.function.ScalarFunction;
import io.conshelf.kql.function.Signature;
import io.conshelf.kql.type.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// Writes queries along the grammar, most of them right: small tables, a few operators, expressions of the types that are
/// wanted, with every function of the catalogue.
final class QueryGenerator {
    private static final List<String> SIGNS = List.of("==", "!=", "<", ">", "<=", ">=", "+", "-", "*", "/", "%", "=~", "has",
            "!has", "contains", "startswith", "endswith_cs", "hasprefix", "and", "or");
    private static final List<String> AGGREGATES = List.of("count()", "sum({n})", "avg({n})", "min({a})", "max({a})", "dcount({a})",
            "countif({b})", "make_list({a})", "make_set({a})", "take_any({a})", "arg_max({n}, {a})", "arg_min({n}, *)",
            "percentile({n}, 50)", "stdev({n})", "make_bag({d})", "sumif({n}, {b})", "make_list_if({a}, {b})", "variance({n})");

    private final Random random;
    private final Map<Type, List<Shape>> functions = new EnumMap<>(Type.class);
    private List<Named> columns = new ArrayList<>();
    private int names;

    private record Named(String name, Type type) {}

    /// One way to call a function.
    private record Shape(String name, List<Parameter> parameters, List<Type> arguments) {}

    QueryGenerator(Random random) {
        this.random = random;
        for (ScalarFunction function : Catalogue.scalars()) {
            if (function.name().matches("[a-z][a-z0-9_]*") && !SIGNS.contains(function.name())) {
                function.signatures().forEach(signature -> learn(function.name(), signature));
            }
        }
    }

    private void learn(String name, Signature signature) {
        int count = Math.max(signature.argumentsMin(), signature.parameters().size() - signature.repeated());
        for (int surplus = 0; surplus <= signature.repeated(); surplus++) {
            signature.parametersFor(count + surplus).ifPresent(parameters -> {
                List<Parameter> some = parameters.subList(0, Math.min(parameters.size(), count + signature.repeated()));
                List<Type> arguments = some.stream().map(parameter -> parameter.accepts().stream().sorted().findFirst().orElse(Type.LONG)).toList();
                try {
                    functions.computeIfAbsent(signature.returns().of(arguments), _ -> new ArrayList<>())
                            .add(new Shape(name, some, arguments));
                } catch (RuntimeException notWithThese) {
                    // The result depends on arguments that the first types do not have.
                    functions.computeIfAbsent(Type.DYNAMIC, _ -> new ArrayList<>()).add(new Shape(name, some, arguments));
                }
            });
        }
    }

    String query() {
        columns = new ArrayList<>();
        names = 0;
        var text = new StringBuilder();
        if (one(4)) {
            text.append("let f = (x:long, s:string = 'q') { ").append("x + strlen(s) }; ");
        }
        return text.append(pipeline(1 + random.nextInt(5))).toString();
    }

    private String pipeline(int operators) {
        var text = new StringBuilder(source());
        for (int i = 0; i < operators; i++) {
            text.append("\n| ").append(operator());
        }
        return text.toString();
    }

    private boolean one(int in) {
        return random.nextInt(in) == 0;
    }

    private <T> T any(List<T> list) {
        return list.get(random.nextInt(list.size()));
    }

    private String newName() {
        names++;
        return one(20) ? "['n " + names + "']" : "n" + names;
    }

    // ---------------------------------------------------------------- sources

    private String source() {
        return switch (random.nextInt(6)) {
            case 0 -> {
                columns = new ArrayList<>(List.of(new Named("x", Type.LONG)));
                yield "range x from " + random.nextInt(4) + " to " + random.nextInt(12) + " step " + (1 + random.nextInt(3));
            }
            case 1 -> {
                columns = new ArrayList<>();
                String name = newName();
                Type type = type();
                String value = expression(type, 3);
                columns.add(new Named(name, type));
                yield "print " + name + " = " + value;
            }
            default -> table();
        };
    }

    private String table() {
        columns = new ArrayList<>();
        int count = 1 + random.nextInt(5);
        for (int i = 0; i < count; i++) {
            columns.add(new Named(newName(), type()));
        }
        List<Named> made = List.copyOf(columns);
        String rows = IntStream.range(0, random.nextInt(5)).boxed()
                .flatMap(_ -> made.stream().map(column -> literal(column.type()))).collect(Collectors.joining(", "));
        return made.stream().map(column -> column.name() + ":" + column.type().kustoName()).collect(Collectors.joining(", ", "datatable(", ")["))
                + rows + "]";
    }

    private Type type() {
        return any(Arrays.asList(Type.values()));
    }

    // ---------------------------------------------------------------- operators

    private String operator() {
        return switch (random.nextInt(26)) {
            case 0, 1, 2 -> "where " + expression(Type.BOOL, 3);
            case 3, 4, 5 -> "extend " + assignments(false);
            case 6, 7 -> "project " + assignments(true);
            case 8, 9, 10 -> summarize();
            case 11 -> "sort by " + column() + any(List.of("", " asc", " desc", " asc nulls last", " desc nulls first"));
            case 12 -> any(List.of("take ", "limit ")) + random.nextInt(5);
            case 13 -> "top " + random.nextInt(4) + " by " + expression(any(List.of(Type.LONG, Type.STRING, Type.REAL)), 2);
            case 14 -> join();
            case 15 -> union();
            case 16 -> mvExpand();
            case 17 -> "distinct " + column();
            case 18 -> "serialize " + named(Type.LONG, any(List.of("row_number()", "row_cumsum(" + expression(Type.LONG, 1) + ")", "prev(" + column() + ")")));
            case 19 -> "parse " + expression(Type.STRING, 1) + " with * " + any(List.of("'a'", "' '", "'-'")) + " " + parsed() + " *";
            case 20 -> "sort by " + column() + " asc | scan declare (" + scanned() + ":long = 0) with (step s: " + expression(Type.BOOL, 2)
                    + " => " + columns.getLast().name() + " = s." + columns.getLast().name() + " + " + expression(Type.LONG, 1) + ";)";
            case 21 -> "make-series " + any(List.of("count()", "sum(" + expression(Type.LONG, 1) + ")")) + " default = 0 on "
                    + expression(Type.LONG, 1) + " from 0 to " + random.nextInt(9) + " step " + (1 + random.nextInt(3)) + forget();
            case 22 -> partition();
            case 23 -> "as t" + names++;
            case 24 -> any(List.of("count", "getschema", "consume")) + forget();
            default -> "project-away " + column() + forget();
        };
    }

    /// After an operator whose columns are not followed here.
    private String forget() {
        columns = new ArrayList<>();
        return "";
    }

    private String column() {
        return columns.isEmpty() ? any(List.of("x", "Count", "n0")) : any(columns).name();
    }

    private String named(Type type, String value) {
        String name = newName();
        columns.add(new Named(name, type));
        return name + " = " + value;
    }

    private String scanned() {
        columns.add(new Named(newName(), Type.LONG));
        return columns.getLast().name();
    }

    private String parsed() {
        Type type = any(List.of(Type.STRING, Type.LONG, Type.REAL));
        columns.add(new Named(newName(), type));
        return columns.getLast().name() + ":" + type.kustoName();
    }

    private String assignments(boolean only) {
        List<Named> made = new ArrayList<>();
        var text = new ArrayList<String>();
        int count = 1 + random.nextInt(3);
        for (int i = 0; i < count; i++) {
            Type type = type();
            String value = expression(type, 3);
            String name = newName();
            made.add(new Named(name, type));
            text.add(name + " = " + value);
        }
        if (only) {
            columns = made;
        } else {
            columns.addAll(made);
        }
        return String.join(", ", text);
    }

    private String summarize() {
        var aggregates = new ArrayList<String>();
        var made = new ArrayList<Named>();
        int count = random.nextInt(3);
        for (int i = 0; i < count; i++) {
            String aggregate = any(AGGREGATES).replace("{n}", expression(any(List.of(Type.LONG, Type.REAL, Type.INT)), 1))
                    .replace("{a}", expression(type(), 1)).replace("{b}", expression(Type.BOOL, 2)).replace("{d}", expression(Type.DYNAMIC, 1));
            String name = newName();
            made.add(new Named(name, Type.DYNAMIC));
            aggregates.add(name + " = " + aggregate);
        }
        Type type = type();
        String key = expression(type, 1);
        String name = newName();
        made.add(new Named(name, type));
        columns = made;
        return "summarize " + String.join(", ", aggregates) + " by " + name + " = " + key;
    }

    private String join() {
        List<Named> left = columns;
        String right = table();
        List<Named> rightColumns = columns;
        for (Named one : left) {
            for (Named other : rightColumns) {
                if (one.type() == other.type() && one.type() != Type.DYNAMIC) {
                    columns = new ArrayList<>(left);
                    return any(List.of("join kind=inner", "join", "join kind=leftouter", "join kind=fullouter", "join kind=rightouter", "lookup"))
                            + " (" + right + ") on $left." + one.name() + " == $right." + other.name();
                }
            }
        }
        columns = left;
        return "join kind=leftanti (" + right + ") on " + column();
    }

    private String union() {
        List<Named> before = columns;
        String other = table();
        columns = new ArrayList<>(before);
        return any(List.of("union ", "union kind=inner ", "union withsource=src ")) + "(" + other + ")";
    }

    private String mvExpand() {
        String name = newName();
        String list = expression(Type.DYNAMIC, 2);
        columns.add(new Named(name, Type.DYNAMIC));
        return any(List.of("mv-expand ", "mv-expand with_itemindex=idx ", "mv-expand bagexpansion=array ")) + name + " = " + list;
    }

    private String partition() {
        String key = column();
        return "partition by " + key + " (" + any(List.of("take 1", "count", "top 1 by " + key, "summarize make_list(" + key + ")",
                "sort by " + key + " asc | extend rn = row_number()")) + ")" + forget();
    }

    // ---------------------------------------------------------------- expressions

    private String expression(Type type, int depth) {
        List<Named> fitting = columns.stream().filter(column -> column.type() == type).toList();
        if (!fitting.isEmpty() && (depth == 0 || one(3))) {
            return any(fitting).name();
        }
        if (depth == 0 || one(6)) {
            return literal(type);
        }
        if (one(12)) {
            // The wrong type now and then.
            return expression(type(), depth - 1);
        }
        return switch (random.nextInt(6)) {
            case 0 -> "iff(" + expression(Type.BOOL, depth - 1) + ", " + expression(type, depth - 1) + ", " + expression(type, depth - 1) + ")";
            case 1 -> "to" + type.kustoName() + "(" + expression(type(), depth - 1) + ")";
            case 2 -> "(" + binary(type, depth) + ")";
            default -> call(type, depth);
        };
    }

    private String binary(Type type, int depth) {
        Type operand = type == Type.BOOL ? type() : type;
        String sign = type == Type.BOOL ? any(SIGNS) : any(SIGNS.subList(6, 11));
        if (one(8)) {
            return expression(operand, depth - 1) + any(List.of(" in ", " !in ", " in~ ", " has_any ")) + "(" + literal(operand) + ", "
                    + literal(operand) + ")";
        }
        if (one(10)) {
            return expression(operand, depth - 1) + " between (" + expression(operand, depth - 1) + " .. " + literal(operand) + ")";
        }
        return expression(operand, depth - 1) + " " + sign + " " + expression(operand, depth - 1);
    }

    private String call(Type type, int depth) {
        List<Shape> shapes = functions.getOrDefault(type, List.of());
        if (shapes.isEmpty()) {
            return literal(type);
        }
        Shape shape = any(shapes);
        var arguments = new ArrayList<String>();
        for (int i = 0; i < shape.parameters().size(); i++) {
            Parameter parameter = shape.parameters().get(i);
            if (parameter.isOptional() && one(2)) {
                break;
            }
            List<Type> accepted = parameter.accepts().stream().sorted().toList();
            Type wanted = accepted.isEmpty() || one(3) ? shape.arguments().get(i) : any(accepted);
            arguments.add(parameter.fixed() != Parameter.Fixed.NOT ? literal(wanted) : expression(wanted, depth - 1));
        }
        return shape.name() + "(" + String.join(", ", arguments) + ")";
    }

    private String literal(Type type) {
        if (one(8)) {
            return type == Type.STRING ? "''" : type.kustoName() + "(null)";
        }
        return switch (type) {
            case BOOL -> any(List.of("true", "false"));
            case INT -> "int(" + number() + ")";
            case LONG -> number();
            case REAL -> any(List.of("1.5", "real(nan)", "real(+inf)", "0.0", "-2.25", "1e10", "1e-300", "123456.789"));
            case DECIMAL -> "decimal(" + any(List.of("1.5", "0", "-7", "123456789.125")) + ")";
            case STRING -> any(List.of("'a'", "'a b-c'", "'1'", "'{\"k\": 1}'", "'2020-01-01'", "'10.0.0.1'", "'é😀'", "\"it's\"", "'SELECT'",
                    "'%'", "'[0-9]+'", "'http://a.b/c?d=e'", "'x=1, y=2'", "'AAECAw=='", "'(1'"));
            case DATETIME -> any(List.of("datetime(2020-02-29)", "datetime(1601-01-01)", "datetime(9999-12-31)", "datetime(2024-05-06 07:08:09.1234567)"));
            case TIMESPAN -> any(List.of("1d", "-3h", "0s", "1tick", "time(5.04:03:02.1)", "365d"));
            case GUID -> any(List.of("guid(74be27de-1e4e-49d9-b579-fe0b331d3642)", "guid(00000000-0000-0000-0000-000000000000)"));
            case DYNAMIC -> any(List.of("dynamic([1, 2, 3])", "dynamic([])", "dynamic({\"a\": 1, \"b\": [null, \"x\"]})", "dynamic(\"t\")", "dynamic(4)",
                    "dynamic([\"a\", \"b\"])", "dynamic([1.5, null, true])", "dynamic([[1, 2], [3]])", "dynamic({})",
                    "dynamic({\"type\": \"Point\", \"coordinates\": [1, 2]})"));
        };
    }

    private String number() {
        return any(List.of("0", "1", "2", "3", "-1", "7", "10", "100", "1000", "-5"));
    }
}
