package io.conshelf.engine.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.conshelf.engine.Engine;
import io.conshelf.engine.EngineConfig;
import io.conshelf.engine.Limits;
import io.conshelf.engine.duck.DuckInstance;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class FormatTest {
    private static final Path SAMPLES = Path.of("src/test/resources/formats");
    private static final FileFormat THREE_STEPS = new FileFormat("database", List.of(
            step("CREATE TABLE %s.conshelf.second (a INTEGER)"),
            step("INSERT INTO %s.conshelf.second VALUES (2)"),
            step("ALTER TABLE %s.conshelf.second ADD COLUMN b INTEGER DEFAULT 7")));

    @TempDir
    Path folder;

    private static FileFormat.Step step(String sql) {
        return new FileFormat.Step(sql, (connection, alias) -> Jdbc.execute(connection, sql.formatted(alias)));
    }

    /// To keep a sample of this release's format, before a step is added behind it:
    /// `mvn -pl engine -am test -Dsurefire.failIfNoSpecifiedTests=false -Dtest=FormatTest -Dconshelf.sample=2`
    @Test
    void thisReleaseReadsTheSampleThatItWrites() throws Exception {
        var number = System.getProperty("conshelf.sample");
        var sample = number == null ? folder.resolve("sample.zip") : SAMPLES.resolve(number + ".zip");
        FormatSample.write(folder.resolve("written"), sample);
        whatAnEarlierReleaseWroteIsAllThere(sample);
    }

    static List<Path> samples() throws IOException {
        try (var files = Files.list(SAMPLES)) {
            return files.filter(f -> f.toString().endsWith(".zip")).sorted().toList();
        }
    }

    @ParameterizedTest
    @MethodSource("samples")
    void whatAnEarlierReleaseWroteIsAllThere(Path sample) throws Exception {
        FormatSample.unpack(sample, folder);
        try (var engine = Engine.open(FormatSample.config(folder))) {
            FormatSample.check(engine);
            // It goes on as any other.
            FormatSample.run(engine, ".set-or-append Emptied <| print A = 100");
        }
        try (var engine = Engine.open(FormatSample.config(folder))) {
            assertThat(FormatSample.query(engine, "Emptied | count")).last().isEqualTo("14");
        }
        assertThat(filesOf("data", "data/databases")).noneMatch(name -> name.contains(".format-"));
    }

    @ParameterizedTest
    @MethodSource("samples")
    void whatIsBroughtUpIsLaidOutAsWhatIsNew(Path sample) throws Exception {
        FormatSample.unpack(sample, folder.resolve("old"));
        Engine.open(FormatSample.config(folder.resolve("old"))).close();
        Engine.open(FormatSample.config(folder.resolve("new"))).close();

        assertThat(layouts(folder.resolve("old"))).isEqualTo(layouts(folder.resolve("new")));
    }

    /// The system tables of every file, the same for all databases.
    private static List<String> layouts(Path data) throws Exception {
        var layouts = new ArrayList<String>();
        layouts.add(layout(data.resolve("data/system.duckdb")));
        try (var files = Files.newDirectoryStream(data.resolve("data/databases"), "*.duckdb")) {
            for (Path file : files) {
                layouts.add(layout(file));
            }
        }
        return layouts;
    }

    private static String layout(Path file) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:" + file);
                var statement = connection.createStatement();
                var rows = statement.executeQuery("SELECT string_agg(schema_name || '.' || table_name || '.' || column_name || ' ' || data_type, "
                        + "chr(10) ORDER BY ALL) || chr(10) || (SELECT version FROM conshelf.format) FROM duckdb_columns() "
                        + "WHERE schema_name = 'conshelf' OR table_name = 'documents'")) {
            rows.next();
            return rows.getString(1);
        }
    }

    @Test
    void aFileGoesThroughTheStepsItHasNotSeen() throws Exception {
        Path file = database(1);
        try (var duck = duck()) {
            StoredFile.attach(duck, file, "d1", THREE_STEPS);
            assertThat(text(duck, "SELECT a || ',' || b FROM d1.conshelf.second")).isEqualTo("2,7");
            assertThat(text(duck, "SELECT version FROM d1.conshelf.format")).isEqualTo("4");
        }
        assertThat(filesOf("")).doesNotContain("d1.duckdb.format-1");
        try (var duck = duck()) {
            // A second time there is nothing to do.
            StoredFile.attach(duck, file, "d1", THREE_STEPS);
            assertThat(text(duck, "SELECT count(*) FROM d1.conshelf.second")).isEqualTo("1");
        }
    }

    @Test
    void anUpgradeThatFailsLeavesTheFileAndACopyAsTheyWere() throws Exception {
        Path file = database(1);
        var failing = new FileFormat("database", List.of(
                step("CREATE TABLE %s.conshelf.second (a INTEGER)"), step("INSERT INTO %s.conshelf.nowhere VALUES (1)")));
        try (var duck = duck()) {
            assertThatThrownBy(() -> StoredFile.attach(duck, file, "d1", failing))
                    .isInstanceOf(UnusableFileException.class)
                    .hasMessageContainingAll(file.toString(), "from format 1 to 3", "d1.duckdb.format-1");
        }
        try (var duck = duck()) {
            StoredFile.attach(duck, file, "d1", new FileFormat("database", List.of()));
            assertThat(text(duck, "SELECT version FROM d1.conshelf.format")).isEqualTo("1");
            assertThat(text(duck, "SELECT count(*) FROM duckdb_tables() WHERE table_name = 'second'")).isEqualTo("0");
        }
        assertThat(filesOf("")).contains("d1.duckdb.format-1");
        try (var duck = duck()) {
            StoredFile.attach(duck, file, "d1", THREE_STEPS);
        }
        assertThat(filesOf("")).doesNotContain("d1.duckdb.format-1");
    }

    @Test
    void aFileOfANewerReleaseIsRefusedWithTheFormatThatIsNeeded() throws Exception {
        Path file = database(99);
        try (var duck = duck()) {
            assertThatThrownBy(() -> StoredFile.attach(duck, file, "d1", FileFormat.DATABASE))
                    .isInstanceOf(UnusableFileException.class)
                    .hasMessageContainingAll(file.toString(), "newer release", "format 99", "reads up to " + FileFormat.DATABASE.newest());
        }
    }

    @Test
    void filesAreWrittenInTheOldestFormOfDuckDbThatIsPromised() throws Exception {
        Engine.open(FormatSample.config(folder)).close();
        for (String file : filesOf("data", "data/databases")) {
            if (file.endsWith(".duckdb")) {
                // The magic stands behind the checksum of the first block, and then the version: 67 is that of v1.4.
                assertThat(storageVersion(folder.resolve(file.equals("system.duckdb") ? "data" : "data/databases").resolve(file)))
                        .as(file).isEqualTo(67);
            }
        }
    }

    private static long storageVersion(Path file) throws IOException {
        try (var in = new RandomAccessFile(file.toFile(), "r")) {
            in.seek(12);
            return Long.reverseBytes(in.readLong());
        }
    }

    private Path database(int format) throws Exception {
        Path file = folder.resolve("d1.duckdb");
        try (var duck = duck(); Connection connection = duck.connect()) {
            duck.attach(file, "d1");
            Jdbc.execute(connection, "CREATE SCHEMA d1.conshelf");
            Jdbc.execute(connection, "CREATE TABLE d1.conshelf.format (version INTEGER)");
            Jdbc.execute(connection, "INSERT INTO d1.conshelf.format VALUES (" + format + ")");
        }
        return file;
    }

    private DuckInstance duck() {
        return DuckInstance.open(new EngineConfig(
                Optional.of(folder), folder.resolve("staging"), List.of(), List.of(),
                Limits.ofThisMachine().withMemoryBytes(256L << 20), InstantSource.system()));
    }

    private static String text(DuckInstance duck, String sql) throws SQLException {
        try (Connection connection = duck.connect();
                var statement = connection.createStatement();
                var rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getString(1);
        }
    }

    private List<String> filesOf(String... folders) throws IOException {
        var names = new ArrayList<String>();
        for (String name : folders) {
            try (var files = Files.list(folder.resolve(name))) {
                files.forEach(file -> names.add(file.getFileName().toString()));
            }
        }
        return names;
    }
}
