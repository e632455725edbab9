package io.conshelf.streams.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.conshelf.connectors.file.FolderAccess;
import io.conshelf.streams.job.Datasources;
import io.conshelf.streams.job.JobDefinition;
import io.conshelf.streams.job.JobDefinition.Input;
import io.conshelf.streams.job.JobDefinition.InputType;
import io.conshelf.streams.job.JobDefinition.Policies;
import io.conshelf.streams.run.ReadyJob;
import io.conshelf.streams.value.JsonPrint;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalProjectTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path folder;

    @Test
    void eachFileOfAFolderHasItsOwnHeader() throws Exception {
        Files.createDirectory(folder.resolve("in"));
        Files.writeString(folder.resolve("in/a.csv"), "k,v\n1,x");
        Files.writeString(folder.resolve("in/b.csv"), "v,k\ny,2\n");
        Input input = new Input("in", InputType.STREAM, JSON.valueToTree(Map.of("datasource", Map.of("type", Datasources.FILE, "properties", Map.of("path", "in")),
                "serialization", Map.of("type", "Csv", "properties", Map.of("fieldDelimiter", ",")))));
        ReadyJob job = ReadyJob.of(new JobDefinition("job", "SELECT k, v INTO out FROM [in]", List.of(input), List.of(), List.of(), Policies.DEFAULT));
        LocalProject.Result result = new LocalProject(job, folder, FolderAccess.within(List.of(folder))).run(List.of(input), Instant.parse("2026-01-31T08:00:00Z"));
        assertThat(result.diagnostics()).isEmpty();
        assertThat(result.rows().get("out")).extracting(row -> JsonPrint.text(row.event())).containsExactly("{\"k\":\"1\",\"v\":\"x\"}", "{\"k\":\"2\",\"v\":\"y\"}");
    }
}
