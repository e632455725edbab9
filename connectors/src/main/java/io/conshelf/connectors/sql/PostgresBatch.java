package io.conshelf.connectors.sql;

import com.fasterxml.jackson.databind.JsonNode;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.sql.SqlTable.TableColumn;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import org.postgresql.copy.CopyIn;

/// Writes by `COPY`: into the table, or into one where rows wait to be merged by their key.
final class PostgresBatch implements SqlBatch {
    private static final int BUFFER = 1 << 16;
    private static final String WRONG_TEXT = "22P02";

    private final SqlDatabase.Session session;
    private final SqlSink.Target target;
    private final String into;
    private final Optional<String> interim;

    PostgresBatch(SqlDatabase.Session session, SqlSink.Target target, SqlSink.Settings settings) throws SQLException {
        this.session = session;
        this.target = target;
        this.interim = switch (settings.write()) {
            case SqlWrite.Insert _ -> Optional.empty();
            case SqlWrite.Upsert(var _, Optional<String> schema) -> Optional.of(interim(schema));
            case SqlWrite.Procedure procedure -> throw new IllegalArgumentException("PostgreSQL takes no rows by the procedure " + procedure.name());
        };
        this.into = interim.orElse(target.table().sql());
        if (settings.locksTable()) {
            execute("LOCK TABLE " + target.table().sql() + " IN EXCLUSIVE MODE");
        }
    }

    private String interim(Optional<String> schema) throws SQLException {
        String name = SqlDialect.POSTGRESQL.quote("conshelf_interim_" + UUID.randomUUID().toString().replace("-", ""));
        String full = schema.map(s -> SqlDialect.POSTGRESQL.quote(s) + "." + name).orElse(name);
        execute("CREATE " + (schema.isPresent() ? "UNLOGGED" : "TEMPORARY") + " TABLE " + full + (schema.isPresent() ? "" : " ON COMMIT DROP")
                + " AS SELECT " + names() + " FROM " + target.table().sql() + " WITH NO DATA");
        return full;
    }

    private String names() {
        return target.columns().stream().map(column -> SqlDialect.POSTGRESQL.quote(column.name())).collect(Collectors.joining(", "));
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = session.connection().createStatement()) {
            statement.execute(sql);
        }
    }

    @Override
    public void send(List<List<JsonNode>> rows) throws SQLException {
        CopyIn copy = session.postgres().getCopyAPI().copyIn("COPY " + into + " (" + names() + ") FROM STDIN (FORMAT csv)");
        boolean isDone = false;
        try {
            StringBuilder buffer = new StringBuilder();
            for (List<JsonNode> row : rows) {
                append(row, buffer);
                if (buffer.length() >= BUFFER) {
                    flush(copy, buffer);
                }
            }
            flush(copy, buffer);
            copy.endCopy();
            isDone = true;
        } finally {
            if (!isDone && copy.isActive()) {
                copy.cancelCopy();
            }
        }
    }

    private void append(List<JsonNode> row, StringBuilder buffer) throws SQLException {
        for (int i = 0; i < target.columns().size(); i++) {
            buffer.append(i == 0 ? "" : ",");
            JsonNode cell = row.get(i);
            if (!cell.isNull() && !cell.isMissingNode()) {
                TableColumn column = target.columns().get(i);
                try {
                    String text = PostgresCell.text(cell, target.source().get(i).type(), column.typeName());
                    buffer.append('"').append(text.replace("\"", "\"\"")).append('"');
                } catch (IllegalArgumentException wrong) {
                    throw new SQLException("column '" + column.name() + "': " + wrong.getMessage(), WRONG_TEXT, wrong);
                }
            }
        }
        buffer.append('\n');
    }

    private static void flush(CopyIn copy, StringBuilder buffer) throws SQLException {
        byte[] bytes = buffer.toString().getBytes(StandardCharsets.UTF_8);
        if (bytes.length > 0) {
            copy.writeToCopy(bytes, 0, bytes.length);
        }
        buffer.setLength(0);
    }

    @Override
    public void finish() throws SQLException, StoreException {
        if (interim.isEmpty()) {
            return;
        }
        String table = target.table().sql();
        List<String> keys = target.keys().stream().map(SqlDialect.POSTGRESQL::quote).toList();
        requireDistinct(keys);
        // Two copies at once must not both find a row missing.
        execute("LOCK TABLE " + table + " IN SHARE ROW EXCLUSIVE MODE");
        String same = keys.stream().map(key -> "t." + key + " = s." + key).collect(Collectors.joining(" AND "));
        String changes = target.columns().stream().map(TableColumn::name).filter(name -> !target.keys().contains(name)).map(SqlDialect.POSTGRESQL::quote)
                .map(name -> name + " = s." + name).collect(Collectors.joining(", "));
        if (!changes.isEmpty()) {
            execute("UPDATE " + table + " AS t SET " + changes + " FROM " + into + " AS s WHERE " + same);
        }
        execute("INSERT INTO " + table + " (" + names() + ") SELECT " + names() + " FROM " + into + " AS s WHERE NOT EXISTS (SELECT 1 FROM " + table
                + " AS t WHERE " + same + ")");
        execute("DROP TABLE " + into);
    }

    private void requireDistinct(List<String> keys) throws SQLException, StoreException {
        String list = String.join(", ", keys);
        try (Statement statement = session.connection().createStatement();
                ResultSet rows = statement.executeQuery("SELECT " + list + " FROM " + into + " GROUP BY " + list + " HAVING count(*) > 1 LIMIT 1")) {
            if (rows.next()) {
                throw StoreException.user("SqlUpsertDuplicateKey", "Two rows of the source have the same key (" + String.join(", ", target.keys())
                        + "), so it is not known which of them is meant");
            }
        }
    }
}
