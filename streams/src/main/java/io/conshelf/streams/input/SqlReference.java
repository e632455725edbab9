package io.conshelf.streams.input;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.connectors.Column;
import io.conshelf.connectors.RowReader;
import io.conshelf.connectors.Split;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.ValueType;
import io.conshelf.connectors.azure.AzureIdentity;
import io.conshelf.connectors.sql.SqlDialect;
import io.conshelf.connectors.sql.SqlLogin;
import io.conshelf.connectors.sql.SqlPartitioning;
import io.conshelf.connectors.sql.SqlReading;
import io.conshelf.connectors.sql.SqlServers;
import io.conshelf.connectors.sql.SqlSource;
import io.conshelf.connectors.sql.SqlTarget;
import io.conshelf.streams.run.Surroundings;
import io.conshelf.streams.value.Compatibility;
import io.conshelf.streams.value.JsonRead;
import io.conshelf.streams.value.Ticks;
import io.conshelf.streams.value.Value;
import java.io.Serializable;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Reference data that a query gives, asked again as often as the definition says.
///
/// @param properties how the database is reached, by the names of its linked services
/// @param refresh    zero: once
record SqlReference(String input, SqlDialect dialect, Map<String, String> properties, SignIn signIn, String query, Duration refresh, Compatibility level,
        Surroundings surroundings) implements ReferenceInput {
    /// Who the database is told to be asked by.
    sealed interface SignIn extends Serializable {
        /// As the properties say.
        record Password() implements SignIn {}

        /// The job's identity.
        record Identity(String user) implements SignIn {}
    }

    private static final Duration ANSWER_MAX = Duration.ofMinutes(5);

    @Override
    public Snapshots open() throws InputException {
        SqlServers servers = new SqlServers(surroundings.endpoints()::allows);
        return new Snapshots() {
            private Instant asked = Instant.MIN;

            @Override
            public Snapshot first(long ticks) throws InputException {
                asked = Instant.now();
                return new Snapshot(Long.MIN_VALUE, records(servers));
            }

            @Override
            public Optional<Snapshot> next() throws InputException {
                if (!refresh.isPositive() || Instant.now().isBefore(asked.plus(refresh))) {
                    return Optional.empty();
                }
                asked = Instant.now();
                return Optional.of(new Snapshot(Ticks.of(asked), records(servers)));
            }

            @Override
            public void close() {
                servers.close();
            }
        };
    }

    private List<Value.Record> records(SqlServers servers) throws InputException {
        try {
            SqlTarget target = SqlTarget.read(dialect, "", properties, switch (signIn) {
                case SignIn.Password() -> Optional.empty();
                case SignIn.Identity(String user) -> Optional.of(new SqlLogin.Token(user, new AzureIdentity.ManagedIdentity(surroundings.clientId())));
            });
            SqlSource source = new SqlSource(servers.database(target), new SqlSource.From.Query(query, Optional.empty()),
                    new SqlReading(ANSWER_MAX, Optional.empty()), new SqlPartitioning.None());
            JsonRead read = new JsonRead(JsonRead.Reading.at(level));
            List<Value.Record> records = new ArrayList<>();
            try (RowReader rows = source.open(new Split.OfQuery(query))) {
                List<Column> columns = rows.columns();
                for (Optional<List<JsonNode>> row = rows.next(); row.isPresent(); row = rows.next()) {
                    records.add(record(columns, row.get(), read));
                }
            }
            return records;
        } catch (StoreException e) {
            throw new InputException("input '" + input + "': " + e.getMessage(), e);
        }
    }

    private static Value.Record record(List<Column> columns, List<JsonNode> cells, JsonRead read) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        for (int i = 0; i < columns.size(); i++) {
            json.set(columns.get(i).name(), cells.get(i));
        }
        Value.Record plain = read.record(json.toString()).orElseThrow();
        Value[] values = plain.values().clone();
        for (int i = 0; i < columns.size(); i++) {
            int place = plain.shape().indexOf(columns.get(i).name());
            if (columns.get(i).type() == ValueType.DATETIME && values[place] instanceof Value.Text(String text)) {
                long ticks = Ticks.parse(text);
                values[place] = ticks == Ticks.NONE ? values[place] : new Value.DateTime(ticks);
            }
        }
        return new Value.Record(plain.shape(), values);
    }

    @Override
    public String toString() {
        return "SqlReference[" + input + "]";
    }
}
