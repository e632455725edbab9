package io.conshelf.streams.flink;

import java.util.Optional;
import java.util.regex.Pattern;

/// Why something failed, as people read it: without the names of classes that wrapped it on its way.
final class Reason {
    private static final Pattern CLASS_NAMES = Pattern.compile("^(?:(?:[a-z][\\w-]*\\.)+[A-Z][\\w$]*(?:: |$))+");

    private Reason() {}

    static String of(Throwable failure) {
        return Optional.ofNullable(failure.getMessage()).map(Reason::of).filter(message -> !message.isBlank()).orElseGet(() -> failure.getClass().getSimpleName());
    }

    /// @param text of a stack trace's first line
    static String of(String text) {
        return CLASS_NAMES.matcher(text).replaceFirst("");
    }
}
