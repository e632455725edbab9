package io.conshelf.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.Principal;
import io.conshelf.engine.ServiceError;
import io.conshelf.kql.type.ColumnSchema;
import io.conshelf.kql.type.Type;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ResultFormatTest {
    private static final UUID ACTIVITY = UUID.fromString("6f000000-0000-4000-8000-000000000001");
    private static final Call CALL = new Call(
            Principal.LOCAL_ADMINISTRATOR, "app;1", ACTIVITY, Instant.EPOCH, Optional.empty(), Optional.empty(), false,
            false, "http://localhost", false);
    private static final List<ColumnSchema> N = List.of(new ColumnSchema("n", Type.LONG));
    private static final KustoException TRUNCATED = new KustoException(new ServiceError(
            400, "LimitsExceeded", "Kusto.Data.Exceptions.KustoServicePartialQueryFailureLimitsExceededException",
            "too many", false, Optional.empty()));

    @Test
    void plainFramesKeepTheOrderOfTheirProperties() throws IOException {
        assertThat(v2(Map.of(), rows(Optional.empty(), 41L, 42L))).isEqualTo("""
                [{"FrameType":"DataSetHeader","IsProgressive":false,"Version":"v2.0"},\
                {"FrameType":"DataTable","TableId":0,"TableKind":"QueryProperties","TableName":"@ExtendedProperties",\
                "Columns":[{"ColumnName":"TableId","ColumnType":"int"},{"ColumnName":"Key","ColumnType":"string"},\
                {"ColumnName":"Value","ColumnType":"dynamic"}],"Rows":[[1,"Visualization","…"]]},\
                {"FrameType":"DataTable","TableId":1,"TableKind":"PrimaryResult","TableName":"PrimaryResult",\
                "Columns":[{"ColumnName":"n","ColumnType":"long"}],"Rows":[[41],[42]]},\
                {"FrameType":"DataTable","TableId":2,"TableKind":"QueryCompletionInformation",\
                "TableName":"QueryCompletionInformation","Columns":[{"ColumnName":"Timestamp","ColumnType":"datetime"},\
                {"ColumnName":"ClientRequestId","ColumnType":"string"},{"ColumnName":"ActivityId","ColumnType":"guid"},\
                {"ColumnName":"SubActivityId","ColumnType":"guid"},{"ColumnName":"ParentActivityId","ColumnType":"guid"},\
                {"ColumnName":"Level","ColumnType":"int"},{"ColumnName":"LevelName","ColumnType":"string"},\
                {"ColumnName":"StatusCode","ColumnType":"int"},{"ColumnName":"StatusCodeName","ColumnType":"string"},\
                {"ColumnName":"EventType","ColumnType":"int"},{"ColumnName":"EventTypeName","ColumnType":"string"},\
                {"ColumnName":"Payload","ColumnType":"string"}],"Rows":[["…","app;1","%1$s","%1$s","%1$s",4,"Info",0,\
                "S_OK (0)",4,"QueryInfo","{\\"Count\\":1,\\"Text\\":\\"Query completed successfully\\"}"],\
                ["…","app;1","%1$s","%1$s","%1$s",6,"Stats",0,"S_OK (0)",0,"QueryResourceConsumption","…"]]},\
                {"FrameType":"DataSetCompletion","HasErrors":false,"Cancelled":false}]""".formatted(ACTIVITY));
    }

    @Test
    void fragmentedFramesStandOnALineEach() throws IOException {
        var options = Map.<String, Object>of(
                "results_v2_newlines_between_frames", true,
                "results_v2_fragment_primary_tables", true,
                "results_error_reporting_placement", "end_of_table");
        assertThat(v2(options, rows(Optional.empty(), 41L, 42L)).lines().toList())
                .satisfies(lines -> {
                    assertThat(lines.get(0)).isEqualTo("[{\"FrameType\":\"DataSetHeader\",\"IsProgressive\":false,"
                            + "\"Version\":\"v2.0\",\"IsFragmented\":true,\"ErrorReportingPlacement\":\"EndOfTable\"}");
                    assertThat(lines.get(1)).startsWith(",{\"FrameType\":\"DataTable\",\"TableId\":0,\"TableKind\":\"QueryProperties\"");
                    assertThat(lines.get(2)).isEqualTo(",{\"FrameType\":\"TableHeader\",\"TableId\":1,\"TableKind\":\"PrimaryResult\","
                            + "\"TableName\":\"PrimaryResult\",\"Columns\":[{\"ColumnName\":\"n\",\"ColumnType\":\"long\"}]}");
                    assertThat(lines.get(3)).isEqualTo(
                            ",{\"FrameType\":\"TableFragment\",\"TableFragmentType\":\"DataAppend\",\"TableId\":1,\"Rows\":[[41],[42]]}");
                    assertThat(lines.get(4)).isEqualTo(",{\"FrameType\":\"TableCompletion\",\"TableId\":1,\"RowCount\":2}");
                    assertThat(lines.get(5)).startsWith(",{\"FrameType\":\"DataTable\",\"TableId\":2,\"TableKind\":\"QueryCompletionInformation\"");
                    assertThat(lines.get(6)).isEqualTo(",{\"FrameType\":\"DataSetCompletion\",\"HasErrors\":false,\"Cancelled\":false}");
                    assertThat(lines.get(7)).isEqualTo("]");
                    assertThat(lines).hasSize(8);
                });
    }

    @Test
    void anEmptyFragmentedTableHasHeaderAndCompletionOnly() throws IOException {
        var frames = v2(Map.of("results_v2_fragment_primary_tables", true), rows(Optional.empty()));
        assertThat(frames).contains("\"TableHeader\"").contains("\"RowCount\":0").doesNotContain("TableFragment");
    }

    @Test
    void progressiveFramesTellFieldCountAndProgress() throws IOException {
        assertThat(v2(Map.of("results_progressive_enabled", true), rows(Optional.empty(), 1L)))
                .contains("\"IsProgressive\":true")
                .contains("{\"FrameType\":\"TableFragment\",\"FieldCount\":1,\"TableFragmentType\":\"DataAppend\",\"TableId\":1,\"Rows\":[[1]]}")
                .contains("{\"FrameType\":\"TableProgress\",\"TableId\":1,\"TableProgress\":100.0}");
    }

    @Test
    void aFailureAfterRowsStandsAmongThemAndInTheCompletion() throws IOException {
        var frames = new ObjectMapper().readTree(v2(Map.of(), rows(Optional.of(TRUNCATED), 1L)));
        assertThat(frames).hasSize(4);
        assertThat(frames.get(2).path("Rows").get(1).path("OneApiErrors").get(0).path("error").path("@message").asText())
                .isEqualTo("too many");
        assertThat(frames.get(3).path("HasErrors").asBoolean()).isTrue();
        assertThat(frames.get(3).path("OneApiErrors").get(0).path("error").path("code").asText())
                .isEqualTo("LimitsExceeded");
    }

    @Test
    void aFailureAtTheEndOfItsTableLeavesTheRowsAlone() throws IOException {
        var options = Map.<String, Object>of(
                "results_v2_fragment_primary_tables", true, "results_error_reporting_placement", "end_of_table");
        var frames = new ObjectMapper().readTree(v2(options, rows(Optional.of(TRUNCATED), 1L)));
        assertThat(frames.get(3).path("Rows")).hasSize(1);
        assertThat(frames.get(4).path("OneApiErrors")).hasSize(1);
        assertThat(frames.get(5).path("HasErrors").asBoolean()).isTrue();
    }

    @Test
    void aFailureAtTheEndOfTheDatasetIsNowhereElse() throws IOException {
        var frames = new ObjectMapper()
                .readTree(v2(Map.of("results_error_reporting_placement", "end_of_dataset"), rows(Optional.of(TRUNCATED), 1L)));
        assertThat(frames.get(2).path("Rows")).hasSize(1);
        assertThat(frames.get(3).path("OneApiErrors")).hasSize(1);
    }

    @Test
    void aDeferredFailureIsACompletionRowOfLevelTwo() throws IOException {
        var frames = new ObjectMapper()
                .readTree(v2(Map.of("deferpartialqueryfailures", true), rows(Optional.of(TRUNCATED), 1L)));
        assertThat(frames.get(2).path("Rows")).hasSize(1);
        var row = frames.get(3).path("Rows").get(0);
        assertThat(row.get(5).asInt()).isEqualTo(2);
        assertThat(row.get(7).asInt()).isEqualTo(-2133196797);
        assertThat(row.get(8).asText())
                .isEqualTo("Query result set too large (E_QUERY_RESULT_SET_TOO_LARGE). (-2133196797)");
        assertThat(row.get(10).asText()).isEqualTo("QueryLimitsExceeded");
        assertThat(frames.get(4).path("HasErrors").asBoolean()).isFalse();
    }

    @Test
    void aCommandHasOneTable() throws IOException {
        assertThat(v1Command(rows(Optional.empty(), 41L))).isEqualTo("""
                {"Tables":[{"TableName":"Table_0","Columns":[{"ColumnName":"n","DataType":"Int64","ColumnType":"long"}],\
                "Rows":[[41]]}]}""");
    }

    @Test
    void aVersionOneQueryEndsWithItsTableOfContents() throws IOException {
        var tables = new ObjectMapper().readTree(v1Query(rows(Optional.empty(), 41L))).path("Tables");
        assertThat(tables).hasSize(4);
        assertThat(tables.get(3).path("Rows").toString()).isEqualTo("""
                [[0,"QueryResult","PrimaryResult","",""],[1,"QueryProperties","@ExtendedProperties","",""],\
                [2,"QueryStatus","QueryStatus","",""]]""");
        assertThat(tables.get(2).path("Rows").get(0).get(1).asInt()).isEqualTo(4);
    }

    @Test
    void aVersionOneFailureIsTextInTheRowsAndAtTheTop() throws IOException {
        var document = new ObjectMapper().readTree(v1Query(rows(Optional.of(TRUNCATED), 41L)));
        assertThat(document.path("Tables").get(0).path("Rows").get(1).path("Exceptions").get(0).asText())
                .isEqualTo("too many");
        assertThat(document.path("Exceptions").get(0).asText()).isEqualTo("too many");
    }

    @Test
    void everyTypeHasItsForm() throws IOException {
        List<ColumnSchema> columns = List.of(
                new ColumnSchema("b", Type.BOOL), new ColumnSchema("i", Type.INT), new ColumnSchema("l", Type.LONG),
                new ColumnSchema("r", Type.REAL), new ColumnSchema("d", Type.DECIMAL), new ColumnSchema("s", Type.STRING),
                new ColumnSchema("t", Type.DATETIME), new ColumnSchema("ts", Type.TIMESPAN),
                new ColumnSchema("g", Type.GUID), new ColumnSchema("y", Type.DYNAMIC));
        List<Object> row = List.of(
                true, 1, Long.MAX_VALUE, 0.5, new BigDecimal("1.50"), "a\"é😀", 637189275013109965L, 90_645_678_900_0L,
                ACTIVITY, "{\"a\":[1,\"x\",null]}");
        List<Object> nulls = java.util.Collections.nCopies(10, Optional.empty());
        var answer = GivenAnswer.of(new GivenAnswer.Table("T", columns, Optional.empty(), List.of(row, nulls)));
        assertThat(v1Command(answer)).contains("""
                "Rows":[[true,1,9223372036854775807,0.5,"1.5","a\\"é😀","2020-03-04T14:05:01.3109965Z",\
                "1.01:10:45.6789000","6f000000-0000-4000-8000-000000000001",{"a":[1,"x",null]}],\
                [null,null,null,null,null,"",null,null,null,null]]""");
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0001-01-01T00:00:00Z", "3155378975999999999, 9999-12-31T23:59:59.9999999Z",
        "637188768000000000, 2020-03-04T00:00:00Z", "635923008000000000, 2016-02-29T00:00:00Z",
        "630822815999999999, 1999-12-31T23:59:59.9999999Z"
    })
    void datetimesAreIso(long ticks, String text) throws IOException {
        assertThat(v1Command(single(Type.DATETIME, ticks))).contains("[[\"" + text + "\"]]");
    }

    @ParameterizedTest
    @CsvSource({
        "0, 00:00:00", "-1, -00:00:00.0000001", "864000000000, 1.00:00:00",
        "-9223372036854775808, -10675199.02:48:05.4775808", "36000000000, 01:00:00"
    })
    void timespansHaveDaysOnlyWhenThereAreSome(long ticks, String text) throws IOException {
        assertThat(v1Command(single(Type.TIMESPAN, ticks))).contains("[[\"" + text + "\"]]");
    }

    @Test
    void realsThatJsonLacksAreWords() throws IOException {
        assertThat(v1Command(single(Type.REAL, Double.NaN))).contains("[[\"NaN\"]]");
        assertThat(v1Command(single(Type.REAL, Double.NEGATIVE_INFINITY))).contains("[[\"-Infinity\"]]");
    }

    private static GivenAnswer single(Type type, Object value) {
        return GivenAnswer.of(new GivenAnswer.Table(
                "T", List.of(new ColumnSchema("x", type)), Optional.empty(), List.of(List.of(value))));
    }

    private static GivenAnswer rows(Optional<KustoException> failure, Long... values) {
        List<List<Object>> chunk = java.util.Arrays.stream(values).map(value -> List.<Object>of(value)).toList();
        return GivenAnswer.of(new GivenAnswer.Table("PrimaryResult", N, failure, chunk));
    }

    private static String v2(Map<String, Object> options, GivenAnswer answer) throws IOException {
        var out = new ByteArrayOutputStream();
        new V2Frames(out, CALL, V2Frames.Dialect.of(options)).write(FirstRows.of(answer));
        return masked(out.toString(StandardCharsets.UTF_8));
    }

    private static String v1Query(GivenAnswer answer) throws IOException {
        var out = new ByteArrayOutputStream();
        new V1Document(out, CALL).query(FirstRows.of(answer));
        return out.toString(StandardCharsets.UTF_8);
    }

    private static String v1Command(GivenAnswer answer) throws IOException {
        var out = new ByteArrayOutputStream();
        new V1Document(out, CALL).command(FirstRows.of(answer));
        return out.toString(StandardCharsets.UTF_8);
    }

    private static String masked(String frames) {
        return frames.replaceAll("\"\\d{4}-\\d\\d-\\d\\dT[0-9:.]+Z\"", "\"…\"")
                .replaceAll("\"\\{\\\\\"(Visualization|ExecutionTime)(?:[^\"\\\\]|\\\\.)*\"", "\"…\"");
    }
}
