package io.conshelf.cli;

import io.conshelf.cli.output.TerminalText;
import io.conshelf.connectors.definition.Located;
import io.conshelf.connectors.definition.Problem;
import io.conshelf.streams.job.Project;
import io.conshelf.streams.query.Diagnostic;
import io.conshelf.streams.query.Span;
import io.conshelf.streams.run.ReadyJob;
import io.conshelf.streams.script.ScriptFunctions;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Shows what is wrong with a query where it stands: the place, the line, and a caret under it.
final class QueryText {
    private static final int LINE_MAX = 160;

    private final String file;
    private final List<String> lines;

    QueryText(Project project) {
        String place = project.queryFile().file() + (project.queryFile().path().isEmpty() ? "" : ": " + project.queryFile().path());
        this.file = place;
        this.lines = project.job().query().lines().toList();
    }

    String shown(Diagnostic diagnostic) {
        String kind = diagnostic.isError() ? "error" : "warning";
        Span span = diagnostic.span();
        if (span.startLine() < 1 || span.startLine() > lines.size()) {
            return file + ": " + kind + ": " + diagnostic.message();
        }
        String line = lines.get(span.startLine() - 1).replace('\t', ' ');
        int start = Math.clamp(span.startColumn() - 1, 0, line.length());
        int end = span.endLine() == span.startLine() ? Math.clamp(span.endColumn() - 1, start, line.length()) : line.length();
        // Of a long line, what is around the place.
        int from = start < LINE_MAX ? 0 : start - LINE_MAX / 2;
        String part = line.substring(from, Math.min(line.length(), from + LINE_MAX));
        int carets = Math.clamp(end - start, 1, Math.max(1, part.length() - (start - from)));
        String number = String.valueOf(span.startLine());
        return file + ":" + span.startLine() + ":" + span.startColumn() + ": " + kind + ": " + diagnostic.message() + "\n"
                + "  " + number + " | " + TerminalText.printable(part) + "\n"
                + "  " + " ".repeat(number.length()) + " | " + " ".repeat(start - from) + "^".repeat(carets);
    }

    /// Everything that keeps a job from running: what is wrong with its query, and with its functions where they stand.
    static String told(Project project, ReadyJob.NotReady notReady) {
        QueryText text = new QueryText(project);
        return Stream.concat(notReady.problems().stream().map(text::shown), notReady.scripts().stream().map(problem -> problem(project, problem).toString()))
                .collect(Collectors.joining("\n"));
    }

    static Problem problem(Project project, ScriptFunctions.Problem script) {
        Located place = project.script(script.function());
        return new Problem(place.file(), Stream.of(place.path(), script.place()).filter(part -> !part.isEmpty()).collect(Collectors.joining(": ")), script.message());
    }
}
