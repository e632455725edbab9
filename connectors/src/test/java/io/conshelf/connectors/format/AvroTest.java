package io.conshelf.connectors.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.LongNode;
import io.conshelf.connectors.StoreException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
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
