package io.conshelf.engine.external;

import io.conshelf.engine.Errors;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.external.CalloutPolicy.Target;
import io.conshelf.engine.store.ExternalTable.SqlDialect;
import io.conshelf.kql.bind.Outside;
import io.conshelf.kql.type.ColumnSchema;
import io.conshelf.kql.type.Type;
import io.conshelf.kql.value.DynamicParts;
import io.conshelf.kql.value.DynamicText;
import io.conshelf.kql.value.Ticks;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.sql.PreparedStatement;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;
import org.postgresql.core.Parser;

/// What `sql_request`, `postgresql_request` and `mysql_request` ask: a text for one server, with the values of its parameters. It may be shown without
/// either.
///
/// @param token in place of user and password; empty where there is none
/// @param values of parameters, dynamic values as they are held
record SqlRequest(String plugin, SqlConnectionString target, String token, SqlText text, Map<String, String> values) {
    private static final long NANOS_OF_A_TICK = 100;
    /// Shorter values are parts of other words.
    private static final int REPEATED_CHARS_MIN = 4;
    /// What gives rows, behind comments that are none of the conditional ones.
    private static final Pattern MYSQL_READING = Pattern.compile(
            "(?i)(?:\\s+|\\(|--\\s[^\\n]*(?:\\n|$)|#[^\\n]*(?:\\n|$)|/\\*(?!M?!)(?:[^*]|\\*(?!/))*+\\*/)*+(?:select|with|table|values|show|describe|desc|explain|call)\\b");

    /// A column of an answer.
    record Answered(SqlTable.Column source, ColumnSchema schema) {}

    /// @throws KustoException when the arguments say nothing that can be asked, or the server may not be asked by queries
    static SqlRequest of(Outside.Call call, SqlServers servers, CalloutPolicy callouts) {
        SqlDialect dialect = switch (call.name()) {
            case "sql_request" -> SqlDialect.SQL_SERVER;
            case "mysql_request" -> SqlDialect.MYSQL;
            default -> SqlDialect.POSTGRESQL;
        };
        Map<String, String> options = bag(call, 3, "options");
        options.keySet().stream().filter(name -> dialect != SqlDialect.SQL_SERVER || !name.equals("token")).findFirst().ifPresent(name -> {
            throw bad(call, "the option '" + name + "' is not known");
        });
        var target = SqlConnectionString.parse(dialect, call.text(0));
        servers.check(target);
        callouts.requireForQueries(SqlServers.calloutType(dialect), Target.ofServer(target.host(), target.port()));
        var values = new LinkedHashMap<String, String>();
        bag(call, 2, "parameters").forEach((name, value) -> values.put(name.replaceFirst("^@", ""), value));
        String token = options.containsKey("token") ? DynamicText.stringValue(options.get("token")).orElse("") : "";
        return new SqlRequest(call.name(), target, token, SqlText.of(dialect, call.text(1), values.keySet()), values);
    }

    private static Map<String, String> bag(Outside.Call call, int position, String what) {
        String bag = call.text(position);
        if (bag.isEmpty() || bag.equals(DynamicParts.NULL)) {
            return Map.of();
        }
        if (!DynamicParts.isBag(bag)) {
            throw bad(call, "the " + what + " are a bag, as in dynamic({'name': 'value'})");
        }
        return DynamicParts.properties(bag);
    }

    private static KustoException bad(Outside.Call call, String problem) {
        return new KustoException(Errors.badRequest(call.name() + ": " + problem));
    }

    /// What a server's refusal means for the sender: without the values of parameters, which servers repeat in what they say.
    KustoException failed(SQLException failure) {
        String message = String.valueOf(failure.getMessage());
        for (String value : values.values()) {
            String said = DynamicText.stringValue(value).orElse(value);
            message = said.length() < REPEATED_CHARS_MIN ? message : message.replace(said, "*****");
        }
        return SqlServers.failed(target, new SQLException(message, failure.getSQLState(), failure));
    }

    @Override
    public String toString() {
        return plugin + " of " + target;
    }

    /// PostgreSQL refuses several statements that come as one; its driver would send them one by one.
    void requireOneStatement() throws SQLException {
        if (target.dialect() == SqlDialect.POSTGRESQL && Parser.parseJdbcSql(text.sql(), true, true, true, false, false).size() > 1) {
            throw new KustoException(Errors.badRequest(plugin + ": the text has several statements; it is one, as what it changes is not kept"));
        }
        // MySQL itself refuses several, but MariaDB has statements that are made of others.
        if (target.dialect() == SqlDialect.MYSQL && !MYSQL_READING.matcher(text.sql()).lookingAt()) {
            throw new KustoException(Errors.badRequest(plugin + ": the text begins with SELECT, WITH, TABLE, VALUES, SHOW, DESCRIBE, EXPLAIN or CALL, as what it changes is not kept"));
        }
    }

    /// Gives the parameters of a statement of [#text] their values.
    void set(PreparedStatement statement) throws SQLException {
        for (int i = 0; i < text.names().size(); i++) {
            set(statement, i + 1, values.get(text.names().get(i)));
        }
    }

    private void set(PreparedStatement statement, int place, String value) throws SQLException {
        switch (DynamicText.tag(value)) {
            case 't' -> {
                var moment = instant(Long.parseLong(DynamicText.payload(value)));
                // SQL Server compares moments without a zone fastest, and MySQL has no others; PostgreSQL would take one for the session's.
                if (target.dialect() != SqlDialect.POSTGRESQL) {
                    statement.setObject(place, LocalDateTime.ofInstant(moment, ZoneOffset.UTC));
                } else {
                    statement.setObject(place, moment.atOffset(ZoneOffset.UTC));
                }
            }
            case 's' -> {
                long ticks = Long.parseLong(DynamicText.payload(value));
                if (ticks < 0 || ticks >= Ticks.DAY) {
                    throw new KustoException(Errors.badRequest(plugin + ": a timespan of a parameter is a time of day, from 0 to less than 24 hours"));
                }
                statement.setObject(place, LocalTime.ofNanoOfDay(ticks * NANOS_OF_A_TICK));
            }
            case 'g' -> {
                if (target.dialect() == SqlDialect.MYSQL) {
                    statement.setString(place, DynamicText.payload(value));
                } else {
                    statement.setObject(place, UUID.fromString(DynamicText.payload(value)));
                }
            }
            case 'd' -> statement.setBigDecimal(place, new BigDecimal(DynamicText.payload(value)));
            default -> setPlain(statement, place, value);
        }
    }

    private static void setPlain(PreparedStatement statement, int place, String value) throws SQLException {
        switch (value.charAt(0)) {
            case '"' -> statement.setString(place, DynamicText.stringValue(value).orElse(""));
            case 't', 'f' -> statement.setBoolean(place, value.equals("true"));
            case 'n' -> statement.setNull(place, Types.NULL);
            case '[', '{' -> statement.setString(place, DynamicText.toJson(value));
            default -> {
                if (!value.matches("-?\\d+")) {
                    statement.setDouble(place, Double.parseDouble(value));
                    return;
                }
                var number = new BigInteger(value);
                if (number.bitLength() < Long.SIZE) {
                    statement.setLong(place, number.longValue());
                } else {
                    statement.setBigDecimal(place, new BigDecimal(number));
                }
            }
        }
    }

    private static Instant instant(long ticks) {
        long since = ticks - Ticks.UNIX_EPOCH;
        return Instant.ofEpochSecond(Math.floorDiv(since, Ticks.SECOND), Math.floorMod(since, Ticks.SECOND) * NANOS_OF_A_TICK);
    }

    /// The columns of an answer, whose names are each there once.
    List<Answered> answered(ResultSetMetaData shape) throws SQLException {
        Set<String> names = new HashSet<>();
        var columns = new ArrayList<Answered>();
        for (int i = 1; i <= shape.getColumnCount(); i++) {
            String typeName = String.valueOf(shape.getColumnTypeName(i)).toLowerCase(java.util.Locale.ROOT);
            int type = switch (target.dialect()) {
                // Strings of bits; truth values are bool.
                case POSTGRESQL -> typeName.equals("bit") ? Types.OTHER : shape.getColumnType(i);
                case MYSQL -> mysqlType(shape.getColumnType(i), typeName);
                case SQL_SERVER -> shape.getColumnType(i);
            };
            var source = new SqlTable.Column(shape.getColumnLabel(i), type, typeName);
            String name = source.name().isEmpty() ? "Column" + i : source.name();
            String unique = name;
            for (int n = 1; !names.add(unique); n++) {
                unique = name + n;
            }
            columns.add(new Answered(source, new ColumnSchema(unique, type(source))));
        }
        return columns;
    }

    /// The driver tells the types of unsigned numbers as if they had a sign.
    private static int mysqlType(int type, String typeName) {
        boolean isUnsigned = typeName.endsWith(" unsigned");
        return switch (type) {
            case Types.INTEGER -> isUnsigned ? Types.BIGINT : type;
            case Types.BIGINT -> isUnsigned ? Types.NUMERIC : type;
            case Types.BIT -> Types.OTHER;
            case Types.BINARY, Types.VARBINARY, Types.LONGVARBINARY -> SqlCell.BYTES;
            case Types.TIME -> SqlCell.SPAN;
            default -> type;
        };
    }

    private static Type type(SqlTable.Column source) {
        return switch (source.type()) {
            case Types.TINYINT, Types.SMALLINT, Types.INTEGER -> Type.INT;
            case Types.BIGINT -> Type.LONG;
            case Types.REAL, Types.FLOAT, Types.DOUBLE -> source.typeName().equals("money") ? Type.STRING : Type.REAL;
            case Types.NUMERIC, Types.DECIMAL -> Type.DECIMAL;
            case Types.BIT, Types.BOOLEAN -> Type.BOOL;
            case Types.DATE, Types.TIMESTAMP, Types.TIMESTAMP_WITH_TIMEZONE, SqlCell.DATETIME_WITH_OFFSET -> Type.DATETIME;
            case Types.TIME, SqlCell.SPAN -> Type.TIMESPAN;
            case Types.ARRAY -> Type.STRING;
            default -> switch (source.typeName()) {
                case "uuid", "uniqueidentifier" -> Type.GUID;
                case "json", "jsonb" -> Type.DYNAMIC;
                default -> Type.STRING;
            };
        };
    }

    /// Whether a declared type can hold what a column has.
    static boolean fits(Type declared, Type told) {
        return declared == told || switch (declared) {
            case STRING -> true;
            case LONG -> told == Type.INT || told == Type.BOOL;
            case INT -> told == Type.BOOL;
            case REAL, DECIMAL -> told.isNumeric();
            case DYNAMIC, GUID -> told == Type.STRING;
            case BOOL, DATETIME, TIMESPAN -> false;
        };
    }
}
