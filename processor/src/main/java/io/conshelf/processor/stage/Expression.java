package io.conshelf.processor.stage;

import io.conshelf.processor.value.Value;
import java.util.List;

/// An expression of a definition, ready to be asked. Safe for use by several threads.
@FunctionalInterface
public interface Expression {
    /// @return all its results
    /// @throws StageException where it fails, even behind some results, or takes too much
    List<Value> results(Value input) throws StageException;

    /// @throws StageException where it has none, or several
    default Value result(Value input) throws StageException {
        List<Value> results = results(input);
        if (results.size() != 1) {
            throw new StageException("ExpressionResult", "The expression has " + (results.isEmpty() ? "no result" : results.size() + " results") + ", and one is asked for");
        }
        return results.getFirst();
    }
}
