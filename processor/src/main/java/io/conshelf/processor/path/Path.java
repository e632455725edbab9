package io.conshelf.processor.path;

import io.conshelf.processor.value.JsonText;
import io.conshelf.processor.value.Value;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/// Where in a message something stands: `.payload.values[0]`, `.payload."a name"`, `.payload["a name"]`; `.` is the whole message.
public final class Path {
    public static final Path WHOLE = new Path(".", List.of());

    private static final int STEPS_MAX = 100;
    /// Writing fills arrays up to the index with null.
    private static final int INDEX_MAX = 100_000;

    private final String text;
    private final List<Step> steps;

    private sealed interface Step {
        record Name(String name) implements Step {}

        record Index(int index) implements Step {}
    }

    private Path(String text, List<Step> steps) {
        this.text = text;
        this.steps = List.copyOf(steps);
    }

    /// The path of a member of the whole, quoted where its name is no word.
    public static Path ofName(String name) {
        return new Path(isWord(name) ? "." + name : "." + JsonText.write(Value.of(name)), List.of(new Step.Name(name)));
    }

    private static boolean isWord(String name) {
        return !name.isEmpty() && isLetter(name.charAt(0)) && name.chars().allMatch(c -> isLetter((char) c) || c >= '0' && c <= '9');
    }

    private static boolean isLetter(char c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_';
    }

    public boolean isWhole() {
        return steps.isEmpty();
    }

    /// The path from the member of a name on, where it begins with that one; otherwise the path as it is.
    public Path below(String name) {
        if (steps.isEmpty() || !steps.getFirst().equals(new Step.Name(name))) {
            return this;
        }
        StringBuilder rest = new StringBuilder();
        for (Step step : steps.subList(1, steps.size())) {
            rest.append(switch (step) {
                case Step.Name(String inner) -> ofName(inner).text;
                case Step.Index(int index) -> (rest.isEmpty() ? ".[" : "[") + index + "]";
            });
        }
        return rest.isEmpty() ? WHOLE : new Path(rest.toString(), steps.subList(1, steps.size()));
    }

    /// The path as one that begins at the member of a name, also where it does not say so.
    public Path within(String name) {
        if (!steps.isEmpty() && steps.getFirst().equals(new Step.Name(name))) {
            return this;
        }
        Path member = ofName(name);
        List<Step> all = new ArrayList<>(member.steps);
        all.addAll(steps);
        return isWhole() ? member : new Path(member.text + text, all);
    }

    public static Path parse(String text) throws InvalidPathException {
        return new Parser(text).parse();
    }

    private static final class Parser {
        private final String text;
        private final List<Step> steps = new ArrayList<>();
        private int at;

        Parser(String text) {
            this.text = text;
        }

        Path parse() throws InvalidPathException {
            if (!text.startsWith(".")) {
                throw wrong("a path begins with '.'");
            }
            if (text.equals(".")) {
                return WHOLE;
            }
            while (at < text.length()) {
                if (steps.size() == STEPS_MAX) {
                    throw wrong("a path has at most " + STEPS_MAX + " steps");
                }
                step();
            }
            return new Path(text, steps);
        }

        private void step() throws InvalidPathException {
            if (text.charAt(at) == '[') {
                bracket();
                return;
            }
            if (text.charAt(at) != '.') {
                throw wrong("'.' or '[' is expected");
            }
            at++;
            if (at == text.length()) {
                throw wrong("a name is missing");
            }
            switch (text.charAt(at)) {
                case '"' -> steps.add(new Step.Name(quoted()));
                case '[' -> bracket();
                default -> steps.add(new Step.Name(word()));
            }
        }

        private String word() throws InvalidPathException {
            int from = at;
            while (at < text.length() && (isLetter(text.charAt(at)) || at > from && text.charAt(at) >= '0' && text.charAt(at) <= '9')) {
                at++;
            }
            if (at == from) {
                throw wrong("a name begins with a letter or '_'; others stand in quotes");
            }
            return text.substring(from, at);
        }

        private String quoted() throws InvalidPathException {
            int from = at++;
            while (at < text.length() && text.charAt(at) != '"') {
                at += text.charAt(at) == '\\' ? 2 : 1;
            }
            if (at >= text.length()) {
                throw wrong("the quote is not closed");
            }
            at++;
            try {
                return JsonText.read(text.substring(from, at)) instanceof Value.Text(String name) ? name : "";
            } catch (IOException notText) {
                throw new InvalidPathException(text, from, "the quoted name is not a JSON string");
            }
        }

        private void bracket() throws InvalidPathException {
            at++;
            if (at < text.length() && text.charAt(at) == '"') {
                steps.add(new Step.Name(quoted()));
            } else {
                int from = at;
                while (at < text.length() && (text.charAt(at) == '-' && at == from || text.charAt(at) >= '0' && text.charAt(at) <= '9')) {
                    at++;
                }
                try {
                    int index = Integer.parseInt(text.substring(from, at));
                    if (Math.abs((long) index) > INDEX_MAX) {
                        throw wrong("an index is at most " + INDEX_MAX);
                    }
                    steps.add(new Step.Index(index));
                } catch (NumberFormatException notIndex) {
                    throw new InvalidPathException(text, from, "an index or a quoted name is expected");
                }
            }
            if (at >= text.length() || text.charAt(at) != ']') {
                throw wrong("']' is missing");
            }
            at++;
        }

        private InvalidPathException wrong(String problem) {
            return new InvalidPathException(text, Math.min(at, text.length()), problem);
        }
    }

    /// What stands there; empty where nothing does, or where a value on the way is of another kind.
    public Optional<Value> read(Value whole) {
        Value value = whole;
        for (Step step : steps) {
            Value inner = inner(value, step);
            if (inner == null) {
                return Optional.empty();
            }
            value = inner;
        }
        return Optional.of(value);
    }

    /// The member or element of a value, or no value at all.
    private static Value inner(Value value, Step step) {
        return switch (step) {
            case Step.Name(String name) -> value instanceof Value.Members(SequencedMap<String, Value> members) ? members.get(name) : null;
            case Step.Index(int index) -> {
                if (!(value instanceof Value.Items(List<Value> items))) {
                    yield null;
                }
                int at = index < 0 ? items.size() + index : index;
                yield at >= 0 && at < items.size() ? items.get(at) : null;
            }
        };
    }

    /// The same whole with another value there. What is missing on the way is made; what is of another kind is replaced.
    public Value write(Value whole, Value value) {
        return write(whole, value, 0);
    }

    private Value write(Value at, Value value, int depth) {
        if (depth == steps.size()) {
            return value;
        }
        return switch (steps.get(depth)) {
            case Step.Name(String name) -> {
                if (at instanceof Value.Members present) {
                    yield present.with(name, write(present.member(name), value, depth + 1));
                }
                yield Value.member(name, write(Value.NULL, value, depth + 1));
            }
            case Step.Index(int index) -> {
                List<Value> items = at instanceof Value.Items(List<Value> present) ? new ArrayList<>(present) : new ArrayList<>();
                int position = index < 0 ? items.size() + index : index;
                // before the first: the array grows behind, and its first is replaced
                int size = position < 0 ? -index : position + 1;
                while (items.size() < size) {
                    items.add(Value.NULL);
                }
                int place = Math.max(position, 0);
                items.set(place, write(items.get(place), value, depth + 1));
                yield new Value.Items(items);
            }
        };
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Path path && path.steps.equals(steps);
    }

    @Override
    public int hashCode() {
        return steps.hashCode();
    }

    @Override
    public String toString() {
        return text;
    }
}
