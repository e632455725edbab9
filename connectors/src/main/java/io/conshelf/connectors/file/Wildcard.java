package io.conshelf.connectors.file;

import java.util.Arrays;

/// A pattern for names: `*`, `?` (zero or one character), `^` takes the next character as it is. Neither `*` nor `?` crosses a `/`.
public final class Wildcard {
    // What steps of a pattern are beside code points.
    private static final int MANY = -1;
    private static final int ONE_OR_NONE = -2;
    private static final Wildcard ANY = of("*");

    private final String text;
    private final int[] steps;

    private Wildcard(String text, int[] steps) {
        this.text = text;
        this.steps = steps;
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
        int[] points = text.codePoints().toArray();
        int[] steps = new int[points.length];
        int count = 0;
        for (int i = 0; i < points.length; i++) {
            steps[count++] = switch (points[i]) {
                case '*' -> MANY;
                case '?' -> ONE_OR_NONE;
                case '^' -> i + 1 < points.length ? points[++i] : '^';
                default -> points[i];
            };
        }
        return new Wildcard(text, Arrays.copyOf(steps, count));
    }

    /// Follows all ways through the pattern at once: trying one after another takes for ever where many steps match the same characters.
    public boolean matches(String name) {
        boolean[] reached = new boolean[steps.length + 1];
        reached[0] = true;
        skip(reached);
        for (int at = 0; at < name.length(); at += Character.charCount(name.codePointAt(at))) {
            int point = name.codePointAt(at);
            boolean[] next = new boolean[steps.length + 1];
            for (int i = 0; i < steps.length; i++) {
                if (reached[i] && steps[i] == MANY) {
                    next[i] |= point != '/';
                } else if (reached[i]) {
                    next[i + 1] = steps[i] == ONE_OR_NONE ? point != '/' : steps[i] == point;
                }
            }
            skip(next);
            reached = next;
        }
        return reached[steps.length];
    }

    /// Goes on past the steps that may match nothing.
    private void skip(boolean[] reached) {
        for (int i = 0; i < steps.length; i++) {
            reached[i + 1] |= reached[i] && steps[i] < 0;
        }
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
