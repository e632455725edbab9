package io.conshelf.processor.jq;

import static io.conshelf.processor.jq.Builtins.filter;
import static io.conshelf.processor.jq.Builtins.values;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import io.conshelf.processor.jq.Builtins.Declared;
import io.conshelf.processor.jq.Filter.Path;
import io.conshelf.processor.value.Value;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/// Regular expressions of RE2, in time that grows with the text alone.
final class RegexFunctions {
    private static final int PATTERNS_MAX = 1_000;
    private static final Map<String, Pattern> PATTERNS = new ConcurrentHashMap<>();

    static final List<Declared> ALL = List.of(
            filter("match", 2, arguments -> (run, scope, path, input, output) -> given(run, scope, input, arguments.get(0), arguments.get(1), regex ->
                    regex.each(run, text(input), found -> output.emit(path.lost(), found.value())))),
            values("test", 2, (_, input, given) -> Value.of(Regex.of(given.get(0), given.get(1)).pattern.matcher(text(input)).find())),
            values("split", 2, (run, input, given) -> {
                String text = text(input);
                List<Value> parts = new ArrayList<>();
                int[] from = {0};
                Regex.of(given.get(0), Value.of(flags(given.get(1)) + "g")).each(run, text, found -> {
                    parts.add(Value.of(text.substring(from[0], found.start)));
                    from[0] = found.end;
                });
                parts.add(Value.of(text.substring(from[0])));
                return new Value.Items(parts);
            }),
            filter("sub", 2, arguments -> substitute(arguments.get(0), arguments.get(1), Optional.empty(), "")),
            filter("sub", 3, arguments -> substitute(arguments.get(0), arguments.get(1), Optional.of(arguments.get(2)), "")),
            filter("gsub", 2, arguments -> substitute(arguments.get(0), arguments.get(1), Optional.empty(), "g")),
            filter("gsub", 3, arguments -> substitute(arguments.get(0), arguments.get(1), Optional.of(arguments.get(2)), "g")));

    private RegexFunctions() {}

    private static String text(Value value) {
        if (value instanceof Value.Text(String text)) {
            return text;
        }
        throw new JqException(JqException.shown(value) + " cannot be matched, as it is not a string");
    }

    private static String flags(Value flags) {
        return switch (flags) {
            case Value.Null _ -> "";
            case Value.Text(String text) -> text;
            case Value.Truth _, Value.Whole _, Value.Large _, Value.Real _, Value.Binary _, Value.Items _, Value.Members _ ->
                throw new JqException(JqException.shown(flags) + " is not a string of flags");
        };
    }

    /// What was found.
    ///
    /// @param start counted as Java counts, as is the end
    private record Found(String text, int start, int end, Value value) {}

    private record Regex(Pattern pattern, boolean isGlobal, boolean skipsEmpty, List<Optional<String>> names) {
        /// @param regex a text, or an array of it and flags
        static Regex of(Value regex, Value flags) {
            if (regex instanceof Value.Items(List<Value> both) && !both.isEmpty()) {
                return of(both.getFirst(), both.size() > 1 ? both.get(1) : flags);
            }
            if (!(regex instanceof Value.Text(String expression))) {
                throw new JqException(JqException.shown(regex) + " cannot be matched, as it is not a string");
            }
            String given = flags(flags);
            String inner = "";
            boolean isGlobal = false;
            boolean skipsEmpty = false;
            for (char flag : given.toCharArray()) {
                switch (flag) {
                    case 'g' -> isGlobal = true;
                    case 'n' -> skipsEmpty = true;
                    case 'i' -> inner += "i";
                    case 'p' -> inner += "s";
                    // `s` makes ^ and $ the ends of the text, as they are anyway
                    case 's', 'x', 'l' -> {}
                    default -> throw new JqException("unsupported regular expression flag: " + JqException.shown(Value.of(given)));
                }
            }
            String readable = given.indexOf('x') >= 0 ? withoutBlanks(expression) : expression;
            Pattern pattern = compile(inner.isEmpty() ? readable : "(?" + inner + ")" + readable, regex);
            List<Optional<String>> names = new ArrayList<>();
            for (int i = 0; i <= pattern.groupCount(); i++) {
                names.add(Optional.empty());
            }
            pattern.namedGroups().forEach((name, group) -> names.set(group, Optional.of(name)));
            return new Regex(pattern, isGlobal, skipsEmpty, names);
        }

        private static Pattern compile(String expression, Value regex) {
            Pattern known = PATTERNS.get(expression);
            if (known != null) {
                return known;
            }
            if (RegexSize.of(expression) > RegexSize.MAX) {
                throw new JqException(JqException.shown(regex) + " is not a valid regex: its repetitions are too many");
            }
            try {
                // jq writes named groups as Oniguruma does
                Pattern compiled = Pattern.compile(expression.replaceAll("\\(\\?<(?=[A-Za-z_])", "(?P<"));
                if (PATTERNS.size() < PATTERNS_MAX) {
                    PATTERNS.put(expression, compiled);
                }
                return compiled;
            } catch (PatternSyntaxException wrong) {
                throw new JqException(JqException.shown(regex) + " (at offset 0) is not a valid regex: " + wrong.getDescription());
            }
        }

        private static String withoutBlanks(String expression) {
            StringBuilder kept = new StringBuilder();
            boolean inSet = false;
            for (int i = 0; i < expression.length(); i++) {
                char c = expression.charAt(i);
                if (c == '\\' && i + 1 < expression.length()) {
                    kept.append(c).append(expression.charAt(++i));
                } else if (c == '#' && !inSet) {
                    int end = expression.indexOf('\n', i);
                    i = end < 0 ? expression.length() : end;
                } else if (inSet || !Character.isWhitespace(c)) {
                    inSet = c == '[' || inSet && c != ']';
                    kept.append(c);
                }
            }
            return kept.toString();
        }

        void each(Run run, String text, Consumer<Found> output) {
            Matcher matcher = pattern.matcher(text);
            int at = 0;
            while (at <= text.length() && matcher.find(at)) {
                run.step();
                if (!skipsEmpty || matcher.end() > matcher.start()) {
                    output.accept(found(text, matcher));
                }
                if (!isGlobal) {
                    return;
                }
                at = matcher.end() > matcher.start() ? matcher.end()
                        : matcher.end() < text.length() ? text.offsetByCodePoints(matcher.end(), 1) : text.length() + 1;
            }
        }

        private Found found(String text, Matcher matcher) {
            SequencedMap<String, Value> match = part(text, matcher, 0);
            List<Value> captures = new ArrayList<>();
            for (int group = 1; group <= matcher.groupCount(); group++) {
                SequencedMap<String, Value> capture = part(text, matcher, group);
                capture.put("name", names.get(group).map(Value::of).orElse(Value.NULL));
                captures.add(new Value.Members(capture));
            }
            match.put("captures", new Value.Items(captures));
            return new Found(text, matcher.start(), matcher.end(), new Value.Members(match));
        }

        private static SequencedMap<String, Value> part(String text, Matcher matcher, int group) {
            SequencedMap<String, Value> part = new LinkedHashMap<>();
            String string = matcher.group(group);
            part.put("offset", Value.of(string == null ? -1L : text.codePointCount(0, matcher.start(group))));
            part.put("length", Value.of(string == null ? 0L : string.codePointCount(0, string.length())));
            part.put("string", string == null ? Value.NULL : Value.of(string));
            return part;
        }

        /// The named groups of what was found.
        Value captures(Found found) {
            SequencedMap<String, Value> named = new LinkedHashMap<>();
            List<Value> captures = ((Value.Items) ((Value.Members) found.value).member("captures")).items();
            for (int group = 1; group < names.size(); group++) {
                Value string = ((Value.Members) captures.get(group - 1)).member("string");
                names.get(group).ifPresent(name -> named.put(name, string));
            }
            return new Value.Members(named);
        }
    }

    private static void given(Run run, Scope scope, Value input, Filter regex, Filter flags, Consumer<Regex> use) {
        flags.run(run, scope, Path.NONE, input, (_, given) -> regex.run(run, scope, Path.NONE, input, (_, expression) ->
                use.accept(Regex.of(expression, given))));
    }

    private static Filter substitute(Filter regex, Filter replacement, Optional<Filter> flags, String more) {
        Filter none = (_, _, _, _, output) -> output.emit(Path.NONE, Value.NULL);
        return (run, scope, path, input, output) -> flags.orElse(none).run(run, scope, Path.NONE, input, (_, given) ->
                regex.run(run, scope, Path.NONE, input, (_, expression) -> {
                    Regex found = Regex.of(expression, Value.of(flags(given) + more));
                    String text = text(input);
                    List<Found> all = new ArrayList<>();
                    found.each(run, text, all::add);
                    replace(run, scope, text, found, all, replacement, 0, 0, "", result -> output.emit(path.lost(), Value.of(result)));
                }));
    }

    /// A result for each combination of what the replacement gives.
    private static void replace(Run run, Scope scope, String text, Regex regex, List<Found> all, Filter replacement, int at, int from, String before,
            Consumer<String> output) {
        run.makes(2L * (before.length() + (long) text.length()));
        if (at == all.size()) {
            output.accept(before + text.substring(from));
            return;
        }
        Found found = all.get(at);
        List<Value> replacements = Iteration.collect(run, scope, replacement, regex.captures(found));
        for (Value one : replacements) {
            if (!(one instanceof Value.Text(String with))) {
                throw new JqException(JqException.shown(one) + " cannot be added to a string");
            }
            if (replacements.size() == 1) {
                // no branches: on in a loop, whatever the number of matches
                StringBuilder built = new StringBuilder(before).append(text, from, found.start).append(with);
                int next = at + 1;
                int end = found.end;
                while (next < all.size()) {
                    List<Value> following = Iteration.collect(run, scope, replacement, regex.captures(all.get(next)));
                    if (following.size() != 1 || !(following.getFirst() instanceof Value.Text(String following1))) {
                        break;
                    }
                    built.append(text, end, all.get(next).start).append(following1);
                    run.grows(2L * built.length());
                    end = all.get(next).end;
                    next++;
                }
                replace(run, scope, text, regex, all, replacement, next, end, built.toString(), output);
            } else {
                replace(run, scope, text, regex, all, replacement, at + 1, found.end, before + text.substring(from, found.start) + with, output);
            }
        }
    }
}
