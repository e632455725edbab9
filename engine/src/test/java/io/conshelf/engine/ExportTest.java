package io.conshelf.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.conshelf.engine.spec.ResultText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// `.export` to storage.
class ExportTest {
    private static final String SCHEMA =
            "b:bool, i:int, l:long, r:real, m:decimal, d:datetime, t:timespan, s:string, g:guid, j:dynamic";
    private static final String ROWS = """
            datatable(b:bool, i:int, l:long, r:real, m:decimal, d:datetime, t:timespan, s:string, g:guid, j:dynamic)[
            true, 1, -9223372036854775807, 1.5, decimal(0.00001), datetime(2026-03-01T10:00:00.123456Z), timespan(1.02:03:04.5),
              'a "quoted", line\\r\\nand\\tmore é', guid(74be27de-1e4e-49d9-b579-fe0b331d3642), dynamic({"a":[1,null,"x"]}),
            false, 0, 0, real(nan), decimal(-12), datetime(0001-01-01T00:00:00Z), time(0), ' ', guid(null), dynamic("12"),
            bool(null), int(null), long(null), real(-inf), decimal(null), datetime(null), timespan(null), '', guid(null), dynamic(null)]""";

    @TempDir
    private Path folder;

    private Path out;
    private Engine engine;

    @BeforeEach
    void open() throws IOException {
        out = Files.createDirectories(folder.resolve("out"));
        engine = Engine.open(new EngineConfig(
                Optional.empty(), folder.resolve("staging"), List.of(out), List.of("Db"), Limits.ofThisMachine(),
                InstantSource.system()));
    }

    @AfterEach
    void close() {
        engine.close();
    }

    private List<String> run(String text) {
        var request = new Request(Principal.LOCAL_ADMINISTRATOR, "Db", "export", UUID.randomUUID(), Map.of(), Map.of(), "test",
                "test", Instant.parse("2026-03-01T10:00:00Z"), Duration.ofMinutes(1), false);
        try (var answer = text.startsWith(".") ? engine.command(request, text) : engine.query(request, text)) {
            return ResultText.of(answer);
        }
    }

    private List<Path> exported() {
        try (Stream<Path> files = Files.walk(out)) {
            return files.filter(Files::isRegularFile).sorted().toList();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"csv", "tsv", "json", "compressed to csv", "compressed to json"})
    void ingestionReadsBackWhatWasExported(String how) {
        String to = how.startsWith("compressed") ? how : "to " + how;
        var result = run(".export " + to + " (@'" + out + "') <| " + ROWS);

        assertThat(result).hasSize(2).first().isEqualTo("Path:string | NumRecords:long");
        assertThat(result.get(1)).endsWith(" | 3").startsWith(out.toString());
        run(".create table T (" + SCHEMA + ")");
        run(".ingest into table T (@'" + exported().getFirst() + "')");
        assertThat(run("T")).isEqualTo(run(ROWS));
        assertThat(folder.resolve("staging")).isDirectoryNotContaining("glob:**/export-*");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "compressionType='zstd', parquetRowGroupSize=2", "compressionType='lz4_raw'", "sizeLimit=104857600"})
    void ingestionReadsBackParquet(String properties) {
        // A Parquet file has microseconds, and a timespan is a number in it.
        run(".export to parquet ('" + out + "') with (namePrefix='p', " + properties.replaceFirst("^$", "distributed=false")
                + ") <| " + ROWS + " | project-away t");

        assertThat(exported()).singleElement().asString().matches(".*/p_1_[0-9a-f]{32}\\.parquet");
        run(".create table T (" + SCHEMA.replace("t:timespan, ", "") + ")");
        run(".ingest into table T (@'" + exported().getFirst() + "')");
        assertThat(run("T | order by l asc nulls last")).isEqualTo(run(ROWS + " | project-away t | order by l asc nulls last"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"csv", "json", "parquet"})
    void aRowThatFailsIsToldWithItsReasonAndNothingIsLeft(String format) {
        assertThatThrownBy(() -> run(".export to " + format + " (@'" + out + "') <| range x from 1 to 3 step 1 | project e = format_datetime(now(), strcat('no ', x))"))
                .isInstanceOf(KustoException.class)
                .hasMessageContaining("format_datetime(): 'n' in the format 'no ")
                .hasMessageNotContaining("\tat ");
        assertThat(exported()).isEmpty();
    }

    @Test
    void aParquetFileHasTheNamesOfTheResult() {
        run(".export to parquet ('" + out + "') <| print Device = 'a', ['a b']=1.5");
        run(".create table T (Device:string, ['a b']:real)");
        run(".ingest into table T (@'" + exported().getFirst() + "')");
        assertThat(run("T | project Device, v=['a b']")).isEqualTo(run("print Device = 'a', v=1.5"));
    }

    @Test
    void millisecondsAreRoundedTowardsThePast() {
        run(".export to parquet ('" + out + "') with (parquetDatetimePrecision=millisecond) <| print d = datetime(1969-12-31T23:59:59.9999999Z)");

        run(".create table T (d:datetime)");
        run(".ingest into table T (@'" + exported().getFirst() + "')");
        assertThat(run("T").getLast()).startsWith("1969-12-31T23:59:59.999").contains("999000");
    }

    @Test
    void headersPrefixExtensionAndMarkAreWritten() throws IOException {
        run(".export to csv ('" + out + "/deep/er') with (includeHeaders=all, namePrefix='day/p', fileExtension='.txt', encoding=UTF8BOM)"
                + " <| print ['a,b'] = 1, c = 'x'");

        assertThat(exported()).singleElement().asString().matches(".*/deep/er/day/p_1_[0-9a-f]{32}\\.txt");
        assertThat(exported().getFirst()).hasContent("\uFEFF\"a,b\",c\r\n1,x\r\n");
    }

    @Test
    void compressedFilesSaySoInTheirNames() throws IOException {
        run(".export compressed to tsv ('" + out + "') <| print a = 1, b = 'x'");

        assertThat(exported()).singleElement().asString().endsWith(".tsv.gz");
        try (var in = new GZIPInputStream(Files.newInputStream(exported().getFirst()))) {
            assertThat(new String(in.readAllBytes())).isEqualTo("1\tx\r\n");
        }
    }

    @Test
    void whatIsTooMuchForOneFileGoesToTheNextAndToTheNextPlace() throws IOException {
        var result = run(".export compressed to csv ('" + out + "/a', '" + out + "/b') with (sizeLimit=104857600, includeHeaders=firstFile)"
                + " <| range i from 1 to 1100 step 1 | extend s = strrep(strrep('0123456789', 10), 1000)");

        assertThat(result).hasSize(3);
        assertThat(result.get(1)).contains("/out/a/").endsWith(" | 1049");
        assertThat(result.get(2)).contains("/out/b/").endsWith(" | 51");
    }

    @Test
    void nothingIsWrittenWhereThereAreNoRows() {
        assertThat(run(".export to csv ('" + out + "') <| range i from 1 to 0 step 1")).hasSize(1);
        assertThat(run(".export to parquet ('" + out + "') <| range i from 1 to 0 step 1")).hasSize(1);
        assertThat(exported()).isEmpty();
    }

    @Test
    void anExportMayRunAside() {
        var id = run(".export async to json ('" + out + "') <| print a = 1").getLast();

        Await.until("the export", () -> !run(".show operations " + id + " | project State").getLast().equals("InProgress"));
        assertThat(run(".show operation " + id + " details").getLast()).endsWith(" | 1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"csv", "parquet"})
    void whatIsLateEndsAndLeavesNothing(String format) {
        var request = new Request(Principal.LOCAL_ADMINISTRATOR, "Db", "late", UUID.randomUUID(), Map.of(), Map.of(), "test", "test",
                Instant.parse("2026-03-01T10:00:00Z"), Duration.ofMillis(300), false);

        assertThatThrownBy(() -> engine.command(request, ".export to " + format + " ('" + out
                        + "') with (sizeLimit=4294967296) <| range i from 1 to 2000000000 step 1"))
                .isInstanceOf(KustoException.class)
                .hasMessageContaining("E_TIMEOUT");

        Await.until("the writing to end", () -> !isWriting());
        assertThat(exported()).isEmpty();
    }

    private boolean isWriting() {
        try (Stream<Path> files = Files.list(folder.resolve("staging"))) {
            return files.anyMatch(file -> file.getFileName().toString().startsWith("export-"));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void onlyAllowedFoldersAreWritten() throws IOException {
        Path link = Files.createSymbolicLink(out.resolve("link"), Files.createDirectory(folder.resolve("elsewhere")));
        for (String place : List.of(folder + "/elsewhere", out + "/../elsewhere", link.toString(), link + "/deeper")) {
            refused(".export to csv ('" + place + "') <| print a = 1", "is not a folder that commands may write");
        }
        refused(".export to csv ('" + out + "') with (namePrefix='../x') <| print a = 1", "namePrefix");
        refused(".export to csv ('" + out + "') with (namePrefix='link/x') <| print a = 1", "leads out of the folder");
        refused(".export to csv ('https://acme.blob.core.windows.net/c;secret') <| print a = 1", "is not storage of this server");
        assertThat(exported()).isEmpty();
        assertThat(folder.resolve("elsewhere")).isEmptyDirectory();
    }

    @Test
    void aCommandIsTakenAsAnArticlePrintsIt() {
        var result = run(".export compressed into csv h'" + out + "' with (sizeLimit=100000, namePrefix=export) <| print a = 1");
        assertThat(result).hasSize(2).last().asString().contains("/export").contains(".csv.gz").endsWith(" | 1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"sizeLimit=0", "sizeLimit=many", "sizeLimit=4294967297", "includeHeaders=some", "encoding=latin1", "compressionType=zstd", "distribution=random",
        "distributed=perhaps", "parquetRowGroupSize=5", "fileExtension='csv'", "unknown=1", "persistDetails=2"})
    void whatAPropertyCannotMeanIsRefused(String property) {
        refused(".export to csv ('" + out + "') with (" + property + ") <| print a = 1", property.replaceFirst("=.*", ""));
    }

    private void refused(String command, String reason) {
        assertThatThrownBy(() -> run(command))
                .isInstanceOf(KustoException.class)
                .satisfies(e -> assertThat(e.getMessage()).containsIgnoringCase(reason))
                .message()
                .doesNotContain("secret");
    }
}
