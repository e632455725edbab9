package io.conshelf.engine.external;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.conshelf.engine.Engine;
import io.conshelf.engine.EngineConfig;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.Limits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// External tables over files of an allowed folder.
class ExternalTableTest extends OnAnEngine {
    private Path lake;

    @BeforeEach
    void open() throws IOException {
        lake = Files.createDirectories(folder.resolve("lake"));
        engine = open(Optional.empty());
    }

    private Engine open(Optional<Path> data) {
        return Engine.open(new EngineConfig(
                data, folder.resolve("staging"), List.of(lake), List.of("Db"), Limits.ofThisMachine(), InstantSource.system()));
    }

    private void file(String path, String content) throws IOException {
        Path file = lake.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, content);
    }

    @Test
    void filesAreReadAsIngestionReadsThem() throws IOException {
        file("a.csv", "1,x,2026-03-01\n2,\"a,b\"\n,,\n");
        file("sub/b.csv", "3,y,2026-03-02,surplus\n");
        run(".create external table E (n:long, s:string, d:datetime) kind=storage dataformat=csv (@'" + lake + "')");

        assertThat(run("external_table('E') | order by n asc nulls last")).containsExactly(
                "1 | x | 2026-03-01T00:00:00.0000000Z", "2 | a,b | null", "3 | y | 2026-03-02T00:00:00.0000000Z", "null | \"\" | null");
        assertThat(run("external_table('E') | count")).containsExactly("4");
        assertThat(run("external_table('E') | where s == 'y' | project n")).containsExactly("3");
    }

    @Test
    void aMappingSaysWhichFieldGoesWhere() throws IOException {
        file("a.json", "{\"x\":{\"y\":5},\"t\":\"one\"}\nnot json\n{\"x\":{}}\n");
        run(".create external table J (n:long, s:string, l:string) kind=storage dataformat=json (@'" + lake + "')");
        run(".create external table J mapping 'M' '[{\"Column\":\"n\",\"Properties\":{\"Path\":\"$.x.y\"}},"
                + "{\"Column\":\"l\",\"Properties\":{\"Transform\":\"SourceLineNumber\"}}]'");

        assertThat(run("external_table('J', 'M')")).containsExactlyInAnyOrder("5 | \"\" | 1", "null | \"\" | 3");
        assertThat(run("external_table('J') | count")).containsExactly("2");
        assertThatThrownBy(() -> run("external_table('J', 'other')")).isInstanceOf(KustoException.class).hasMessageContaining("other");
    }

    @Test
    void virtualColumnsComeFromThePathAndLeaveFilesOut() throws IOException {
        file("customer=Ann/date=20260301/x.csv", "1\n");
        file("customer=Ann/date=20260302/x.csv", "2\n");
        file("customer=Bob/date=20260301/x.csv", "3\n");
        file("elsewhere/x.csv", "4\n");
        run(".create external table V (n:long) kind=storage partition by (Customer:string, Date:datetime) "
                + "pathformat=('customer=' Customer '/date=' datetime_pattern('yyyyMMdd', Date)) dataformat=csv (@'" + lake + "')");

        assertThat(run("external_table('V') | order by n asc")).containsExactly(
                "1 | Ann | 2026-03-01T00:00:00.0000000Z", "2 | Ann | 2026-03-02T00:00:00.0000000Z", "3 | Bob | 2026-03-01T00:00:00.0000000Z");
        // A file that is left out is not read: this one could not be.
        Files.delete(lake.resolve("customer=Bob/date=20260301/x.csv"));
        Files.createSymbolicLink(lake.resolve("customer=Bob/date=20260301/x.csv"), Files.writeString(folder.resolve("outside.csv"), "9\n"));
        assertThat(run("external_table('V') | where Customer in ('Ann', 'Cid') and Date > datetime(2026-03-01)")).hasSize(1);
        assertThat(run("external_table('V') | where Date between (datetime(2026-03-02) .. 1d) | project n")).containsExactly("2");
        assertThat(run("external_table('V') | where Date > ago(9d) and Date <= now() | project n")).containsExactly("2");
        assertThatThrownBy(() -> run("external_table('V')")).hasMessageContaining("allowedFolders");
    }

    @Test
    void partitionsByColumnsLeaveFilesOut() throws IOException {
        file("Ann/2026/03/02/a.csv", "2026-03-02T05:00:00Z,Ann\n");
        file("Bob/2026/03/03/a.csv", "2026-03-03T05:00:00Z,Bob\n");
        run(".create external table P (t:datetime, who:string) kind=storage partition by (W:string = who, D:datetime = startofday(t)) "
                + "dataformat=csv (@'" + lake + "')");

        assertThat(run("external_table('P') | where t >= datetime(2026-03-02T04:00:00Z) and t < datetime(2026-03-03) | project who"))
                .containsExactly("Ann");
        assertThat(run("external_table('P') | where who == 'Bob' | project who")).containsExactly("Bob");
        assertThat(run(".show external table P artifacts | project Partition | order by tostring(Partition) asc")).containsExactly(
                "{\"W\":\"Ann\",\"D\":\"2026-03-02T00:00:00.0000000Z\"}", "{\"W\":\"Bob\",\"D\":\"2026-03-03T00:00:00.0000000Z\"}");
        assertThat(run(".show external table P artifacts limit 1")).hasSize(1);
    }

    @Test
    void parquetFilesOfSeveralShapesAreOneTable() {
        run(".export to parquet ('" + lake + "/k=1') <| print a = 1, b = 'x'");
        run(".export to parquet ('" + lake + "/k=2') <| range a from 2 to 3 step 1 | extend a = tolong(a), c = 1.5");
        run(".create external table Q (a:long, b:string, c:real) kind=storage partition by (k:string) pathformat=('k=' k) "
                + "dataformat=parquet (@'" + lake + "')");

        assertThat(run("external_table('Q') | order by a asc")).containsExactly("1 | x | null | 1", "2 | \"\" | 1.5 | 2", "3 | \"\" | 1.5 | 2");
        assertThat(run("external_table('Q') | where k == '2' | summarize sum(a)")).containsExactly("5");
    }

    @Test
    void headersArchivesAndNamesAreMinded() throws IOException {
        file("p_1.csv", "n,s\n1,x\n");
        file("p_2.csv", "n,s\n2,y\n");
        file("q_3.csv", "n,s\n3,z\n");
        file("p_4.tsv", "n\ts\n4\tw\n");
        run(".create external table H (n:long, s:string) kind=storage dataformat=csv (@'" + lake
                + "') with (includeHeaders='All', namePrefix='p_', fileExtension='.csv')");
        run(".create external table F (n:long, s:string) kind=storage dataformat=csv (@'" + lake
                + "') with (includeHeaders='FirstFile', namePrefix='p_', fileExtension='.csv')");

        assertThat(run("external_table('H') | order by n asc")).containsExactly("1 | x", "2 | y");
        assertThat(run("external_table('F') | order by n asc nulls first")).containsExactly("null | s", "1 | x", "2 | y");
    }

    @Test
    void rowLevelSecurityStandsBeforeTheFiles() throws IOException {
        file("a.csv", "1\n2\n3\n");
        run(".create external table R (n:long) kind=storage dataformat=csv (@'" + lake + "')");
        run(".alter external table R policy row_level_security enable \"external_table('R') | where n > 1\"");

        assertThat(run("external_table('R') | summarize sum(n)")).containsExactly("5");
        assertThat(run(".show external table R policy row_level_security").getFirst()).contains("IsEnabled\\\":true");
        run(".delete external table R policy row_level_security");
        assertThat(run("external_table('R') | summarize sum(n)")).containsExactly("6");
    }

    @Test
    void aFolderThatIsNotAllowedIsRefused() {
        assertThatThrownBy(() -> run(".create external table X (n:long) kind=storage dataformat=csv (@'" + folder + "')"))
                .isInstanceOf(KustoException.class).hasMessageContaining("allowedFolders");
        assertThatThrownBy(() -> run(".create external table X (n:long) kind=delta (@'" + lake + "')")).hasMessageContaining("delta");
    }

    @Test
    void tablesOutliveTheProcess() throws IOException {
        engine.close();
        engine = open(Optional.of(folder.resolve("data")));
        file("a.csv", "1\n");
        run(".create external table E (n:long) kind=storage partition by (d:datetime) pathformat=(datetime_pattern('yyyy', d)) "
                + "dataformat=csv (@'" + lake + "') with (folder='f', docString='d', compressed=true, fileExtension='.csv')");
        run(".create external table E mapping 'M' '[{\"Column\":\"n\",\"Properties\":{\"Ordinal\":\"0\"}}]'");
        var before = run(".show external tables");
        engine.close();
        engine = open(Optional.of(folder.resolve("data")));

        assertThat(run(".show external tables")).isEqualTo(before).hasSize(1);
        assertThat(run(".show external table E mappings")).hasSize(1);
        run(".drop external table E");
        assertThat(run(".show external tables")).isEmpty();
        assertThat(run(".drop external table E ifexists")).isEmpty();
    }

    @Test
    void readingStreamsWhateverTheSize() throws IOException {
        var line = "x".repeat(1_000);
        try (var out = Files.newBufferedWriter(lake.resolve("big.csv"))) {
            for (int i = 0; i < 40_000; i++) {
                out.write(i + "," + line + "\n");
            }
        }
        run(".create external table B (n:long, s:string) kind=storage dataformat=csv (@'" + lake + "')");

        assertThat(run("external_table('B') | summarize count(), sum(n), max(strlen(s))")).containsExactly("40000 | 799980000 | 1000");
        assertThat(run("external_table('B') | take 1 | count")).containsExactly("1");
    }
}
