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
    private static final Set<String> COMPARISONS = Set.of("==", "<", "<=", ">", ">=");
    /// False of an empty text, for a text that is not.
    private static final Set<String> TEXT_PARTS = Set.of("==", "=~", "has", "has_cs", "contains", "contains_cs", "hasprefix", "hasprefix_cs",
            "hassuffix", "hassuffix_cs", "startswith", "startswith_cs", "endswith", "endswith_cs");

    static Truth of(Expr condition) {
        return switch (condition) {
            case Expr.Null _ -> NULL;
            case Expr.Constant(Type _, Object value) when value instanceof Boolean holds -> new Truth(holds, !holds);
            case Expr.Call(String name, _, List<Expr> arguments, _) -> of(name, arguments);
            case Expr.Constant _, Expr.Ref _, Expr.Aggregate _, Expr.InQuery _, Expr.ScalarQuery _ -> OPEN;
        };
    }

    private static Truth of(String name, List<Expr> arguments) {
        if (arguments.size() == 1) {
            Truth inner = name.equals("not") ? of(arguments.getFirst()) : OPEN;
            return new Truth(inner.mayFail, inner.mayHold);
        }
        if (arguments.size() != 2) {
            return OPEN;
        }
        Expr left = arguments.getFirst();
        Expr right = arguments.getLast();
        if (name.equals("and") || name.equals("or")) {
            Truth one = of(left);
            Truth other = of(right);
            return name.equals("and") ? new Truth(one.mayHold && other.mayHold, one.mayFail || other.mayFail)
                    : new Truth(one.mayHold || other.mayHold, one.mayFail && other.mayFail);
        }
        if (COMPARISONS.contains(name) && (left instanceof Expr.Null || right instanceof Expr.Null)) {
            return NULL;
        }
        return TEXT_PARTS.contains(name) && isEmptyText(left) && right instanceof Expr.Constant && !isEmptyText(right) ? NEVER : OPEN;
    }

    private static boolean isEmptyText(Expr expr) {
        return expr instanceof Expr.Constant(Type type, Object value) && type == Type.STRING && value.equals("");
    }
}
