package io.conshelf.cli.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.conshelf.connectors.RowReader;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.kusto.Endpoints;
import io.conshelf.connectors.kusto.KustoCluster;
import io.conshelf.connectors.kusto.KustoCredential;
import io.conshelf.connectors.kusto.QueryOptions;
import io.conshelf.processor.destination.Destination.Refused;
import io.conshelf.processor.destination.explorer.ExplorerCluster;
import io.conshelf.processor.destination.explorer.ExplorerDestination;
import io.conshelf.processor.destination.explorer.ExplorerSettings;
import io.conshelf.processor.destination.explorer.Following;
import io.conshelf.processor.stage.Message;
import io.conshelf.processor.value.Value;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/// Tables of a cluster, one after another, and destinations that write into them: all of one partition of a pipeline, as it is started again and again.
final class ExplorerTables implements AutoCloseable {
    static final String ADDRESS = "https://lab.westeurope.kusto.windows.net";
    static final Instant RECEIVED = Instant.parse("2026-01-02T03:04:05Z");
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final AtomicInteger NUMBER = new AtomicInteger();

    private final KustoCluster cluster;
    private final Endpoints endpoints;
    private final KustoCredential writer;
    private final Path folder;
    private final List<Runnable> opened = new ArrayList<>();
    private String table = "T" + NUMBER.incrementAndGet();

    /// @param cluster as its administrator sees it; with a database 'Lab'
    /// @param writer  whom the stage signs in as
    /// @param folder  of the pipeline
    ExplorerTables(KustoCluster cluster, Endpoints endpoints, KustoCredential writer, Path folder) {
        this.cluster = cluster;
        this.endpoints = endpoints;
        this.writer = writer;
        this.folder = folder;
    }

    /// The one that is meant now.
    String table() {
        return table;
    }

    /// Another is meant from now on.
    ///
    /// @return the one before
    String next() {
        String before = table;
        table = "T" + NUMBER.incrementAndGet();
        return before;
    }

    void create(String columns) throws StoreException {
        command(".create table " + table + " (" + columns + ")");
        command(".alter table " + table + " policy ingestionbatching ```{\"MaximumNumberOfItems\": 1}```");
    }

    void command(String command) throws StoreException {
        cluster.command("Lab", command, Duration.ofMinutes(1));
    }

    List<String> query(String kql) {
        List<String> rows = new ArrayList<>();
        try (RowReader reader = cluster.query("Lab", kql, new QueryOptions(Duration.ofMinutes(1), false))) {
            for (var row = reader.next(); row.isPresent(); row = reader.next()) {
                rows.add(JSON.writeValueAsString(row.get()));
            }
        } catch (Exception failure) {
            throw new IllegalStateException(failure);
        }
        return rows;
    }

    void awaitRows(int count) {
        assertThat(Eventually.holds(() -> query(table + " | count"), rows -> rows.equals(List.of("[" + count + "]")))).containsExactly("[" + count + "]");
    }

    ExplorerDestination open(String... columns) {
        return open(ADDRESS + "/", ExplorerCluster.TYPES_AGE_MAX, Following.DEFAULT, columns);
    }

    ExplorerDestination open(Following following, String... columns) {
        return open(ADDRESS, ExplorerCluster.TYPES_AGE_MAX, following, columns);
    }

    ExplorerDestination open(String address, Duration typesAgeMax, Following following, String... columns) {
        ExplorerSettings settings = new ExplorerSettings(address, "Lab", table, Duration.ofSeconds(60), message -> member(message, "payload"),
                Stream.of(columns).map(name -> new ExplorerSettings.Column(name, record -> member(record, name))).toList());
        ExplorerCluster connection = new ExplorerCluster(settings, endpoints, () -> writer, typesAgeMax);
        opened.add(connection::close);
        ExplorerDestination destination = new ExplorerDestination(settings, connection, "lab", 0, folder, following);
        opened.add(destination::close);
        return destination;
    }

    private static Optional<Value> member(Value value, String name) {
        return value instanceof Value.Members(var members) ? Optional.ofNullable(members.get(name)) : Optional.empty();
    }

    static Message message(Value payload) {
        return new Message(Value.members(Map.of("payload", payload)), new Message.Partition(0, "0"), RECEIVED);
    }

    static void accept(ExplorerDestination destination, Map<String, Value> payload) throws Exception {
        destination.accept(message(Value.members(payload)));
    }

    static void show(ExplorerDestination destination) throws Exception {
        destination.commit(destination.prepare(1));
    }

    /// A row of the column 'n', shown.
    static void show(ExplorerDestination destination, int n) throws Exception {
        accept(destination, Map.of("n", Value.of(n)));
        show(destination);
    }

    static List<Refused> refused(ExplorerDestination destination) {
        try {
            return destination.refused();
        } catch (Exception failure) {
            throw new IllegalStateException(failure);
        }
    }

    /// The file that has the rows of a batch that was left aside.
    static Path rowsLeft(Refused one) {
        return Path.of(((Value.Text) ((Value.Members) one.left().getFirst()).member("batch")).value());
    }

    /// What the pipeline keeps.
    List<String> files() {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    Path file(String beginning, String end) {
        return folder.resolve(files().stream().filter(file -> file.startsWith(beginning) && file.endsWith(end)).findFirst().orElseThrow());
    }

    @Override
    public void close() {
        opened.reversed().forEach(Runnable::run);
    }
}
