package io.conshelf.kql.plan;

import io.conshelf.kql.function.AggregateFunction;
import io.conshelf.kql.function.Lowering;
import io.conshelf.kql.type.Type;
import java.util.List;

/// A scalar expression after binding: names are resolved, types are known, conversions are explicit.
public sealed interface Expr {
    Type type();

    /// A column of the input, or of an outer input inside [Plan.Apply].
    record Ref(Column column) implements Expr {
        @Override
        public Type type() {
            return column.type();
        }
    }

    /// A value in the Java form that [Type] lists.
    record Constant(Type type, Object value) implements Expr {}

    /// The null of a type; the null of `string` is the empty string and is written as a [Constant].
    record Null(Type type) implements Expr {}

    /// A built-in function, operator or conversion. The lowering is that of the signature the binder chose.
    record Call(String function, Lowering lowering, List<Expr> arguments, Type type) implements Expr {
        public Call {
            arguments = List.copyOf(arguments);
        }
    }

    /// The first cell of a query without outer references: `toscalar(…)`. Wherever the same id stands it is the same value.
    record ScalarQuery(int id, Plan plan, Type type) implements Expr {}

    /// Whether a value is among the first column of a query: `x in (T | project a)`.
    record InQuery(Expr needle, Plan plan, boolean ignoreCase) implements Expr {
        @Override
        public Type type() {
            return Type.BOOL;
        }
    }

    /// An aggregate over the rows of a group; stands only in [Plan.Aggregate].
    record Aggregate(AggregateFunction function, String template, List<Expr> arguments, Type type) implements Expr {
        public Aggregate {
            arguments = List.copyOf(arguments);
        }
    }
}
