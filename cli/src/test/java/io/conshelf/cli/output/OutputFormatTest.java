package io.conshelf.cli.output;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.conshelf.connectors.Column;
import io.conshelf.connectors.ValueType;
import java.io.ByteArrayOutputStream;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class OutputFormatTest {
    private static final List<Column> COLUMNS =
            List.of(new Column("State", ValueType.STRING), new Column("Flights", ValueType.LONG), new Column("Bag", ValueType.DYNAMIC));

    private static String print(OutputFormat format, int terminal, String... rows) throws Exception {
        return print(format, terminal, COLUMNS, Optional.empty(), rows);
    }

    private static String print(OutputFormat format, int terminal, List<Column> columns, Optional<String> visualization, String... rows) throws Exception {
        var out = new StringWriter();
        var writer = format.writer(Output.ofText(out, terminal));
        writer.begin(columns, visualization);
        for (var row : rows) {
            var cells = new ArrayList<JsonNode>();
            new ObjectMapper().readTree(row).forEach(cells::add);
            writer.row(cells);
        }
        writer.end();
        return out.toString();
    }

    @Test
    void aTableAlignsNumbersToTheRight() throws Exception {
        assertThat(print(OutputFormat.TABLE, 0, "[\"CA\",1234,{\"a\":1}]", "[\"Texas\",5,null]")).isEqualTo("""
                State  Flights  Bag
                ─────  ───────  ───────
                CA        1234  {"a":1}
                Texas        5
                (2 rows)
                """);
    }

    @Test
    void aTableIsCutToTheTerminal() throws Exception {
        var lines = print(OutputFormat.TABLE, 24, "[\"a very long name of a state\",5,\"x\"]").split("\n");
        assertThat(lines[2]).isEqualTo("a very lo…        5  x");
        assertThat(lines).allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(24));
    }

    @Test
    void aTableShowsNothingATerminalWouldObey() throws Exception {
        assertThat(print(OutputFormat.TABLE, 0, "[\"a\\u001b[31m\\nb\",1,null]")).contains("a [31m⏎b");
    }

    @Test
    void aRoundNumberHasNoExponent() throws Exception {
        var out = new StringWriter();
        var writer = OutputFormat.TABLE.writer(Output.ofText(out, 0));
        writer.begin(List.of(new Column("Mean", ValueType.REAL)), Optional.empty());
        writer.row(List.of(new ObjectMapper().getNodeFactory().numberNode(new BigDecimal("1E+1"))));
        writer.end();
        assertThat(out.toString()).contains("  10\n").doesNotContain("E");
    }

    @Test
    void csvQuotesAsRfc4180Says() throws Exception {
        assertThat(print(OutputFormat.CSV, 0, "[\"a\\\"b,c\",1,[1,2]]", "[\"\",null,null]"))
                .isEqualTo("State,Flights,Bag\r\n\"a\"\"b,c\",1,\"[1,2]\"\r\n,,\r\n");
    }

    @Test
    void jsonIsAnArrayAndJsonlALineEach() throws Exception {
        assertThat(print(OutputFormat.JSON, 0, "[\"a\",9223372036854775807,{\"k\":1.50}]"))
                .isEqualTo("[\n{\"State\":\"a\",\"Flights\":9223372036854775807,\"Bag\":{\"k\":1.5}}\n]\n");
        assertThat(print(OutputFormat.JSON, 0)).isEqualTo("[]\n");
        assertThat(print(OutputFormat.JSONL, 0, "[\"a\",1,null]", "[\"b\",2,null]"))
                .isEqualTo("{\"State\":\"a\",\"Flights\":1,\"Bag\":null}\n{\"State\":\"b\",\"Flights\":2,\"Bag\":null}\n");
    }

    private static String chart(int terminal, String visualization, List<Column> columns, String... rows) throws Exception {
        return print(OutputFormat.CHART, terminal, columns, Optional.of(visualization), rows);
    }

    private static final List<Column> COUNTS = List.of(new Column("State", ValueType.STRING), new Column("n", ValueType.LONG));

    @Test
    void aBarChartHasABarARowAndThePieItsShare() throws Exception {
        assertThat(chart(30, "{\"Visualization\":\"barchart\",\"Title\":\"Flights\"}", COUNTS, "[\"CA\",40]", "[\"Texas\",10]", "[\"WA\",0]", "[\"OR\",null]")).isEqualTo("""
                Flights
                CA    █████████████████████ 40
                Texas █████▎ 10
                WA     0
                OR
                """);
        assertThat(chart(40, "{\"Visualization\":\"piechart\"}", COUNTS, "[\"CA\",30]", "[\"TX\",10]")).contains(" 30 (75.0%)\n", " 10 (25.0%)\n");
        assertThat(chart(30, "{\"Visualization\":\"columnchart\"}", COUNTS, "[\"a\",10]", "[\"b\",-10]")).isEqualTo("""
                a             ████████████ 10
                b ████████████ -10
                """);
    }

    @Test
    void barsOfMomentsStandInTheOrderOfTime() throws Exception {
        var columns = List.of(new Column("at", ValueType.DATETIME), new Column("n", ValueType.LONG));
        assertThat(chart(40, "{\"Visualization\":\"columnchart\"}", columns, "[\"2026-03-01T00:00:00Z\",4]", "[null,1]", "[\"2026-01-01T00:00:00Z\",4]", "[\"2026-02-01T00:00:00Z\",2]")).isEqualTo("""
                2026-01-01 ███████████████████████████ 4
                2026-02-01 █████████████▌ 2
                2026-03-01 ███████████████████████████ 4
                           ██████▊ 1
                """);
    }

    @Test
    void barsOfSeveralSeriesStandInTheOrderOfTimeToo() throws Exception {
        var columns = List.of(new Column("at", ValueType.DATETIME), new Column("who", ValueType.STRING), new Column("n", ValueType.LONG));
        assertThat(chart(40, "{\"Visualization\":\"columnchart\"}", columns, "[\"2026-03-01T00:00:00Z\",\"a\",4]", "[\"2026-01-01T00:00:00Z\",\"b\",4]", "[\"2026-02-01T00:00:00Z\",\"a\",2]").lines()
                .map(line -> line.substring(0, 7))).containsExactly("2026-01", "2026-02", "2026-03");
    }

    @Test
    void aTimeChartRunsFromTheFirstMomentToTheLast() throws Exception {
        var columns = List.of(new Column("at", ValueType.DATETIME), new Column("n", ValueType.LONG));
        var lines = chart(60, "{\"Visualization\":\"timechart\"}", columns, "[\"2026-01-01T00:00:00Z\",0]", "[\"2026-01-03T00:00:00Z\",10]", "[\"2026-01-05T00:00:00Z\",0]").split("\n");
        assertThat(lines).hasSize(18).allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(60));
        assertThat(lines[0]).startsWith("10 ┤").contains("⠔⠑");
        assertThat(lines[15]).startsWith(" 0 ┤");
        assertThat(lines[17].strip()).startsWith("2026-01-01").contains("2026-01-03").endsWith("2026-01-05");
    }

    @Test
    void seriesOfMakeSeriesAreLinesWithMarks() throws Exception {
        var columns = List.of(new Column("State", ValueType.STRING), new Column("n", ValueType.DYNAMIC), new Column("at", ValueType.DYNAMIC));
        var times = "[\"2026-01-01T00:00:00.0000000Z\",\"2026-01-02T00:00:00.0000000Z\"]";
        assertThat(print(OutputFormat.CHART, 60, columns, Optional.empty(), "[\"CA\",[1,2]," + times + "]", "[\"TX\",[2,null]," + times + "]"))
                .contains("● CA  ▲ TX").contains("2026-01-01 00:00");
    }

    @Test
    void whatIsNoChartIsRefusedByName() {
        assertThatThrownBy(() -> chart(60, "{\"Visualization\":\"ladderchart\"}", COUNTS, "[\"CA\",1]")).hasMessageContaining("'render ladderchart' is not drawn here");
        assertThatThrownBy(() -> chart(60, "{\"Visualization\":\"barchart\"}", COUNTS)).hasMessage("the result has no rows to draw");
        assertThatThrownBy(() -> chart(60, "{\"Visualization\":\"barchart\",\"XColumn\":\"Stat\"}", COUNTS, "[\"CA\",1]")).hasMessageContaining("no column 'Stat'");
        assertThatThrownBy(() -> chart(60, "{\"Visualization\":\"barchart\"}", List.of(COUNTS.getFirst(), COUNTS.getFirst()), "[\"CA\",\"x\"]"))
                .hasMessageContaining("has numbers to draw");
    }

    @Test
    void parquetIsAFileOfItsOwn() throws Exception {
        var bytes = new ByteArrayOutputStream();
        try (var writer = OutputFormat.PARQUET.writer(new Output(bytes, new StringWriter(), 0))) {
            writer.begin(COUNTS, Optional.empty());
            writer.row(List.of(new ObjectMapper().getNodeFactory().textNode("CA"), new ObjectMapper().getNodeFactory().numberNode(5)));
            assertThat(bytes.size()).isZero();
            writer.end();
        }
        assertThat(bytes.toString(StandardCharsets.ISO_8859_1)).startsWith("PAR1").endsWith("PAR1");
    }
}
