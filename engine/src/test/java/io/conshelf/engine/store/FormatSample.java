package io.conshelf.engine.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.engine.Engine;
import io.conshelf.engine.EngineConfig;
import io.conshelf.engine.Limits;
import io.conshelf.engine.Principal;
import io.conshelf.engine.Request;
import io.conshelf.engine.StreamingIngestion;
import io.conshelf.engine.spec.ResultText;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;

/// A data folder as this release writes it, with something of everything: what later releases are tested with.
///
/// Run it before the format changes (see [FormatTest]). The folder is packed while the engine runs, as a kill would leave it: a
/// write-ahead log and a row log belong to the sample.
final class FormatSample {
    static final String DATABASE = "Sample";
    private static final List<String> COMMANDS = List.of(
            ".create table Events (Id:long, At:datetime, Name:string, Bag:dynamic, Cost:decimal, Key:guid, Took:timespan, Ratio:real,"
                    + " IsOn:bool, Small:int) with (folder='in', docstring='what happened')",
            ".create table Emptied (A:long)",
            ".create table Gone (A:long)",
            ".create table Live (Id:long, At:datetime)",
            ".create table Derived (Id:long, Name:string)",
            ".create function with (docstring='doubles', folder='math') Twice(x:long) { x * 2 }",
            ".create table Events ingestion csv mapping 'Plain' '[{\"Column\":\"Id\",\"Properties\":{\"Ordinal\":\"0\"}}]'",
            ".alter table Events policy retention '{\"SoftDeletePeriod\":\"36500.00:00:00\",\"Recoverability\":\"Disabled\"}'",
            ".alter database Sample policy streamingingestion enable",
            ".add database Sample viewers ('aaduser=reader@example.org') 'reads'",
            ".set-or-append Events with (tags='[\"drop-by:first\"]') <| range Id from 1 to 50 step 1 | extend At = datetime(2024-01-01)"
                    + " + Id * 1h, Name = strcat('n', Id), Bag = dynamic({\"a\":[1,2]}), Cost = decimal(1.25), Key ="
                    + " guid(12345678-1234-1234-1234-123456789012), Took = 90s, Ratio = Id / 4.0, IsOn = Id % 2 == 0, Small ="
                    + " toint(Id)",
            ".set-or-append Emptied <| print A = 1",
            ".clear table Emptied data",
            ".set-or-append Gone <| print A = 1",
            ".drop table Gone",
            ".alter-merge table Events (Late:string)",
            ".rename column Events.Name to Title",
            ".alter table Derived policy update '[{\"IsEnabled\":true,\"Source\":\"Events\",\"Query\":\"Events | project Id, Name="
                    + "Title\",\"IsTransactional\":true}]'",
            ".create materialized-view Latest on table Emptied { Emptied | summarize n = count() by A }",
            ".alter-merge table Events (Spare:long)",
            ".drop table Events columns (Spare)",
            ".set-or-append Emptied with (tags='[\"ingest-by:again\"]') <| range A from 1 to 3 step 1");

    private FormatSample() {}

    /// Makes a folder's content and packs it.
    static void write(Path folder, Path archive) throws IOException {
        try (var engine = Engine.open(config(folder))) {
            COMMANDS.forEach(command -> run(engine, command));
            stream(engine, "stream-1", "1,2024-02-01\n2,2024-02-02\n");
        }
        // What was closed is in the files, what follows in the logs beside them.
        try (var engine = Engine.open(config(folder))) {
            run(engine, ".set-or-append Emptied <| range A from 51 to 60 step 1");
            stream(engine, "stream-2", "3,2024-02-03\n4,2024-02-04\n");
            pack(folder, archive);
        }
    }

    /// Unpacks a sample; returns the folder for [#config].
    static Path unpack(Path archive, Path folder) throws IOException {
        try (var zip = new ZipInputStream(Files.newInputStream(archive))) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                Path file = folder.resolve(entry.getName());
                Files.createDirectories(file.getParent());
                Files.copy(zip, file);
            }
        }
        return folder;
    }

    static EngineConfig config(Path folder) {
        return new EngineConfig(
                Optional.of(folder.resolve("data")), folder.resolve("staging"), List.of(), List.of(DATABASE),
                Limits.ofThisMachine().withMemoryBytes(512L << 20), InstantSource.system());
    }

    static List<String> run(Engine engine, String command) {
        try (var answer = engine.command(request(), command)) {
            return ResultText.of(answer);
        }
    }

    static List<String> query(Engine engine, String query) {
        try (var answer = engine.query(request(), query)) {
            return ResultText.of(answer);
        }
    }

    static void stream(Engine engine, String sourceId, String csv) {
        engine.ingestStream(request(), new StreamingIngestion(
                DATABASE, "Live", "csv", Optional.empty(),
                new ByteArrayInputStream(csv.getBytes(StandardCharsets.UTF_8)), Optional.of(sourceId)));
    }

    /// That a folder made of a sample has all that [#write] put there.
    static void check(Engine engine) {
        assertThat(query(engine, "Events | summarize count(), sum(Id), max(At), countif(IsOn), sum(Cost), sum(Small), max(Ratio)"))
                .last().isEqualTo("50 | 1275 | 2024-01-03T02:00:00.0000000Z | 25 | 62.5 | 1275 | 12.5");
        assertThat(query(engine, "Events | where Id == 7 | project Title, Bag.a[1], Key, Took, Late")).last()
                .isEqualTo("n7 | 2 | 12345678-1234-1234-1234-123456789012 | 00:01:30 | \"\"");
        assertThat(query(engine, "Live | summarize count(), sum(Id), max(At)")).last()
                .isEqualTo("4 | 10 | 2024-02-04T00:00:00.0000000Z");
        assertThat(query(engine, "Emptied | summarize count(), sum(A)")).last().isEqualTo("13 | 561");
        assertThat(query(engine, "print Twice(21)")).last().isEqualTo("42");
        assertThat(query(engine, "Latest | count")).last().isEqualTo("13");
        assertThat(run(engine, ".show tables | project TableName | sort by TableName asc"))
                .containsExactly("TableName:string", "Derived", "Emptied", "Events", "Live");
        assertThat(run(engine, ".show table Events extents | project Tags").getLast()).contains("drop-by:first");
        assertThat(run(engine, ".show table Events policy retention | project Policy").getLast()).contains("36500");
        assertThat(run(engine, ".show table Events ingestion mappings | project Name").getLast()).contains("Plain");
        assertThat(run(engine, ".show database Sample principals | project PrincipalDisplayName").toString()).contains("reader@example.org");
        assertThat(run(engine, ".show table Events details | project Folder, DocString").getLast()).isEqualTo("in | what happened");
        // The ids of sources, sealed and in the log: the same again changes nothing.
        stream(engine, "stream-1", "1,2024-02-01\n");
        stream(engine, "stream-2", "3,2024-02-03\n");
        assertThat(query(engine, "Live | count")).last().isEqualTo("4");
        run(engine, ".set-or-append Emptied with (ingestIfNotExists='[\"again\"]', tags='[\"ingest-by:again\"]') <| print A = 1");
        assertThat(query(engine, "Emptied | count")).last().isEqualTo("13");
    }

    private static Request request() {
        return new Request(Principal.LOCAL_ADMINISTRATOR, DATABASE, "sample", UUID.randomUUID(), Map.of(), Map.of(), "test", "test",
                Instant.now(), Duration.ofMinutes(1), false);
    }

    private static void pack(Path folder, Path archive) throws IOException {
        try (var zip = new ZipOutputStream(Files.newOutputStream(archive)); var files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                zip.putNextEntry(new ZipEntry(folder.relativize(file).toString()));
                Files.copy(file, zip);
                zip.closeEntry();
            }
        }
    }
}
