package io.conshelf.connectors.file;

import java.util.regex.Pattern;

/// A pattern for names: `*`, `?` (zero or one character), `^` takes the next character as it is. Neither `*` nor `?` crosses a `/`.
public final class Wildcard {
    private static final Wildcard ANY = of("*");

    private final String text;
    private final Pattern pattern;

    private Wildcard(String text, Pattern pattern) {
        this.text = text;
        this.pattern = pattern;
    }

    /// Matches every name.
    public static Wildcard any() {
        return ANY;
    }

    /// Matches this name alone, whatever stands in it.
    public static Wildcard exactly(String name) {
        return of(name.replaceAll("[*?^]", "^$0"));
    }

    public static Wildcard of(String text) {
        StringBuilder pattern = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '*' -> pattern.append("[^/]*");
                case '?' -> pattern.append("[^/]?");
                case '^' -> pattern.append(Pattern.quote(i + 1 < text.length() ? String.valueOf(text.charAt(++i)) : "^"));
                default -> pattern.append(Pattern.quote(String.valueOf(c)));
            }
        }
        return new Wildcard(text, Pattern.compile(pattern.toString(), Pattern.DOTALL));
    }

    public boolean matches(String name) {
        return pattern.matcher(name).matches();
    }

    /// The folders of a pattern of folders before the first one with a wildcard, as they are called.
    static String fixedFolders(String folders) {
        String path = StorePath.of(folders);
        StringBuilder fixed = new StringBuilder();
        for (String folder : path.isEmpty() ? new String[0] : path.split("/")) {
            String name = folder.replaceAll("\\^(.)", "");
            if (name.contains("*") || name.contains("?")) {
                break;
            }
            fixed.append(fixed.isEmpty() ? "" : "/").append(folder.replaceAll("\\^(.)", "$1"));
        }
        return fixed.toString();
    }

    @Override
    public String toString() {
        return text;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Wildcard wildcard && wildcard.text.equals(text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }
}
