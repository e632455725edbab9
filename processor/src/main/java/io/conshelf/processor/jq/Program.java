package io.conshelf.processor.jq;

import io.conshelf.processor.jq.Filter.Path;
import io.conshelf.processor.value.Value;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/// A compiled program. Safe for use by several threads.
public final class Program {
    private final Filter filter;

    private Program(Filter filter) {
        this.filter = filter;
    }

    /// Which functions a program may use.
    public enum Mode {
        /// All, within the budget.
        LENIENT,
        /// Not those that the service blocks.
        STRICT
    }

    public static Program compile(String text) throws JqSyntaxException {
        return compile(text, Mode.LENIENT);
    }

    public static Program compile(String text, Mode mode) throws JqSyntaxException {
        JqParsing.Read read = JqParsing.read(text);
        return new Program(new Compiler(read.modules(), mode == Mode.STRICT).compile(read.body(), Names.NONE));
    }

    /// Hands the results on, one by one.
    ///
    /// @throws JqException     where the program fails; what came before has been handed on
    /// @throws Budget.Exceeded where it takes too much
    public void run(Value input, Budget budget, Consumer<Value> output) {
        int[] outputs = {0};
        try {
            Run run = new Run(budget);
            if (filter instanceof Single single) {
                Value value = single.value(run, Scope.EMPTY, input);
                run.checkDepth(value);
                output.accept(value);
                return;
            }
            filter.run(run, Scope.EMPTY, Path.NONE, input, (_, value) -> {
                if (++outputs[0] > budget.outputs()) {
                    throw new Budget.Exceeded("the expression has more than " + budget.outputs() + " results");
                }
                run.checkDepth(value);
                output.accept(value);
            });
        } catch (Scope.Broken _) {
            throw new JqException("break");
        } catch (StackOverflowError | UncheckedIOException tooDeep) {
            throw new Budget.Exceeded("the expression goes too deep");
        }
    }

    /// All results; none where the program fails in the end.
    public List<Value> run(Value input) {
        List<Value> results = new ArrayList<>();
        run(input, Budget.DEFAULT, results::add);
        return results;
    }
}
