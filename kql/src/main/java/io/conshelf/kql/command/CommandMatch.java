package io.conshelf.kql.command;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/// A text recognised as a command.
///
/// @param words the keywords met, in lower case, so that a handler can ask for `async` or `ifnotexists`
/// @param pipe  where in the text operators over the result begin, at the bar: `.show tables | count`, and so behind
///              `; $command_results`; empty where there are none
public record CommandMatch(
        CommandSyntax command, String text, List<CommandArgument> arguments, Set<String> words, OptionalInt pipe) {
    public CommandMatch {
        arguments = List.copyOf(arguments);
        words = Set.copyOf(words);
    }

    public boolean has(String word) {
        return words.contains(word.toLowerCase(Locale.ROOT));
    }

    public Optional<CommandArgument> find(String name) {
        return arguments.stream().filter(a -> a.name().equals(name)).findFirst();
    }

    /// The text of an argument that the grammar makes sure is there.
    public String text(String name) {
        return find(name)
                .orElseThrow(() -> new IllegalStateException(command.name() + " has no argument '" + name + "'"))
                .text();
    }

    public List<String> texts(String name) {
        return arguments.stream().filter(a -> a.name().equals(name)).map(CommandArgument::text).toList();
    }

    /// The `with (name = value, …)` list: names in lower case, in the order written; the last of two of a name counts.
    public Map<String, CommandArgument> properties() {
        var names = new ArrayList<String>();
        var properties = new LinkedHashMap<String, CommandArgument>();
        for (var argument : arguments) {
            if (argument.name().equals("PropertyName")) {
                names.add(argument.text().toLowerCase(Locale.ROOT));
            } else if (argument.name().equals("PropertyValue") || argument.name().equals("Value") && !names.isEmpty()) {
                properties.put(names.getLast(), argument);
            }
        }
        return properties;
    }
}
