package io.conshelf.cli.progress;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A terminal that obeys what the views use, and refuses everything else. Lines that have scrolled out at its top are kept, and out of reach.
final class TerminalModel {
    private static final Pattern PART = Pattern.compile("\u001b\\[(\\??\\d*)([A-Za-z])|\r|\n|[^\u001b\r\n]+");

    private final int columns;
    private final int rows;
    private final List<StringBuilder> lines = new ArrayList<>(List.of(new StringBuilder()));
    private int line;
    private int column;
    private boolean showsCursor = true;

    TerminalModel(int columns, int rows) {
        this.columns = columns;
        this.rows = rows;
    }

    void obey(String written) {
        Matcher part = PART.matcher(written);
        int end = 0;
        while (part.find()) {
            if (part.start() != end) {
                throw new IllegalArgumentException("not understood at " + end);
            }
            end = part.end();
            switch (part.group()) {
                case "\r" -> column = 0;
                case "\n" -> newLine();
                case String text when part.group(2) == null -> print(text);
                case String _ -> control(part.group(1), part.group(2));
            }
        }
    }

    private void newLine() {
        line++;
        column = 0;
        if (line == lines.size()) {
            lines.add(new StringBuilder());
        }
    }

    private void print(String text) {
        for (char c : text.toCharArray()) {
            if (column == columns) {
                newLine();
            }
            StringBuilder now = lines.get(line);
            while (now.length() <= column) {
                now.append(' ');
            }
            now.setCharAt(column++, c);
        }
    }

    private void control(String argument, String name) {
        switch (argument + name) {
            case "?25l" -> showsCursor = false;
            case "?25h" -> showsCursor = true;
            case "K" -> clearLine();
            case "J" -> {
                clearLine();
                lines.subList(line + 1, lines.size()).clear();
            }
            default -> {
                if (!name.equals("A")) {
                    throw new IllegalArgumentException("not understood: " + argument + name);
                }
                line = Math.max(Math.max(0, lines.size() - rows), line - Integer.parseInt(argument));
            }
        }
    }

    private void clearLine() {
        lines.get(line).setLength(Math.min(column, lines.get(line).length()));
    }

    String text() {
        StringBuilder text = new StringBuilder();
        lines.forEach(shown -> text.append(shown.toString().stripTrailing()).append('\n'));
        return text.toString().stripTrailing() + "\n";
    }

    boolean showsCursor() {
        return showsCursor;
    }
}
