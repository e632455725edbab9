package io.conshelf.engine.fuzz;

import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Chance, in the words that generators need.
record Draw(Random random) {
    boolean one(int in) {
        return random.nextInt(in) == 0;
    }

    int below(int bound) {
        return random.nextInt(bound);
    }

    <T> T any(List<T> list) {
        return list.get(random.nextInt(list.size()));
    }

    String anyOf(String... texts) {
        return texts[random.nextInt(texts.length)];
    }

    /// One of what would be costly to write all.
    @SafeVarargs
    final String oneOf(Supplier<String>... texts) {
        return texts[random.nextInt(texts.length)].get();
    }

    /// Some texts with commas between.
    String several(int least, int most, Supplier<String> text) {
        return Stream.generate(text).limit(least + random.nextInt(most - least + 1)).collect(Collectors.joining(", "));
    }
}
