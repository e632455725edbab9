package io.conshelf.kql.command;

import io.conshelf.kql.syntax.Span;

/// What a command's text gave for one named argument.
///
/// @param kind         `name`, `string`, `value` …; `word` where the argument is one of several keywords
/// @param text         the value itself: strings unquoted, names without brackets, keywords in lower case
/// @param isObfuscated written as `h'…'`: never to be shown
public record CommandArgument(String name, String kind, String text, Span span, boolean isObfuscated) {
    @Override
    public String toString() {
        return name + "=" + (isObfuscated ? "***" : text);
    }
}
