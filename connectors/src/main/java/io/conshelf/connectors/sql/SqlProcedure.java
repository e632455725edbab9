package io.conshelf.connectors.sql;

import io.conshelf.connectors.StoreException;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// A stored procedure and what it is called with. On PostgreSQL a function will do as well.
public record SqlProcedure(String name, Map<String, SqlParameter> parameters) {
    private static final Pattern SQL_SERVER_PARAMETER = Pattern.compile("[\\p{L}_#@$][\\p{L}\\p{N}_#@$]{0,126}");
    private static final Pattern NUMBER = Pattern.compile("[+-]?(?:\\d+\\.?\\d*|\\.\\d+)(?:[eE][+-]?\\d{1,4})?");

    /// What PostgreSQL knows of a routine.
    private record Routine(String schema, String name, boolean isProcedure, List<String> parameters) {}

    /// Runs it; what it returns is left where it is.
    public void run(SqlDatabase database, Duration timeout) throws StoreException {
        SqlDatabase.Session session = database.session();
        try {
            session.spend();
            String call = switch (database.dialect()) {
                case POSTGRESQL -> {
                    Routine routine = find(session.connection(), database.target());
                    yield (routine.isProcedure() ? "CALL " : "SELECT ") + invocation(routine);
                }
                case SQL_SERVER -> sqlServerText();
            };
            try (Statement statement = session.connection().createStatement()) {
                statement.setQueryTimeout((int) Math.min(Integer.MAX_VALUE, timeout.toSeconds()));
                boolean isResult = statement.execute(call);
                // An error may stand behind results.
                while (isResult || statement.getUpdateCount() >= 0) {
                    isResult = statement.getMoreResults();
                }
            }
        } catch (SQLException failure) {
            session.cancel();
            throw SqlFailure.running(database.target(), "The stored procedure '" + name + "'", failure);
        } finally {
            session.close();
        }
    }

    /// The query that returns what it selects.
    String readText(Connection connection, SqlTarget target) throws SQLException, StoreException {
        return switch (target.dialect()) {
            case POSTGRESQL -> {
                Routine routine = find(connection, target);
                yield (routine.isProcedure() ? "CALL " : "SELECT * FROM ") + invocation(routine);
            }
            case SQL_SERVER -> sqlServerText();
        };
    }

    /// A name as it is written in a definition, in quotes.
    static String name(SqlDialect dialect, String name) {
        try {
            SqlTableName parsed = SqlTableName.parse(name);
            return parsed.schema().map(schema -> dialect.quote(schema) + ".").orElse("") + dialect.quote(parsed.table());
        } catch (StoreException oneName) {
            return dialect.quote(name);
        }
    }

    // ---- SQL Server

    private String sqlServerText() throws StoreException {
        try {
            return sqlServerText(name, parameters);
        } catch (IllegalArgumentException wrong) {
            throw invalid(wrong.getMessage());
        }
    }

    static String sqlServerText(String name, Map<String, SqlParameter> parameters) {
        String arguments = parameters.entrySet().stream().map(parameter -> sqlServerName(parameter.getKey()) + " = " + sqlServerValue(parameter.getValue()))
                .collect(Collectors.joining(", "));
        return ("EXEC " + name(SqlDialect.SQL_SERVER, name) + " " + arguments).strip();
    }

    static String sqlServerName(String name) {
        String plain = name.replaceFirst("^@", "");
        if (!SQL_SERVER_PARAMETER.matcher(plain).matches()) {
            throw new IllegalArgumentException("'" + name + "' is not the name of a parameter");
        }
        return "@" + plain;
    }

    // EXEC takes literals and no expressions.
    static String sqlServerValue(SqlParameter parameter) {
        if (parameter.value().isEmpty()) {
            return "NULL";
        }
        String text = parameter.value().get();
        return switch (parameter.type().orElse("").toLowerCase(Locale.ROOT)) {
            case "int16", "int", "int32", "int64", "long", "byte", "sbyte", "uint16", "uint32", "uint64", "decimal", "double", "single", "float" -> {
                if (!NUMBER.matcher(text.strip()).matches()) {
                    throw new IllegalArgumentException("'" + text + "' is no value of type " + parameter.type().get());
                }
                yield text.strip();
            }
            case "boolean", "bool" -> text.strip().equalsIgnoreCase("true") || text.strip().equals("1") ? "1" : "0";
            default -> SqlDialect.SQL_SERVER.literal(text);
        };
    }

    // ---- PostgreSQL

    private Routine find(Connection connection, SqlTarget target) throws SQLException, StoreException {
        SqlTableName wanted = SqlTableName.parse(name);
        List<Routine> found = routines(connection, wanted.schema(), wanted.table());
        if (found.isEmpty()) {
            found = routines(connection, wanted.folded().schema(), wanted.folded().table());
        }
        if (found.isEmpty()) {
            throw StoreException.user("SqlInvalidDbStoredProcedure", "There is no stored procedure '" + name + "' in " + target);
        }
        return found.stream().filter(routine -> parameters.keySet().stream().allMatch(parameter -> named(routine, parameter).isPresent())).findFirst()
                .orElse(found.getFirst());
    }

    private static List<Routine> routines(Connection connection, Optional<String> schema, String name) throws SQLException {
        String sql = "SELECT n.nspname, p.proname, p.prokind = 'p', p.proargnames FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n "
                + "ON n.oid = p.pronamespace WHERE p.proname = ? AND " + (schema.isPresent() ? "n.nspname = ?" : "pg_catalog.pg_function_is_visible(p.oid)")
                + " ORDER BY p.oid";
        List<Routine> routines = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, name);
            if (schema.isPresent()) {
                statement.setString(2, schema.get());
            }
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    Array names = rows.getArray(4);
                    routines.add(new Routine(rows.getString(1), rows.getString(2), rows.getBoolean(3),
                            names == null ? List.of() : Stream.of((String[]) names.getArray()).toList()));
                }
            }
        }
        return routines;
    }

    private static Optional<String> named(Routine routine, String parameter) {
        String plain = parameter.replaceFirst("^@", "");
        return routine.parameters().stream().filter(plain::equals).findFirst()
                .or(() -> routine.parameters().stream().filter(plain::equalsIgnoreCase).findFirst());
    }

    private String invocation(Routine routine) throws StoreException {
        List<String> arguments = new ArrayList<>();
        for (Map.Entry<String, SqlParameter> parameter : parameters.entrySet()) {
            String found = named(routine, parameter.getKey()).orElseThrow(() -> invalid("it has no parameter '" + parameter.getKey() + "'; it has "
                    + routine.parameters()));
            try {
                arguments.add(SqlDialect.POSTGRESQL.quote(found) + " => " + parameter.getValue().literal(SqlDialect.POSTGRESQL));
            } catch (IllegalArgumentException wrong) {
                throw invalid(wrong.getMessage());
            }
        }
        return SqlDialect.POSTGRESQL.quote(routine.schema()) + "." + SqlDialect.POSTGRESQL.quote(routine.name()) + "(" + String.join(", ", arguments) + ")";
    }

    private StoreException invalid(String why) {
        return StoreException.user("SqlInvalidDbStoredProcedure", "The stored procedure '" + name + "': " + why);
    }
}
