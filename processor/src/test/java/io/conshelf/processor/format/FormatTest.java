package io.conshelf.processor.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.EnumDescriptorProto;
import com.google.protobuf.DescriptorProtos.EnumValueDescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto.Label;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto.Type;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.DescriptorProtos.MessageOptions;
import io.conshelf.processor.definition.FormatDefinition.CellType;
import io.conshelf.processor.definition.FormatDefinition.Column;
import io.conshelf.processor.definition.FormatDefinition.Csv;
import io.conshelf.processor.definition.FormatDefinition.Header;
import io.conshelf.processor.path.Path;
import io.conshelf.processor.value.JsonText;
import io.conshelf.processor.value.Value;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SequencedMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What goes through formats, and what hostile senders make of them.
class FormatTest {
    private static final MessageFormat JSON = new JsonFormat(JsonFormat.Documents.ONE);
    private static final MessageFormat STREAM = new JsonFormat(JsonFormat.Documents.STREAM);
    private static final MessageFormat CBOR = new CborFormat();
    private static final MessageFormat MESSAGE_PACK = new MessagePackFormat();

    private static byte[] hex(String hex) {
        return HexFormat.of().parseHex(hex.replace(" ", ""));
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static Value json(String text) throws Exception {
        return JsonText.read(text);
    }

    private static MessageFormat csv(Header header, Column... columns) {
        return new CsvFormat(new Csv(header, List.of(columns)));
    }

    private static Column column(String name, CellType type) {
        return new Column(name, type, Path.ofName(name));
    }

    /// A message with something of everything, and itself inside.
    private static MessageFormat protobuf() throws FormatException {
        DescriptorProto.Builder reading = DescriptorProto.newBuilder().setName("Reading");
        int number = 1;
        for (Type type : List.of(Type.TYPE_STRING, Type.TYPE_DOUBLE, Type.TYPE_INT64, Type.TYPE_UINT64, Type.TYPE_BOOL, Type.TYPE_BYTES, Type.TYPE_SINT32,
                Type.TYPE_FIXED32, Type.TYPE_FLOAT)) {
            reading.addField(FieldDescriptorProto.newBuilder().setName(type.name().substring(5).toLowerCase(java.util.Locale.ROOT) + "_value").setNumber(number++)
                    .setType(type).setLabel(Label.LABEL_OPTIONAL));
        }
        reading.addField(FieldDescriptorProto.newBuilder().setName("kind").setNumber(20).setType(Type.TYPE_ENUM).setTypeName(".factory.Kind")
                .setLabel(Label.LABEL_OPTIONAL));
        reading.addField(FieldDescriptorProto.newBuilder().setName("inner").setNumber(21).setType(Type.TYPE_MESSAGE).setTypeName(".factory.Reading")
                .setLabel(Label.LABEL_OPTIONAL));
        reading.addField(FieldDescriptorProto.newBuilder().setName("numbers").setNumber(22).setType(Type.TYPE_INT32).setLabel(Label.LABEL_REPEATED));
        reading.addField(FieldDescriptorProto.newBuilder().setName("tags").setNumber(23).setType(Type.TYPE_MESSAGE).setTypeName(".factory.Reading.TagsEntry")
                .setLabel(Label.LABEL_REPEATED));
        reading.addField(FieldDescriptorProto.newBuilder().setName("at").setNumber(24).setType(Type.TYPE_MESSAGE).setTypeName(".google.protobuf.Timestamp")
                .setLabel(Label.LABEL_OPTIONAL));
        reading.addNestedType(DescriptorProto.newBuilder().setName("TagsEntry").setOptions(MessageOptions.newBuilder().setMapEntry(true))
                .addField(FieldDescriptorProto.newBuilder().setName("key").setNumber(1).setType(Type.TYPE_STRING).setLabel(Label.LABEL_OPTIONAL))
                .addField(FieldDescriptorProto.newBuilder().setName("value").setNumber(2).setType(Type.TYPE_INT32).setLabel(Label.LABEL_OPTIONAL)));
        FileDescriptorProto kinds = FileDescriptorProto.newBuilder().setName("kinds.proto").setPackage("factory").setSyntax("proto3")
                .addEnumType(EnumDescriptorProto.newBuilder().setName("Kind").addValue(EnumValueDescriptorProto.newBuilder().setName("UNKNOWN").setNumber(0))
                        .addValue(EnumValueDescriptorProto.newBuilder().setName("OVEN").setNumber(1))).build();
        FileDescriptorProto file = FileDescriptorProto.newBuilder().setName("reading.proto").setPackage("factory").setSyntax("proto3")
                .addDependency("kinds.proto").addDependency("google/protobuf/timestamp.proto").addMessageType(reading).build();
        // what is imported comes last, and one file is left out that everybody has
        return new ProtobufFormat(FileDescriptorSet.newBuilder().addFile(file).addFile(kinds).build().toByteArray(), "factory", "Reading");
    }

    @Test
    void valuesComeBackFromCborAndMessagePack() throws Exception {
        SequencedMap<String, Value> members = new LinkedHashMap<>();
        List<Value> numbers = new ArrayList<>();
        for (int bits = 0; bits < 64; bits++) {
            for (long near = -1; near <= 1; near++) {
                numbers.add(Value.of((1L << bits) + near));
                numbers.add(Value.of(-(1L << bits) + near));
            }
        }
        members.put("numbers", Value.items(numbers));
        members.put("large", new Value.Large(BigInteger.ONE.shiftLeft(64).subtract(BigInteger.ONE)));
        members.put("reals", Value.items(List.of(Value.of(0.5), Value.of(-1e300), Value.of(Double.POSITIVE_INFINITY))));
        members.put("", Value.NULL);
        members.put("truth", Value.items(List.of(Value.TRUE, Value.FALSE)));
        members.put("text", Value.items(List.of(Value.of(""), Value.of("ä€😀"), Value.of("x".repeat(40)), Value.of("x".repeat(300)), Value.of("x".repeat(70_000)))));
        members.put("bytes", Value.items(List.of(new Value.Binary(new byte[0]), new Value.Binary(new byte[300]), new Value.Binary(new byte[70_000]))));
        SequencedMap<String, Value> wide = new LinkedHashMap<>();
        for (int i = 0; i < 70_000; i++) {
            wide.put("m" + i, Value.of(i));
        }
        members.put("wide", new Value.Members(wide));
        Value whole = new Value.Members(members);
        for (MessageFormat format : List.of(CBOR, MESSAGE_PACK)) {
            assertThat(format.decode(format.encode(whole))).as("%s", format.getClass().getSimpleName()).isEqualTo(whole);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            a3 61 61 01 61 62 f7 61 63 f9 3c 00          | {"a":1,"b":null,"c":1}
            bf 61 61 9f 01 02 ff ff                      | {"a":[1,2]}
            a1 18 2a 61 78                               | {"42":"x"}
            c0 74 32303133 2d30332d 32315432 303a3034 3a30305a | "2013-03-21T20:04:00Z"
            7f 62 61 62 61 63 ff                         | "abc"
            1b ff ff ff ff ff ff ff ff                   | 18446744073709551615
            """)
    void cborIsReadAsTheStandardHasIt(String bytes, String expected) throws Exception {
        assertThat(JsonText.write(CBOR.decode(hex(bytes)))).isEqualTo(JsonText.write(json(expected)));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            82 a1 61 01 a1 62 c0                         | {"a":1,"b":null}
            93 ca 3f 80 00 00 d0 80 cf ff ff ff ff ff ff ff ff | [1,-128,18446744073709551615]
            81 2a c3                                     | {"42":true}
            d6 ff 00 00 00 01                            | "1970-01-01T00:00:01Z"
            dc 00 02 01 02                               | [1,2]
            de 00 01 a1 61 c2                            | {"a":false}
            d9 03 61 62 63                               | "abc"
            """)
    void messagePackIsReadAsItsSpecificationHasIt(String bytes, String expected) throws Exception {
        byte[] payload = hex(bytes);
        assertThat(JsonText.write(MESSAGE_PACK.decode(payload))).isEqualTo(JsonText.write(json(expected)));
    }

    /// Each claims more than there is; whoever believed it would need gigabytes.
    @ParameterizedTest
    @ValueSource(strings = {
            "c6 7f ff ff ff", "c6 ff ff ff ff 00", "db 7f ff ff ff 61", "dd 7f ff ff ff 01", "dd ff ff ff ff 01", "df 7f ff ff ff a1 61 01", "df ff ff ff ff", "c9 7f ff ff ff ff",
            "c1", "d4 05 00", "c7 03 ff 00 00 00", "01 02", "a2 ff fe", "81 c0 01", "", "d7"})
    void messagePackThatClaimsTooMuchIsRefused(String bytes) {
        assertThatThrownBy(() -> MESSAGE_PACK.decode(hex(bytes))).isInstanceOf(FormatException.class).hasMessageContaining("no MessagePack: ");
    }

    @ParameterizedTest
    @ValueSource(strings = {
            "5b 7f ff ff ff ff ff ff ff", "5a 7f ff ff ff 00", "7b 7f ff ff ff ff ff ff ff 61", "7a 7f ff ff ff 61", "9b 7f ff ff ff ff ff ff ff 01", "9a 7f ff ff ff", "bb 7f ff ff ff ff ff ff ff",
            "c2 5b 7f ff ff ff ff ff ff ff", "ff", "1c", "01 02", "62 ff fe", "a1 80 01", "", "5f 5a 7f ff ff ff", "7f 61 61"})
    void cborThatClaimsTooMuchIsRefused(String bytes) {
        assertThatThrownBy(() -> CBOR.decode(hex(bytes))).isInstanceOf(FormatException.class).hasMessageContaining("no CBOR");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0a ff ff ff ff 07", "aa 01 ff ff ff ff 07", "0a 05 61", "b2 01 ff ff ff ff 0f 01", "00", "0f", "0b", "2a ff ff ff ff ff ff ff ff 7f", "0a 02 ff fe"})
    void protobufThatClaimsTooMuchIsRefused(String bytes) throws Exception {
        MessageFormat format = protobuf();
        assertThatThrownBy(() -> format.decode(hex(bytes))).isInstanceOf(FormatException.class).hasMessageStartingWith("no message 'factory.Reading'");
    }

    @Test
    void whatLiesTooDeepIsRefused() throws Exception {
        int depth = 200_000;
        byte[] arrays = new byte[depth];
        for (MessageFormat format : List.of(JSON, STREAM, CBOR, MESSAGE_PACK)) {
            Arrays.fill(arrays, format == CBOR ? (byte) 0x81 : format == MESSAGE_PACK ? (byte) 0x91 : (byte) '[');
            assertThatThrownBy(() -> format.decode(arrays)).as("%s", format.getClass().getSimpleName()).isInstanceOf(FormatException.class);
        }
        assertThatThrownBy(() -> JSON.decode(utf8("{\"a\":".repeat(depth)))).isInstanceOf(FormatException.class);
        byte[] inner = new byte[0];
        for (int i = 0; i < 150; i++) {
            java.io.ByteArrayOutputStream out = new java.io.ByteArrayOutputStream();
            com.google.protobuf.CodedOutputStream coded = com.google.protobuf.CodedOutputStream.newInstance(out);
            coded.writeByteArray(21, inner);
            coded.flush();
            inner = out.toByteArray();
        }
        byte[] nested = inner;
        MessageFormat protobuf = protobuf();
        assertThatThrownBy(() -> protobuf.decode(nested)).isInstanceOf(FormatException.class);
    }

    @Test
    void moreValuesThanAnyMessageHasAreRefused() {
        byte[] many = new byte[FormatLimits.VALUES_MAX + 10];
        Arrays.fill(many, (byte) 1);
        System.arraycopy(hex("dd 00 3d 09 05"), 0, many, 0, 5);
        assertThatThrownBy(() -> MESSAGE_PACK.decode(many)).hasMessage("the payload holds more than 4000000 values");
        System.arraycopy(hex("9a 00 3d 09 05"), 0, many, 0, 5);
        assertThatThrownBy(() -> CBOR.decode(many)).isInstanceOf(FormatException.class).hasMessageContaining("4000000");
        assertThatThrownBy(() -> JSON.decode(utf8("[" + "1,".repeat(FormatLimits.VALUES_MAX) + "1]"))).isInstanceOf(FormatException.class).hasMessageContaining("4000000");
        for (MessageFormat format : List.of(new RawFormat(), JSON, CBOR, MESSAGE_PACK, csv(Header.NONE, column("a", CellType.STRING)))) {
            assertThatThrownBy(() -> format.decode(new byte[FormatLimits.BYTES_MAX + 1])).hasMessage("the payload has 33554433 bytes; 33554432 are the most that are read");
        }
    }

    /// Changed at random places, and cut: a value or a refusal, in good time and within the memory that tests have.
    @Test
    void brokenPayloadsAreReadOrRefused() throws Exception {
        Value record = json("{\"string_value\":\"oven\",\"double_value\":21.5,\"int64_value\":-7,\"numbers\":[1,2,3],\"tags\":{\"a\":1},\"inner\":{\"bool_value\":true}}");
        MessageFormat csv = csv(Header.FIRST_LINE, column("string_value", CellType.STRING), column("double_value", CellType.FLOAT), column("int64_value", CellType.INTEGER));
        long seed = Long.getLong("seed", 20_261_120L);
        Random random = new Random(seed);
        for (MessageFormat format : List.of(JSON, STREAM, CBOR, MESSAGE_PACK, protobuf(), csv)) {
            byte[] good = format.encode(record);
            int read = 0;
            int refused = 0;
            for (int round = 0; round < 20_000; round++) {
                byte[] bad = random.nextInt(4) == 0 ? Arrays.copyOf(good, random.nextInt(good.length)) : good.clone();
                for (int change = random.nextInt(6); change > 0 && bad.length > 0; change--) {
                    bad[random.nextInt(bad.length)] = (byte) (random.nextBoolean() ? random.nextInt() : 0xFF);
                }
                try {
                    Value value = format.decode(bad);
                    JsonText.write(value);
                    read++;
                } catch (FormatException refusal) {
                    assertThat(refusal.getMessage()).as("seed %d, round %d of %s", seed, round, format.getClass().getSimpleName()).isNotBlank();
                    refused++;
                } catch (RuntimeException | StackOverflowError | OutOfMemoryError failure) {
                    throw new AssertionError("seed %d, round %d of %s: %s".formatted(seed, round, format.getClass().getSimpleName(), HexFormat.of().formatHex(bad)), failure);
                }
            }
            assertThat(read).as("%s, seed %d", format.getClass().getSimpleName(), seed).isPositive();
            assertThat(refused).as("%s, seed %d", format.getClass().getSimpleName(), seed).isPositive();
        }
    }

    @Test
    void protobufHasTheNamesAndNumbersOfItsFile() throws Exception {
        Value.Members record = ((Value.Members) json("""
                {"string_value": "oven", "double_value": 21.5, "int64_value": 9007199254740993, "uint64_value": 18446744073709551615, "bool_value": true,
                 "sint32_value": -3, "fixed32_value": 4294967295, "float_value": 0.5, "kind": "OVEN", "inner": {"string_value": "in"}, "numbers": [1, 2],
                 "tags": {"a": 1}, "at": {"seconds": 5}}""")).with("bytes_value", new Value.Binary(new byte[] {1, 2}));
        Value.Members read = (Value.Members) protobuf().decode(protobuf().encode(record));
        assertThat(read.members()).containsAllEntriesOf(with(record.members(), read));
        assertThat(((Value.Members) read.member("inner")).members()).containsEntry("double_value", Value.of(0.0)).containsEntry("kind", Value.of("UNKNOWN"))
                .containsEntry("numbers", Value.items(List.of())).doesNotContainKey("inner");
        assertThat(protobuf().decode(hex("a0 01 63"))).as("a kind that is not known").extracting(value -> ((Value.Members) value).member("kind"))
                .isEqualTo(Value.of(99));
    }

    /// What comes back has the defaults too.
    private static Map<String, Value> with(Map<String, Value> written, Value.Members read) {
        Map<String, Value> expected = new LinkedHashMap<>(written);
        expected.put("inner", read.member("inner"));
        expected.put("at", read.member("at"));
        return expected;
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {"other": 1}                        | '.other': the message 'factory.Reading' has no such field
            {"inner": {"int64_value": "x"}}     | '.inner.int64_value': an integer is expected, found a string
            {"numbers": [1, 3000000000]}        | '.numbers[1]': 3000000000 is beyond the field's range
            {"uint64_value": -1}                | '.uint64_value': -1 is beyond the field's range
            {"kind": "FRIDGE"}                  | '.kind': a name of 'factory.Kind' is expected, found a string
            {"bytes_value": "text"}             | '.bytes_value': bytes are expected, found a string
            [1]                                 | '.': a map with the fields of 'factory.Reading' is expected, found an array
            """)
    void whatDoesNotFitAMessageIsToldWithItsPlace(String record, String problem) throws Exception {
        MessageFormat format = protobuf();
        Value value = json(record);
        assertThatThrownBy(() -> format.encode(value)).isInstanceOf(FormatException.class).hasMessage(problem);
    }

    @Test
    void descriptorsThatDoNotHoldTogetherAreRefused() {
        assertThatThrownBy(() -> new ProtobufFormat(utf8("nonsense"), "a", "B")).isInstanceOf(FormatException.class).hasMessageContaining("'descriptor' is no set");
        assertThatThrownBy(() -> new ProtobufFormat(FileDescriptorSet.newBuilder().addFile(FileDescriptorProto.newBuilder().setName("a.proto").addDependency("b.proto"))
                .build().toByteArray(), "a", "B")).hasMessageContaining("lacks 'b.proto'");
        assertThatThrownBy(() -> new ProtobufFormat(FileDescriptorSet.newBuilder().addFile(FileDescriptorProto.newBuilder().setName("a.proto").addDependency("a.proto"))
                .build().toByteArray(), "a", "B")).hasMessageContaining("circle");
        assertThatThrownBy(() -> new ProtobufFormat(FileDescriptorSet.newBuilder().addFile(FileDescriptorProto.newBuilder().setName("a.proto").setPackage("p")
                .addMessageType(DescriptorProto.newBuilder().setName("C"))).build().toByteArray(), "p", "B"))
                .hasMessage("'descriptor' has no message 'p.B'; it has 'p.C'");
    }

    @Test
    void csvIsReadByNamesOrByPlaces() throws Exception {
        Column[] columns = {column("id", CellType.STRING), column("n", CellType.INTEGER), column("t", CellType.FLOAT), column("on", CellType.BOOLEAN), column("raw", CellType.BYTES)};
        assertThat(JsonText.write(csv(Header.NONE, columns).decode(utf8("\"a\"\"b,\nc\",1,2.5,true,AQI=\r\n,,,,\n"))))
                .isEqualTo("[{\"id\":\"a\\\"b,\\nc\",\"n\":1,\"t\":2.5,\"on\":true,\"raw\":\"base64::AQI=\"},{\"id\":\"\",\"n\":null,\"t\":null,\"on\":null,\"raw\":null}]");
        assertThat(JsonText.write(csv(Header.FIRST_LINE, columns).decode(utf8("\uFEFFt,other,id\n1,x,y\n")))).isEqualTo("[{\"id\":\"y\",\"t\":1}]");
        assertThat(JsonText.write(csv(Header.FIRST_LINE, columns).decode(new byte[0]))).isEqualTo("[]");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            1,2       | line 1 has 2 fields, and 1 are expected
            x         | line 1, column 'n': 'x' is no integer
            1.5       | line 1, column 'n': '1.5' is no integer
            """)
    void csvThatDoesNotFitIsToldWithItsPlace(String payload, String problem) {
        assertThatThrownBy(() -> csv(Header.NONE, column("n", CellType.INTEGER)).decode(utf8(payload))).isInstanceOf(FormatException.class).hasMessage(problem);
    }

    @Test
    void namesOfAnyLengthAreRead() throws Exception {
        for (int length : new int[] {0, 1, 63, 255, 256, 257, 5_000, 40_000}) {
            String name = "n".repeat(length);
            assertThat(JSON.decode(utf8("{\"a\": {\"" + name + "\": 1, \"ü" + name + "\": 2}}"))).as("%d", length).isEqualTo(json("{\"a\": {\"" + name + "\": 1, \"ü" + name + "\": 2}}"));
        }
    }

    @Test
    void batchesAreOneDocument() throws Exception {
        List<Value> records = List.of(json("{\"a\":1}"), json("{\"a\":[2]}"));
        assertThat(new String(JSON.encode(records), StandardCharsets.UTF_8)).isEqualTo("[{\"a\":1},{\"a\":[2]}]");
        assertThat(new String(STREAM.encode(records), StandardCharsets.UTF_8)).isEqualTo("{\"a\":1}\n{\"a\":[2]}\n");
        assertThat(new String(csv(Header.FIRST_LINE, column("a", CellType.STRING)).encode(records), StandardCharsets.UTF_8)).isEqualTo("a\n1\n[2]\n");
        assertThat(MESSAGE_PACK.decode(MESSAGE_PACK.encode(records))).isEqualTo(Value.items(records));
        assertThat(STREAM.decode(utf8("{\"a\":1}{\"a\":[2]} \n"))).isEqualTo(Value.items(records));
        assertThat(new RawFormat().encode(List.of(new Value.Binary(new byte[] {1}), Value.of("ä")))).isEqualTo(hex("01 c3 a4"));
        assertThatThrownBy(() -> new RawFormat().encode(records.getFirst())).hasMessage("'raw' writes bytes and strings, found a map");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"a":      | line 1, column
            {} {}      | something follows the value (line 1, column
            NaN        | line 1, column
            """)
    void brokenJsonIsToldWithItsPlace(String payload, String problem) {
        assertThatThrownBy(() -> JSON.decode(utf8(payload))).isInstanceOf(FormatException.class).hasMessageStartingWith("no JSON: ").hasMessageContaining(problem);
    }
}
