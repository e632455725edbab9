package io.conshelf.cli;

import io.conshelf.connectors.definition.Spelling;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/// Tells what is wrong with a command line in a line or two: what was found, what was likely meant, and where the rest stands.
final class WrongCommandLine implements IParameterExceptionHandler {
    @Override
    public int handleParseException(ParameterException wrong, String[] arguments) {
        CommandLine line = wrong.getCommandLine();
        line.getErr().println("conshelf: " + message(wrong, line));
        if (wrong instanceof MissingParameterException) {
            line.getErr().println(line.getUsageMessage(CommandLine.Help.Ansi.OFF).lines().takeWhile(text -> !text.isBlank() && !text.equals(description(line)))
                    .collect(Collectors.joining(System.lineSeparator())));
        }
        line.getErr().println("See: " + line.getCommandSpec().qualifiedName() + " --help");
        return line.getCommandSpec().exitCodeOnInvalidInput();
    }

    private static String description(CommandLine line) {
        return String.join(" ", line.getCommandSpec().usageMessage().description());
    }

    private static String message(ParameterException wrong, CommandLine line) {
        if (!(wrong instanceof UnmatchedArgumentException unmatched) || unmatched.getUnmatched().isEmpty()) {
            return wrong.getMessage();
        }
        String found = unmatched.getUnmatched().getFirst();
        String stated = found.replaceFirst("=.*", "");
        String here = line.getCommandSpec().qualifiedName();
        if (unmatched.isUnknownOption()) {
            List<String> options = line.getCommandSpec().options().stream().filter(option -> !option.hidden())
                    .map(CommandLine.Model.OptionSpec::longestName).toList();
            return "'" + here + "' has no option '" + stated + "'" + Spelling.hint(options, stated);
        }
        Collection<String> commands = line.getSubcommands().values().stream().map(CommandLine::getCommandSpec)
                .filter(command -> !command.usageMessage().hidden()).map(CommandLine.Model.CommandSpec::name).toList();
        return commands.isEmpty()
                ? "'" + here + "' takes no further argument, found '" + found + "'"
                : "there is no command '" + here + " " + found + "'" + Spelling.nearest(commands, found).map(name -> "; did you mean '" + here + " " + name + "'?")
                        .orElseGet(() -> "; there are " + commands.stream().sorted().collect(Collectors.joining(", ")));
    }
}
