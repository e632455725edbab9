package io.conshelf.streams.value;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReferenceArray;

/// Shapes as bytes. Events have few shapes, so those read lately are found again by their bytes and not made anew.
final class Shapes {
    private static final int KEPT = 1024;
    private static final AtomicReferenceArray<Known> LATELY = new AtomicReferenceArray<>(KEPT);

    private record Known(byte[] bytes, Shape shape) {}

    private Shapes() {}

    static void write(Shape shape, DataOutput out) throws IOException {
        byte[] bytes = shape.bytes();
        BinaryValues.writeCount(bytes.length, out);
        out.write(bytes);
    }

    static Shape read(DataInput in) throws IOException {
        byte[] bytes = new byte[BinaryValues.readCount(in)];
        in.readFully(bytes);
        int place = Arrays.hashCode(bytes) & KEPT - 1;
        Known known = LATELY.get(place);
        if (known != null && Arrays.equals(known.bytes, bytes)) {
            return known.shape;
        }
        Shape shape = Shape.of(Arrays.asList(names(bytes)));
        LATELY.set(place, new Known(bytes, shape));
        return shape;
    }

    private static String[] names(byte[] bytes) throws IOException {
        var in = new java.io.DataInputStream(new java.io.ByteArrayInputStream(bytes));
        String[] names = new String[BinaryValues.readCount(in)];
        for (int i = 0; i < names.length; i++) {
            names[i] = BinaryValues.readText(in);
        }
        return names;
    }

    static byte[] bytes(Iterable<String> names, int count) {
        var bytes = new java.io.ByteArrayOutputStream();
        var out = new java.io.DataOutputStream(bytes);
        try {
            BinaryValues.writeCount(count, out);
            for (String name : names) {
                byte[] text = BinaryValues.bytes(name);
                BinaryValues.writeCount(text.length, out);
                out.write(text);
            }
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }
}
