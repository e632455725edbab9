package io.conshelf.cli.eval;

import io.conshelf.factory.expression.ExpressionEval;
import io.conshelf.kql.bind.KqlBindEval;
import io.conshelf.processor.eval.ProcessorEval;
import io.conshelf.streams.local.StreamEval;
import java.time.Clock;

/// Answers the cases of one suite, line by line. An answer is one JSON object with the case's `id`, and never an exception.
public interface Suite extends AutoCloseable {
    String answer(String line);

    @Override
    default void close() {
        // most suites hold nothing
    }

    /// @throws IllegalArgumentException when there is no such suite
    static Suite open(String name) {
        return switch (name) {
            case "expressions" -> ExpressionEval::answer;
            case "kql-bind" -> new KqlBindEval(new CommandVerdict())::evaluate;
            case "commands" -> CommandSuite.start();
            case "stream" -> new StreamEval(Clock.systemUTC())::answer;
            case "processor" -> ProcessorEval::answer;
            case "dataflow" ->
                throw new IllegalArgumentException("the suite '" + name + "' is not built yet");
            default ->
                throw new IllegalArgumentException("there is no suite '" + name + "'; suites are expressions, kql-bind, commands, stream and processor");
        };
    }
}
