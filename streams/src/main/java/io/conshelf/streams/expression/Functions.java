package io.conshelf.streams.expression;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The catalogue of built-in scalar functions. Each stands in the file of its family.
public final class Functions {
    private static final Map<String, io.conshelf.streams.expression.Function> BY_NAME = Stream.of(StringFunctions.ALL, DateFunctions.ALL, MathFunctions.ALL,
            RecordFunctions.ALL, GeospatialFunctions.ALL, MetadataFunctions.ALL, OtherFunctions.ALL).flatMap(List::stream)
            .collect(Collectors.toUnmodifiableMap(function -> key(function.name()), Function.identity()));

    private Functions() {}

    /// @param name whatever the case
    public static Optional<io.conshelf.streams.expression.Function> named(String name) {
        return Optional.ofNullable(BY_NAME.get(key(name)));
    }

    /// All, by name.
    public static List<io.conshelf.streams.expression.Function> all() {
        return BY_NAME.values().stream().sorted((left, right) -> left.name().compareToIgnoreCase(right.name())).toList();
    }

    private static String key(String name) {
        return name.toLowerCase(Locale.ROOT);
    }
}
