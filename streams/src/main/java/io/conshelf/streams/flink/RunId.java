package io.conshelf.streams.flink;

import io.conshelf.streams.expression.RuntimeFault;
import io.conshelf.streams.query.Span;
import java.io.Serializable;
import org.apache.flink.runtime.execution.SuppressRestartsException;

/// Names a job from its start until it is started anew; going on from a checkpoint keeps it. What its tasks count in this process is found by it.
record RunId(String text) implements Serializable {
    RunCounters counters() {
        return RunCounters.of(this);
    }

    /// What ends the job for good.
    RuntimeException fault(RuntimeFault fault) {
        counters().runtimeErrors.increment();
        return new SuppressRestartsException(new JobFault(message(fault)));
    }

    private static String message(RuntimeFault fault) {
        Span span = fault.span();
        return span.startLine() < 1 || fault.getMessage().contains("At line '") ? fault.getMessage()
                : "%s At line '%d' and column '%d'.".formatted(fault.getMessage(), span.startLine(), span.startColumn());
    }
}
