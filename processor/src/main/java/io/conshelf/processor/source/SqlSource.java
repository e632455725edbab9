package io.conshelf.processor.source;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.connectors.Column;
import io.conshelf.connectors.RowReader;
import io.conshelf.connectors.Split;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.sql.SqlPartitioning;
import io.conshelf.connectors.sql.SqlReading;
import io.conshelf.connectors.sql.SqlServers;
import io.conshelf.connectors.sql.SqlTarget;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;

/// A query that is asked again and again, the interval after its last row. Each row is a message, whose payload is the row as JSON.
public final class SqlSource implements Source {
    /// As the service waits.
    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final int AT_ONCE_MAX = 1_000;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final SqlServers servers;
    private final SqlTarget target;
    private final String query;
    private final Interval interval;
    private Optional<RowReader> open = Optional.empty();

    /// @param servers closed with this
    public SqlSource(SqlServers servers, SqlTarget target, String query, Duration interval) {
        this.servers = servers;
        this.target = target;
        this.query = query;
        this.interval = new Interval(interval);
    }

    @Override
    public List<Arrival> next() throws SourceException, InterruptedException {
        try {
            List<Arrival> arrivals = new ArrayList<>();
            while (arrivals.isEmpty()) {
                if (open.isEmpty()) {
                    interval.await();
                    open = Optional.of(new io.conshelf.connectors.sql.SqlSource(servers.database(target), new io.conshelf.connectors.sql.SqlSource.From.Query(query,
                            Optional.empty()), new SqlReading(TIMEOUT, Optional.empty()), new SqlPartitioning.None()).open(new Split.OfQuery(query)));
                }
                read(open.get(), arrivals);
            }
            return arrivals;
        } catch (StoreException | JsonProcessingException e) {
            end();
            throw new SourceException(e.getMessage(), e);
        }
    }

    private void read(RowReader reader, List<Arrival> arrivals) throws StoreException, JsonProcessingException {
        List<Column> columns = reader.columns();
        while (arrivals.size() < AT_ONCE_MAX) {
            Optional<List<JsonNode>> row = reader.next();
            if (row.isEmpty()) {
                end();
                return;
            }
            ObjectNode json = JSON.createObjectNode();
            for (int i = 0; i < columns.size(); i++) {
                json.set(columns.get(i).name(), row.get().get(i));
            }
            arrivals.add(new Arrival(JSON.writeValueAsBytes(json), new LinkedHashMap<>(), Delivery.ONCE));
        }
    }

    private void end() {
        try {
            if (open.isPresent()) {
                open.get().close();
            }
        } catch (StoreException gone) {
            // its connection is not used again
        }
        open = Optional.empty();
        interval.begin();
    }

    @Override
    public void close() {
        end();
        servers.close();
    }
}
