package io.conshelf.factory;

import io.conshelf.connectors.definition.Located;
import io.conshelf.connectors.definition.Problem;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/// The rules for names of resources and activities.
final class Names {
    private static final int MAX = 260;
    private static final String FORBIDDEN = ". + ? / < > * % & : \\";
    private static final Pattern ALLOWED = Pattern.compile("[\\p{L}\\p{N}_][^.+?/<>*%&:\\\\]*");

    private Names() {}

    /// @param what "activity", "pipeline" and the like
    static void check(Located place, String what, String name, Consumer<Problem> problems) {
        String article = "aeiou".indexOf(what.charAt(0)) >= 0 ? "an " : "a ";
        if (name.isBlank() || name.length() > MAX) {
            problems.accept(place.problem(article + what + "'s name has 1 to " + MAX + " characters, found " + name.length()));
        } else if (!ALLOWED.matcher(name).matches()) {
            problems.accept(place.problem(article + what + "'s name starts with a letter, digit or _ and has none of " + FORBIDDEN + ", found '" + name + "'"));
        }
    }
}
