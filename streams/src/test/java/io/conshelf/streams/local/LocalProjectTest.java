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

    /// As the documentation of data errors shows them.
    @Test
    void whatIsWrongWithEventsIsToldInTheWordsOfTheService() throws Exception {
        assertThat(errors("""
                CREATE TABLE [in] (a bigint, b bigint); SELECT a INTO out FROM [in]""", "{\"a\": 1, \"c\": 2}")).containsExactly("""
                InputDeserializerError.MissingColumns
                Could not deserialize the input event(s) from resource 'in.json' as Json. Some possible reasons: 1) Malformed events 2) Input source configured with incorrect \
                serialization format
                Missing fields specified in query or in create table. Fields expected:b Fields found:a Fields found:c (dropped)""");
        assertThat(errors("SELECT a INTO out FROM [in] TIMESTAMP BY t", "{\"a\": 1}").getFirst()).contains("MissingColumns", "from resource 'in.json' as Json", "Fields expected:t Fields found:a");
        assertThat(errors("CREATE TABLE [in] (a bigint); SELECT a INTO out FROM [in]", "{\"a\": \"x\"}").getFirst()).contains("TypeConversionError",
                "Could not deserialize the input event(s) from resource 'in.json' as Json. Some possible reasons", "Unable to convert column: a to expected type. It is declared as bigint and is 'nvarchar(max)', found \"x\".");
        assertThat(errors("SELECT a INTO out FROM [in]", "7")).containsExactly("""
                InputDeserializerError.InvalidData
                Json input stream should either be an array of objects or line separated objects. Found token type: Integer
                Input Message Id: in.json Error: Json input stream should either be an array of objects or line separated objects. Found token type: Integer""");
        assertThat(errors("SELECT a INTO out FROM [in] TIMESTAMP BY a", "{\"a\": \"x\"}").getFirst()).contains(
                "Unable to get timestamp for resource 'in.json' due to error 'Cannot convert a TIMESTAMP BY value of type 'nvarchar(max)' to datetime'");
        assertThat(errors("SELECT a INTO out FROM [in] TIMESTAMP BY t OVER k", "{\"a\": 1, \"t\": \"2026-01-31T08:00:00Z\"}").getFirst())
                .contains("Unable to get value of TIMESTAMP BY OVER COLUMN");
    }

    private List<String> errors(String query, String events) throws Exception {
        Files.writeString(folder.resolve("in.json"), events);
        Input input = new Input("in", InputType.STREAM, JSON.valueToTree(Map.of("datasource", Map.of("type", Datasources.FILE, "properties", Map.of("path", "in.json")),
                "serialization", Map.of("type", "Json"))));
        ReadyJob job = ReadyJob.of(new JobDefinition("job", query, List.of(input), List.of(), List.of(), Policies.DEFAULT));
        return new LocalProject(job, folder, FolderAccess.within(List.of(folder))).run(List.of(input), Instant.parse("2026-01-31T08:00:00Z")).diagnostics().stream()
                .map(one -> one.example().type() + '\n' + one.example().brief() + '\n' + one.example().told()).toList();
    }
}
