package io.conshelf.factory.expression;

import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/// The catalogue: every function of the language, found by name in any case.
public final class Functions {
    private static final Map<String, Function> BY_NAME = new TreeMap<>();

    static {
        Stream.of(RootFunctions.ALL, StringFunctions.ALL, CollectionFunctions.ALL, LogicalFunctions.ALL, ConversionFunctions.ALL,
                        MathFunctions.ALL, DateFunctions.ALL)
                .flatMap(List::stream)
                .forEach(function -> {
                    if (BY_NAME.put(function.name().toLowerCase(Locale.ROOT), function) != null) {
                        throw new AssertionError("two declarations of function " + function.name());
                    }
                });
    }

    private Functions() {}

    public static Optional<Function> find(String name) {
        return Optional.ofNullable(BY_NAME.get(name.toLowerCase(Locale.ROOT)));
    }

    public static Collection<Function> all() {
        return List.copyOf(BY_NAME.values());
    }
}
