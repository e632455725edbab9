package io.conshelf.kql.command;

import io.conshelf.kql.command.CommandScanner.Piece;
import io.conshelf.kql.syntax.Span;
import io.conshelf.kql.type.Type;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/// Finds the command a text is.
public final class CommandMatcher {
    /// Separates the database from the table in an argument of kind `database_table`: no name holds it.
    public static final char PATH_SEPARATOR = '\u0000';

    private static final Map<String, CommandGrammar> GRAMMARS = new ConcurrentHashMap<>();
    private static final int NESTING_MAX = 200;
    private static final int FEW = 8;
    private static final TreeSet<String> NOTHING = new TreeSet<>();
    private static final String RESULTS = "$command_results";

    /// What was found, or how far the text made sense and what would have gone on.
    public sealed interface Outcome {
        record Found(CommandMatch match) implements Outcome {}

        /// No command reads so.
        ///
        /// @param position    where reading stopped, as a UTF-16 offset
        /// @param expected    what could have stood there, for people
        /// @param isKnownVerb the first word begins some command
        record Refused(int position, List<String> expected, boolean isKnownVerb) implements Outcome {}
    }

    private final CommandScanner scanner;
    private final String text;
    private int furthest;
    /// What would have gone on from a place of the text, of the commands that are built.
    private final TreeMap<Integer, TreeSet<String>> expected = new TreeMap<>();
    private final int afterVerb;
    private boolean isSecondWordKnown;
    private boolean isBuilt;

    private CommandMatcher(String text) {
        this.text = text;
        this.scanner = new CommandScanner(text);
        int end = scanner.skipBlanks(0) + 1;
        while (end < text.length() && (Character.isLetter(text.charAt(end)) || text.charAt(end) == '-')) {
            end++;
        }
        this.afterVerb = scanner.skipBlanks(end);
    }

    /// Whether a text is a management command and not a query: its first character that counts is a dot.
    public static boolean isCommand(String text) {
        int start = new CommandScanner(text).skipBlanks(0);
        return start < text.length() && text.charAt(start) == '.';
    }

    public static Outcome match(String text, CommandCatalogue catalogue) {
        return new CommandMatcher(text).match(catalogue);
    }

    /// Everything read on one way through a grammar.
    private record State(int position, List<CommandArgument> arguments, List<String> words) {
        State at(int next) {
            return new State(next, arguments, words);
        }

        State with(CommandArgument argument) {
            var more = new ArrayList<>(arguments);
            more.add(argument);
            return new State(position, more, words);
        }

        State withWord(String word, int next) {
            var more = new ArrayList<>(words);
            more.add(word);
            return new State(next, arguments, more);
        }
    }

    private Outcome match(CommandCatalogue catalogue) {
        Optional<CommandMatch> best = Optional.empty();
        int bestWords = -1;
        String verb = verb();
        // A verb that no command has ends the reading behind the dot.
        furthest = scanner.skipBlanks(0) + 1;
        for (var command : catalogue.all()) {
            if (!mayBegin(command.notation(), verb)) {
                continue;
            }
            isBuilt = command.refusal().isEmpty();
            var grammar = GRAMMARS.computeIfAbsent(command.notation(), CommandGrammar::of);
            var found = match(grammar, new State(0, List.of(), List.of()), 0, end(command));
            if (found.isPresent() && found.get().words().size() > bestWords) {
                best = Optional.of(toMatch(command, found.get()));
                bestWords = found.get().words().size();
            }
        }
        return best.<Outcome>map(Outcome.Found::new)
                .orElseGet(this::refused);
    }

    private String verb() {
        int dot = scanner.skipBlanks(0);
        int start = scanner.skipBlanks(dot + 1);
        int end = start;
        while (end < text.length() && (Character.isLetterOrDigit(text.charAt(end)) || text.charAt(end) == '-')) {
            end++;
        }
        return start < text.length() ? text.substring(start, end) : "";
    }

    /// Most commands are told apart by their first word, which is cheaper to compare than a grammar is to try.
    private static boolean mayBegin(String notation, String verb) {
        boolean isWord = notation.length() > 1 && Character.isLetter(notation.charAt(1));
        return !isWord || notation.startsWith(verb.toLowerCase(Locale.ROOT), 1)
                && (notation.length() == verb.length() + 1 || !isPartOfWord(notation.charAt(verb.length() + 1)));
    }

    private static boolean isPartOfWord(char c) {
        return Character.isLetterOrDigit(c) || c == '-';
    }

    private Outcome.Refused refused() {
        boolean isKnownVerb = furthest > scanner.skipBlanks(0) + 1;
        if (expected.isEmpty()) {
            return new Outcome.Refused(furthest, List.of(), isKnownVerb);
        }
        // A word that no command goes on with is not taken for the name that a few have there.
        boolean isSecondWord = !isSecondWordKnown && expected.getOrDefault(afterVerb, NOTHING).size() > FEW;
        var place = isSecondWord ? afterVerb : expected.lastKey();
        return new Outcome.Refused(place, List.copyOf(expected.get(place)), isKnownVerb);
    }

    /// A command ends at the end of the text; the result of `.show` may be piped into a query.
    private Function<State, Optional<State>> end(CommandSyntax command) {
        boolean pipes = command.notation().startsWith(".show");
        return state -> {
            int at = scanner.skipBlanks(state.position());
            if (at >= text.length() || (pipes && text.charAt(at) == '|')) {
                return Optional.of(state.at(at));
            }
            if (text.charAt(at) == ';') {
                return afterSemicolon(state, at + 1);
            }
            miss(at, "the end of the command");
            return Optional.empty();
        };
    }

    /// After a semicolon the results may be named and gone on with: `; $command_results | count`.
    private Optional<State> afterSemicolon(State state, int from) {
        if (scanner.isAtEnd(from)) {
            return Optional.of(state.at(text.length()));
        }
        var results = scanner.name(from).filter(name -> name.text().equals(RESULTS));
        if (results.isPresent() && scanner.isAtEnd(results.get().end())) {
            return Optional.of(state.at(text.length()));
        }
        var bar = results.flatMap(name -> scanner.mark(name.end(), "|"));
        if (bar.isEmpty()) {
            miss(from, RESULTS);
            return Optional.empty();
        }
        return Optional.of(state.at(bar.get().end() - 1));
    }

    private CommandMatch toMatch(CommandSyntax command, State state) {
        var pipe = state.position() < text.length() ? OptionalInt.of(state.position()) : OptionalInt.empty();
        return new CommandMatch(command, text, state.arguments(), new HashSet<>(state.words()), pipe);
    }

    private void miss(int position, String what) {
        int at = scanner.skipBlanks(position);
        furthest = Math.max(furthest, at);
        if (isBuilt) {
            expected.computeIfAbsent(at, _ -> new TreeSet<>()).add(what);
        }
    }

    /// Tries a grammar and then what follows it, so that a choice made too early is taken back.
    private Optional<State> match(CommandGrammar grammar, State state, int depth, Function<State, Optional<State>> next) {
        if (depth > NESTING_MAX) {
            return Optional.empty();
        }
        return switch (grammar) {
            case CommandGrammar.Word(String word) -> {
                var piece = scanner.word(state.position(), word);
                if (piece.isEmpty()) {
                    miss(state.position(), word);
                    yield Optional.empty();
                }
                isSecondWordKnown |= isBuilt && scanner.skipBlanks(state.position()) == afterVerb;
                yield next.apply(state.withWord(piece.get().text(), piece.get().end()));
            }
            case CommandGrammar.Mark(String mark) -> {
                var piece = scanner.mark(state.position(), mark);
                if (piece.isEmpty()) {
                    miss(state.position(), "'" + mark + "'");
                    yield Optional.empty();
                }
                yield next.apply(state.at(piece.get().end()));
            }
            case CommandGrammar.Value(String kind) -> value("", kind, state, next);
            case CommandGrammar.Named(String name, CommandGrammar.Value(String kind)) -> value(name, kind, state, next);
            case CommandGrammar.Named(String name, CommandGrammar part) -> {
                int start = scanner.skipBlanks(state.position());
                yield match(part, state, depth + 1, after -> next.apply(
                        name.isEmpty() || after.position() <= start || isArgument(part, state, after)
                                ? renamed(name, state, after)
                                : after.with(new CommandArgument(
                                        name, "word", lastWord(after), new Span(start, after.position() - start), false))));
            }
            case CommandGrammar.Sequence(List<CommandGrammar> parts) -> sequence(parts, 0, state, depth, next);
            case CommandGrammar.Choice(List<CommandGrammar> alternatives) -> {
                for (var alternative : alternatives) {
                    var found = match(alternative, state, depth + 1, next);
                    if (found.isPresent()) {
                        yield found;
                    }
                }
                yield Optional.empty();
            }
            case CommandGrammar.Maybe(CommandGrammar part) ->
                match(part, state, depth + 1, next).or(() -> next.apply(state));
            case CommandGrammar.Repeated repeated -> repeated(repeated, state, depth, next);
        };
    }

    private static boolean isArgument(CommandGrammar part, State before, State after) {
        return after.arguments().size() > before.arguments().size();
    }

    /// Gives arguments that a choice read without a name of their own the name of the choice.
    private static State renamed(String name, State before, State after) {
        var arguments = new ArrayList<>(after.arguments());
        for (int i = before.arguments().size(); i < arguments.size(); i++) {
            var argument = arguments.get(i);
            if (argument.name().isEmpty()) {
                arguments.set(i, new CommandArgument(
                        name, argument.kind(), argument.text(), argument.span(), argument.isObfuscated()));
            }
        }
        return new State(after.position(), arguments, after.words());
    }

    private static String lastWord(State state) {
        return state.words().isEmpty() ? "" : state.words().getLast();
    }

    private Optional<State> sequence(
            List<CommandGrammar> parts, int index, State state, int depth, Function<State, Optional<State>> next) {
        if (index == parts.size()) {
            return next.apply(state);
        }
        return match(parts.get(index), state, depth + 1, after -> sequence(parts, index + 1, after, depth, next));
    }

    /// Greedy and without going back into earlier elements: lists end where their bracket closes, and may be long.
    private Optional<State> repeated(
            CommandGrammar.Repeated repeated, State state, int depth, Function<State, Optional<State>> next) {
        var current = state;
        int count = 0;
        while (true) {
            var from = current;
            if (count > 0 && repeated.separator().isPresent()) {
                var separator = match(repeated.separator().get(), current, depth + 1, Optional::of);
                if (separator.isEmpty()) {
                    break;
                }
                from = current.at(separator.get().position());
            }
            var element = match(repeated.part(), from, depth + 1, Optional::of);
            if (element.isEmpty() || element.get().position() == current.position()) {
                break;
            }
            current = element.get();
            count++;
        }
        return count == 0 && repeated.atLeastOnce() ? Optional.empty() : next.apply(current);
    }

    private Optional<State> value(String name, String kind, State state, Function<State, Optional<State>> next) {
        var piece = read(kind, state.position());
        if (piece.isEmpty()) {
            miss(state.position(), description(kind));
            return Optional.empty();
        }
        var found = next.apply(taken(name, kind, state, piece.get()));
        if (found.isPresent() || !kind.equals("string")) {
            return found;
        }
        // Literals side by side are one string, unless two strings are wanted: mapping "m" '[' '{…}' ']'.
        return scanner.stringLiteral(state.position())
                .filter(single -> single.end() < piece.get().end())
                .flatMap(single -> next.apply(taken(name, kind, state, single)));
    }

    private State taken(String name, String kind, State state, Piece piece) {
        int start = scanner.skipBlanks(state.position());
        var span = new Span(start, Math.max(0, piece.end() - start));
        return state.with(new CommandArgument(name, kind, piece.text(), span, piece.isObfuscated())).at(piece.end());
    }

    private Optional<Piece> read(String kind, int position) {
        return switch (kind) {
            case "name", "table", "database", "function", "materializedview", "externaltable", "column", "graph_model",
                    "entitygroup" ->
                scanner.name(position).or(() -> scanner.string(position));
            case "database_table", "database_materializedview", "table_column", "database_table_column",
                    "qualified_name", "graph_model_snapshot" -> scanner.path(position, PATH_SEPARATOR);
            case "wildcarded_name", "qualified_wildcarded_name" -> scanner.wildcardName(position);
            case "type" -> scanner.name(position).filter(piece -> Type.named(piece.text()).isPresent());
            case "string" -> scanner.string(position)
                    .or(() -> scanner.balanced(position, '{', '}'))
                    .or(() -> scanner.balanced(position, '[', ']'));
            case "in_parentheses" -> scanner.balanced(position, '(', ')');
            case "bracketed_string" -> scanner.name(position).or(() -> scanner.string(position));
            case "principal" -> scanner.string(position).or(() -> scanner.until(position, ",)"));
            case "notes" -> scanner.string(position).or(() -> scanner.until(position, "|"));
            case "value" -> scanner.string(position)
                    .or(() -> scanner.typedLiteral(position))
                    .or(() -> scanner.run(position))
                    .or(() -> scanner.balanced(position, '[', ']'))
                    .or(() -> scanner.balanced(position, '{', '}'));
            case "timespan" -> scanner.typedLiteral(position).or(() -> scanner.run(position));
            case "datetime" -> scanner.typedLiteral(position);
            case "guid" -> scanner.typedLiteral(position).or(() -> scanner.run(position)).or(() -> scanner.string(position));
            case "long", "int" -> scanner.run(position).filter(piece -> piece.text().matches("[-+]?[0-9]+"));
            case "bool" -> scanner.run(position).filter(piece -> piece.text().matches("(?i)true|false|0|1"));
            case "input_query", "input_data", "input_script" -> inputText(position);
            case "bracketed_input_data" -> upToClosingBracket(position);
            case "function_body" -> scanner.balanced(position, '{', '}');
            case "function_declaration" -> scanner.balanced(position, '(', ')')
                    .flatMap(parameters -> scanner.balanced(parameters.end(), '{', '}')
                            .map(body -> new Piece(parameters.text() + " " + body.text(), body.end())));
            default -> throw new IllegalStateException("commands.txt has an unknown kind of argument: " + kind);
        };
    }

    /// The rest of the text; inside `{ … }` up to the brace that closes.
    private Optional<Piece> inputText(int position) {
        int before = position - 1;
        while (before >= 0 && Character.isWhitespace(text.charAt(before))) {
            before--;
        }
        if (before >= 0 && text.charAt(before) == '{') {
            return scanner.balanced(before, '{', '}')
                    .map(body -> new Piece(body.text().substring(1, body.text().length() - 1), body.end() - 1));
        }
        return scanner.rest(position);
    }

    private Optional<Piece> upToClosingBracket(int position) {
        int close = text.lastIndexOf(']');
        return close < position ? Optional.empty() : Optional.of(new Piece(text.substring(position, close), close));
    }

    private static String description(String kind) {
        return switch (kind) {
            case "string" -> "a string";
            case "name", "table", "database", "function", "column" -> "a " + kind + (kind.equals("name") ? "" : " name");
            case "type" -> "a column type";
            case "value" -> "a value";
            case "input_query" -> "a query";
            default -> "a " + kind.replace('_', ' ');
        };
    }
}
