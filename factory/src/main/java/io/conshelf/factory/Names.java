package io.conshelf.factory;

import io.conshelf.connectors.definition.Located;
import java.util.Map;
import java.util.regex.Pattern;

/// The rules for names of resources and activities.
final class Names {
    private static final int MAX = 260;
    private static final Map<String, Integer> DOCUMENTED_MAX = Map.of("pipeline", 140, "activity", 55);
    private static final String FORBIDDEN = ". + ? / < > * % & : \\";
    private static final Pattern ALLOWED = Pattern.compile("[\\p{L}\\p{N}_][^.+?/<>*%&:\\\\]*");

    private Names() {}

    /// @param what "activity", "pipeline" and the like
    static void check(Located place, String what, String name, Findings findings) {
        String article = "aeiou".indexOf(what.charAt(0)) >= 0 ? "an " : "a ";
        if (name.isBlank() || name.length() > MAX) {
            findings.problem(place.problem(article + what + "'s name has 1 to " + MAX + " characters, found " + name.length()));
        } else if (!ALLOWED.matcher(name).matches()) {
            findings.problem(place.problem(article + what + "'s name starts with a letter, digit or _ and has none of " + FORBIDDEN + ", found '" + name + "'"));
        }
        // The pages allow less than the interface does; factories are found that go by the interface.
        int documented = DOCUMENTED_MAX.getOrDefault(what, MAX);
        if (name.length() > documented && name.length() <= MAX) {
            findings.remark(place.problem(article + what + "'s name has " + name.length() + " characters; the service's pages allow " + documented));
        }
    }
}
