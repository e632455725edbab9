package io.conshelf.engine.command;

import io.conshelf.engine.Errors;
import io.conshelf.engine.ServiceError;
import io.conshelf.kql.command.CommandMatch;
import io.conshelf.kql.command.CommandMatcher.Outcome;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;

/// Errors of commands in the service's words.
final class CommandErrors {
    private static final String EXCEPTIONS = "Kusto.Data.Exceptions.";
    private static final int EXPECTED_SHOWN = 8;

    private CommandErrors() {}

    static ServiceError syntax(String text, Outcome.Refused refused) {
        int line = (int) text.substring(0, refused.position()).chars().filter(c -> c == '\n').count() + 1;
        int column = refused.position() - text.lastIndexOf('\n', refused.position() - 1);
        int end = Math.min(text.length(), refused.position() + 30);
        var found = refused.position() >= text.length() ? "the end of the text" : "'" + text.substring(refused.position(), end).lines().findFirst().orElse("") + "'";
        var message = refused.isKnownVerb()
                ? "Syntax error: SYN0002: The management command could not be parsed at " + found + " on line [" + line + ","
                        + column + "]" + (refused.expected().isEmpty() ? "" : ": expected " + expected(refused.expected()))
                : "Syntax error: SYN0002: " + found + " on line [" + line + "," + column + "] begins no management command";
        var place = message + " [line:position=" + line + ":" + column + "]";
        return new ServiceError(
                400, "General_BadRequest", EXCEPTIONS + "KustoBadRequestException",
                "Request is invalid and cannot be processed: " + place, true,
                Optional.of(new ServiceError.Inner("SYN0002", EXCEPTIONS + "SyntaxException", place)));
    }

    private static String expected(List<String> expected) {
        var shown = String.join(", ", expected.subList(0, Math.min(EXPECTED_SHOWN, expected.size())));
        return expected.size() > EXPECTED_SHOWN ? shown + " …" : (expected.size() > 1 ? "one of " : "") + shown;
    }

    static ServiceError notBuilt(CommandMatch match) {
        return Errors.notSupported("the management command " + match.command().name() + " ('"
                + firstWords(match.command().notation()) + " …') "
                + match.command().refusal().map(reason -> "is refused: " + reason).orElse("is not built"));
    }

    /// The keywords a command begins with.
    private static String firstWords(String notation) {
        int end = 0;
        while (end < notation.length() && "[({<='".indexOf(notation.charAt(end)) < 0) {
            end++;
        }
        var words = notation.substring(0, end).strip();
        boolean endsInArgumentName = end < notation.length() && notation.charAt(end) == '=';
        return endsInArgumentName ? words.substring(0, Math.max(0, words.lastIndexOf(' '))) : words;
    }

    static ServiceError notWithin(CommandMatch match) {
        return Errors.badRequest("the management command " + match.command().name() + " ('"
                + firstWords(match.command().notation())
                + " …') cannot stand after '<|'; a query, or a '.show' command, can.");
    }

    static ServiceError unknownProperty(CommandMatch match, String name, Set<String> known) {
        return Errors.notSupported("the property '" + name + "' of " + match.command().name()
                + (known.isEmpty() ? ", which takes none" : "; known are " + String.join(", ", new TreeSet<>(known))));
    }

    static ServiceError operationCancelled(UUID operation, String reason) {
        return new ServiceError(
                400, "General_BadRequest", EXCEPTIONS + "KustoRequestCancelledException",
                "The operation " + operation + " was canceled" + (reason.isEmpty() ? "" : ": " + reason) + ".", true, Optional.empty());
    }

    static ServiceError badArgument(CommandMatch match, String argument, String problem) {
        return Errors.badRequest(match.command().name() + ": " + argument + ": " + problem);
    }
}
