package io.conshelf.engine.external;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.conshelf.engine.Engine;
import io.conshelf.engine.EngineConfig;
import io.conshelf.engine.Limits;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// `infer_storage_schema` and its like over files of an allowed folder.
class StorageSchemasTest extends OnAnEngine {
    private Path lake;

    @BeforeEach
    void open() throws IOException {
        lake = Files.createDirectories(folder.resolve("lake"));
        engine = Engine.open(new EngineConfig(
                Optional.empty(), folder.resolve("staging"), List.of(lake), List.of("Db"), Limits.ofThisMachine(), InstantSource.system()));
        run(".alter cluster policy callout @'[{\"CalloutType\":\"external_data\",\"CalloutUriRegex\":\"^file:///\",\"CanCall\":true}]'");
    }

    private void file(String path, String content, int day) throws IOException {
        Path file = lake.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, content);
        Files.setLastModifiedTime(file, FileTime.from(Instant.parse("2026-03-0" + day + "T00:00:00Z")));
    }

    private List<String> told(String options) {
        return run("let options = dynamic({'StorageContainers': [h@'" + lake + "'], " + options + "}); evaluate infer_storage_schema(options)");
    }

    @Test
    void theModeSaysWhichFilesTell() throws IOException {
        file("a/part-1.csv", "1,x\n", 3);
        file("b/part-2.csv", "1.5,2026-03-01\n", 5);
        file("c/part-0.csv", "1,2,3\n", 1);
        file("c/other.csv", "a,b,c,d\n", 9);
        file("c/part-9.tsv", "a\n", 8);
        String of = "'DataFormat': 'csv', 'FileExtension': '.csv', 'FileNamePrefix': 'part-'";
        assertThat(told(of)).containsExactly("Column1:real, Column2:datetime");
        assertThat(told(of + ", 'Mode': 'last'")).containsExactly("Column1:real, Column2:datetime");
        assertThat(told(of + ", 'Mode': 'all'")).containsExactly("Column1:real, Column2:string, Column3:long");
        assertThat(told(of + ", 'Mode': 'any'")).hasSize(1);
        assertThat(told("'DataFormat': 'csv', 'FileNamePrefix': 'other', 'InferenceOptions': {'UseFirstRowAsHeader': true}"))
                .containsExactly("a:string, b:string, c:string, d:string");
    }

    @Test
    void aFormatTellsItsOwnWay() throws IOException {
        file("j.json", "{\"id\":1,\"odd name\":[1],\"t\":\"2026-03-01T00:00:00Z\",\"b\":true}\n{\"id\":2,\"x\":\"y\"}\n", 1);
        Files.copy(Path.of("src/test/resources/parquet/int96.parquet"), lake.resolve("p.parquet"));
        try (var packed = new GZIPOutputStream(Files.newOutputStream(lake.resolve("g")))) {
            packed.write("n\tw\n5\tx\n".getBytes(StandardCharsets.UTF_8));
        }
        assertThat(told("'DataFormat': 'json', 'FileExtension': '.json'")).containsExactly("id:long, ['odd name']:dynamic, t:datetime, b:bool, x:string");
        assertThat(told("'DataFormat': 'parquet', 'FileExtension': '.parquet'").getFirst()).contains(":datetime");
        assertThat(told("'DataFormat': 'tsv', 'FileNamePrefix': 'g', 'InferenceOptions': {'UseFirstRowAsHeader': true}")).containsExactly("n:long, w:string");
        run(".create external table E (" + told("'DataFormat': 'json', 'FileExtension': '.json'").getFirst() + ") kind=storage dataformat=json (@'" + lake.resolve("j.json") + "')");
        assertThat(run("external_table('E') | summarize sum(id)")).containsExactly("3");
    }

    @Test
    void suggestionsAreOfIdsAndMoments() throws IOException {
        file("js-1.json", "{\"source\": \"DataExplorer\", \"created_at\": \"2022-04-10 15:47:57\", \"author_id\": 739144091473215488, \"time_millisec\": 1547083647000, "
                + "\"seconds\": 1547083647, \"n\": 5}\n", 1);
        String answer = run("evaluate infer_storage_schema_with_suggestions(dynamic({'StorageContainers': [@'" + lake + "'], 'FileExtension': '.json', "
                + "'FileNamePrefix': 'js-', 'DataFormat': 'json'})) | mv-expand c = parse_json(SuggestedTableSchema).Columns "
                + "| project x = strcat(c.OriginalColumn.Name, ' ', c.OriginalColumn.CslType.type, ' ', c.RecommendedColumn.CslType.type, ' ', c.ApplicableTransformationMapping) "
                + "| summarize strcat_array(make_list(x), ', ')").getFirst();
        assertThat(answer).isEqualTo("source string string None, created_at datetime datetime None, author_id long string None, "
                + "time_millisec long datetime DateTimeFromUnixMilliseconds, seconds long datetime DateTimeFromUnixSeconds, n long long None");
        String text = run("evaluate infer_storage_schema_with_suggestions(dynamic({'StorageContainers': [@'" + lake + "'], 'DataFormat': 'json'})) "
                + "| project tostring(parse_json(SuggestedTableSchema).Columns[1].OriginalColumn)").getFirst();
        assertThat(new ObjectMapper().readTree(text.startsWith("\"") ? new ObjectMapper().readTree(text).asText() : text))
                .isEqualTo(new ObjectMapper().readTree("{\"Name\":\"created_at\",\"CslType\":{\"type\":\"datetime\",\"IsNumeric\":false,\"IsSummable\":true}}"));
    }

    @Test
    void aColumnThatIsNoNumberInOneFileHoldsNoMoments() throws IOException {
        file("m-1.json", "{\"at\": 1547083647000, \"other\": 1547083647000}\n", 1);
        file("m-2.json", "{\"at\": \"x\", \"other\": 1547083647001}\n", 2);
        file("m-3.json", "{\"at\": 1547083647000}\n", 3);
        assertThat(run("evaluate infer_storage_schema_with_suggestions(dynamic({'StorageContainers': [@'" + lake + "'], 'DataFormat': 'json', 'Mode': 'all'})) "
                + "| mv-expand c = parse_json(SuggestedTableSchema).Columns | project strcat(c.OriginalColumn.Name, ' ', c.RecommendedColumn.CslType.type)"))
                .containsExactly("at string", "other datetime");
    }

    @Test
    void whatCannotBeToldIsNamed() throws IOException {
        file("x.bin", "\u0000", 1);
        assertThatThrownBy(() -> told("'DataFormat': 'csv', 'FileExtension': '.none'")).hasMessageContaining("no file was found").hasMessageContaining(".none");
        assertThatThrownBy(() -> told("'DataFormat': 'w3clogfile'")).hasMessageContaining("'w3clogfile'");
        assertThatThrownBy(() -> told("'DataFormat': 'parquet'")).hasMessageContaining("x.bin").hasMessageContaining("not a Parquet file");
        assertThatThrownBy(() -> told("'DataFormat': 'xyz'")).hasMessageContaining("xyz");
        assertThatThrownBy(() -> told("'Mode': 'last'")).hasMessageContaining("'DataFormat'");
        assertThatThrownBy(() -> told("'DataFormat': 'csv', 'Mode': 'some'")).hasMessageContaining("'some'");
        assertThatThrownBy(() -> told("'DataFormat': 'csv', 'Colour': 1")).hasMessageContaining("'colour'");
        assertThatThrownBy(() -> run("evaluate infer_storage_schema(dynamic({'DataFormat': 'csv'}))")).hasMessageContaining("'StorageContainers'");
        run(".alter cluster policy callout '[]'");
        assertThatThrownBy(() -> told("'DataFormat': 'csv'")).hasMessageContaining("no entry");
        assertThatThrownBy(() -> run("set request_external_data_disabled; evaluate infer_storage_schema(dynamic({'StorageContainers': ['/x'], 'DataFormat': 'csv'}))"))
                .hasMessageContaining("request_external_data_disabled");
    }
}
