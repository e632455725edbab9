package io.conshelf.connectors.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.LongNode;
import io.conshelf.connectors.StoreException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.junit.jupiter.api.Test;

class AvroTest {
    private static final Schema SCHEMA = new Schema.Parser().parse("{\"type\": \"record\", \"name\": \"r\", \"fields\": [{\"name\": \"i\", \"type\": \"long\"}]}");

    @Test
    void everyBlockIsRead() throws Exception {
        try (AvroReader rows = new AvroReader("a.avro", new ByteArrayInputStream(file(20_000)))) {
            for (long i = 0; i < 20_000; i++) {
                assertThat(rows.next().orElseThrow().getFirst()).isEqualTo(LongNode.valueOf(i));
            }
            assertThat(rows.next()).isEmpty();
        }
    }

    @Test
    void aBlockThatStatesTwoGigabytesIsRefusedByName() throws Exception {
        ByteArrayOutputStream hostile = new ByteArrayOutputStream();
        hostile.write(file(0));
        BinaryEncoder numbers = EncoderFactory.get().directBinaryEncoder(hostile, null);
        numbers.writeLong(1);
        numbers.writeLong(Integer.MAX_VALUE);
        assertThatThrownBy(() -> {
            try (AvroReader rows = new AvroReader("a.avro", new ByteArrayInputStream(hostile.toByteArray()))) {
                rows.next();
            }
        }).isInstanceOfSatisfying(StoreException.class, refused -> assertThat(refused.code()).isEqualTo("UserErrorAvroBlockTooLarge"))
                .hasMessage("'a.avro' states a block of 2147483647 bytes, and there is room for 67108864");
    }

    @Test
    void aHeaderThatStatesTwoGigabytesIsRefusedByName() throws Exception {
        ByteArrayOutputStream hostile = new ByteArrayOutputStream();
        hostile.write(Arrays.copyOf(file(0), 4));
        BinaryEncoder numbers = EncoderFactory.get().directBinaryEncoder(hostile, null);
        numbers.writeLong(1);
        numbers.writeString("avro.schema");
        numbers.writeLong(Integer.MAX_VALUE - 16);
        assertThatThrownBy(() -> new AvroReader("a.avro", new ByteArrayInputStream(hostile.toByteArray())))
                .hasMessageContaining("states a header of 2147483631 bytes");
    }

    @Test
    void whatStatesMoreThanItHasIsRefusedByName() throws Exception {
        String list = "{\"type\":\"array\",\"items\":";
        String nothing = "{\"type\":\"record\",\"name\":\"n\",\"fields\":[]}";
        refused(row("\"r\""), numbers(), "UserErrorAvroTooLarge", "nested more deeply");
        refused(row(list.repeat(20_000) + "\"int\"" + "}".repeat(20_000)), numbers(), "UserErrorAvroMalformed", "Invalid schema");
        refused(row("{\"type\":\"fixed\",\"name\":\"f\",\"size\":100000000}"), numbers(), "UserErrorAvroMalformed", "Invalid schema");
        refused(row(nothing), numbers(), "UserErrorAvroTooLarge", "no field with content");
        refused(row("\"null\""), numbers(), "UserErrorAvroTooLarge", "no field with content");
        for (String empty : List.of("\"null\"", nothing, "{\"type\":\"fixed\",\"name\":\"f\",\"size\":0}")) {
            refused(row(list + empty + "}"), numbers(10_000_000, 0), "UserErrorAvroTooLarge", "more than 1048576 values that take no bytes");
        }
        refused(row(doubled(64)), numbers(), "UserErrorAvroTooLarge", "more than 1048576 parts");
        refused(row("\"string\""), numbers(2_000_000_000), "UserErrorAvroMalformed", "");
        refused(row("\"bytes\""), numbers(100 << 20), "UserErrorAvroMalformed", "");
        try (AvroReader rows = new AvroReader("a.avro", new ByteArrayInputStream(file(row(list + "\"null\"}"), numbers(3, 0))))) {
            assertThat(rows.next().orElseThrow().getFirst().toString()).isEqualTo("[null,null,null]");
        }
    }

    private static void refused(String schema, byte[] record, String code, String message) {
        assertThatThrownBy(() -> {
            try (AvroReader rows = new AvroReader("a.avro", new ByteArrayInputStream(file(schema, record)))) {
                rows.next();
            }
        }).as(schema.substring(0, Math.min(200, schema.length())))
                .isInstanceOfSatisfying(StoreException.class, refused -> assertThat(refused.code()).as(refused.getMessage()).isEqualTo(code))
                .hasMessageContainingAll("'a.avro'", message);
    }

    private static String row(String type) {
        return "{\"type\":\"record\",\"name\":\"r\",\"fields\":[{\"name\":\"a\",\"type\":" + type + "}]}";
    }

    /// A type with a field that has two of the type before it.
    private static String doubled(int times) {
        StringBuilder type = new StringBuilder("{\"type\":\"record\",\"name\":\"d0\",\"fields\":[{\"name\":\"a\",\"type\":\"int\"}]}");
        for (int i = 1; i <= times; i++) {
            type.insert(0, "{\"type\":\"record\",\"name\":\"d" + i + "\",\"fields\":[{\"name\":\"a\",\"type\":")
                    .append("},{\"name\":\"b\",\"type\":\"d").append(i - 1).append("\"}]}");
        }
        return type.toString();
    }

    private static byte[] numbers(long... numbers) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(bytes, null);
        for (long number : numbers) {
            encoder.writeLong(number);
        }
        return bytes.toByteArray();
    }

    /// A file of one record.
    private static byte[] file(String schema, byte[] record) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.write(new byte[] {'O', 'b', 'j', 1});
        BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(bytes, null);
        encoder.writeLong(1);
        encoder.writeString("avro.schema");
        encoder.writeString(schema);
        encoder.writeLong(0);
        byte[] mark = new byte[16];
        bytes.write(mark);
        encoder.writeLong(1);
        encoder.writeLong(record.length);
        bytes.write(record);
        bytes.write(mark);
        return bytes.toByteArray();
    }

    private static byte[] file(int rows) throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataFileWriter<GenericRecord> writer = new DataFileWriter<>(new GenericDatumWriter<GenericRecord>(SCHEMA))) {
            writer.setSyncInterval(1_000);
            writer.create(SCHEMA, bytes);
            for (long i = 0; i < rows; i++) {
                GenericRecord row = new GenericData.Record(SCHEMA);
                row.put("i", i);
                writer.append(row);
            }
        }
        return bytes.toByteArray();
    }
}
