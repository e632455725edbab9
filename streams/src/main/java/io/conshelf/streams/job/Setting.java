package io.conshelf.streams.job;

import io.conshelf.connectors.definition.Located;
import java.util.Optional;

/// A property of a store or a format, and what becomes of it.
///
/// @param name as the management interface spells it
/// @param isPlace whether it is part of where a store is: with another value, positions are in other events, and rows come elsewhere
/// @param otherwise what it is where it is not given, of what is part of a place; empty where there is no such value
/// @param note what it is, in the words of a message; why it is refused or has no effect
public record Setting(String name, Kind kind, Use use, boolean isPlace, String otherwise, String note) {
    public enum Kind {
        TEXT("a text"), SECRET("a text"), NUMBER("a whole number"), FLAG("true or false"), LIST("a list"), OBJECT("an object"), DURATION("a time as hh:mm:ss");

        private final String title;

        Kind(String title) {
            this.title = title;
        }

        private boolean fits(Located value) {
            return switch (this) {
                case TEXT, SECRET -> value.value().isTextual();
                case NUMBER -> value.integer().isPresent();
                case FLAG -> value.flag().isPresent();
                case LIST -> value.value().isArray();
                case OBJECT -> value.value().isObject();
                case DURATION -> value.text().filter(text -> Durations.parse(text).isPresent()).isPresent();
            };
        }
    }

    public enum Use { NEEDED, MAY_BE_EMPTY, USED, NO_EFFECT, REFUSED }

    static Setting needed(String name, String what) {
        return new Setting(name, Kind.TEXT, Use.NEEDED, true, "", what);
    }

    /// Part of the place also where there is nothing in it.
    static Setting mayBeEmpty(String name, String what) {
        return new Setting(name, Kind.TEXT, Use.MAY_BE_EMPTY, true, "", what);
    }

    static Setting text(String name, String what) {
        return new Setting(name, Kind.TEXT, Use.USED, false, "", what);
    }

    static Setting secret(String name, String what) {
        return new Setting(name, Kind.SECRET, Use.USED, false, "", what);
    }

    static Setting of(String name, Kind kind, String what) {
        return new Setting(name, kind, Use.USED, false, "", what);
    }

    static Setting needed(String name, Kind kind, String what) {
        return new Setting(name, kind, Use.NEEDED, true, "", what);
    }

    static Setting withoutEffect(String name, Kind kind, String why) {
        return new Setting(name, kind, Use.NO_EFFECT, false, "", why);
    }

    static Setting refused(String name, Kind kind, String why) {
        return new Setting(name, kind, Use.REFUSED, false, "", why);
    }

    Setting ofPlace() {
        return new Setting(name, kind, use, true, "", note);
    }

    Setting ofPlace(String otherwise) {
        return new Setting(name, kind, use, true, otherwise, note);
    }

    /// What is wrong with the value that stands there.
    Optional<String> mistake(Located stated) {
        boolean isGiven = stated.isPresent() && stated.text().filter(String::isBlank).isEmpty();
        return switch (use) {
            case NEEDED -> isGiven ? misfit(stated) : Optional.of("is missing: it is " + note);
            case MAY_BE_EMPTY, USED -> isGiven ? misfit(stated) : Optional.empty();
            case NO_EFFECT -> Optional.empty();
            case REFUSED -> isGiven ? Optional.of("is not supported: " + note) : Optional.empty();
        };
    }

    // A secret's value stands in no message.
    private Optional<String> misfit(Located stated) {
        return kind.fits(stated) ? Optional.empty() : Optional.of("is to be " + kind.title + (kind == Kind.SECRET ? "" : ", found " + found(stated))
                + ": it is " + note);
    }

    private static String found(Located stated) {
        return stated.value().isContainerNode() ? stated.value().isArray() ? "a list" : "an object" : stated.value().toString();
    }
}
