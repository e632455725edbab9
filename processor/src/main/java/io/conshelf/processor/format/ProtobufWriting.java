package io.conshelf.processor.format;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.DynamicMessage;
import io.conshelf.processor.value.Value;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/// Makes messages of values, and says where one does not fit.
final class ProtobufWriting {
    private static final BigInteger UINT64_MAX = BigInteger.ONE.shiftLeft(Long.SIZE).subtract(BigInteger.ONE);
    private static final long UINT32_MAX = 0xFFFF_FFFFL;

    private ProtobufWriting() {}

    static DynamicMessage message(Descriptor type, Value value, String at) throws FormatException {
        if (!(value instanceof Value.Members(SequencedMap<String, Value> members))) {
            throw wrong(at, "a map with the fields of '" + type.getFullName() + "'", value);
        }
        DynamicMessage.Builder message = DynamicMessage.newBuilder(type);
        for (Map.Entry<String, Value> member : members.entrySet()) {
            FieldDescriptor field = type.findFieldByName(member.getKey());
            String where = at + "." + member.getKey();
            if (field == null) {
                throw new FormatException("'%s': the message '%s' has no such field".formatted(where, type.getFullName()));
            }
            if (!(member.getValue() instanceof Value.Null)) {
                set(message, field, member.getValue(), where);
            }
        }
        return message.build();
    }

    private static void set(DynamicMessage.Builder message, FieldDescriptor field, Value value, String at) throws FormatException {
        if (field.isMapField()) {
            if (!(value instanceof Value.Members(SequencedMap<String, Value> entries))) {
                throw wrong(at, "a map", value);
            }
            for (Map.Entry<String, Value> entry : entries.entrySet()) {
                message.addRepeatedField(field, entry(field.getMessageType(), entry, at));
            }
        } else if (field.isRepeated()) {
            if (!(value instanceof Value.Items(List<Value> items))) {
                throw wrong(at, "an array", value);
            }
            for (int i = 0; i < items.size(); i++) {
                message.addRepeatedField(field, one(field, items.get(i), at + "[" + i + "]"));
            }
        } else {
            message.setField(field, one(field, value, at));
        }
    }

    private static DynamicMessage entry(Descriptor type, Map.Entry<String, Value> entry, String at) throws FormatException {
        FieldDescriptor key = type.findFieldByNumber(1);
        FieldDescriptor value = type.findFieldByNumber(2);
        String where = at + "." + entry.getKey();
        return DynamicMessage.newBuilder(type).setField(key, key(key, entry.getKey(), where)).setField(value, one(value, entry.getValue(), where)).build();
    }

    private static Object key(FieldDescriptor field, String name, String at) throws FormatException {
        return switch (field.getJavaType()) {
            case STRING -> name;
            case BOOLEAN -> Boolean.parseBoolean(name);
            case INT, LONG -> {
                try {
                    yield one(field, new Value.Large(new BigInteger(name)), at);
                } catch (NumberFormatException e) {
                    throw wrong(at, "an integer as key", Value.of(name));
                }
            }
            case FLOAT, DOUBLE, BYTE_STRING, ENUM, MESSAGE -> throw new AssertionError("protoc allows no such key");
        };
    }

    private static Object one(FieldDescriptor field, Value value, String at) throws FormatException {
        return switch (field.getType()) {
            case DOUBLE -> number(value, at);
            case FLOAT -> (float) number(value, at);
            case INT32, SINT32, SFIXED32 -> integer(value, at, Integer.MIN_VALUE, Integer.MAX_VALUE).intValue();
            case UINT32, FIXED32 -> integer(value, at, 0, UINT32_MAX).intValue();
            case INT64, SINT64, SFIXED64 -> integer(value, at, Long.MIN_VALUE, Long.MAX_VALUE).longValue();
            case UINT64, FIXED64 -> {
                BigInteger number = whole(value, at);
                if (number.signum() < 0 || number.compareTo(UINT64_MAX) > 0) {
                    throw new FormatException("'%s': %s is beyond the field's range".formatted(at, number));
                }
                yield number.longValue();
            }
            case BOOL -> {
                if (!(value instanceof Value.Truth(boolean is))) {
                    throw wrong(at, "a boolean", value);
                }
                yield is;
            }
            case STRING -> {
                if (!(value instanceof Value.Text(String text))) {
                    throw wrong(at, "a string", value);
                }
                yield text;
            }
            case BYTES -> {
                if (!(value instanceof Value.Binary(byte[] bytes))) {
                    throw wrong(at, "bytes", value);
                }
                yield ByteString.copyFrom(bytes);
            }
            case ENUM -> member(field, value, at);
            case MESSAGE, GROUP -> message(field.getMessageType(), value, at);
        };
    }

    private static EnumValueDescriptor member(FieldDescriptor field, Value value, String at) throws FormatException {
        EnumValueDescriptor member = switch (value) {
            case Value.Text(String name) -> field.getEnumType().findValueByName(name);
            case Value.Whole(long number) when number == (int) number -> field.getEnumType().findValueByNumber((int) number);
            case Value.Null _, Value.Truth _, Value.Whole _, Value.Large _, Value.Real _, Value.Binary _, Value.Items _, Value.Members _ -> null;
        };
        if (member == null) {
            throw wrong(at, "a name of '" + field.getEnumType().getFullName() + "'", value);
        }
        return member;
    }

    private static double number(Value value, String at) throws FormatException {
        return switch (value) {
            case Value.Whole(long number) -> number;
            case Value.Large(BigInteger number) -> number.doubleValue();
            case Value.Real(double number) -> number;
            case Value.Null _, Value.Truth _, Value.Text _, Value.Binary _, Value.Items _, Value.Members _ -> throw wrong(at, "a number", value);
        };
    }

    private static BigInteger whole(Value value, String at) throws FormatException {
        return switch (value) {
            case Value.Whole(long number) -> BigInteger.valueOf(number);
            case Value.Large(BigInteger number) -> number;
            case Value.Real(double number) when number == Math.rint(number) && Math.abs(number) < 0x1p63 -> BigInteger.valueOf((long) number);
            case Value.Real _, Value.Null _, Value.Truth _, Value.Text _, Value.Binary _, Value.Items _, Value.Members _ -> throw wrong(at, "an integer", value);
        };
    }

    private static Long integer(Value value, String at, long min, long max) throws FormatException {
        BigInteger number = whole(value, at);
        if (number.compareTo(BigInteger.valueOf(min)) < 0 || number.compareTo(BigInteger.valueOf(max)) > 0) {
            throw new FormatException("'%s': %s is beyond the field's range".formatted(at, number));
        }
        return number.longValue();
    }

    private static FormatException wrong(String at, String expected, Value found) {
        return new FormatException("'%s': %s %s expected, found %s".formatted(at.isEmpty() ? "." : at, expected, expected.equals("bytes") ? "are" : "is", FormatLimits.kind(found)));
    }
}
