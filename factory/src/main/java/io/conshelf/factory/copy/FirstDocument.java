package io.conshelf.factory.copy;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.format.JsonPieces;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;

/// The properties of a file's first document. A cluster leaves out what it has no column for, so documents of which no property is a column
/// would become rows without a value, and nobody would be told.
final class FirstDocument {
    private static final int BYTES_MAX = 1 << 20;
    private static final JsonFactory JSON = new JsonFactory();

    private FirstDocument() {}

    /// @param pieces stands at the file's first document
    /// @param file   what messages call it
    static void checkNames(JsonPieces pieces, String file, String table, List<String> columns) throws StoreException {
        Beginning beginning = new Beginning();
        pieces.write(beginning);
        List<String> names = names(beginning.bytes.toByteArray());
        if (!beginning.isCut && !names.isEmpty() && names.stream().noneMatch(columns::contains)) {
            throw StoreException.user("UserErrorKustoColumnNotFound", "'" + file + "' has documents with " + names + ", and table '" + table
                    + "' has no column of such a name; it has " + columns + ". A translator or a mapping can say where values go");
        }
    }

    /// As far as it is JSON: the cluster tells what is not.
    private static List<String> names(byte[] document) {
        List<String> names = new ArrayList<>();
        try (JsonParser parser = JSON.createParser(document)) {
            if (parser.nextToken() == JsonToken.START_OBJECT) {
                while (parser.nextToken() == JsonToken.FIELD_NAME) {
                    names.add(parser.currentName());
                    parser.nextToken();
                    parser.skipChildren();
                }
            }
            return names;
        } catch (IOException notJson) {
            return List.of();
        }
    }

    private static final class Beginning extends OutputStream {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private boolean isCut;

        @Override
        public void write(int value) {
            write(new byte[] {(byte) value}, 0, 1);
        }

        @Override
        public void write(byte[] source, int from, int length) {
            int fitting = Math.min(length, BYTES_MAX - bytes.size());
            bytes.write(source, from, fitting);
            isCut |= fitting < length;
        }
    }
}
