package io.conshelf.connectors.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.connectors.Column;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.ValueType;
import io.conshelf.connectors.format.JsonDocumentWriter.FilePattern;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class JsonDocumentsTest {
    private static List<String> read(String text) throws StoreException {
        List<String> documents = new ArrayList<>();
        try (JsonDocumentReader reader = new JsonDocumentReader("t.json", new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)))) {
            for (Optional<ObjectNode> document = reader.next(); document.isPresent(); document = reader.next()) {
                documents.add(document.get().toString());
            }
        }
        return documents;
    }

    @Test
    void everyLayoutOfObjectsIsRecognised() throws StoreException {
        assertThat(read("{\"a\":1}\n{\"a\":2}")).containsExactly("{\"a\":1}", "{\"a\":2}");
        assertThat(read("[ {\"a\":1},\n {\"a\":2} ]")).containsExactly("{\"a\":1}", "{\"a\":2}");
        assertThat(read("{\"a\":{\"b\":1}}{\"a\":2}")).containsExactly("{\"a\":{\"b\":1}}", "{\"a\":2}");
        assertThat(read("")).isEmpty();
    }

    @Test
    void aValueThatIsNoObjectIsRefusedWithItsLine() {
        assertThatThrownBy(() -> read("{\"a\":1}\n2")).hasMessage("'t.json' holds VALUE_NUMBER_INT at line 2 where a JSON object is expected");
    }

    @Test
    void anObjectThatDoesNotEndIsToldWithTheLineWhereItBegins() {
        assertThatThrownBy(() -> read("{\"a\":1}\n{\"a\":2,\n\n")).hasMessageContaining("at line 4").hasMessageContaining("the object begins at line 2");
    }

    @Test
    void numbersKeepTheirDigits() throws StoreException {
        assertThat(read("{\"a\":10.0,\"b\":0.1000000000000000055511151231257827,\"c\":9007199254740993}"))
                .containsExactly("{\"a\":10.0,\"b\":0.1000000000000000055511151231257827,\"c\":9007199254740993}");
    }

    @Test
    void aNumberBeyondAllNumbersIsToldWithItsLine() {
        assertThatThrownBy(() -> read("{\"a\":1}\n{\"a\":1E99999999999}")).isInstanceOf(StoreException.class)
                .hasMessageContaining("line 2").hasMessageContaining("beyond what numbers can be");
    }

    @Test
    void nullPropertiesAreLeftOut() throws StoreException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonDocumentWriter writer = new JsonDocumentWriter(bytes, List.of(new Column("a", ValueType.STRING), new Column("b", ValueType.STRING)), FilePattern.SET_OF_OBJECTS)) {
            writer.write(List.of(IntNode.valueOf(1), NullNode.instance));
            writer.write(List.of(IntNode.valueOf(2), IntNode.valueOf(3)));
        }
        assertThat(bytes.toString(StandardCharsets.UTF_8)).isEqualTo("{\"a\":1}\n{\"a\":2,\"b\":3}");
    }

    @Test
    void anArrayOfObjectsIsOneDocument() throws StoreException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonDocumentWriter writer = new JsonDocumentWriter(bytes, List.of(new Column("a", ValueType.STRING)), FilePattern.ARRAY_OF_OBJECTS)) {
            writer.write(List.of(IntNode.valueOf(1)));
            writer.write(List.of(IntNode.valueOf(2)));
        }
        assertThat(bytes.toString(StandardCharsets.UTF_8)).isEqualTo("[{\"a\":1},{\"a\":2}]");
    }
}
