package io.conshelf.connectors.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import io.conshelf.connectors.RowReader;
import io.conshelf.connectors.StoreException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PiecesTest {
    private static final String[] FRAGMENTS = {"a", "b c", ",", ";", "\"", "\"\"", "\\", "\\\"", "\n", "\r\n", "\r", "é", "€", "", "'"};

    private static final String[] PLAIN = {"a", "b c", "é", "", "12345"};

    @Test
    void piecesHoldTheRecordsOfTheText() throws StoreException {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int i = 0; i < 20_000; i++) {
            DelimitedText dialect = dialect(random);
            String text = text(random, dialect);
            String shown = "seed " + seed + ", round " + i + ", " + dialect + ": " + text.replace("\n", "\\n").replace("\r", "\\r");
            List<List<JsonNode>> expected;
            try (RowReader rows = new DelimitedTextReader("t", bytes(text, dialect.encoding()), dialect)) {
                expected = rows(rows);
            } catch (StoreException broken) {
                assertThatThrownBy(() -> pieces(text, dialect, random)).as(shown).isInstanceOf(StoreException.class);
                continue;
            }
            try {
                assertThat(pieces(text, dialect, random).toString()).as(shown).isEqualTo(expected.toString());
            } catch (StoreException refused) {
                // The one thing that is refused and could be read: text behind a quote that follows a backslash.
                assertThat(refused.code()).as(shown).isEqualTo("Stream_WrongNumberOfFields");
            }
        }
    }

    private static DelimitedText dialect(Random random) {
        Optional<Character> quote = random.nextInt(8) == 0 ? Optional.empty() : Optional.of(random.nextInt(4) == 0 ? '\'' : '"');
        Optional<Character> escape = quote.isEmpty() ? Optional.empty() : random.nextBoolean() ? quote : Optional.of('\\');
        Optional<String> end = switch (random.nextInt(4)) {
            case 0 -> Optional.of("\n");
            case 1 -> Optional.of("\r\n");
            default -> Optional.empty();
        };
        return new DelimitedText(random.nextBoolean() ? ',' : ';', end, quote, escape, random.nextBoolean(), Optional.of(random.nextBoolean() ? "" : "a"),
                random.nextInt(4) == 0 ? 1 : 0, random.nextInt(4) == 0 ? StandardCharsets.UTF_16LE : StandardCharsets.UTF_8);
    }

    private static String text(Random random, DelimitedText dialect) {
        StringBuilder text = new StringBuilder();
        int columns = 1 + random.nextInt(3);
        for (int row = random.nextInt(random.nextBoolean() ? 6 : 20); row >= 0; row--) {
            boolean isPlain = random.nextInt(3) > 0;
            for (int i = 0; i < columns; i++) {
                text.append(i == 0 ? "" : String.valueOf(dialect.delimiter()));
                boolean isQuoted = !isPlain && dialect.quote().isPresent() && random.nextBoolean();
                StringBuilder field = new StringBuilder();
                for (int part = random.nextInt(4); part > 0; part--) {
                    field.append(isPlain ? PLAIN[random.nextInt(PLAIN.length)] : FRAGMENTS[random.nextInt(FRAGMENTS.length)]);
                }
                text.append(isQuoted ? dialect.quote().get() + field.toString().replace(String.valueOf(dialect.quote().get()),
                        "" + dialect.escape().orElseThrow() + dialect.quote().get()) + dialect.quote().get() : field.toString().replaceAll("[,;\\r\\n]", ""));
            }
            text.append(row == 0 && random.nextBoolean() ? "" : dialect.rowDelimiter().orElse(random.nextBoolean() ? "\n" : "\r\n"));
        }
        return text.toString();
    }

    private static List<List<JsonNode>> pieces(String text, DelimitedText dialect, Random random) throws StoreException {
        ByteArrayOutputStream standard = new ByteArrayOutputStream();
        long records = 0;
        char delimiter = random.nextBoolean() ? dialect.delimiter() : ',';
        try (DelimitedPieces pieces = new DelimitedPieces("t", bytes(text, dialect.encoding()), dialect, delimiter, 1 + random.nextInt(random.nextBoolean() ? 20 : 400))) {
            for (long count = pieces.next(); count >= 0; count = pieces.next()) {
                pieces.write(standard);
                records += count;
            }
        }
        try (RowReader rows = new DelimitedTextReader("pieces", new ByteArrayInputStream(standard.toByteArray()), new DelimitedText(delimiter,
                Optional.empty(), Optional.of('"'), Optional.of('"'), false, Optional.of(""), 0, StandardCharsets.UTF_8))) {
            List<List<JsonNode>> found = rows(rows);
            assertThat(records).as("records of %s from %s by %s", standard.toString(StandardCharsets.UTF_8).replace("\n", "\\n").replace("\r", "\\r"), text.replace("\n", "\\n").replace("\r", "\\r"), dialect).isEqualTo(found.size());
            return found;
        }
    }

    // An empty text and no text at all are the same in a file that says nothing else.
    private static List<List<JsonNode>> rows(RowReader reader) throws StoreException {
        List<List<JsonNode>> rows = new ArrayList<>();
        for (Optional<List<JsonNode>> row = reader.next(); row.isPresent(); row = reader.next()) {
            rows.add(row.get().stream().map(cell -> cell.isTextual() && cell.textValue().isEmpty() ? (JsonNode) NullNode.instance : cell).toList());
        }
        return rows;
    }

    private static ByteArrayInputStream bytes(String text, Charset encoding) {
        return new ByteArrayInputStream(text.getBytes(encoding));
    }

    @Test
    void aBackslashedQuoteInStandardTextIsNamedWithItsRow() {
        assertThatThrownBy(() -> pieces("id,name\n1,\"Hello, \\\"World\\\"\"\n", DelimitedText.rfc4180(',').withHeader(), new Random(1)))
                .hasMessageContaining("Row 2 of 't' is not RFC 4180");
    }

    @Test
    void documentsAreFoundHoweverTheyStand() throws StoreException {
        for (String text : List.of("{\"a\":\"}{\\\"\"}\n{\"a\":[1,{}]}\n", "[{\"a\":\"}{\\\"\"},\n{\"a\":[1,{}]}]", "\uFEFF{\"a\":\"}{\\\"\"}{\"a\":[1,{}]}")) {
            for (int buffer = 4; buffer < 20; buffer++) {
                ByteArrayOutputStream found = new ByteArrayOutputStream();
                int count = 0;
                try (JsonPieces pieces = new JsonPieces("t", bytes(text, StandardCharsets.UTF_8), StandardCharsets.UTF_8, buffer)) {
                    while (pieces.next()) {
                        pieces.write(found);
                        count++;
                    }
                }
                assertThat(count).as("%s with a buffer of %d", text, buffer).isEqualTo(2);
                assertThat(found.toString(StandardCharsets.UTF_8)).isEqualTo("{\"a\":\"}{\\\"\"}\n{\"a\":[1,{}]}\n");
            }
        }
    }

    @Test
    void whatIsNoObjectIsRefusedWithItsLine() {
        assertThatThrownBy(() -> json("{}\n5")).hasMessage("'t' holds '5' at line 2 where a JSON object is expected");
        assertThatThrownBy(() -> json("[{},\n{\"a\":1")).hasMessage("'t' is not JSON: it ends at line 2 inside an object");
    }

    private static void json(String text) throws StoreException {
        try (JsonPieces pieces = new JsonPieces("t", bytes(text, StandardCharsets.UTF_8), StandardCharsets.UTF_8)) {
            while (pieces.next()) {
                assertThat(pieces.position()).isPositive();
            }
        }
    }
}
