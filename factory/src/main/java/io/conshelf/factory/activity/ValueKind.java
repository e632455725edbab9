package io.conshelf.factory.activity;

import io.conshelf.connectors.definition.Located;
import io.conshelf.factory.definition.Activity;
import io.conshelf.factory.expression.Evaluator;
import io.conshelf.factory.expression.Timestamp;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// What the value of a property is to be. A value that is written out is checked before anything starts; what an expression gives is
/// known when it runs.
public sealed interface ValueKind {
    ValueKind ANY = new Any();
    /// A truth value, which may stand in text.
    ValueKind FLAG = new Flag();
    ValueKind ARRAY = new Array();
    /// A moment; an empty text leaves things as they are.
    ValueKind TIME = new Time();
    ValueKind CHARACTER = new Character(1);
    ValueKind CHARACTER_OR_NONE = new Character(0);

    record Any() implements ValueKind {}

    record Flag() implements ValueKind {}

    record Array() implements ValueKind {}

    record Time() implements ValueKind {}

    /// One character. A surrogate pair is two.
    ///
    /// @param min 0 where an empty text is allowed
    record Character(int min) implements ValueKind {}

    /// A whole number, which may stand in text.
    record Whole(long min, long max) implements ValueKind {}

    /// One of some words, in any case; an empty text leaves things as they are.
    record Word(List<String> words) implements ValueKind {
        public Word {
            words = List.copyOf(words);
        }
    }

    /// A duration such as `00:10:00`.
    record Span(Duration max) implements ValueKind {}

    static ValueKind from(long min) {
        return new Whole(min, Long.MAX_VALUE);
    }

    static ValueKind between(long min, long max) {
        return new Whole(min, max);
    }

    static ValueKind spanOfAtMost(Duration max) {
        return new Span(max);
    }

    static ValueKind oneOf(String... words) {
        return new Word(List.of(words));
    }

    /// Whether a value is computed when it is needed.
    static boolean isComputed(Located value) {
        return Evaluator.isExpression(value.value()) || value.text().filter(text -> text.startsWith("@") || text.contains("@{")).isPresent();
    }

    /// What is wrong with a stated value, if anything is.
    default Optional<String> complaint(String name, Located value) {
        if (!value.isPresent() || isComputed(value)) {
            return Optional.empty();
        }
        return switch (this) {
            case Any _ -> Optional.empty();
            case Flag _ -> value.flag().isPresent() ? Optional.empty() : Optional.of(name + " is true or false, found " + value.value());
            case Array _ -> value.value().isArray() ? Optional.empty() : Optional.of(name + " is an array, found " + value.value());
            case Time _ -> value.text().filter(text -> text.isBlank() || Timestamp.parse(text).isPresent()).isPresent() ? Optional.empty()
                    : Optional.of(name + " is a time such as 2018-03-15T13:00:00Z, found " + value.value());
            case Character(int min) -> value.text().filter(text -> text.length() >= min && text.length() <= 1).isPresent() ? Optional.empty()
                    : Optional.of(name + " is one character" + (min == 0 ? " or empty" : "") + ", found " + value.value());
            case Whole(long min, long max) -> value.integer().filter(number -> number >= min && number <= max).isPresent() ? Optional.empty()
                    : Optional.of(name + " is " + (max == Long.MAX_VALUE ? "a whole number of " + min + " or more" : "between " + min + " and " + max)
                            + ", found " + value.value());
            case Word(List<String> words) -> value.text().filter(text -> text.isEmpty() || words.stream().anyMatch(text::equalsIgnoreCase)).isPresent()
                    ? Optional.empty() : Optional.of(name + " is " + String.join(", ", words) + ", found " + value.value());
            case Span(Duration max) -> value.text().flatMap(Activity::duration).filter(duration -> duration.compareTo(max) <= 0).isPresent()
                    ? Optional.empty()
                    : Optional.of("'" + value.value().asText() + "' is not a duration of at most " + shown(max) + "; write "
                            + (max.toDays() > 0 ? "d." : "") + "hh:mm:ss");
        };
    }

    private static String shown(Duration max) {
        return max.toDays() > 0 ? max.toDays() + (max.toDays() == 1 ? " day" : " days") : "%02d:%02d:%02d".formatted(max.toHours(), max.toMinutesPart(), max.toSecondsPart());
    }
}
