package io.conshelf.processor.format;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamWriteConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.dataformat.cbor.CBORFactory;
import com.fasterxml.jackson.dataformat.cbor.CBORGenerator;
import io.conshelf.processor.value.JsonText;
import io.conshelf.processor.value.Value;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/// CBOR (RFC 8949). Byte strings are bytes, `undefined` is null, tags tell nothing but what numbers are large, and integers as keys are their text. A batch is an
/// array.
public final class CborFormat implements MessageFormat {
    /// The major type.
    private static final int ARRAY = 4 << 5;
    private static final CBORFactory CBOR = CBORFactory.builder().streamReadConstraints(JsonFormat.constraints().build())
            .streamWriteConstraints(StreamWriteConstraints.builder().maxNestingDepth(10 * FormatLimits.DEPTH_MAX).build()).build();

    @Override
    public Value decode(byte[] payload) throws FormatException {
        FormatLimits.checkSize(payload, FormatLimits.BYTES_MAX);
        try (JsonParser parser = CBOR.createParser(payload)) {
            if (parser.nextToken() == null) {
                throw new FormatException("no CBOR: there is no value");
            }
            Value value = JsonText.value(parser);
            if (parser.nextToken() != null) {
                throw new FormatException("no CBOR: something follows the value");
            }
            return value;
        } catch (StreamConstraintsException e) {
            throw new FormatException("no CBOR that is read: " + e.getOriginalMessage());
        } catch (JsonProcessingException e) {
            throw new FormatException("no CBOR: " + e.getOriginalMessage() + (e.getLocation() == null ? "" : " (byte " + e.getLocation().getByteOffset() + ")"));
        } catch (IOException | ArithmeticException | IllegalArgumentException | IllegalStateException | IndexOutOfBoundsException e) {
            // the library's own checks of hostile bytes are not all of one kind
            throw new FormatException("no CBOR: " + e.getMessage());
        }
    }

    @Override
    public byte[] encode(Value record) throws FormatException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (CBORGenerator generator = CBOR.createGenerator(bytes)) {
            write(record, generator);
        } catch (IOException e) {
            throw new FormatException("not written as CBOR: " + e.getMessage());
        }
        return bytes.toByteArray();
    }

    /// An array of so many.
    @Override
    public Frame frame(int parts) {
        byte[] head = parts < 24 ? new byte[] {(byte) (ARRAY | parts)}
                : parts <= 0xFF ? new byte[] {(byte) (ARRAY | 24), (byte) parts}
                : parts <= 0xFFFF ? ByteBuffer.allocate(3).put((byte) (ARRAY | 25)).putShort((short) parts).array()
                : ByteBuffer.allocate(5).put((byte) (ARRAY | 26)).putInt(parts).array();
        return new Frame(head, Frame.NOTHING, Frame.NOTHING);
    }

    private static void write(Value value, CBORGenerator generator) throws IOException {
        switch (value) {
            case Value.Null _ -> generator.writeNull();
            case Value.Truth(boolean is) -> generator.writeBoolean(is);
            case Value.Whole(long number) -> generator.writeNumber(number);
            case Value.Large(BigInteger number) -> generator.writeNumber(number);
            case Value.Real(double number) -> generator.writeNumber(number);
            case Value.Text(String text) -> generator.writeString(text);
            case Value.Binary(byte[] bytes) -> generator.writeBinary(bytes);
            case Value.Items(List<Value> items) -> {
                generator.writeStartArray(items, items.size());
                for (Value item : items) {
                    write(item, generator);
                }
                generator.writeEndArray();
            }
            case Value.Members(SequencedMap<String, Value> members) -> {
                generator.writeStartObject(members, members.size());
                for (Map.Entry<String, Value> member : members.entrySet()) {
                    generator.writeFieldName(member.getKey());
                    write(member.getValue(), generator);
                }
                generator.writeEndObject();
            }
        }
    }
}
