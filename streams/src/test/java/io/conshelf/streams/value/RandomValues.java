package io.conshelf.streams.value;

import io.conshelf.streams.value.Value.Array;
import io.conshelf.streams.value.Value.DateTime;
import io.conshelf.streams.value.Value.Null;
import io.conshelf.streams.value.Value.Record;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SplittableRandom;

/// Values of all types, with a liking for those at the borders.
public final class RandomValues {
    private static final String[] TEXTS = {"", " ", "a", "A", "ß", "İ", "\u0000", "𝄞", "日本語", "null", "1", "1.0", "NaN", "2024-05-06T07:08:09Z", "x".repeat(300)};
    private static final long[] LONGS = {0, 1, -1, 127, 128, 1023, 1024, Long.MIN_VALUE, Long.MAX_VALUE, 1L << 53};
    private static final double[] DOUBLES = {0, -0.0, 1, 0.1, -0.1, 1e308, -1e308, Double.MIN_VALUE, 1e15, 123456789.123};

    private final SplittableRandom random;

    public RandomValues(long seed) {
        this.random = new SplittableRandom(seed);
    }

    public Value any(int depth) {
        return switch (random.nextInt(depth > 0 ? 9 : 7)) {
            case 0 -> Null.NULL;
            case 1 -> Value.of(random.nextBoolean());
            case 2 -> Value.of(random.nextBoolean() ? LONGS[random.nextInt(LONGS.length)] : random.nextLong());
            case 3 -> Value.of(DOUBLES[random.nextInt(DOUBLES.length)]);
            case 4 -> Value.of(random.nextDouble() * 1000);
            case 5 -> Value.of(TEXTS[random.nextInt(TEXTS.length)]);
            case 6 -> new DateTime(random.nextLong(Ticks.MAX));
            case 7 -> new Array(list(depth));
            default -> record(depth);
        };
    }

    private List<Value> list(int depth) {
        List<Value> elements = new ArrayList<>();
        for (int i = random.nextInt(5); i > 0; i--) {
            elements.add(any(depth - 1));
        }
        return elements;
    }

    public Record record(int depth) {
        var names = new LinkedHashSet<String>();
        for (int i = random.nextInt(6); i > 0; i--) {
            names.add(TEXTS[random.nextInt(TEXTS.length)] + random.nextInt(3));
        }
        Value[] values = new Value[names.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = any(depth - 1);
        }
        return new Record(Shape.of(List.copyOf(names)), values);
    }
}
