package io.conshelf.kql.bind;

import io.conshelf.kql.plan.Column;
import io.conshelf.kql.plan.Expr;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/// Walks through scalar expressions.
final class ExprWalk {
    private ExprWalk() {}

    static Set<Column> columns(Expr expr) {
        Set<Column> columns = new LinkedHashSet<>();
        collect(expr, columns);
        return columns;
    }

    private static void collect(Expr expr, Set<Column> into) {
        switch (expr) {
            case Expr.Ref ref -> into.add(ref.column());
            case Expr.Call call -> call.arguments().forEach(argument -> collect(argument, into));
            case Expr.Aggregate call -> call.arguments().forEach(argument -> collect(argument, into));
            case Expr.InQuery in -> collect(in.needle(), into);
            case Expr.Constant _, Expr.Null _, Expr.ScalarQuery _ -> { }
        }
    }

    /// The expression with `change` applied to every part, the innermost first.
    static Expr map(Expr expr, UnaryOperator<Expr> change) {
        return change.apply(switch (expr) {
            case Expr.Call call -> new Expr.Call(call.function(), call.lowering(),
                    call.arguments().stream().map(argument -> map(argument, change)).toList(), call.type());
            case Expr.Aggregate call -> new Expr.Aggregate(call.function(), call.template(),
                    call.arguments().stream().map(argument -> map(argument, change)).toList(), call.type());
            case Expr.InQuery in -> new Expr.InQuery(map(in.needle(), change), in.plan(), in.ignoreCase());
            case Expr.Ref _, Expr.Constant _, Expr.Null _, Expr.ScalarQuery _ -> expr;
        });
    }

    /// The same, but for parts that are among `done`, which are left as they are: what a call puts around its arguments is
    /// small, the arguments may be huge.
    static Expr mapAround(List<Expr> done, Expr expr, UnaryOperator<Expr> change) {
        return mapAround(identities(done), expr, change);
    }

    private static Expr mapAround(Set<Expr> done, Expr expr, UnaryOperator<Expr> change) {
        if (done.contains(expr)) {
            return expr;
        }
        return change.apply(switch (expr) {
            case Expr.Call call -> new Expr.Call(call.function(), call.lowering(),
                    call.arguments().stream().map(argument -> mapAround(done, argument, change)).toList(), call.type());
            case Expr.Aggregate call -> new Expr.Aggregate(call.function(), call.template(),
                    call.arguments().stream().map(argument -> mapAround(done, argument, change)).toList(), call.type());
            case Expr.InQuery in -> new Expr.InQuery(mapAround(done, in.needle(), change), in.plan(), in.ignoreCase());
            case Expr.Ref _, Expr.Constant _, Expr.Null _, Expr.ScalarQuery _ -> expr;
        });
    }

    /// Whether a part of the expression, outside of `done`, is of that kind.
    static boolean anyAround(List<Expr> done, Expr expr, Predicate<Expr> kind) {
        return anyAround(identities(done), expr, kind);
    }

    private static boolean anyAround(Set<Expr> done, Expr expr, Predicate<Expr> kind) {
        return !done.contains(expr) && (kind.test(expr) || switch (expr) {
            case Expr.Call call -> call.arguments().stream().anyMatch(argument -> anyAround(done, argument, kind));
            case Expr.Aggregate call -> call.arguments().stream().anyMatch(argument -> anyAround(done, argument, kind));
            case Expr.InQuery in -> anyAround(done, in.needle(), kind);
            case Expr.Ref _, Expr.Constant _, Expr.Null _, Expr.ScalarQuery _ -> false;
        });
    }

    /// These very expressions: there may be 100,000 of them.
    private static Set<Expr> identities(List<Expr> expressions) {
        Set<Expr> identities = Collections.newSetFromMap(new IdentityHashMap<>());
        identities.addAll(expressions);
        return identities;
    }

    /// Whether a part of an expression may come out otherwise when it is computed again: queries may take rows by chance.
    static boolean mayDiffer(Expr part) {
        return part instanceof Expr.InQuery
                || part instanceof Expr.Call call && (call.function().equals("rand") || call.function().equals("new_guid"));
    }

    static boolean isConstant(Expr expr) {
        return expr instanceof Expr.Constant || expr instanceof Expr.Null;
    }

    /// Whether the expression has the same value for every row.
    static boolean isIndependent(Expr expr) {
        return columns(expr).isEmpty();
    }
}
