package io.conshelf.processor.format;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.Message;
import io.conshelf.processor.value.Value;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/// Makes values of a message.
final class ProtobufReading {
    private int values;

    Value members(Message message) throws FormatException {
        SequencedMap<String, Value> members = new LinkedHashMap<>();
        for (FieldDescriptor field : message.getDescriptorForType().getFields()) {
            if (!field.hasPresence() || message.hasField(field)) {
                members.put(field.getName(), field(field, message.getField(field)));
            }
        }
        return new Value.Members(members);
    }

    private Value field(FieldDescriptor field, Object value) throws FormatException {
        if (!field.isRepeated()) {
            return one(field, value);
        }
        List<?> list = (List<?>) value;
        if (field.isMapField()) {
            return map(field, list);
        }
        List<Value> items = new ArrayList<>();
        for (Object item : list) {
            items.add(one(field, item));
        }
        return Value.items(items);
    }

    private Value map(FieldDescriptor field, List<?> entries) throws FormatException {
        FieldDescriptor key = field.getMessageType().findFieldByNumber(1);
        FieldDescriptor value = field.getMessageType().findFieldByNumber(2);
        SequencedMap<String, Value> members = new LinkedHashMap<>();
        for (Object entry : entries) {
            Message both = (Message) entry;
            members.put(name(one(key, both.getField(key))), one(value, both.getField(value)));
        }
        return new Value.Members(members);
    }

    private static String name(Value key) {
        return switch (key) {
            case Value.Text(String text) -> text;
            case Value.Truth(boolean is) -> Boolean.toString(is);
            case Value.Whole(long number) -> Long.toString(number);
            case Value.Large(BigInteger number) -> number.toString();
            case Value.Null _, Value.Real _, Value.Binary _, Value.Items _, Value.Members _ -> throw new AssertionError("protoc allows no such key");
        };
    }

    private Value one(FieldDescriptor field, Object value) throws FormatException {
        if (++values > FormatLimits.VALUES_MAX) {
            throw FormatLimits.tooMany();
        }
        return switch (field.getType()) {
            case DOUBLE, FLOAT -> Value.of(((Number) value).doubleValue());
            case INT32, SINT32, SFIXED32, INT64, SINT64, SFIXED64 -> Value.of(((Number) value).longValue());
            case UINT32, FIXED32 -> Value.of(((Number) value).intValue() & 0xFFFF_FFFFL);
            case UINT64, FIXED64 -> unsigned(((Number) value).longValue());
            case BOOL -> Value.of((boolean) value);
            case STRING -> Value.of((String) value);
            case BYTES -> new Value.Binary(((ByteString) value).toByteArray());
            case ENUM -> {
                EnumValueDescriptor member = (EnumValueDescriptor) value;
                // what a newer sender knows comes as its number
                yield member.getIndex() < 0 ? Value.of((long) member.getNumber()) : Value.of(member.getName());
            }
            case MESSAGE, GROUP -> members((DynamicMessage) value);
        };
    }

    private static Value unsigned(long bits) {
        return bits >= 0 ? Value.of(bits) : new Value.Large(new BigInteger(Long.toUnsignedString(bits)));
    }
}
