package io.conshelf.cli.it;

import static io.conshelf.cli.it.ExplorerTables.RECEIVED;
import static io.conshelf.cli.it.ExplorerTables.accept;
import static io.conshelf.cli.it.ExplorerTables.message;
import static io.conshelf.cli.it.ExplorerTables.refused;
import static io.conshelf.cli.it.ExplorerTables.show;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.conshelf.processor.destination.Destination.Refused;
import io.conshelf.processor.destination.DestinationException;
import io.conshelf.processor.destination.DestinationException.Lasting;
import io.conshelf.processor.destination.explorer.ExplorerDestination;
import io.conshelf.processor.destination.explorer.Following;
import io.conshelf.processor.stage.Message;
import io.conshelf.processor.stage.StageException;
import io.conshelf.processor.value.Value;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Messages of Data Processor pipelines into tables of the embedded cluster.
class ExplorerDestinationTest {
    private static ExplorerLab lab;

    @TempDir
    Path folder;

    private ExplorerTables tables;

    @BeforeAll
    static void start() throws Exception {
        lab = ExplorerLab.start();
    }

    @AfterAll
    static void stop() throws Exception {
        lab.close();
    }

    @BeforeEach
    void aTable() {
        tables = lab.tables(folder);
    }

    @AfterEach
    void close() {
        tables.close();
    }

    @Test
    void valuesKeepTheirTypesWhateverTheTableHasForThem() throws Exception {
        tables.create("Any:dynamic, Text:string, At:datetime, Whole:long, Real:real, Ok:bool, Exact:decimal, Span:timespan");
        ExplorerDestination destination = tables.open("Text", "At", "Whole", "Real", "Ok", "Any", "Exact", "Span");
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
        tables.awaitRows(4);
        assertThat(tables.query(tables.table() + " | order by Whole desc, Text desc | project Text, At, Whole, Real, Ok, Exact, Span, what=gettype(Any), any=tostring(Any)"))
                .containsExactlyInAnyOrder(
                        "[\"with \\\"quotes\\\", commas\\nand lines\",\"2023-08-10T00:54:58.6572007Z\",9223372036854775807,0.1,false,\"12.5\",\"00:00:01\",\"string\",\"123\"]",
                        "[\"7\",null,8,3.0,true,\"2.5\",null,\"dictionary\",\"{\\\"a\\\":[null,1.5,\\\"eA==\\\"]}\"]",
                        "[\"\",null,null,\"Infinity\",null,null,null,\"long\",\"123456789012345678901234567890\"]",
                        "[\"{\\\"k\\\":false}\",null,null,null,null,null,null,\"long\",\"9007199254740993\"]");
    }

    @Test
    void everyElementOfAListIsARow() throws Exception {
        tables.create("n:long");
        ExplorerDestination destination = tables.open("n");
        destination.accept(message(Value.items(Stream.of(1, 2, 3).<Value>map(n -> Value.members(Map.of("n", Value.of(n)))).toList())));
        destination.accept(message(Value.items(List.of())));
        show(destination);
        tables.awaitRows(3);
        assertThat(tables.query(tables.table() + " | order by n asc")).containsExactly("[1]", "[2]", "[3]");
    }

    @Test
    void aMessageWithoutARecordCostsThatMessageAlone() throws Exception {
        tables.create("n:long");
        ExplorerDestination destination = tables.open("n");
        assertThatThrownBy(() -> destination.accept(new Message(Value.members(Map.of("topic", Value.of("t"))), new Message.Partition(0, "0"), RECEIVED)))
                .isInstanceOfSatisfying(StageException.class, failed -> assertThat(failed.code()).isEqualTo("MissingRecord"));
        show(destination, 1);
        tables.awaitRows(1);
    }

    @Test
    void whatIsCommittedAgainAfterACrashIsThereOnceAndWhatWasNotPreparedIsGone() throws Exception {
        tables.create("n:long");
        ExplorerDestination first = tables.open("n");
        accept(first, Map.of("n", Value.of(1)));
        byte[] prepared = first.prepare(1);
        first.commit(prepared);
        tables.awaitRows(1);
        accept(first, Map.of("n", Value.of(2)));

        ExplorerDestination second = tables.open("n");
        assertThat(second.due()).isEmpty();
        second.commit(prepared);
        show(second, 3);
        tables.awaitRows(2);
        assertThat(tables.query(tables.table() + " | order by n asc")).containsExactly("[1]", "[3]");
    }

    @Test
    void aBatchThatLiesWhereTheClusterTakesNothingAnyMoreIsUploadedAnew() throws Exception {
        tables.create("n:long");
        ExplorerDestination destination = tables.open("n");
        accept(destination, Map.of("n", Value.of(1)));
        byte[] prepared = elsewhere(destination.prepare(1));
        destination.commit(prepared);
        tables.awaitRows(1);
        assertThat(destination.refused()).isEmpty();
        // by another process after a crash: there is nothing left to upload, and the rows are there
        ExplorerDestination second = tables.open("n");
        second.commit(prepared);
        assertThat(second.refused()).isEmpty();
        assertThat(tables.query(tables.table())).containsExactly("[1]");
    }

    private static byte[] elsewhere(byte[] prepared) {
        String text = new String(prepared, StandardCharsets.ISO_8859_1);
        int begin = text.indexOf("http://");
        int end = text.indexOf('/', begin + "http://".length());
        return (text.substring(0, begin) + text.substring(begin, end).replaceAll("[0-9]", "1") + text.substring(end)).getBytes(StandardCharsets.ISO_8859_1);
    }

    @Test
    void aBatchIsDueAfterItsTimeAndNothingIsWhileNothingGathers() throws Exception {
        tables.create("n:long");
        ExplorerDestination destination = tables.open("n");
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
            return tables.files();
        }, List::isEmpty)).isEmpty();
    }

    @Test
    void aTableThatIsAlteredIsLookedAtAgain() throws Exception {
        tables.create("n:long");
        ExplorerDestination destination = tables.open(ExplorerTables.ADDRESS, Duration.ZERO, Following.DEFAULT, "n");
        accept(destination, Map.of("n", Value.of("x")));
        show(destination);
        assertThat(refused(destination)).extracting(Refused::code, Refused::message).singleElement().asString().contains("ValueNotTaken", "is long");
        tables.awaitRows(1);
        tables.command(".drop table " + tables.table());
        tables.create("n:string");
        accept(destination, Map.of("n", Value.of("y")));
        show(destination);
        assertThat(refused(destination)).isEmpty();
        tables.awaitRows(1);
        assertThat(tables.query(tables.table())).containsExactly("[\"y\"]");

        tables.command(".drop table " + tables.table());
        tables.create("other:string");
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
        ExplorerDestination destination = tables.open("n", "missing column");
        accept(destination, Map.of("n", Value.of(1), "missing column", Value.of("x")));
        assertThatThrownBy(() -> destination.prepare(1)).isInstanceOfSatisfying(DestinationException.class, failed ->
                assertThat(failed.lasting()).isEqualTo(Lasting.PERMANENT)).hasMessageContaining("the database 'Lab' has no table '" + tables.table() + "'");
        tables.create("n:long");
        assertThatThrownBy(() -> destination.prepare(1)).hasMessageContaining("has no column 'missing column'");
        tables.command(".alter-merge table " + tables.table() + " (['missing column']:string)");
        show(destination);
        tables.awaitRows(1);
        assertThat(tables.query(tables.table())).containsExactly("[1,\"x\"]");
    }
}
