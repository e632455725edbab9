package io.conshelf.processor.definition;

import java.util.List;
import java.util.stream.Stream;

/// A property of a stage or a part of one, and what becomes of it.
///
/// @param name      as it is stored
/// @param aliases   other names that it is read under
/// @param otherwise what holds where it is not stated, as JSON; empty where nothing does
/// @param note      what it is, in the words of a message; why it is refused or has no effect
public record Setting(String name, List<String> aliases, Shape shape, Use use, String otherwise, String note) {
    public enum Use { NEEDED, USED, NO_EFFECT, REFUSED }

    static Setting needed(String name, Shape shape, String what) {
        return new Setting(name, List.of(), shape, Use.NEEDED, "", what);
    }

    static Setting optional(String name, Shape shape, String what) {
        return new Setting(name, List.of(), shape, Use.USED, "", what);
    }

    /// @param json what holds where it is not stated
    static Setting withDefault(String name, Shape shape, String json, String what) {
        return new Setting(name, List.of(), shape, Use.USED, json, what);
    }

    static Setting withoutEffect(String name, Shape shape, String why) {
        return new Setting(name, List.of(), shape, Use.NO_EFFECT, "", why);
    }

    static Setting refused(String name, Shape shape, String why) {
        return new Setting(name, List.of(), shape, Use.REFUSED, "", why);
    }

    Setting alias(String... names) {
        return new Setting(name, List.of(names), shape, use, otherwise, note);
    }

    Stream<String> names() {
        return Stream.concat(Stream.of(name), aliases.stream());
    }
}
