package io.conshelf.streams.format;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import io.conshelf.streams.value.InvalidJson;
import io.conshelf.streams.value.JsonRead;
import io.conshelf.streams.value.Value;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/// Events of JSON: objects in lines, in an array or one behind another, in whatever layout.
///
/// A message is parsed once, as a whole. Only where that fails it is taken apart, so that its other events are not lost; files always are.
final class JsonEvents implements EventReader {
    private final JsonRead json;
    private final Broken broken;

    JsonEvents(InputFormat format) {
        this.json = new JsonRead(JsonRead.Reading.at(format.level()));
        this.broken = Broken.of(format);
    }

    @Override
    public void message(byte[] message, String resource, EventSink out) {
        int given = isUtf8(message) ? parsed(message, out) : 0;
        if (given < 0) {
            return;
        }
        try {
            Pieces pieces = new Pieces(new ByteArrayInputStream(message), resource, given);
            while (pieces.next(out)) {
                // one after another
            }
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    /// @return -1 where the message is whole; else how many events it gave before it broke
    private int parsed(byte[] message, EventSink out) {
        int given = 0;
        try (JsonParser parser = JsonRead.FACTORY.createParser(message)) {
            boolean inArray = false;
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                if (token == JsonToken.START_OBJECT) {
                    Value.Record event = json.event(parser);
                    given++;
                    out.event(event);
                } else if (token == JsonToken.START_ARRAY && !inArray) {
                    inArray = true;
                } else if (token == JsonToken.END_ARRAY) {
                    inArray = false;
                } else {
                    return given;
                }
            }
            return -1;
        } catch (JsonProcessingException | InvalidJson notJson) {
            return given;
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    /// The parser would find out about other encodings by itself; the service takes UTF-8 alone.
    private static boolean isUtf8(byte[] message) {
        for (int i = 0; i < Math.min(4, message.length); i++) {
            if (message[i] == 0 || message[i] == (byte) 0xFE || message[i] == (byte) 0xFF) {
                return false;
            }
        }
        return true;
    }

    @Override
    public Events file(InputStream bytes, String resource) {
        return new Pieces(bytes, resource, 0);
    }

    private final class Pieces implements Events {
        private final InputStream bytes;
        private final JsonPieces pieces;
        private final String resource;
        private int given;

        /// @param given how many events have been given already
        Pieces(InputStream bytes, String resource, int given) {
            this.bytes = bytes;
            this.pieces = new JsonPieces(bytes);
            this.resource = resource;
            this.given = given;
        }

        @Override
        public boolean next(EventSink out) throws IOException {
            JsonPieces.Piece piece = pieces.next();
            switch (piece) {
                case NONE -> {
                    return false;
                }
                case OBJECT -> object(out);
                case UNFINISHED -> {
                    out.broken(broken.data(resource, "The object is not closed.", example()));
                    pieces.resume();
                }
                case TOO_LARGE -> {
                    out.broken(broken.data(resource, "The event is larger than " + JsonPieces.PIECE_BYTES_MAX + " bytes.", example()));
                    pieces.skip();
                }
                case OTHER -> out.broken(broken.notObjects(resource, tokenType(), example()));
            }
            return true;
        }

        private void object(EventSink out) {
            if (given > 0) {
                given--;
                return;
            }
            Value.Record event;
            try (JsonParser parser = JsonRead.FACTORY.createParser(pieces.buffer(), pieces.from(), pieces.to() - pieces.from())) {
                parser.nextToken();
                event = json.event(parser);
            } catch (JsonProcessingException notJson) {
                broken(out, notJson.getOriginalMessage());
                return;
            } catch (InvalidJson noValue) {
                broken(out, noValue.getMessage());
                return;
            } catch (IOException impossible) {
                throw new UncheckedIOException(impossible);
            }
            out.event(event);
        }

        private void broken(EventSink out, String reason) {
            out.broken(broken.data(resource, reason, example()));
            pieces.resume();
        }

        private String example() {
            return Broken.example(pieces.buffer(), pieces.from(), pieces.to());
        }

        private String tokenType() {
            byte first = pieces.buffer()[pieces.from()];
            return first == '"' ? "String" : first == '-' || first >= '0' && first <= '9' ? "Integer" : first == 't' || first == 'f' ? "Boolean"
                    : first == 'n' ? "Null" : first == '[' ? "StartArray" : "Undefined";
        }

        @Override
        public void close() throws IOException {
            bytes.close();
        }
    }
}
