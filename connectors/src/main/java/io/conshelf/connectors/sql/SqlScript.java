package io.conshelf.connectors.sql;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.conshelf.connectors.Column;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.sql.SqlTable.TableColumn;
import java.sql.CallableStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.sql.Types;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/// A block of statements and its parameters.
public record SqlScript(String text, List<Parameter> parameters, Duration timeout) {
    private static final int TEXT_SIZE_MAX = 4_000;

    /// Which way a value goes.
    public enum Direction { INPUT, OUTPUT, INPUT_OUTPUT }

    /// @param size of a text or bytes that come back
    public record Parameter(String name, SqlParameter value, Direction direction, Optional<Integer> size) {
        boolean comesBack() {
            return direction != Direction.INPUT;
        }
    }

    /// How much of what comes back is kept.
    public record Limits(int rows, long logCharacters) {}

    /// @param count of all its rows, kept or not
    public record ResultRows(long count, List<ObjectNode> rows) {}

    /// @param isCut whether rows or logs were more than is kept
    public record Outcome(List<ResultRows> results, long affected, Map<String, JsonNode> outputs, List<String> logs, boolean isCut) {}

    public SqlScript {
        parameters = List.copyOf(parameters);
    }

    public Outcome run(SqlDatabase database, Limits limits) throws StoreException {
        SqlDatabase.Session session = database.session();
        try {
            session.spend();
            Collected collected = new Collected(database, limits);
            if (database.dialect() == SqlDialect.SQL_SERVER && !parameters.isEmpty()) {
                runWithParameters(session, collected);
            } else {
                try (Statement statement = session.connection().createStatement()) {
                    statement.setQueryTimeout(seconds());
                    collected.read(statement, statement.execute(postgresText()));
                }
            }
            return collected.outcome(database.dialect() == SqlDialect.POSTGRESQL ? fromFirstRow(collected) : collected.outputs);
        } catch (SQLException failure) {
            session.cancel();
            throw SqlFailure.running(database.target(), "The script", failure);
        } catch (IllegalArgumentException wrong) {
            throw StoreException.user("SqlInvalidScriptParameter", "The script: " + wrong.getMessage());
        } finally {
            session.close();
        }
    }

    private int seconds() {
        return (int) Math.min(Integer.MAX_VALUE, timeout.toSeconds());
    }

    // ---- PostgreSQL: values stand in the text, and what comes back is a column of the first row

    String postgresText() {
        Map<String, String> literals = new LinkedHashMap<>();
        for (Parameter parameter : parameters) {
            SqlParameter given = parameter.direction() == Direction.OUTPUT ? new SqlParameter(Optional.empty(), parameter.value().type()) : parameter.value();
            literals.put(plainName(parameter), given.literal(SqlDialect.POSTGRESQL));
        }
        return literals.isEmpty() ? text : ScriptText.replace(text, literals);
    }

    private static String plainName(Parameter parameter) {
        return parameter.name().replaceFirst("^[@:]", "");
    }

    private Map<String, JsonNode> fromFirstRow(Collected collected) {
        Map<String, JsonNode> outputs = new LinkedHashMap<>();
        List<Parameter> back = parameters.stream().filter(Parameter::comesBack).toList();
        Optional<ObjectNode> row = collected.results.stream().flatMap(result -> result.rows().stream()).findFirst();
        List<JsonNode> cells = new ArrayList<>();
        row.ifPresent(found -> found.forEach(cells::add));
        for (int i = 0; i < back.size(); i++) {
            String name = plainName(back.get(i));
            JsonNode byName = row.map(found -> found.path(name)).filter(value -> !value.isMissingNode()).orElse(null);
            JsonNode byPlace = i < cells.size() ? cells.get(i) : NullNode.getInstance();
            outputs.put(name, byName != null ? byName : byPlace);
        }
        return outputs;
    }

    // ---- SQL Server: as its own client does it

    private void runWithParameters(SqlDatabase.Session session, Collected collected) throws SQLException {
        String marks = ", ?".repeat(parameters.size());
        try (CallableStatement call = session.connection().prepareCall("{call sp_executesql(?, ?" + marks + ")}")) {
            call.setQueryTimeout(seconds());
            call.setNString(1, text);
            call.setNString(2, sqlServerDeclarations());
            for (int i = 0; i < parameters.size(); i++) {
                Parameter parameter = parameters.get(i);
                boolean goesIn = parameter.direction() != Direction.OUTPUT && parameter.value().value().isPresent();
                if (goesIn) {
                    call.setNString(i + 3, parameter.value().value().get());
                } else {
                    call.setNull(i + 3, Types.NVARCHAR);
                }
                if (parameter.comesBack()) {
                    call.registerOutParameter(i + 3, Types.NVARCHAR);
                }
            }
            collected.read(call, call.execute());
            for (int i = 0; i < parameters.size(); i++) {
                if (parameters.get(i).comesBack()) {
                    String value = call.getString(i + 3);
                    collected.outputs.put(plainName(parameters.get(i)), value == null ? NullNode.getInstance() : TextNode.valueOf(value));
                }
            }
        }
    }

    String sqlServerDeclarations() {
        return parameters.stream().map(parameter -> {
            String type = parameter.value().type().map(SqlDialect.SQL_SERVER::parameterType).orElse("nvarchar(max)");
            String sized = parameter.size().filter(size -> size > 0 && size <= TEXT_SIZE_MAX).map(size -> type.replace("(max)", "(" + size + ")")).orElse(type);
            return SqlProcedure.sqlServerName(plainName(parameter)) + " " + sized + (parameter.comesBack() ? " OUTPUT" : "");
        }).collect(Collectors.joining(", "));
    }

    /// What a block has returned so far.
    private static final class Collected {
        private final SqlDatabase database;
        private final Limits limits;
        private final List<ResultRows> results = new ArrayList<>();
        private final List<String> logs = new ArrayList<>();
        private final Map<String, JsonNode> outputs = new LinkedHashMap<>();
        private long affected;
        private int rowsKept;
        private long logCharacters;
        private boolean isCut;

        private Collected(SqlDatabase database, Limits limits) {
            this.database = database;
            this.limits = limits;
        }

        private void read(Statement statement, boolean first) throws SQLException {
            boolean isResult = first;
            int count = isResult ? -1 : statement.getUpdateCount();
            while (isResult || count >= 0) {
                if (isResult) {
                    try (ResultSet rows = statement.getResultSet()) {
                        results.add(rows(rows));
                    }
                } else {
                    affected += count;
                }
                isResult = statement.getMoreResults();
                count = isResult ? -1 : statement.getUpdateCount();
            }
            for (SQLWarning warning = statement.getWarnings(); warning != null; warning = warning.getNextWarning()) {
                log(SqlFailure.message(warning));
            }
        }

        private void log(String line) {
            logCharacters += line.length() + 1;
            if (logCharacters <= limits.logCharacters()) {
                logs.add(line);
            } else {
                isCut = true;
            }
        }

        private ResultRows rows(ResultSet rows) throws SQLException {
            List<TableColumn> shape = SqlTable.columns(rows.getMetaData());
            List<Column> columns = shape.stream().map(column -> SqlColumns.column(database.dialect(), column)).toList();
            List<ObjectNode> kept = new ArrayList<>();
            long count = 0;
            while (rows.next()) {
                count++;
                if (rowsKept >= limits.rows()) {
                    isCut = true;
                    continue;
                }
                rowsKept++;
                ObjectNode row = JsonNodeFactory.instance.objectNode();
                for (int i = 0; i < columns.size(); i++) {
                    row.set(columns.get(i).name(), TextCell.read(rows, i + 1, shape.get(i).jdbcType(), shape.get(i).typeName(), columns.get(i).type()));
                }
                kept.add(row);
            }
            return new ResultRows(count, kept);
        }

        private Outcome outcome(Map<String, JsonNode> outputs) {
            return new Outcome(List.copyOf(results), affected, outputs, List.copyOf(logs), isCut);
        }
    }
}
