package io.conshelf.engine.sql;

import io.conshelf.engine.duck.DuckTypes;
import io.conshelf.engine.duck.Sql;
import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.type.Type;

/// Kusto's types and constants as SQL text. Every literal says its type: DuckDB would take `1` for 32 bits.
final class Literals {
    private Literals() {}

    static String nullOf(Type type) {
        return type == Type.STRING ? "''" : "CAST(NULL AS " + DuckTypes.of(type) + ")";
    }

    static String of(Expr.Constant constant) {
        return of(constant.type(), constant.value());
    }

    static String of(Type type, Object value) {
        return switch (type) {
            case BOOL -> ((Boolean) value) ? "true" : "false";
            case INT, LONG, DATETIME, TIMESPAN -> "CAST(" + ((Number) value).longValue() + " AS " + DuckTypes.of(type) + ")";
            case REAL -> real((Double) value);
            case STRING, DYNAMIC -> Sql.text((String) value);
            case DECIMAL, GUID -> "CAST(" + Sql.text(plain(value)) + " AS " + DuckTypes.of(type) + ")";
        };
    }

    private static String plain(Object value) {
        return value instanceof java.math.BigDecimal decimal ? decimal.toPlainString() : value.toString();
    }

    // The exponent makes it a DOUBLE; without one DuckDB reads a decimal and rounds twice.
    private static String real(double value) {
        if (!Double.isFinite(value)) {
            return "CAST('" + (Double.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf") + "' AS DOUBLE)";
        }
        String digits = Double.toString(value);
        String literal = digits.indexOf('E') < 0 ? digits + "e0" : digits;
        return value < 0 || digits.startsWith("-") ? "(" + literal + ")" : literal;
    }
}
