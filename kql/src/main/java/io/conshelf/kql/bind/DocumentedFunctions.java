package io.conshelf.kql.bind;

import io.conshelf.kql.bind.Meaning.Scalar;
import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.type.Type;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// What the documentation says of functions and aggregates that are not built yet: what they take, what they return and
/// how their column is called, so that a query that uses one can be checked behind it.
///
/// A line of the resource: `f` or `a`, name, rule of the result's name, result, least and most arguments, parameters.
/// A parameter is the letters of the types it takes (behind `~` where it takes a kind of types, `b`ool, `i`nt, `l`ong, `r`eal, `d`ecimal, da`t`etime, timespa`n`,
/// `s`tring, `g`uid, dynamic `j`, `T` for a type literal), with `*` where it may repeat and `?` where it may be left
/// out. A result is a type, `@n` (that of argument n, `+` promoted to long), `widest`, `common` or `branch` (the type
/// common to all), `#` (the type that the last argument names), or columns in parentheses, `*` standing for the
/// function's and the first argument's name.
final class DocumentedFunctions {
    private static final Map<String, List<Line>> FUNCTIONS = new HashMap<>();
    private static final Map<String, List<Line>> AGGREGATES = new HashMap<>();
    private static final String LETTERS = "bilrdtnsgj";
    private static final List<Type> TYPES = List.of(Type.BOOL, Type.INT, Type.LONG, Type.REAL, Type.DECIMAL, Type.DATETIME,
            Type.TIMESPAN, Type.STRING, Type.GUID, Type.DYNAMIC);

    static {
        for (String text : read().split("\n")) {
            String[] parts = text.split("\t", -1);
            Line line = new Line(parts[1], parts[2], parts[3], Integer.parseInt(parts[4]),
                    parts[5].equals("many") ? Integer.MAX_VALUE : Integer.parseInt(parts[5]),
                    parts[6].isEmpty() ? List.of() : List.of(parts[6].split(",")));
            (parts[0].equals("f") ? FUNCTIONS : AGGREGATES).computeIfAbsent(parts[1], _ -> new ArrayList<>()).add(line);
        }
    }

    private DocumentedFunctions() {}

    private record Line(String name, String nameRule, String result, int min, int max, List<String> parameters) {
        /// What the argument at a position may be; the repeating parameters repeat as a group.
        String parameter(int index, int count) {
            List<Integer> repeating = new ArrayList<>();
            for (int i = 0; i < parameters.size(); i++) {
                if (parameters.get(i).contains("*")) {
                    repeating.add(i);
                }
            }
            if (repeating.isEmpty() || index < repeating.getFirst()) {
                return parameters.get(Math.min(index, parameters.size() - 1));
            }
            int after = parameters.size() - 1 - repeating.getLast();
            boolean tailGiven = after > 0 && index >= count - after && !parameters.getLast().contains("?");
            return tailGiven ? parameters.get(parameters.size() - (count - index))
                    : parameters.get(repeating.get((index - repeating.getFirst()) % repeating.size()));
        }
    }

    sealed interface Answer {}

    /// The columns a call makes: nulls of their types.
    record Fits(List<Scalar> columns) implements Answer {}

    record WrongCount(String wanted) implements Answer {}

    record WrongArgument(int index, String wanted) implements Answer {}

    /// Nothing is known of the function.
    record Unknown() implements Answer {}

    static Answer function(String name, List<Scalar> arguments) {
        return call(FUNCTIONS.getOrDefault(name, List.of()), arguments);
    }

    static Answer aggregate(String name, List<Scalar> arguments) {
        return call(AGGREGATES.getOrDefault(name, List.of()), arguments);
    }

    /// Which argument the service blames where none of several ways to call a function fits: that which the best of them
    /// stumbles over, or, where several are equally good or the arguments must only agree with each other, the whole call.
    ///
    /// @param stumble the argument that is refused here, which is blamed where the service takes a dynamic one for it
    static OptionalInt blamed(String name, List<Type> arguments, int stumble) {
        List<Line> lines = Stream.of(FUNCTIONS, AGGREGATES)
                .map(known -> known.getOrDefault(name, List.of()).stream()
                        .filter(line -> arguments.size() >= line.min && arguments.size() <= line.max).toList())
                .filter(some -> !some.isEmpty()).findFirst().orElse(List.of());
        Optional<Line> best = Optional.empty();
        int most = -1;
        for (Line line : lines) {
            int score = 0;
            for (int i = 0; i < arguments.size(); i++) {
                score += score(line.parameter(i, arguments.size()), arguments.get(i));
            }
            best = score == most ? Optional.empty() : score > most ? Optional.of(line) : best;
            most = Math.max(most, score);
        }
        if (best.isEmpty()) {
            return OptionalInt.empty();
        }
        if (best.get().result.equals("common")) {
            String parameter = best.get().parameter(0, arguments.size());
            IntStream positions = IntStream.range(0, arguments.size());
            boolean anyFits = most > 0;
            return score(parameter, Type.DYNAMIC) == 0
                    ? positions.filter(i -> anyFits && score(parameter, arguments.get(i)) == 0).findFirst()
                    : arguments.contains(Type.DYNAMIC) ? positions.filter(i -> arguments.get(i) != Type.DYNAMIC).findFirst() : OptionalInt.empty();
        }
        for (int i = 0; i < arguments.size(); i++) {
            if (score(best.get().parameter(i, arguments.size()), arguments.get(i)) == 0) {
                return OptionalInt.of(i);
            }
        }
        return stumble < arguments.size() && arguments.get(stumble) == Type.DYNAMIC ? OptionalInt.of(stumble) : OptionalInt.empty();
    }

    /// 3 for exactly the type, 2 for one of a kind, 1 for one that is converted, 0 for a wrong one.
    private static int score(String parameter, Type type) {
        if (parameter.contains("T")) {
            return 1;
        }
        int at = parameter.indexOf(letter(type));
        return at < 0 ? 0 : parameter.startsWith("~") ? 2 : at == 0 ? 3 : 1;
    }

    private static Answer call(List<Line> lines, List<Scalar> arguments) {
        Optional<WrongArgument> wrong = Optional.empty();
        for (Line line : lines) {
            if (arguments.size() < line.min || arguments.size() > line.max) {
                continue;
            }
            int stumble = stumble(line, arguments);
            if (stumble < 0) {
                return new Fits(columns(line, arguments));
            }
            if (wrong.isEmpty() || wrong.get().index < stumble) {
                wrong = Optional.of(new WrongArgument(stumble, describe(line.parameter(stumble, arguments.size()))));
            }
        }
        if (wrong.isPresent()) {
            return wrong.get();
        }
        if (lines.isEmpty()) {
            return new Unknown();
        }
        int min = lines.stream().mapToInt(Line::min).min().orElseThrow();
        int max = lines.stream().mapToInt(Line::max).max().orElseThrow();
        return new WrongCount(min == max ? Calls.plural(min)
                : max == Integer.MAX_VALUE ? "at least " + Calls.plural(min) : min + " to " + Calls.plural(max));
    }

    private static int stumble(Line line, List<Scalar> arguments) {
        for (int i = 0; i < arguments.size(); i++) {
            String parameter = line.parameter(i, arguments.size());
            if (!parameter.contains("T") && parameter.indexOf(letter(arguments.get(i).type())) < 0) {
                return i;
            }
        }
        return -1;
    }

    private static char letter(Type type) {
        return LETTERS.charAt(TYPES.indexOf(type));
    }

    private static String describe(String parameter) {
        List<String> names = new ArrayList<>();
        for (char letter : parameter.toCharArray()) {
            int index = LETTERS.indexOf(letter);
            if (index >= 0) {
                names.add(TYPES.get(index).kustoName());
            }
        }
        return String.join(" or ", names);
    }

    private static List<Scalar> columns(Line line, List<Scalar> arguments) {
        String first = arguments.isEmpty() ? "" : arguments.getFirst().name();
        if (line.result.equals("array_sort")) {
            return arguments.stream().filter(argument -> argument.type() == Type.DYNAMIC)
                    .map(argument -> nothing(argument.name().isEmpty() ? "" : argument.name() + "_sorted", Type.DYNAMIC))
                    .toList();
        }
        if (line.result.startsWith("(")) {
            List<Scalar> columns = new ArrayList<>();
            for (String column : line.result.substring(1, line.result.length() - 1).split(",")) {
                String[] parts = column.split(":");
                columns.add(nothing(parts[0].replace("*", line.name + "_" + first), Type.named(parts[1]).orElseThrow()));
            }
            return columns;
        }
        return List.of(nothing(name(line, first, arguments.size()), type(line, arguments)));
    }

    private static Scalar nothing(String name, Type type) {
        return Scalar.named(Literals.nothing(type), name);
    }

    private static String name(Line line, String first, int count) {
        String[] rule = line.nameRule.split(":");
        return switch (rule[0]) {
            case "first" -> first;
            case "only" -> count == 1 ? first : "";
            case "prefix_first" -> rule[1] + "_" + first;
            case "prefix" -> rule[1] + "_";
            default -> "";
        };
    }

    private static Type type(Line line, List<Scalar> arguments) {
        List<Type> types = arguments.stream().map(Scalar::type).toList();
        return switch (line.result) {
            case "@0" -> types.getFirst();
            case "@0+" -> types.getFirst() == Type.INT ? Type.LONG : types.getFirst();
            case "@1" -> types.get(1);
            case "widest" -> CommonType.widest(types.stream().filter(Type::isNumeric).toList());
            case "common" -> CommonType.of(types).orElse(types.getFirst());
            case "branch" -> CommonType.ofBranches(types.stream().filter(type -> type != Type.BOOL).toList());
            case "#" -> arguments.getLast().expr() instanceof Expr.Constant(Type type, String text) && type == Type.STRING
                    ? Type.named(text).orElse(Type.DYNAMIC) : Type.DYNAMIC;
            default -> Type.named(line.result).orElse(Type.DYNAMIC);
        };
    }

    private static String read() {
        try (InputStream in = DocumentedFunctions.class.getResourceAsStream("documented-signatures.txt")) {
            if (in == null) {
                throw new AssertionError("the resource documented-signatures.txt is not in the jar");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
