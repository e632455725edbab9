package io.conshelf.cli.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.conshelf.connectors.RowReader;
import io.conshelf.connectors.kusto.Endpoints;
import io.conshelf.connectors.kusto.KustoCluster;
import io.conshelf.connectors.kusto.KustoCredential;
import io.conshelf.connectors.kusto.QueryOptions;
import io.conshelf.server.Server;
import io.conshelf.server.ServerConfig;
import io.conshelf.streams.job.Datasources;
import io.conshelf.streams.job.JobDefinition;
import io.conshelf.streams.job.JobDefinition.InputType;
import io.conshelf.streams.job.JobDefinition.Output;
import io.conshelf.streams.job.JobDefinition.Policies;
import io.conshelf.streams.output.EventTarget;
import io.conshelf.streams.output.EventTarget.Writer;
import io.conshelf.streams.output.OutputException;
import io.conshelf.streams.output.RowRefused;
import io.conshelf.streams.output.RowsLost;
import io.conshelf.streams.output.Targets;
import io.conshelf.streams.plan.Plan;
import io.conshelf.streams.plan.Queries;
import io.conshelf.streams.plan.QueryContext;
import io.conshelf.streams.run.Surroundings;
import io.conshelf.streams.value.Compatibility;
import io.conshelf.streams.value.Row;
import io.conshelf.streams.value.Shape;
import io.conshelf.streams.value.Ticks;
import io.conshelf.streams.value.Value;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Rows of Stream Analytics jobs into tables of the embedded cluster.
class KustoOutputTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration LIMIT = Duration.ofMinutes(1);
    private static final long TICKS = Ticks.of(Instant.parse("2026-01-02T03:04:05.678Z"));
    private static int number;
    private static Server server;
    private static Surroundings surroundings;
    private static KustoCluster cluster;

    private final List<AutoCloseable> opened = new ArrayList<>();
    private String table;

    @BeforeAll
    static void start() throws Exception {
        server = Server.start(ServerConfig.local().withDatabases(List.of("Lab")));
        URI uri = URI.create("http://127.0.0.1:" + server.port());
        surroundings = Surroundings.free(uri, Surroundings.Role.EMBEDDED, List.of(), Path.of("."));
        cluster = KustoCluster.connect(Endpoints.embedded(uri, List.of()).resolve("https://lab.westeurope.kusto.windows.net"), new KustoCredential.None());
    }

    @AfterAll
    static void stop() throws Exception {
        cluster.close();
        server.close();
    }

    @BeforeEach
    void aTable() throws Exception {
        table = "T" + ++number;
        command(".create table " + table + " (Id:long, Name:string, At:datetime, V:real, Small:int, Ok:bool, Bag:dynamic)");
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable one : opened.reversed()) {
            one.close();
        }
    }

    // ---------------------------------------------------------------- rows and columns

    @ParameterizedTest
    @ValueSource(strings = {"Queued", "Streaming"})
    void valuesOfEveryTypeArrive(String mode) throws Exception {
        Writer writer = writer(mode);
        Value.Record bag = record(List.of("a", "b"), Value.of(1), new Value.Array(List.of(Value.of("x"), new Value.Bit(true))));
        write(writer, record(List.of("Bag", "Id", "Name", "At", "V", "Small", "Ok"), bag, Value.of(7), Value.of("with \"quotes\", commas\nand lines"),
                new Value.DateTime(TICKS), Value.of(2.5), Value.of(-3), new Value.Bit(false)));
        write(writer, record(List.of("Id", "Bag", "Name"), Value.of(8), new Value.Array(List.of(Value.of(1))), bag));
        write(writer, record(List.of("Id", "V", "Bag"), Value.of(9), Value.of(4), Value.of("plain")));
        show(writer, 1);
        awaitRows(3);

        assertThat(query("T | order by Id asc")).containsExactly(
                "[7,\"with \\\"quotes\\\", commas\\nand lines\",\"2026-01-02T03:04:05.6780000Z\",2.5,-3,false,{\"a\":1,\"b\":[\"x\",true]}]",
                "[8,\"{\\\"a\\\":1,\\\"b\\\":[\\\"x\\\",true]}\",null,null,null,null,[1]]",
                "[9,\"\",null,4.0,null,null,\"plain\"]");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            Id    | text     | TypeConversionError
            Id    | 2.5      | TypeConversionError
            Small | 3000000000 | TypeConversionError
            At    | text     | TypeConversionError
            Ok    | 1        | TypeConversionError
            Name  | 1        | TypeConversionError
            id    | 1        | ColumnNameInvalid
            Other | 1        | ColumnNameInvalid
            """)
    void rowsThatDoNotFitAreRefusedAndTheOthersArrive(String column, String value, String type) throws Exception {
        Writer writer = writer("Queued");
        write(writer, record(List.of("Id"), Value.of(1)));
        Value given = value.equals("text") ? Value.of(value) : value.contains(".") ? Value.of(Double.parseDouble(value)) : Value.of(Long.parseLong(value));
        assertThatThrownBy(() -> write(writer, record(List.of("Name", column), Value.of("x"), given))).isInstanceOfSatisfying(RowRefused.class,
                refused -> assertThat(refused.type()).isEqualTo(type)).hasMessageContaining(column).hasMessageContaining(table);
        write(writer, record(List.of("Id"), Value.of(2)));
        show(writer, 1);
        awaitRows(2);
        assertThat(query("T | project Id | order by Id asc")).containsExactly("[1]", "[2]");
    }

    // ---------------------------------------------------------------- exactly once

    @Test
    void preparedRowsAreSeenOnlyWhenTheyAreCommitted() throws Exception {
        Writer writer = writer("Queued");
        write(writer, record(List.of("Id"), Value.of(1)));
        writer.prepare(1);
        write(writer, record(List.of("Id"), Value.of(2)));
        byte[] second = writer.prepare(2);
        writer.commit(second);
        awaitRows(1);
        assertThat(query("T | project Id")).containsExactly("[2]");
    }

    @Test
    void whatIsCommittedTwiceAlsoAfterACrashIsThereOnce() throws Exception {
        Writer first = writer("Queued");
        for (int i = 0; i < 1000; i++) {
            write(first, record(List.of("Id"), Value.of(i)));
        }
        byte[] prepared = first.prepare(1);
        // the writer is gone before it could tell that it has committed
        first.commit(prepared);
        first.close();
        awaitRows(1000);

        Writer second = writer("Queued");
        second.commit(prepared);
        write(second, record(List.of("Id"), Value.of(1000)));
        show(second, 2);
        awaitRows(1001);
        // what was queued twice is dealt with before what came after it is asked for
        second.commit(prepared);
        write(second, record(List.of("Id"), Value.of(1001)));
        show(second, 3);
        awaitRows(1002);
        assertThat(query("T | summarize count(), dcount(Id, 4)")).containsExactly("[1002,1002]");
    }

    @Test
    void whatWasPreparedBeforeACrashIsShownByWhoeverGoesOn() throws Exception {
        Writer first = writer("Queued");
        write(first, record(List.of("Id"), Value.of(1)));
        byte[] prepared = first.prepare(1);
        write(first, record(List.of("Id"), Value.of(2)));
        first.close();

        writer("Queued").commit(prepared);
        awaitRows(1);
        assertThat(query("T | project Id")).containsExactly("[1]");
    }

    @Test
    void aBatchInAContainerThatTheClusterDoesNotLendAnyMoreIsLost() throws Exception {
        Writer writer = writer("Queued");
        write(writer, record(List.of("Id"), Value.of(1)));
        byte[] prepared = writer.prepare(1);
        int host = new String(prepared, StandardCharsets.ISO_8859_1).indexOf("://") + 3;
        prepared[host] = 'x';
        assertThatThrownBy(() -> writer.commit(prepared)).isInstanceOf(RowsLost.class).hasMessageContaining("from where the cluster takes nothing any more");
    }

    @Test
    void aBatchThatTheClusterCannotIngestIsTold() throws Exception {
        Writer writer = writer("Queued");
        write(writer, record(List.of("Id"), Value.of(1)));
        byte[] prepared = writer.prepare(1);
        // as if the storage had lost the file
        int name = new String(prepared, StandardCharsets.ISO_8859_1).indexOf(".csv") - 1;
        prepared[name] = (byte) (prepared[name] == 'a' ? 'b' : 'a');
        writer.commit(prepared);
        Instant deadline = Instant.now().plus(LIMIT);
        String told = "";
        while (told.isEmpty() && Instant.now().isBefore(deadline)) {
            writer.flush();
            Thread.onSpinWait();
            told = writer.refused().stream().map(EventTarget.Refused::message).collect(Collectors.joining());
        }
        assertThat(told).contains(table).contains("Failed").contains(".csv, ended as");
        assertThat(writer.refused()).isEmpty();
    }

    // ---------------------------------------------------------------- streaming

    @Test
    void streamedRowsAreSeenWithoutACheckpoint() throws Exception {
        command(".alter table " + table + " policy streamingingestion enable");
        Writer writer = writer("Streaming");
        write(writer, record(List.of("Id"), Value.of(1)));
        writer.flush();
        assertThat(query("T | project Id")).containsExactly("[1]");
        write(writer, record(List.of("Id"), Value.of(2)));
        assertThat(writer.prepare(1)).isEmpty();
        assertThat(query("T | project Id | order by Id asc")).containsExactly("[1]", "[2]");
    }

    @Test
    void rowsAreStreamedWhereThePolicySaysSo() throws Exception {
        command(".alter table " + table + " policy streamingingestion enable");
        Writer streamed = target("cluster", "lab").open("job-out-0");
        opened.add(streamed);
        write(streamed, record(List.of("Id"), Value.of(1)));
        assertThat(streamed.prepare(1)).isEmpty();
        command(".alter table " + table + " policy streamingingestion disable");
        Writer queued = target("cluster", "lab.westeurope").open("job-out-0");
        opened.add(queued);
        write(queued, record(List.of("Id"), Value.of(2)));
        assertThat(queued.prepare(1)).isNotEmpty();
        assertThat(query("T | project Id")).containsExactly("[1]");
    }

    @Test
    void whatWasUploadedBeforeTheTableTookStreamsIsShownToo() throws Exception {
        Writer queued = target("cluster", "lab").open("job-out-0");
        write(queued, record(List.of("Id"), Value.of(1)));
        byte[] prepared = queued.prepare(1);
        queued.close();
        command(".alter table " + table + " policy streamingingestion enable");
        Writer streamed = target("cluster", "lab").open("job-out-0");
        opened.add(streamed);
        streamed.commit(prepared);
        awaitRows(1);
        assertThat(query("T | project Id")).containsExactly("[1]");
    }

    // ---------------------------------------------------------------- before a job starts

    @Test
    void everyDifferenceIsToldAtOnce() throws Exception {
        command(".alter-merge table " + table + " (Guid:guid)");
        assertThat(target("deliveryMode", "Queued").check(output("SELECT id, COUNT(*) AS Name, System.Timestamp() AS V, CAST(x AS bigint) AS Small, "
                + "g AS Guid, AVG(x) AS Other FROM A GROUP BY id, g, CAST(x AS bigint), TumblingWindow(second, 1)"))).containsExactly(
                "the table '%s' has no column 'id', but 'Id': names are found in their case".formatted(table),
                "the column 'Name' of the table '%s' is a string and takes no bigint; CAST(… AS nvarchar(max)) in the query makes it fit, TRY_CAST where values differ"
                        .formatted(table),
                "the column 'V' of the table '%s' is a real and takes no datetime".formatted(table),
                "the column 'Guid' of the table '%s' is a guid, which Stream Analytics has no type for".formatted(table),
                "the table '%s' has no column 'Other'; it has Id, Name, At, V, Small, Ok, Bag, Guid".formatted(table));
        assertThat(target("deliveryMode", "Queued").check(output("SELECT Bag, Id, System.Timestamp() AS At, AVG(x) AS V FROM A "
                + "GROUP BY Bag, Id, TumblingWindow(second, 1)"))).isEmpty();
        assertThat(target("deliveryMode", "Streaming").check(List.of("Id"))).singleElement().asString().contains("streaming ingestion");
    }

    @Test
    void aTableThatIsNotThereIsTold() throws Exception {
        command(".drop table " + table);
        assertThat(target("deliveryMode", "").check(List.of("Id"))).singleElement().asString().contains(table).contains("Lab");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            authenticationMode | ConnectionString | authenticationMode is to be Msi
            cluster            | a b              | is no cluster
            deliveryMode       | Fast             | deliveryMode is Queued or Streaming
            """)
    void whatIsNotSupportedIsRefused(String setting, String value, String why) {
        assertThatThrownBy(() -> target(setting, value).check(List.of("Id"))).isInstanceOf(OutputException.class).hasMessageContaining(why);
        assertThatThrownBy(() -> target(setting, value).open("job-out-0")).isInstanceOf(OutputException.class).hasMessageContaining(why);
    }

    // ---------------------------------------------------------------- helpers

    private static Plan.Output output(String query) {
        return Queries.compile(query, new QueryContext(Map.of("A", InputType.STREAM), Set.of(), Set.of(), Compatibility.V1_2)).plan().orElseThrow()
                .outputs().getFirst();
    }

    private EventTarget target(String setting, String value) throws Exception {
        var properties = JSON.createObjectNode();
        var settings = properties.putObject("datasource").put("type", Datasources.KUSTO).putObject("properties");
        settings.put("cluster", "https://lab.westeurope.kusto.windows.net").put("database", "Lab").put("table", table).put("authenticationMode", "Msi")
                .put("flushImmediately", true).put(setting, value);
        Output output = new Output("out", properties);
        EventTarget target = Targets.of(output, new JobDefinition("job", "", List.of(), List.of(output), List.of(), Policies.DEFAULT), surroundings);
        opened.add(target);
        return target;
    }

    private Writer writer(String mode) throws Exception {
        if (mode.equals("Streaming")) {
            command(".alter table " + table + " policy streamingingestion enable");
        }
        Writer writer = target("deliveryMode", mode).open("job-out-0");
        opened.add(writer);
        return writer;
    }

    private static Value.Record record(List<String> names, Value... values) {
        return new Value.Record(Shape.of(names), values);
    }

    private static void write(Writer writer, Value.Record event) throws Exception {
        writer.write(Row.event(TICKS, event));
    }

    private static void show(Writer writer, long checkpoint) throws Exception {
        byte[] prepared = writer.prepare(checkpoint);
        if (prepared.length > 0) {
            writer.commit(prepared);
        }
    }

    private void awaitRows(long rows) throws Exception {
        Instant deadline = Instant.now().plus(LIMIT);
        while (!query("T | count").equals(List.of("[" + rows + "]"))) {
            assertThat(Instant.now()).as("rows of " + table + ": " + query("T | count")).isBefore(deadline);
        }
    }

    private static void command(String command) throws Exception {
        cluster.command("Lab", command, LIMIT);
    }

    /// @param query over `T`, which stands for the table of the test
    private List<String> query(String query) throws Exception {
        List<String> rows = new ArrayList<>();
        String text = "let T = " + table + "; " + query;
        try (RowReader reader = cluster.query("Lab", text, new QueryOptions(LIMIT, false))) {
            for (var row = reader.next(); row.isPresent(); row = reader.next()) {
                rows.add(JSON.writeValueAsString(row.get()));
            }
        }
        return rows;
    }
}
