package io.conshelf.kql.bind;

import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.type.Type;
import java.util.List;
import java.util.Set;

/// What can become of a condition, whatever the row: neither where it is null of every row.
record Truth(boolean mayHold, boolean mayFail) {
    private static final Truth OPEN = new Truth(true, true);
    private static final Truth NEVER = new Truth(false, true);
    private static final Truth NULL = new Truth(false, false);
    /// Null where either side is.
    private static final Set<String> ORDERS = Set.of("<", "<=", ">", ">=");
    /// False of an empty text, for a text that is not.
    private static final Set<String> TEXT_PARTS = Set.of("=~", "has", "has_cs", "contains", "contains_cs", "hasprefix", "hasprefix_cs",
            "hassuffix", "hassuffix_cs", "startswith", "startswith_cs", "endswith", "endswith_cs");

    static Truth of(Expr condition) {
        return switch (condition) {
            case Expr.Null _ -> NULL;
            case Expr.Constant(Type _, Object value) when value instanceof Boolean holds -> new Truth(holds, !holds);
            case Expr.Call(String name, _, List<Expr> arguments, _) -> of(name, arguments);
            case Expr.InQuery(Expr needle, _, _) -> isNull(needle) ? NEVER : OPEN;
            case Expr.Constant _, Expr.Ref _, Expr.Aggregate _, Expr.ScalarQuery _ -> OPEN;
        };
    }

    private static Truth of(String name, List<Expr> arguments) {
        return switch (name) {
            case "not" -> {
                Truth inner = of(arguments.getFirst());
                yield new Truth(inner.mayFail, inner.mayHold);
            }
            case "and" -> ofAll(arguments);
            case "or" -> ofAny(arguments);
            case "has_all" -> areConditions(arguments) ? ofAll(arguments) : ofTerms(arguments);
            case "has_any" -> areConditions(arguments) ? ofAny(arguments) : ofTerms(arguments);
            case "in", "in~" -> isInVain(arguments.getFirst(), arguments.subList(1, arguments.size())) ? NEVER : OPEN;
            // Unequal, but for two nulls.
            case "==", "between" -> arguments.stream().anyMatch(Truth::isNull) || isInVain(arguments.getFirst(), arguments.subList(1, arguments.size())) ? NEVER : OPEN;
            case String _ when ORDERS.contains(name) && arguments.stream().anyMatch(Truth::isNull) -> NULL;
            case String _ when TEXT_PARTS.contains(name) && isEmptyText(arguments.getFirst()) && isFullText(arguments.get(1)) -> NEVER;
            case String _ -> OPEN;
        };
    }

    private static Truth ofAll(List<Expr> conditions) {
        return conditions.stream().map(Truth::of).reduce(new Truth(true, false), (one, other) -> new Truth(one.mayHold && other.mayHold, one.mayFail || other.mayFail));
    }

    private static Truth ofAny(List<Expr> conditions) {
        return conditions.stream().map(Truth::of).reduce(NEVER, (one, other) -> new Truth(one.mayHold || other.mayHold, one.mayFail && other.mayFail));
    }

    private static Truth ofTerms(List<Expr> textAndArray) {
        return isEmptyText(textAndArray.getFirst()) && Literals.arrayItems(textAndArray.getLast())
                .filter(terms -> terms.stream().allMatch(Truth::isFullText)).isPresent() ? NEVER : OPEN;
    }

    /// How lists of terms are written, unless they are long.
    private static boolean areConditions(List<Expr> arguments) {
        return arguments.stream().allMatch(argument -> argument.type() == Type.BOOL);
    }

    private static boolean isInVain(Expr value, List<Expr> items) {
        // What is equal to a null of an array is its own affair.
        return isNull(value) && items.stream().noneMatch(item -> item.type() == Type.DYNAMIC) || isEmptyText(value) && items.stream().allMatch(Truth::isFullText);
    }

    private static boolean isNull(Expr expr) {
        return expr instanceof Expr.Null || isConversion(expr) && expr.type() != Type.STRING && isNull(((Expr.Call) expr).arguments().getFirst());
    }

    private static boolean isEmptyText(Expr expr) {
        return Literals.text(expr).filter(String::isEmpty).isPresent()
                || isConversion(expr) && expr.type() == Type.STRING && isNull(((Expr.Call) expr).arguments().getFirst());
    }

    private static boolean isFullText(Expr expr) {
        return expr instanceof Expr.Call(String name, _, List<Expr> arguments, _) && name.equals("tolower") ? isFullText(arguments.getFirst())
                : Literals.text(expr).filter(text -> !text.isEmpty()).isPresent();
    }

    private static boolean isConversion(Expr expr) {
        return expr instanceof Expr.Call(String name, _, List<Expr> arguments, Type type) && arguments.size() == 1 && name.equals("to" + type);
    }
}
