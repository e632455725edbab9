package io.conshelf.cli.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.conshelf.connectors.RowReader;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.kusto.Endpoints;
import io.conshelf.connectors.kusto.KustoCluster;
import io.conshelf.connectors.kusto.KustoCredential;
import io.conshelf.connectors.kusto.QueryOptions;
import io.conshelf.processor.destination.Destination.Refused;
import io.conshelf.processor.destination.DestinationException;
import io.conshelf.processor.destination.DestinationException.Lasting;
import io.conshelf.processor.destination.explorer.ExplorerCluster;
import io.conshelf.processor.destination.explorer.ExplorerDestination;
import io.conshelf.processor.destination.explorer.ExplorerSettings;
import io.conshelf.processor.destination.explorer.Following;
import io.conshelf.processor.stage.Message;
import io.conshelf.processor.stage.StageException;
import io.conshelf.processor.value.Value;
import io.conshelf.server.Server;
import io.conshelf.server.ServerConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Messages of Data Processor pipelines into tables of the embedded cluster.
class ExplorerDestinationTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Instant RECEIVED = Instant.parse("2026-01-02T03:04:05Z");
    private static final Following ENDED_AT_ONCE = new Following(900, Long.MAX_VALUE, Duration.ZERO);
    private static int number;
    private static Server server;
    private static Endpoints endpoints;
    private static KustoCluster cluster;

    @TempDir
    Path folder;

    private final List<AutoCloseable> opened = new ArrayList<>();
    private String table;

    @BeforeAll
    static void start() throws Exception {
        server = Server.start(ServerConfig.local().withDatabases(List.of("Lab")));
        endpoints = Endpoints.embedded(URI.create("http://127.0.0.1:" + server.port()), List.of());
        cluster = KustoCluster.connect(endpoints.resolve("https://lab.westeurope.kusto.windows.net"), new KustoCredential.None());
    }

    @AfterAll
    static void stop() throws Exception {
        cluster.close();
        server.close();
    }

    @BeforeEach
    void aTable() {
        table = "T" + ++number;
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable one : opened.reversed()) {
            one.close();
        }
    }

    @Test
    void valuesKeepTheirTypesWhateverTheTableHasForThem() throws Exception {
        create("Any:dynamic, Text:string, At:datetime, Whole:long, Real:real, Ok:bool, Exact:decimal, Span:timespan");
        ExplorerDestination destination = open("Text", "At", "Whole", "Real", "Ok", "Any", "Exact", "Span");
        accept(destination, Map.of("Text", Value.of("with \"quotes\", commas\nand lines"), "At", Value.of("2023-08-10T00:54:58.6572007Z"), "Whole",
                Value.of(Long.MAX_VALUE), "Real", Value.of(0.1), "Ok", Value.of(0), "Any", Value.of("123"), "Exact", Value.of("12.50"), "Span",
                Value.of("00:00:01")));
        accept(destination, Map.of("Text", Value.of(7), "Whole", Value.of("8"), "Real", Value.of(3), "Ok", Value.of(true), "Any",
                Value.members(Map.of("a", Value.items(List.of(Value.NULL, Value.of(1.5), new Value.Binary("x".getBytes(StandardCharsets.UTF_8)))))), "Exact",
                Value.of(2.5)));
        accept(destination, Map.of("Text", Value.of(""), "Any", new Value.Large(new BigInteger("123456789012345678901234567890")), "Real",
                Value.of(Double.POSITIVE_INFINITY)));
        accept(destination, Map.of("Text", Value.members(Map.of("k", Value.of(false))), "Any", Value.of(9007199254740993L), "other", Value.of("left out")));
        show(destination);
        awaitRows(4);
        assertThat(query(table + " | order by Whole desc, Text desc | project Text, At, Whole, Real, Ok, Exact, Span, what=gettype(Any), any=tostring(Any)"))
                .containsExactlyInAnyOrder(
                        "[\"with \\\"quotes\\\", commas\\nand lines\",\"2023-08-10T00:54:58.6572007Z\",9223372036854775807,0.1,false,\"12.5\",\"00:00:01\",\"string\",\"123\"]",
                        "[\"7\",null,8,3.0,true,\"2.5\",null,\"dictionary\",\"{\\\"a\\\":[null,1.5,\\\"eA==\\\"]}\"]",
                        "[\"\",null,null,\"Infinity\",null,null,null,\"long\",\"123456789012345678901234567890\"]",
                        "[\"{\\\"k\\\":false}\",null,null,null,null,null,null,\"long\",\"9007199254740993\"]");
    }

    @Test
    void everyElementOfAListIsARow() throws Exception {
        create("n:long");
        ExplorerDestination destination = open("n");
        destination.accept(message(Value.items(Stream.of(1, 2, 3).<Value>map(n -> Value.members(Map.of("n", Value.of(n)))).toList())));
        destination.accept(message(Value.items(List.of())));
        show(destination);
        awaitRows(3);
        assertThat(query(table + " | order by n asc")).containsExactly("[1]", "[2]", "[3]");
    }

    @Test
    void aMessageWithoutARecordCostsThatMessageAlone() throws Exception {
        create("n:long");
        ExplorerDestination destination = open("n");
        assertThatThrownBy(() -> destination.accept(new Message(Value.members(Map.of("topic", Value.of("t"))), new Message.Partition(0, "0"), RECEIVED)))
                .isInstanceOfSatisfying(StageException.class, failed -> assertThat(failed.code()).isEqualTo("MissingRecord"));
        accept(destination, Map.of("n", Value.of(1)));
        show(destination);
        awaitRows(1);
    }

    @Test
    void whatIsCommittedAgainAfterACrashIsThereOnceAndWhatWasNotPreparedIsGone() throws Exception {
        create("n:long");
        ExplorerDestination first = open("n");
        accept(first, Map.of("n", Value.of(1)));
        byte[] prepared = first.prepare(1);
        first.commit(prepared);
        awaitRows(1);
        accept(first, Map.of("n", Value.of(2)));

        ExplorerDestination second = open("n");
        assertThat(second.due()).isEmpty();
        second.commit(prepared);
        accept(second, Map.of("n", Value.of(3)));
        show(second);
        awaitRows(2);
        assertThat(query(table + " | order by n asc")).containsExactly("[1]", "[3]");
    }

    @Test
    void aBatchThatLiesWhereTheClusterTakesNothingAnyMoreIsUploadedAnew() throws Exception {
        create("n:long");
        ExplorerDestination destination = open("n");
        accept(destination, Map.of("n", Value.of(1)));
        byte[] prepared = elsewhere(destination.prepare(1));
        destination.commit(prepared);
        awaitRows(1);
        assertThat(destination.refused()).isEmpty();
        // by another process after a crash: there is nothing left to upload, and the rows are there
        ExplorerDestination second = open("n");
        second.commit(prepared);
        assertThat(second.refused()).isEmpty();
        assertThat(query(table)).containsExactly("[1]");
    }

    /// As if the cluster had lent other storage meanwhile.
    private static byte[] elsewhere(byte[] prepared) {
        String text = new String(prepared, StandardCharsets.ISO_8859_1);
        int begin = text.indexOf("http://");
        int end = text.indexOf('/', begin + "http://".length());
        return (text.substring(0, begin) + text.substring(begin, end).replaceAll("[0-9]", "1") + text.substring(end)).getBytes(StandardCharsets.ISO_8859_1);
    }

    @Test
    void aBatchIsDueAfterItsTimeAndNothingIsWhileNothingGathers() throws Exception {
        create("n:long");
        ExplorerDestination destination = open("n");
        assertThat(destination.due()).isEmpty();
        accept(destination, Map.of("n", Value.of(1)));
        assertThat(destination.due()).contains(RECEIVED.plusSeconds(60));
        byte[] prepared = destination.prepare(1);
        assertThat(prepared).isNotEmpty();
        assertThat(destination.due()).isEmpty();
        assertThat(destination.prepare(2)).isEmpty();
        destination.commit(prepared);
        assertThat(Eventually.holds(() -> {
            assertThat(refused(destination)).isEmpty();
            return files();
        }, List::isEmpty)).isEmpty();
    }

    private static List<Refused> refused(ExplorerDestination destination) {
        try {
            return destination.refused();
        } catch (Exception failure) {
            throw new IllegalStateException(failure);
        }
    }

    private List<String> files() {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private void command(String command) throws StoreException {
        cluster.command("Lab", command, Duration.ofMinutes(1));
    }

    @Test
    void aBatchThatIsRefusedOnceItWasQueuedIsLeftInAFileThatIsTold() throws Exception {
        create("n:long");
        ExplorerDestination destination = open("n");
        accept(destination, Map.of("n", Value.of(41)));
        byte[] prepared = destination.prepare(1);
        command(".drop table " + table);
        destination.commit(prepared);
        List<Refused> refused = Eventually.holds(() -> refused(destination), told -> !told.isEmpty());
        assertThat(refused).singleElement().satisfies(one -> {
            assertThat(one.code()).isEqualTo("BatchNotIngested");
            assertThat(one.message()).contains(table, "Failed");
            assertThat(one.left()).singleElement().satisfies(left -> {
                Path rows = Path.of(((Value.Text) ((Value.Members) left).member("batch")).value());
                assertThat(rows).content().contains("41");
                assertThat(((Value.Members) left).members()).containsEntry("table", Value.of(table)).containsEntry("database", Value.of("Lab"))
                        .containsEntry("columns", Value.items(List.of(Value.of("n"))));
            });
        });
        assertThat(refused(destination)).as("told once").isEmpty();

        // nobody kept what was told: whoever goes on tells it again
        ExplorerDestination second = open("n");
        List<Refused> again = refused(second);
        assertThat(again).singleElement().satisfies(one -> assertThat(one.left()).isEqualTo(refused.getFirst().left()));
        second.completed();
        assertThat(refused(open("n"))).isEmpty();
        assertThat(files()).singleElement().asString().startsWith("left-");
    }

    @Test
    void aBatchThatIsRefusedIsToldAlsoWhileValuesThatDoNotFitKeepComing() throws Exception {
        create("n:long");
        ExplorerDestination destination = open("n");
        accept(destination, Map.of("n", Value.of("x")));
        byte[] prepared = destination.prepare(1);
        command(".drop table " + table);
        destination.commit(prepared);
        List<String> codes = new ArrayList<>();
        assertThat(Eventually.holds(() -> {
            try {
                accept(destination, Map.of("n", Value.of("y")));
            } catch (Exception failure) {
                throw new IllegalStateException(failure);
            }
            refused(destination).forEach(one -> codes.add(one.code()));
            return codes;
        }, told -> told.contains("BatchNotIngested"))).contains("BatchNotIngested", "ValueNotTaken");
    }

    @Test
    void whatBecameOfABatchIsFoundOutByWhoeverGoesOn() throws Exception {
        create("n:long");
        ExplorerDestination first = open("n");
        accept(first, Map.of("n", Value.of(1)));
        show(first);
        assertThat(files()).hasSize(2);
        awaitRows(1);
        ExplorerDestination second = open("n");
        assertThat(refused(second)).isEmpty();
        assertThat(files()).isEmpty();
        assertThat(query(table)).containsExactly("[1]");
    }

    @Test
    void aBatchOfWhichNothingCanBeKnownAnyMoreIsLeftInAFile() throws Exception {
        create("n:long");
        ExplorerDestination first = open("n");
        accept(first, Map.of("n", Value.of(42)));
        show(first);
        awaitRows(1);
        table = "T" + ++number;
        create("n:long");
        command(".drop table T" + (number - 1));
        ExplorerDestination early = open("n");
        assertThat(refused(early)).as("it may be known later").isEmpty();
        assertThat(early.followed()).isEqualTo(1);
        ExplorerDestination second = open(ENDED_AT_ONCE, "n");
        assertThat(refused(second)).singleElement().satisfies(one -> {
            assertThat(one.code()).isEqualTo("StatusUnknown");
            assertThat(one.message()).contains("T" + (number - 1));
            assertThat(Path.of(((Value.Text) ((Value.Members) one.left().getFirst()).member("batch")).value())).content().contains("42");
        });
        assertThat(refused(second)).isEmpty();
    }

    @Test
    void aBatchWhoseExtentsAreGoneIsNotIngestedTwice() throws Exception {
        create("n:long");
        ExplorerDestination first = open("n");
        accept(first, Map.of("n", Value.of(43)));
        show(first);
        awaitRows(1);
        command(".clear table " + table + " data");
        ExplorerDestination second = open(ENDED_AT_ONCE, "n");
        assertThat(refused(second)).singleElement().satisfies(one -> {
            assertThat(one.code()).isEqualTo("StatusUnknown");
            assertThat(one.message()).contains("no extent");
            assertThat(rowsLeft(one)).content().contains("43");
        });
        assertThat(second.followed()).isZero();
    }

    private static Path rowsLeft(Refused one) {
        return Path.of(((Value.Text) ((Value.Members) one.left().getFirst()).member("batch")).value());
    }

    @Test
    void aBatchOfAnotherClusterIsLeftInAFileAndNeverQueuedHere() throws Exception {
        create("n:long");
        ExplorerDestination first = open("n");
        accept(first, Map.of("n", Value.of(44)));
        byte[] prepared = first.prepare(1);
        first.commit(prepared);
        ExplorerDestination second = open("https://other.westeurope.kusto.windows.net", ExplorerCluster.TYPES_AGE_MAX, Following.DEFAULT, "n");
        assertThat(refused(second)).singleElement().satisfies(one -> {
            assertThat(one.code()).isEqualTo("StatusUnknown");
            assertThat(one.message()).contains("https://lab.westeurope.kusto.windows.net", "ingest-by:conshelf-");
            assertThat(rowsLeft(one)).content().contains("44");
        });
        assertThat(second.followed()).isZero();
        second.completed();
        assertThat(files()).singleElement().asString().startsWith("left-");
    }

    @Test
    void aBatchThatIsRefusedWhenItsRowsAreGoneIsToldAndThoseBehindItToo() throws Exception {
        create("n:long");
        ExplorerDestination destination = open("n");
        accept(destination, Map.of("n", Value.of(1)));
        byte[] one = destination.prepare(1);
        command(".drop table " + table);
        destination.commit(one);
        Files.delete(folder.resolve(files().stream().filter(file -> file.startsWith("queued-") && file.endsWith(".json")).findFirst().orElseThrow()));
        accept(destination, Map.of("n", Value.of(2)));
        show(destination);
        List<Refused> told = new ArrayList<>();
        assertThat(Eventually.holds(() -> {
            told.addAll(refused(destination));
            return told;
        }, all -> all.size() == 2)).extracting(refused -> refused.left().size()).containsExactly(0, 1);
        assertThat(told.getFirst().message()).contains("rows is gone");
        assertThat(destination.followed()).isZero();
    }

    @Test
    void manyBatchesThatWaitForTheClusterAreAllFollowed() throws Exception {
        create("n:long");
        ExplorerDestination first = open("n");
        for (int n = 0; n < 300; n++) {
            accept(first, Map.of("n", Value.of(n)));
            show(first);
        }
        assertThat(first.followed()).isEqualTo(300);
        // nothing can be known of them now
        table = "T" + ++number;
        create("n:long");
        command(".drop table T" + (number - 1));
        ExplorerDestination second = open("n");
        assertThat(refused(second)).isEmpty();
        assertThat(refused(second)).isEmpty();
        assertThat(second.followed()).isEqualTo(300);
        accept(second, Map.of("n", Value.of(300)));
        assertThat(second.isFull()).isFalse();
    }

    @Test
    void itIsFullWhileTooMuchIsFollowed() throws Exception {
        create("n:long");
        for (Following limit : List.of(new Following(2, Long.MAX_VALUE, Duration.ofHours(1)), new Following(1_000, 10, Duration.ofHours(1)))) {
            ExplorerDestination destination = open("https://lab.westeurope.kusto.windows.net/", ExplorerCluster.TYPES_AGE_MAX, limit, "n");
            for (int n = 0; n < 2; n++) {
                accept(destination, Map.of("n", Value.of(n)));
                show(destination);
            }
            assertThat(destination.isFull()).as("nothing gathers").isFalse();
            accept(destination, Map.of("n", Value.of(2)));
            assertThat(destination.isFull()).isTrue();
            assertThat(Eventually.holds(() -> {
                assertThat(refused(destination)).isEmpty();
                return destination.isFull();
            }, isFull -> !isFull)).isFalse();
            destination.close();
        }
    }

    @Test
    void aTableThatIsAlteredIsLookedAtAgain() throws Exception {
        create("n:long");
        ExplorerDestination destination = open(Duration.ZERO, "n");
        accept(destination, Map.of("n", Value.of("x")));
        show(destination);
        assertThat(refused(destination)).extracting(Refused::code, Refused::message).singleElement().asString().contains("ValueNotTaken", "is long");
        awaitRows(1);
        command(".drop table " + table);
        create("n:string");
        accept(destination, Map.of("n", Value.of("y")));
        show(destination);
        assertThat(refused(destination)).isEmpty();
        awaitRows(1);
        assertThat(query(table)).containsExactly("[\"y\"]");

        command(".drop table " + table);
        create("other:string");
        accept(destination, Map.of("n", Value.of("z")));
        assertThat(Eventually.holds(() -> {
            try {
                return String.valueOf(destination.prepare(2).length);
            } catch (Exception failed) {
                return failed.getMessage();
            }
        }, told -> told.contains("has no column 'n'"))).contains("has no column 'n'");
    }

    @Test
    void aTableThatIsNotThereIsWaitedFor() throws Exception {
        ExplorerDestination destination = open("n", "missing column");
        accept(destination, Map.of("n", Value.of(1), "missing column", Value.of("x")));
        assertThatThrownBy(() -> destination.prepare(1)).isInstanceOfSatisfying(DestinationException.class, failed ->
                assertThat(failed.lasting()).isEqualTo(Lasting.PERMANENT)).hasMessageContaining(table);
        create("n:long");
        assertThatThrownBy(() -> destination.prepare(1)).hasMessageContaining("has no column 'missing column'");
        cluster.command("Lab", ".alter-merge table " + table + " (['missing column']:string)", Duration.ofMinutes(1));
        show(destination);
        awaitRows(1);
        assertThat(query(table)).containsExactly("[1,\"x\"]");
    }

    // ---------------------------------------------------------------- as all do it

    private void create(String columns) throws StoreException {
        cluster.command("Lab", ".create table " + table + " (" + columns + ")", Duration.ofMinutes(1));
        cluster.command("Lab", ".alter table " + table + " policy ingestionbatching ```{\"MaximumNumberOfItems\": 1}```", Duration.ofMinutes(1));
    }

    private ExplorerDestination open(String... columns) {
        return open(ExplorerCluster.TYPES_AGE_MAX, columns);
    }

    private ExplorerDestination open(Following following, String... columns) {
        return open("https://lab.westeurope.kusto.windows.net/", ExplorerCluster.TYPES_AGE_MAX, following, columns);
    }

    private ExplorerDestination open(Duration typesAgeMax, String... columns) {
        return open("https://lab.westeurope.kusto.windows.net/", typesAgeMax, Following.DEFAULT, columns);
    }

    private ExplorerDestination open(String address, Duration typesAgeMax, Following following, String... columns) {
        ExplorerSettings settings = new ExplorerSettings(address, "Lab", table, Duration.ofSeconds(60),
                message -> member(message, "payload"), Stream.of(columns).map(name -> new ExplorerSettings.Column(name, record -> member(record, name))).toList());
        ExplorerCluster connection = new ExplorerCluster(settings, endpoints, KustoCredential.None::new, typesAgeMax);
        opened.add(connection);
        ExplorerDestination destination = new ExplorerDestination(settings, connection, "lab", 0, folder, following);
        opened.add(destination);
        return destination;
    }

    private static Optional<Value> member(Value value, String name) {
        return value instanceof Value.Members(var members) ? Optional.ofNullable(members.get(name)) : Optional.empty();
    }

    private static Message message(Value payload) {
        return new Message(Value.members(Map.of("payload", payload)), new Message.Partition(0, "0"), RECEIVED);
    }

    private static void accept(ExplorerDestination destination, Map<String, Value> payload) throws Exception {
        destination.accept(message(Value.members(payload)));
    }

    private static void show(ExplorerDestination destination) throws Exception {
        destination.commit(destination.prepare(1));
    }

    private void awaitRows(int count) {
        assertThat(Eventually.holds(() -> query(table + " | count"), rows -> rows.equals(List.of("[" + count + "]")))).containsExactly("[" + count + "]");
    }

    private static List<String> query(String kql) {
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
}
