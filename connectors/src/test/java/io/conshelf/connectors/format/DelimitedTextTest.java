package io.conshelf.connectors.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.conshelf.connectors.StoreException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DelimitedTextTest {
    private static final DelimitedText STANDARD = DelimitedText.rfc4180(',');
    private static final DelimitedText BACKSLASH = new DelimitedText(',', Optional.empty(), Optional.of('"'), Optional.of('\\'), false,
            Optional.of(""), 0, StandardCharsets.UTF_8);

    private static List<String> read(String text, DelimitedText dialect) throws StoreException {
        List<String> rows = new ArrayList<>();
        try (DelimitedTextReader reader = new DelimitedTextReader("t.csv", new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)), dialect)) {
            for (Optional<List<JsonNode>> row = reader.next(); row.isPresent(); row = reader.next()) {
                rows.add(row.get().toString());
            }
        }
        return rows;
    }

    @Test
    void doubledQuotesStandForOne() throws StoreException {
        assertThat(read("\"Hello, \"\"World\"\"\",\"a\nb\"\n", STANDARD)).containsExactly("[\"Hello, \\\"World\\\"\", \"a\\nb\"]");
    }

    @Test
    void aBackslashEscapesAQuoteInTheDefaultDialectOfDataFactory() throws StoreException {
        assertThat(read("\"\\\"ABC\\D\\\"EF\"\n", BACKSLASH)).containsExactly("[\"\\\"ABC\\\\D\\\"EF\"]");
    }

    @Test
    void aBackslashMeansNothingInTheStandardDialect() throws StoreException {
        assertThat(read("a\\\"b,c\n", STANDARD)).containsExactly("[\"a\\\\\\\"b\", \"c\"]");
    }

    @Test
    void anUnquotedNullTextIsNull() throws StoreException {
        assertThat(read("a,,b\r\n", BACKSLASH)).containsExactly("[\"a\", null, \"b\"]");
    }

    @Test
    void theHeaderNamesTheColumns() throws StoreException {
        var dialect = DelimitedText.rfc4180(';').withHeader();
        try (var reader = new DelimitedTextReader("t", new ByteArrayInputStream("\uFEFFa;b\n1;2".getBytes(StandardCharsets.UTF_8)), dialect)) {
            assertThat(reader.columns()).extracting("name").containsExactly("a", "b");
            assertThat(reader.next().orElseThrow()).extracting(JsonNode::asText).containsExactly("1", "2");
            assertThat(reader.next()).isEmpty();
        }
    }

    @Test
    void aRecordOfAnotherLengthIsRefusedWithItsLine() {
        assertThatThrownBy(() -> read("a,b\n\"c\n\nd\",e\nf\n", STANDARD)).isInstanceOf(StoreException.class)
                .hasMessage("Found 1 columns, expected 2, in the record at line 5 of 't.csv': f");
    }

    @Test
    void aColumnWithoutANameIsRefused() {
        assertThatThrownBy(() -> read("a,,b\n1,2,3\n", DelimitedText.rfc4180(',').withHeader())).isInstanceOf(StoreException.class)
                .hasMessage("The header of 't.csv' has no name for column 2: a,,b");
    }

    @Test
    void aQuoteThatIsNeverClosedIsRefused() {
        assertThatThrownBy(() -> read("\"a,b\nc", STANDARD)).hasMessageContaining("opens a quote that is never closed");
    }

    @Test
    void whatIsWrittenReadsBackInEveryDialect() throws StoreException {
        List<JsonNode> row = List.of(TextNode.valueOf("Hello, \"World\""), TextNode.valueOf("\"ABC\\D\"EF"), TextNode.valueOf(""), TextNode.valueOf("a\r\nb"));
        for (DelimitedText dialect : List.of(STANDARD, new DelimitedText('|', Optional.of("\n"), Optional.of('\''), Optional.of('\\'), false,
                Optional.of("NULL"), 0, StandardCharsets.UTF_16))) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            try (DelimitedTextWriter writer = new DelimitedTextWriter(bytes, dialect)) {
                writer.write(row);
            }
            try (var reader = new DelimitedTextReader("t", new ByteArrayInputStream(bytes.toByteArray()), dialect)) {
                assertThat(reader.next()).contains(row);
            }
        }
    }
}
