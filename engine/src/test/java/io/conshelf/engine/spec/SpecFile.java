package io.conshelf.engine.spec;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// A file of cases: what is said before the first, and the cases.
///
/// ```
/// test theRuleThatIsChecked
/// print x = 1
/// ----
/// x:long
/// 1
///
/// error theRuleThatIsBroken
/// print y
/// ----
/// SEM0100 at 1:7
/// ```
///
/// A case ends at an empty line; a query with an empty line in it has one with a single `.` instead. A case of several
/// steps has a line `--` between them; the last one's answer counts.
record SpecFile(Path path, List<String> preamble, List<SpecCase> cases) {
    static final String DIVIDER = "----";
    static final String STEP = "\n--\n";

    record SpecCase(boolean expectsError, String name, int line, String query, List<String> expected) {}

    static SpecFile read(Path path) throws IOException {
        List<String> lines = Files.readAllLines(path);
        var preamble = new ArrayList<String>();
        var cases = new ArrayList<SpecCase>();
        int at = 0;
        while (at < lines.size() && !startsCase(lines.get(at))) {
            preamble.add(lines.get(at++));
        }
        while (at < lines.size()) {
            String head = lines.get(at);
            if (head.isBlank()) {
                at++;
                continue;
            }
            if (!startsCase(head)) {
                throw new IllegalStateException(path + ":" + (at + 1) + ": expected 'test name' or 'error name', found '"
                        + head + "'");
            }
            int line = at + 1;
            var query = new ArrayList<String>();
            at++;
            while (at < lines.size() && !lines.get(at).equals(DIVIDER) && !lines.get(at).isEmpty()) {
                query.add(lines.get(at).equals(".") ? "" : lines.get(at));
                at++;
            }
            var expected = new ArrayList<String>();
            if (at < lines.size() && lines.get(at).equals(DIVIDER)) {
                at++;
                while (at < lines.size() && !lines.get(at).isEmpty()) {
                    expected.add(lines.get(at++));
                }
            }
            String[] words = head.split(" ", 2);
            cases.add(new SpecCase(words[0].equals("error"), words[1], line, String.join("\n", query), expected));
        }
        return new SpecFile(path, preamble, cases);
    }

    private static boolean startsCase(String line) {
        return line.startsWith("test ") || line.startsWith("error ");
    }

    /// The file again with other results.
    void write(List<List<String>> results) throws IOException {
        var text = new StringBuilder();
        preamble.forEach(line -> text.append(line).append('\n'));
        for (int i = 0; i < cases.size(); i++) {
            SpecCase c = cases.get(i);
            text.append(i == 0 ? "" : "\n").append(c.expectsError() ? "error " : "test ").append(c.name()).append('\n');
            c.query().lines().forEach(line -> text.append(line.isEmpty() ? "." : line).append('\n'));
            text.append(DIVIDER).append('\n');
            results.get(i).forEach(line -> text.append(line).append('\n'));
        }
        Files.writeString(path, text);
    }
}
