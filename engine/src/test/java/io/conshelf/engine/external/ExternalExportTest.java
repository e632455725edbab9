package io.conshelf.engine.external;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.conshelf.engine.Await;
import io.conshelf.engine.Engine;
import io.conshelf.engine.EngineConfig;
import io.conshelf.engine.Limits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// `.export to table`: what is written is what the external table reads.
class ExternalExportTest extends OnAnEngine {
    private static final String ROWS = "datatable(t:datetime, who:string, n:long)["
            + "datetime(2026-03-01T10:00:00Z), 'Ann', 1, datetime(2026-03-01T11:00:00Z), 'Bob', 2,"
            + "datetime(2026-03-02T10:00:00Z), 'Ann', 3, datetime(null), '', 4, datetime(2026-04-30T23:59:59.9999999Z), 'a/b', 5]";

    private Path lake;

    @BeforeEach
    void open() throws IOException {
        lake = Files.createDirectories(folder.resolve("lake"));
        engine = Engine.open(new EngineConfig(
                Optional.empty(), folder.resolve("staging"), List.of(lake), List.of("Db"), Limits.ofThisMachine(), InstantSource.system()));
    }

    private List<String> exported() throws IOException {
        try (Stream<Path> files = Files.walk(lake)) {
            return files.filter(Files::isRegularFile).map(f -> lake.relativize(f).toString()).sorted().toList();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"csv", "tsv", "json", "parquet"})
    void partitionsLieInTheirFoldersAndAreReadBack(String format) throws IOException {
        run(".create external table P (t:datetime, who:string, n:long) kind=storage partition by (W:string = who, M:datetime = startofmonth(t)) "
                + "pathformat=('who=' W '/' datetime_pattern('yyyy-MM', M)) dataformat=" + format + " (@'" + lake + "')");

        var answer = run(".export to table P <| " + ROWS + " | project n, who, t");

        assertThat(exported()).extracting(f -> f.replaceFirst("/\\d+_[0-9a-f]{32}\\." + format + "$", "")).containsExactlyInAnyOrder(
                "who=Ann/2026-03", "who=Bob/2026-03", "who=__DEFAULT_PARTITION__/__DEFAULT_PARTITION__", "who=__DEFAULT_PARTITION__/2026-04");
        assertThat(answer).hasSize(4).allMatch(row -> row.startsWith("P | " + lake));
        // A Parquet file has microseconds.
        String read = format.equals("parquet") ? "external_table('P') | extend t = iff(n == 5, t + 9tick, t)" : "external_table('P')";
        assertThat(run(read + " | order by n asc")).isEqualTo(run(ROWS + " | order by n asc"));
        assertThat(run("external_table('P') | where who == 'a/b' | project n")).containsExactly("5");
        assertThat(run("external_table('P') | where t > datetime(2026-04-02) | project n")).containsExactly("5");
    }

    @Test
    void virtualColumnsAreWrittenIntoThePathAlone() throws IOException {
        run(".create external table V (n:long) kind=storage partition by (who:string, d:datetime) "
                + "pathformat=(who '/' datetime_pattern('yyyy/MM/dd', d)) dataformat=csv (@'" + lake + "') with (namePrefix='x', includeHeaders='All')");

        run(".export to table V <| datatable(n:long, who:string, d:datetime)[1, 'Ann', datetime(2026-03-01), 2, 'Ann', datetime(2026-03-02)]");

        assertThat(exported()).hasSize(2).first().asString().startsWith("Ann/2026/03/01/x_");
        assertThat(Files.readString(lake.resolve(exported().getFirst()))).isEqualTo("n\r\n1\r\n");
        assertThat(run("external_table('V') | order by n asc")).containsExactly(
                "1 | Ann | 2026-03-01T00:00:00.0000000Z", "2 | Ann | 2026-03-02T00:00:00.0000000Z");
    }

    @Test
    void hashesPutRowsApart() throws IOException {
        run(".create external table H (who:string, n:long) kind=storage partition by (k:long = hash(who, 3)) pathformat=('k=' k) "
                + "dataformat=csv (@'" + lake + "') with (compressed=true)");

        run(".export to table H <| range n from 1 to 100 step 1 | project who = strcat('w', n % 20), n");

        assertThat(exported()).hasSize(3).allMatch(f -> f.matches("k=[012]/.*\\.csv\\.gz"));
        assertThat(run("external_table('H') | where who == 'w7' | summarize count(), dcount(hash(who, 3))")).containsExactly("5 | 1");
        assertThat(run("external_table('H') | count")).containsExactly("100");
    }

    @Test
    void theQueryMustMatchTheTable() {
        run(".create external table E (n:long, s:string) kind=storage dataformat=csv (@'" + lake + "')");
        run(".create external table A (n:long) kind=storage dataformat=avro (@'" + lake + "')");

        assertThatThrownBy(() -> run(".export to table E <| print n = 1")).hasMessageContaining("does not match").hasMessageContaining("n:long,s:string");
        assertThatThrownBy(() -> run(".export to table A <| print n = 1")).hasMessageContaining("avro");
        assertThatThrownBy(() -> run(".export to table E with (sizeLimit=5) <| print n = 1, s = ''")).hasMessageContaining("sizelimit");
        assertThatThrownBy(() -> run(".export to table E with (fileExtension='.x') <| print n = 1, s = ''")).hasMessageContaining("fileextension");
        assertThatThrownBy(() -> run(".export to table absent <| print n = 1")).hasMessageContaining("absent");
    }

    @Test
    void anAsynchronousExportKeepsItsArtifacts() throws Exception {
        run(".create external table E (n:long) kind=storage dataformat=json (@'" + lake + "')");
        var operation = run(".export async to table E <| range n from 1 to 10 step 1").getFirst();

        Await.until("the export", () -> run(".show operations " + operation + " | where State == 'InProgress' | count").equals(List.of("0")));
        assertThat(run(".show operation " + operation + " details")).singleElement().asString().startsWith("E | " + lake).endsWith(" | 10");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a/b", "..", "__DEFAULT_PARTITION__", "a:b"})
    void aValueThatOnlyThePathWouldKeepMustBeAFoldersName(String value) throws IOException {
        run(".create external table V (n:long) kind=storage partition by (who:string) dataformat=csv (@'" + lake + "')");

        assertThatThrownBy(() -> run(".export to table V <| print n = 1, who = '" + value + "'")).hasMessageContaining("'who'").hasMessageContaining(value);
        assertThat(exported()).isEmpty();
        run(".export to table V <| print n = 1, who = ''");
        assertThat(run("external_table('V') | project who, n")).containsExactly("\"\" | 1");
    }

    @Test
    void partitionsAreCounted() {
        run(".create external table P (s:string) kind=storage partition by (S:string = s) dataformat=csv (@'" + lake + "')");

        assertThatThrownBy(() -> run(".export to table P <| range n from 0 to 10000 step 1 | project s = tostring(n)"))
                .hasMessageContaining("more than 10000 partitions");
    }

    @Test
    void whatIsNotWhollyWrittenIsNotRead() throws IOException {
        run(".create external table E (n:long) kind=storage dataformat=csv (@'" + lake + "')");
        run(".export to table E <| print n = 1");
        Files.writeString(lake.resolve(ExternalTables.partialName("2.csv")), "2\n");

        assertThat(run("external_table('E')")).containsExactly("1");
        assertThat(exported()).filteredOn(f -> f.endsWith(".partial")).hasSize(1);
    }

    @Test
    void linksLeadOutOfNoFolder() throws IOException {
        var outside = Files.createDirectories(folder.resolve("outside"));
        Files.writeString(outside.resolve("secret.csv"), "1\n");
        Files.createSymbolicLink(lake.resolve("link"), outside);
        Files.createSymbolicLink(lake.resolve("link.csv"), outside.resolve("secret.csv"));
        run(".create table T (n:long)");

        for (String file : List.of("link/secret.csv", "link.csv")) {
            assertThatThrownBy(() -> run(".ingest into table T (@'" + lake.resolve(file) + "')")).hasMessageContaining("allowedFolders");
        }
        assertThatThrownBy(() -> run(".create external table E (n:long) kind=storage dataformat=csv (@'" + lake.resolve("link") + "')"))
                .hasMessageContaining("allowedFolders");
        assertThatThrownBy(() -> run(".export to csv (@'" + lake.resolve("link") + "') <| print 1")).hasMessageContaining("allowedFolders");
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "\"Host=127.0.0.1;Port=1;Database=d;Password='s3;cret'\"", "'Host=127.0.0.1;Port=1;Database=d;Password=\"s3;cret\"'",
        "\"Host=127.0.0.1;Port=1;Database=d;Password=s3'cret\"", "'Host=127.0.0.1;Port=1;Database=d' with (token='s3cret')",
    })
    void whatIsListedOfAnExportHasNoSecret(String connection) {
        assertThatThrownBy(() -> run(".export to sql T " + connection + " <| print n = 1"))
                .satisfies(e -> assertThat(e.toString()).doesNotContain("cret"));

        for (String list : List.of(".show commands", ".show operations", ".show queries", ".show journal", ".show commands-and-queries")) {
            assertThat(run(list).toString()).as(list).doesNotContain("cret");
        }
        assertThat(run(".show commands | where Text has 'export' | project Text").toString()).contains("*****");
    }
}
