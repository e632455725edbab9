package io.conshelf.streams.expression;

import io.conshelf.streams.aggregate.Aggregation;
import io.conshelf.streams.value.Row;
import io.conshelf.streams.value.Value;
import java.io.Serializable;
import java.util.List;

/// The functions that a job brings along, `udf.name` and `uda.name`. Travels with the plan; what it opens belongs to one thread.
public interface JobFunctions extends Serializable {
    JobFunctions NONE = new None();

    /// @param name whatever the case
    Scalar scalar(String name);

    /// @param arguments over a row
    Aggregation<?> aggregate(String name, List<Evaluator> arguments);

    /// All that is defined by this name, as text: where it is another, so is what was made with it.
    ///
    /// @param name whatever the case
    String definitions(String name);

    @FunctionalInterface
    interface Scalar {
        /// @throws FunctionFault where the function fails
        Value call(Value[] arguments);
    }

    /// What a function of the job says when it fails. It ends the job.
    final class FunctionFault extends RuntimeException {
        private final int line;
        private final int column;

        public FunctionFault(String message) {
            this(message, 0, 0);
        }

        /// @param line   of the script, from 1; 0 where none is known
        /// @param column from 1; 0 where none is known
        public FunctionFault(String message, int line, int column) {
            super(message);
            this.line = line;
            this.column = column;
        }

        public int line() {
            return line;
        }

        public int column() {
            return column;
        }
    }

    final class None implements JobFunctions {
        private None() {}

        @Override
        public Scalar scalar(String name) {
            throw new IllegalArgumentException("the job has no function '" + name + "'");
        }

        @Override
        public Aggregation<Row> aggregate(String name, List<Evaluator> arguments) {
            throw new IllegalArgumentException("the job has no aggregate '" + name + "'");
        }

        @Override
        public String definitions(String name) {
            return "";
        }
    }
}
