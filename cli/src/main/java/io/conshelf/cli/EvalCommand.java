package io.conshelf.cli;

import io.conshelf.cli.eval.Suite;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// `conshelf eval`: conformance cases, one JSON line in, one out.
@Command(
        name = "eval",
        description = "Evaluates conformance cases: JSON lines on standard input, one answer a line on standard output.",
        mixinStandardHelpOptions = true)
final class EvalCommand implements Runnable {
    @Parameters(paramLabel = "SUITE", description = "commands, expressions, kql-bind, processor or stream")
    private String suite;

    @Override
    public void run() {
        // Libraries may print; the answers are to stand alone on standard output.
        PrintStream answers = System.out;
        System.setOut(new PrintStream(OutputStream.nullOutputStream()));
        try (var cases = Suite.open(suite);
                var lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
                var out = new PrintStream(answers, false, StandardCharsets.UTF_8)) {
            for (var line = lines.readLine(); line != null; line = lines.readLine()) {
                if (!line.isBlank()) {
                    out.print(cases.answer(line) + "\n");
                    out.flush();
                }
            }
        } catch (IOException e) {
            throw new CommandFailure("cannot read the cases: " + e.getMessage(), e);
        } catch (IllegalArgumentException e) {
            throw new CommandFailure(e.getMessage(), e);
        }
    }
}
