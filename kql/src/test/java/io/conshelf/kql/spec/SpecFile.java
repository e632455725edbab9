package io.conshelf.kql.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicContainer;

/// A file of cases in plain text, below `src/test/resources/spec`:
///
/// ```
/// test nameThatSaysTheRule
/// T | where a > 1
/// ----
/// what it gives
///
/// error anotherName
/// T | where
/// ----
/// SYN0002 at 1:10-1:10
/// ```
///
/// A case starts at a line `test name` or `error name` and ends at the next one; blank lines around its parts do not
/// count. What stands before the first case is for the reader.
///
/// `-Dspec=summarize/bin:12` runs the case at that line only, `-Dspec=summarize` the files whose path holds that text;
/// `-Dspec.complete=true` writes what the cases give into the files, to be read before it is committed.
public record SpecFile(Path path, String preface, List<SpecCase> cases) {
    private static final Path ROOT = Path.of("src/test/resources/spec");
    private static final Pattern HEADER = Pattern.compile("(test|error) (\\w+)");
    private static final Pattern EXTENSION = Pattern.compile("\\.(spec|kql)$");
    private static final String DIVIDER = "----";

    public enum Kind { TEST, ERROR }

    /// One case; `line` is that of its header.
    public record SpecCase(Kind kind, String name, String query, String expected, int line) {}

    /// A test for every case of every file below `folder`: `run` gives the text to compare with the expected one.
    public static Stream<DynamicNode> tests(String folder, Function<SpecCase, String> run) {
        return below(folder).stream().map(file -> {
            List<SpecCase> chosen = file.cases().stream().filter(file::isChosen).toList();
            if (Boolean.getBoolean("spec.complete")) {
                file.complete(chosen, run);
            }
            return DynamicContainer.dynamicContainer(file.path().toString(), chosen.stream()
                    .map(c -> dynamicTest(c.name(), file.path().toUri(), () -> file.check(c, run))));
        });
    }

    private void check(SpecCase c, Function<SpecCase, String> run) {
        String expected = Boolean.getBoolean("spec.complete") ? run.apply(c) : c.expected();
        assertThat(run.apply(c).strip()).as("%s:%d %s%n%s", path, c.line(), c.name(), c.query())
                .isEqualTo(expected.strip());
    }

    public static List<SpecFile> below(String folder) {
        try (Stream<Path> files = Files.walk(ROOT.resolve(folder))) {
            List<SpecFile> found = files.filter(file -> EXTENSION.matcher(file.toString()).find()).sorted().map(SpecFile::read).toList();
            if (found.isEmpty()) {
                throw new IllegalStateException("there is no spec file below " + ROOT.resolve(folder));
            }
            return found;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static SpecFile read(Path path) {
        try {
            return parse(path, Files.readAllLines(path));
        } catch (IOException e) {
            throw new UncheckedIOException(path.toString(), e);
        }
    }

    static SpecFile parse(Path path, List<String> lines) {
        List<Integer> headers = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            boolean first = i == 0 || lines.get(i - 1).isBlank();
            if (first && HEADER.matcher(lines.get(i)).matches()) {
                headers.add(i);
            }
        }
        List<SpecCase> cases = new ArrayList<>();
        for (int i = 0; i < headers.size(); i++) {
            int end = i + 1 < headers.size() ? headers.get(i + 1) : lines.size();
            cases.add(parseCase(path, lines, headers.get(i), end));
        }
        int prefaceEnd = headers.isEmpty() ? lines.size() : headers.getFirst();
        return new SpecFile(path, String.join("\n", lines.subList(0, prefaceEnd)), cases);
    }

    private static SpecCase parseCase(Path path, List<String> lines, int header, int end) {
        List<String> body = lines.subList(header + 1, end);
        int divider = body.indexOf(DIVIDER);
        if (divider < 0) {
            throw new IllegalStateException("%s:%d: the case has no line '%s'".formatted(path, header + 1, DIVIDER));
        }
        String[] words = lines.get(header).split(" ");
        return new SpecCase(words[0].equals("test") ? Kind.TEST : Kind.ERROR, words[1],
                trimmed(body.subList(0, divider)), trimmed(body.subList(divider + 1, body.size())), header + 1);
    }

    private static String trimmed(List<String> lines) {
        int from = 0;
        int to = lines.size();
        while (from < to && lines.get(from).isBlank()) {
            from++;
        }
        while (to > from && lines.get(to - 1).isBlank()) {
            to--;
        }
        return String.join("\n", lines.subList(from, to));
    }

    private boolean isChosen(SpecCase c) {
        String wanted = System.getProperty("spec", "");
        int colon = wanted.lastIndexOf(':');
        String file = colon < 0 ? wanted : wanted.substring(0, colon);
        return path.toString().contains(file) && (colon < 0 || wanted.substring(colon + 1).equals("" + c.line()));
    }

    private void complete(List<SpecCase> chosen, Function<SpecCase, String> run) {
        StringBuilder out = new StringBuilder(preface.isBlank() ? "" : preface.strip() + "\n\n");
        for (SpecCase c : cases) {
            String expected = chosen.contains(c) ? run.apply(c).strip() : c.expected();
            out.append(c.kind() == Kind.TEST ? "test " : "error ").append(c.name()).append('\n').append(c.query())
                    .append('\n').append(DIVIDER).append('\n').append(expected).append("\n\n");
        }
        try {
            Files.writeString(path, out.toString().stripTrailing() + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(path.toString(), e);
        }
    }
}
