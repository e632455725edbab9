package io.conshelf.cli.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.server.Server;
import io.conshelf.server.ServerConfig;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `conshelf query` over files, as a process of its own: what it prints, and how it ends.
class QueryFilesTest {
    @TempDir
    Path folder;

    @BeforeEach
    void files() throws Exception {
        Files.writeString(folder.resolve("people.csv"), "id,name\n1,\"a, \"\"b\"\"\"\n2,c\n");
        Files.writeString(folder.resolve("my people.tsv"), "id\tname\n1\ta\n2\tb\n");
        Files.writeString(folder.resolve("documents.json"), "[{\"id\": 1, \"o\": {\"x\": [1]}},\n {\"id\": 2, \"o\": null}]");
        Files.writeString(folder.resolve("lines.jsonl"), "{\"id\": 1, \"name\": \"a\"}\n{\"id\": 2, \"name\": \"b\"}\n");
        try (var server = Server.start(ServerConfig.local().withAllowedFolders(List.of(folder)))) {
            String answer = Rest.command(server.uri().toString(), "NetDefaultDB", ".export to parquet ('" + folder + "') with (namePrefix=rows)"
                    + " <| range id from 1 to 2 step 1");
            assertThat(answer).contains("rows_1_");
        }
        try (Stream<Path> files = Files.list(folder)) {
            Files.move(files.filter(file -> file.toString().endsWith(".parquet")).findFirst().orElseThrow(), folder.resolve("rows.parquet"));
        }
        for (String name : List.of("people.csv", "my people.tsv", "documents.json", "lines.jsonl", "rows.parquet")) {
            Files.createDirectories(folder.resolve("packed"));
            try (var packed = new GZIPOutputStream(Files.newOutputStream(folder.resolve("packed").resolve(name + ".gz")))) {
                Files.copy(folder.resolve(name), packed);
            }
        }
    }

    private static Surroundings.Finished query(String... arguments) throws IOException {
        var all = new ArrayList<>(List.of("query"));
        all.addAll(List.of(arguments));
        return Surroundings.run(Path.of("."), Map.of(), UpProcess.command(all).command());
    }

    @Test
    void everyFormatIsATablePackedOrNot() throws IOException {
        for (String place : List.of("", "packed/")) {
            String ending = place.isEmpty() ? "" : ".gz";
            var files = Stream.of("people.csv", "my people.tsv", "documents.json", "lines.jsonl", "rows.parquet")
                    .map(name -> folder.resolve(place + name + ending).toString()).toList();
            var arguments = new ArrayList<>(files);
            arguments.addAll(List.of("--format", "csv", "union withsource=table people, ['my people'], documents, lines, rows | summarize ids = sum(id) by table | sort by table asc"));
            var finished = query(arguments.toArray(String[]::new));
            assertThat(finished.exitCode()).as(finished.output()).isZero();
            assertThat(finished.output().lines()).contains("table,ids", "documents,3", "lines,3", "my people,3", "people,3", "rows,3");
        }
        try (Stream<Path> left = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
            assertThat(left.filter(file -> file.getFileName().toString().startsWith("conshelf-unpacked-"))).isEmpty();
        }
    }

    @Test
    void resultsComeInTheFormatThatIsAskedFor() throws IOException {
        String people = folder.resolve("people.csv").toString();
        assertThat(query(people, "--format", "csv", "people | sort by id asc").output()).contains("id,name\r\n1,\"a, \"\"b\"\"\"\r\n2,c\r\n");
        assertThat(query(people, "--format", "jsonl", "people | sort by id asc").output()).contains("{\"id\":1,\"name\":\"a, \\\"b\\\"\"}\n{\"id\":2,\"name\":\"c\"}\n");
        assertThat(query(people, "--format", "json", "people | count").output().replaceAll("\\s", "")).contains("[{\"Count\":2}]");
        assertThat(query("--json", people, "people | count").output().replaceAll("\\s", "")).contains("[{\"Count\":2}]");
        assertThat(query(people, "people | count; people | project name | take 1").output()).contains("Count\n─────\n    2\n(1 row)\n\nname");
        assertThat(query(people, "--format", "chart", "people | project name, id | render barchart").output()).contains("█ 2\n");
    }

    @Test
    void whatIsWrongIsToldInALine() throws IOException {
        Files.copy(new ByteArrayInputStream(new byte[] {1, 2, 3}), folder.resolve("broken.parquet.gz"));
        assertFails("cannot be unpacked", folder.resolve("broken.parquet.gz").toString(), "broken");
        assertFails("there is no file", folder.resolve("absent.csv").toString(), "absent");
        assertFails("unknown ending", Files.writeString(folder.resolve("notes.doc"), "x").toString(), "notes");
        assertFails("SEM0100", folder.resolve("people.csv").toString(), "people | where absent == 1");
    }

    private static void assertFails(String why, String... arguments) throws IOException {
        var finished = query(arguments);
        assertThat(finished.exitCode()).isEqualTo(1);
        assertThat(finished.output()).contains("conshelf: ", why).doesNotContain("\tat ");
    }
}
