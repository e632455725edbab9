package io.conshelf.engine.external;

import io.conshelf.engine.store.ExternalTable.SqlDialect;
import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.type.Type;
import io.conshelf.kql.value.DateTimeText;
import io.conshelf.kql.value.Ticks;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// Predicates that a SQL server checks too, so that fewer rows come. Each lets through at least what Kusto would; what means
/// anything else to the server stays behind.
final class SqlFilter {
    private final SqlTable table;
    private final List<Object> values = new ArrayList<>();
    private final List<String> terms = new ArrayList<>();

    private SqlFilter(SqlTable table) {
        this.table = table;
    }

    static SqlFilter of(SqlTable table, List<Expr> predicates) {
        var filter = new SqlFilter(table);
        for (Expr predicate : predicates) {
            var term = filter.term(predicate);
            term.ifPresent(t -> {
                filter.terms.add(t.sql());
                filter.values.addAll(t.values());
            });
        }
        return filter;
    }

    private record Term(String sql, List<Object> values) {}

    /// Behind `WHERE`; empty where nothing is left out.
    String where() {
        return terms.isEmpty() ? "" : " WHERE " + String.join(" AND ", terms);
    }

    void set(PreparedStatement statement) throws SQLException {
        for (int i = 0; i < values.size(); i++) {
            statement.setObject(i + 1, values.get(i));
        }
    }

    private Optional<Term> term(Expr predicate) {
        if (!(predicate instanceof Expr.Call call) || call.arguments().size() < 2) {
            return Optional.empty();
        }
        var arguments = call.arguments();
        return switch (call.function()) {
            case "or" -> either(arguments);
            case "==", "<", "<=", ">", ">=" -> arguments.getFirst() instanceof Expr.Ref ref
                    ? compared(ref, call.function(), arguments.getLast())
                    : arguments.getLast() instanceof Expr.Ref ref
                            ? compared(ref, Bounds.turned(call.function()), arguments.getFirst())
                            : Optional.empty();
            case "between" -> arguments.getFirst() instanceof Expr.Ref ref && arguments.getLast().type() == ref.type()
                    ? both(compared(ref, ">=", arguments.get(1)), compared(ref, "<=", arguments.get(2)))
                    : Optional.empty();
            case "in" -> arguments.getFirst() instanceof Expr.Ref ref ? member(ref, arguments.subList(1, arguments.size())) : Optional.empty();
            default -> Optional.empty();
        };
    }

    private static Optional<Term> both(Optional<Term> a, Optional<Term> b) {
        if (a.isEmpty() || b.isEmpty()) {
            return a.or(() -> b);
        }
        return Optional.of(joined(List.of(a.get(), b.get()), " AND "));
    }

    private Optional<Term> either(List<Expr> predicates) {
        var found = predicates.stream().map(this::term).toList();
        return found.stream().allMatch(Optional::isPresent)
                ? Optional.of(joined(found.stream().map(Optional::get).toList(), " OR "))
                : Optional.empty();
    }

    private Optional<Term> member(Expr.Ref ref, List<Expr> items) {
        var found = items.stream().map(item -> compared(ref, "==", item)).toList();
        return found.stream().allMatch(Optional::isPresent)
                ? Optional.of(joined(found.stream().map(Optional::get).toList(), " OR "))
                : Optional.empty();
    }

    private static Term joined(List<Term> terms, String with) {
        var values = new ArrayList<Object>();
        terms.forEach(t -> values.addAll(t.values()));
        return new Term("(" + String.join(with, terms.stream().map(Term::sql).toList()) + ")", values);
    }

    private Optional<Term> compared(Expr.Ref ref, String sign, Expr value) {
        var column = table.column(ref.column().name());
        if (column.isEmpty() || !(value instanceof Expr.Constant(Type type, Object constant)) || type != ref.type()) {
            return Optional.empty();
        }
        return comparable(column.get(), type, sign, constant).map(parameter -> new Term(
                SqlTable.quoted(table.dialect(), column.get().name()) + " " + (sign.equals("==") ? "=" : widened(type, sign)) + " ?",
                List.of(parameter)));
    }

    /// The server may keep moments coarser than ticks, so that what is less here may be equal there.
    private static String widened(Type type, String sign) {
        return type == Type.DATETIME && sign.length() == 1 ? sign + "=" : sign;
    }

    /// The constant as the server's column has it, where both compare alike.
    private Optional<Object> comparable(SqlTable.Column column, Type type, String sign, Object constant) {
        return switch (type) {
            case INT, LONG -> switch (column.type()) {
                case Types.SMALLINT, Types.INTEGER, Types.BIGINT -> Optional.of(((Number) constant).longValue());
                default -> Optional.empty();
            };
            case REAL -> column.type() == Types.DOUBLE && !((Double) constant).isNaN() ? Optional.of(constant) : Optional.empty();
            // An empty string also means null, and servers order texts in their own ways.
            case STRING -> isText(column) && sign.equals("==") && !((String) constant).isEmpty() && ((String) constant).indexOf('\0') < 0
                    ? Optional.of(constant)
                    : Optional.empty();
            case BOOL -> (column.type() == Types.BIT || column.type() == Types.BOOLEAN) && sign.equals("==") ? Optional.of(constant) : Optional.empty();
            case GUID -> column.typeName().equals("uuid") && sign.equals("==") ? Optional.of((UUID) constant) : Optional.empty();
            case DATETIME -> moment(column, sign, (Long) constant);
            case DECIMAL, TIMESPAN, DYNAMIC -> Optional.empty();
        };
    }

    private boolean isText(SqlTable.Column column) {
        return switch (table.dialect()) {
            case POSTGRESQL -> column.typeName().equals("text") || column.typeName().equals("varchar");
            // Its texts are equal by rules of their own.
            case MYSQL -> false;
            case SQL_SERVER -> column.typeName().equals("nvarchar") || column.typeName().equals("varchar");
        };
    }

    private Optional<Object> moment(SqlTable.Column column, String sign, long ticks) {
        if (column.type() != Types.TIMESTAMP || sign.equals("==") || table.dialect() != SqlDialect.POSTGRESQL) {
            return Optional.empty();
        }
        boolean isUpper = sign.startsWith("<");
        long micros = Math.floorDiv(ticks, Ticks.MICROSECOND) + (isUpper && ticks % Ticks.MICROSECOND != 0 ? 1 : 0);
        if (micros * Ticks.MICROSECOND > Ticks.DATETIME_MAX) {
            return Optional.empty();
        }
        var text = DateTimeText.format(micros * Ticks.MICROSECOND);
        var moment = OffsetDateTime.parse(text);
        return Optional.of(column.typeName().equals("timestamptz") ? moment : LocalDateTime.ofInstant(moment.toInstant(), ZoneOffset.UTC));
    }
}
