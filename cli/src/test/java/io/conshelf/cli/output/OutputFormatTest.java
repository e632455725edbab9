package io.conshelf.cli.output;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.conshelf.connectors.Column;
import io.conshelf.connectors.ValueType;
import java.io.IOException;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class OutputFormatTest {
    private static final List<Column> COLUMNS =
            List.of(new Column("State", ValueType.STRING), new Column("Flights", ValueType.LONG), new Column("Bag", ValueType.DYNAMIC));

    private static String print(OutputFormat format, int terminal, String... rows) throws IOException {
        var out = new StringWriter();
        var writer = format.writer(out, terminal);
        writer.begin(COLUMNS);
        for (var row : rows) {
            var cells = new ArrayList<JsonNode>();
            new ObjectMapper().readTree(row).forEach(cells::add);
            writer.row(cells);
        }
        writer.end();
        return out.toString();
    }

    @Test
    void aTableAlignsNumbersToTheRight() throws IOException {
        assertThat(print(OutputFormat.TABLE, 0, "[\"CA\",1234,{\"a\":1}]", "[\"Texas\",5,null]")).isEqualTo("""
                State  Flights  Bag
                ─────  ───────  ───────
                CA        1234  {"a":1}
                Texas        5
                (2 rows)
                """);
    }

    @Test
    void aTableIsCutToTheTerminal() throws IOException {
        var lines = print(OutputFormat.TABLE, 24, "[\"a very long name of a state\",5,\"x\"]").split("\n");
        assertThat(lines[2]).isEqualTo("a very lo…        5  x");
        assertThat(lines).allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(24));
    }

    @Test
    void aTableShowsNothingATerminalWouldObey() throws IOException {
        assertThat(print(OutputFormat.TABLE, 0, "[\"a\\u001b[31m\\nb\",1,null]")).contains("a [31m⏎b");
    }

    @Test
    void aRoundNumberHasNoExponent() throws IOException {
        var out = new StringWriter();
        var writer = OutputFormat.TABLE.writer(out, 0);
        writer.begin(List.of(new Column("Mean", ValueType.REAL)));
        writer.row(List.of(new ObjectMapper().getNodeFactory().numberNode(new BigDecimal("1E+1"))));
        writer.end();
        assertThat(out.toString()).contains("  10\n").doesNotContain("E");
    }

    @Test
    void csvQuotesAsRfc4180Says() throws IOException {
        assertThat(print(OutputFormat.CSV, 0, "[\"a\\\"b,c\",1,[1,2]]", "[\"\",null,null]"))
                .isEqualTo("State,Flights,Bag\r\n\"a\"\"b,c\",1,\"[1,2]\"\r\n,,\r\n");
    }

    @Test
    void jsonIsAnArrayAndJsonlALineEach() throws IOException {
        assertThat(print(OutputFormat.JSON, 0, "[\"a\",9223372036854775807,{\"k\":1.50}]"))
                .isEqualTo("[\n{\"State\":\"a\",\"Flights\":9223372036854775807,\"Bag\":{\"k\":1.5}}\n]\n");
        assertThat(print(OutputFormat.JSON, 0)).isEqualTo("[]\n");
        assertThat(print(OutputFormat.JSONL, 0, "[\"a\",1,null]", "[\"b\",2,null]"))
                .isEqualTo("{\"State\":\"a\",\"Flights\":1,\"Bag\":null}\n{\"State\":\"b\",\"Flights\":2,\"Bag\":null}\n");
    }
}
