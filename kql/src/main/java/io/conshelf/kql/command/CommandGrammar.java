package io.conshelf.kql.command;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// One grammar of `commands.txt` as a tree. The notation is explained at the top of that file.
sealed interface CommandGrammar {
    /// A keyword, in any case: `table`, `.create-merge`.
    record Word(String text) implements CommandGrammar {}

    /// Punctuation: `(`, `<|`.
    record Mark(String text) implements CommandGrammar {}

    /// An argument of a kind such as `name` or `string`.
    record Value(String kind) implements CommandGrammar {}

    /// What the part inside matched is an argument of this name.
    record Named(String name, CommandGrammar part) implements CommandGrammar {}

    record Sequence(List<CommandGrammar> parts) implements CommandGrammar {}

    record Choice(List<CommandGrammar> alternatives) implements CommandGrammar {}

    record Maybe(CommandGrammar part) implements CommandGrammar {}

    /// `part` again and again, with a separator between where there is one.
    record Repeated(CommandGrammar part, Optional<CommandGrammar> separator, boolean atLeastOnce) implements CommandGrammar {}

    static CommandGrammar of(String notation) {
        var reader = new Reader(notation);
        var grammar = reader.choice();
        if (!reader.isAtEnd()) {
            throw new IllegalStateException("grammar has text left over at " + reader.position + ": " + notation);
        }
        return grammar;
    }

    /// Reads the notation by recursive descent.
    final class Reader {
        private final String text;
        private int position;

        private Reader(String text) {
            this.text = text;
        }

        private boolean isAtEnd() {
            while (position < text.length() && text.charAt(position) == ' ') {
                position++;
            }
            return position == text.length();
        }

        private boolean take(char c) {
            if (!isAtEnd() && text.charAt(position) == c) {
                position++;
                return true;
            }
            return false;
        }

        private void require(char c) {
            if (!take(c)) {
                throw new IllegalStateException("grammar lacks '" + c + "' at " + position + ": " + text);
            }
        }

        private CommandGrammar choice() {
            var alternatives = new ArrayList<CommandGrammar>();
            do {
                alternatives.add(sequence());
            } while (take('|'));
            return alternatives.size() == 1 ? alternatives.getFirst() : new Choice(List.copyOf(alternatives));
        }

        private CommandGrammar sequence() {
            var parts = new ArrayList<CommandGrammar>();
            while (!isAtEnd() && "|)]},".indexOf(text.charAt(position)) < 0) {
                parts.add(part());
            }
            return parts.size() == 1 ? parts.getFirst() : new Sequence(List.copyOf(parts));
        }

        private CommandGrammar part() {
            if (take('[')) {
                var inner = choice();
                require(']');
                return new Maybe(inner);
            }
            if (take('(')) {
                var inner = choice();
                require(')');
                return take('?') ? new Maybe(inner) : inner;
            }
            if (take('{')) {
                return repeated();
            }
            if (take('<')) {
                var kind = text.substring(position, text.indexOf('>', position));
                position += kind.length() + 1;
                return new Value(kind);
            }
            if (take('\'')) {
                var mark = text.substring(position, text.indexOf('\'', position + 1));
                position += mark.length() + 1;
                return mark.chars().allMatch(c -> Character.isLetter(c) || c == '-' || c == '!')
                        ? new Word(mark)
                        : new Mark(mark);
            }
            return wordOrName();
        }

        private CommandGrammar repeated() {
            var inner = choice();
            var separator = take(',') ? Optional.of(part()) : Optional.<CommandGrammar>empty();
            require('}');
            return new Repeated(inner, separator, take('+'));
        }

        private CommandGrammar wordOrName() {
            int start = position;
            while (position < text.length() && " |()[]{}<>',=".indexOf(text.charAt(position)) < 0) {
                position++;
            }
            if (position == start) {
                throw new IllegalStateException("grammar has an unexpected character at " + position + ": " + text);
            }
            var word = text.substring(start, position);
            return take('=') ? new Named(word, part()) : new Word(word);
        }
    }
}
