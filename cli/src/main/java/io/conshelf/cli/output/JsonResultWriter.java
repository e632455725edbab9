package io.conshelf.cli.output;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.conshelf.connectors.Column;
import java.io.IOException;
import java.io.Writer;
import java.util.List;
import java.util.Optional;

/// One object a row: an array of them, or one a line.
final class JsonResultWriter implements ResultWriter {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final Writer out;
    private final boolean isArray;
    private final JsonGenerator json;
    private List<Column> columns = List.of();
    private boolean isFirst = true;

    JsonResultWriter(Writer out, boolean isArray) {
        this.out = out;
        this.isArray = isArray;
        try {
            this.json = JsonFactory.builder().build().createGenerator(out).setCodec(MAPPER);
            json.setRootValueSeparator(null);
            json.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
            json.disable(JsonGenerator.Feature.FLUSH_PASSED_TO_STREAM);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Override
    public void begin(List<Column> columns, Optional<String> visualization) throws IOException {
        this.columns = columns;
        out.write(isArray ? "[" : "");
    }

    @Override
    public void row(List<JsonNode> cells) throws IOException {
        if (isArray) {
            out.write(isFirst ? "\n" : ",\n");
        }
        isFirst = false;
        json.writeStartObject();
        for (int i = 0; i < cells.size(); i++) {
            json.writeFieldName(columns.get(i).name());
            json.writeTree(cells.get(i));
        }
        json.writeEndObject();
        json.flush();
        if (!isArray) {
            out.write('\n');
        }
    }

    @Override
    public void end() throws IOException {
        json.flush();
        out.write(isArray ? (isFirst ? "]\n" : "\n]\n") : "");
        out.flush();
    }
}
