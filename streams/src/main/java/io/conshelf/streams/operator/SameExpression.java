package io.conshelf.streams.operator;

import io.conshelf.streams.expression.Expression;

/// Whether two expressions say the same, wherever in the query they stand. Those that a query keeps rows apart by are mostly fields; others are the same
/// only where they are written alike.
final class SameExpression {
    private SameExpression() {}

    static boolean same(Expression one, Expression other) {
        if (one instanceof Expression.Slot(int index, _) && other instanceof Expression.Slot(int otherIndex, _)) {
            return index == otherIndex;
        }
        if (one instanceof Expression.Field(Expression of, String name, _) && other instanceof Expression.Field(Expression otherOf, String otherName, _)) {
            return name.equalsIgnoreCase(otherName) && same(of, otherOf);
        }
        if (one instanceof Expression.Element(Expression of, int index, _) && other instanceof Expression.Element(Expression otherOf, int otherIndex, _)) {
            return index == otherIndex && same(of, otherOf);
        }
        if (one instanceof Expression.Literal(var value, _) && other instanceof Expression.Literal(var otherValue, _)) {
            return value.equals(otherValue);
        }
        return one instanceof Expression.Timestamp && other instanceof Expression.Timestamp || one.equals(other);
    }
}
