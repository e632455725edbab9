package io.conshelf.processor.jq;

import io.conshelf.processor.value.JsonText;
import io.conshelf.processor.value.Value;
import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.stream.Stream;

/// One case of the `.spec` files of this package:
///
/// ```
/// # a comment
/// < {"a": [1, 2]}          the input of the cases that follow
/// ? .a[]                   an expression; lines that begin with two blanks go on with it
/// > 1                      its results, a line each
/// > 2
/// ? .a.b
/// ! Cannot index …         the error that comes behind the results, if one does; a syntax error alike
/// ? .a | toarray
/// ~                        real jq gives something else (an older version, other words, a function of ours)
/// > [1, 2]
/// ```
///
/// @param error absent where the program ends well
record JqCase(String file, int line, String input, String expression, boolean isOurs, List<String> results, Optional<String> error) {
    static List<JqCase> all() throws IOException, URISyntaxException {
        Path folder = Path.of(JqCase.class.getResource("paths.spec").toURI()).getParent();
        List<JqCase> cases = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.filter(path -> path.toString().endsWith(".spec")).sorted().toList()) {
                cases.addAll(read(file));
            }
        }
        return cases;
    }

    private static List<JqCase> read(Path file) throws IOException {
        List<JqCase> cases = new ArrayList<>();
        List<String> lines = Files.readAllLines(file);
        String input = "null";
        int at = 0;
        while (at < lines.size()) {
            String line = lines.get(at);
            if (line.startsWith("< ")) {
                input = line.substring(2);
            }
            if (!line.startsWith("? ")) {
                at++;
                continue;
            }
            int from = at + 1;
            StringBuilder expression = new StringBuilder(line.substring(2));
            boolean isOurs = false;
            List<String> results = new ArrayList<>();
            Optional<String> error = Optional.empty();
            for (at++; at < lines.size() && !lines.get(at).isBlank() && !lines.get(at).startsWith("?") && !lines.get(at).startsWith("<"); at++) {
                String next = lines.get(at);
                switch (next.charAt(0)) {
                    case ' ' -> expression.append('\n').append(next.substring(2));
                    case '~' -> isOurs = true;
                    case '>' -> results.add(next.substring(2));
                    case '!' -> error = Optional.of(next.substring(2));
                    default -> throw new IOException(file.getFileName() + ":" + (at + 1) + ": begins with none of <?>!~: " + next);
                }
            }
            cases.add(new JqCase(file.getFileName().toString(), from, input, expression.toString(), isOurs, results, error));
        }
        return cases;
    }

    Value inputValue() throws IOException {
        return withBytes(JsonText.read(input));
    }

    /// A text `base64::…` stands for bytes.
    private static Value withBytes(Value value) {
        return switch (value) {
            case Value.Text(String text) when text.startsWith(JsonText.BINARY_PREFIX) ->
                new Value.Binary(Base64.getDecoder().decode(text.substring(JsonText.BINARY_PREFIX.length())));
            case Value.Items(List<Value> items) -> new Value.Items(items.stream().map(JqCase::withBytes).toList());
            case Value.Members(var members) -> {
                SequencedMap<String, Value> changed = new LinkedHashMap<>();
                members.forEach((name, member) -> changed.put(name, withBytes(member)));
                yield new Value.Members(changed);
            }
            case Value.Null _, Value.Truth _, Value.Whole _, Value.Large _, Value.Real _, Value.Text _, Value.Binary _ -> value;
        };
    }

    String where() {
        return file + ":" + line + " " + expression.lines().findFirst().orElse("");
    }

    /// Results as values, so that neither the order of members nor the spelling of numbers counts.
    static List<Value> values(List<String> json) throws IOException {
        List<Value> values = new ArrayList<>();
        for (String one : json) {
            values.add(JsonText.read(one));
        }
        return values;
    }

    static boolean areEqual(List<Value> a, List<Value> b) {
        return Order.equal(new Value.Items(a), new Value.Items(b));
    }

    static String text(InputStream stream) throws IOException {
        return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    }
}
