package io.conshelf.processor.definition;

import java.util.List;
import java.util.Optional;

/// What a property's value looks like.
public sealed interface Shape {
    enum Kind implements Shape {
        TEXT("a text"),
        /// The name of a secret.
        SECRET("a text, the name of a secret"),
        FLAG("true or false"),
        PATH("a path such as .payload"),
        DURATION("a length of time such as 1m30s"),
        /// In jq.
        EXPRESSION("a jq expression"),
        URL("a URL of http or https"),
        BROKER("the URL of a broker, such as tls://host:8883"),
        TOPIC_FILTER("a filter of topics, such as plant/+/oven"),
        TEMPLATE("a path with {{{instanceId}}} and the other eight names"),
        BASE64("a text in Base64"),
        OBJECT("an object"),
        ANY("a value");

        private final String title;

        Kind(String title) {
            this.title = title;
        }

        public String title() {
            return title;
        }
    }

    record Number(long min, long max) implements Shape {}

    /// One of some words, whatever their case.
    record OneOf(List<String> words) implements Shape {
        static OneOf of(String... words) {
            return new OneOf(List.of(words));
        }
    }

    record ListOf(Shape item, int min, int max) implements Shape {
        static ListOf some(Shape item) {
            return new ListOf(item, 1, 1_000);
        }

        static ListOf any(Shape item) {
            return new ListOf(item, 0, 1_000);
        }
    }

    /// An object whose members have names of the author's choice.
    record MapOf(Shape value, int max) implements Shape {}

    record Group(List<Setting> settings) implements Shape {
        static Group of(Setting... settings) {
            return new Group(List.of(settings));
        }
    }

    /// An object whose `type` says which members it has.
    ///
    /// @param otherwise the type of one that names none; empty where it has to
    /// @param named     what `type` is called, the usual name first
    record Variants(List<Variant> variants, String otherwise, List<String> named) implements Shape {
        Variants(List<Variant> variants, String otherwise) {
            this(variants, otherwise, List.of("type"));
        }

        Optional<Variant> find(String type) {
            return variants.stream().filter(variant -> variant.type().equalsIgnoreCase(type)).findFirst();
        }
    }

    /// @param refusal why it is not built; empty where it is
    record Variant(String type, List<Setting> settings, String refusal) {
        static Variant of(String type, Setting... settings) {
            return new Variant(type, List.of(settings), "");
        }

        static Variant refused(String type, String why, Setting... settings) {
            return new Variant(type, List.of(settings), why);
        }
    }

    /// A text, or an object as a variant says.
    record TextOr(Variants variants) implements Shape {}
}
