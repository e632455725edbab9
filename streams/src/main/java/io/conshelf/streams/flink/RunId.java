package io.conshelf.streams.flink;

import io.conshelf.streams.expression.RuntimeFault;
import io.conshelf.streams.input.DataError;
import java.io.Serializable;
import org.apache.flink.runtime.execution.SuppressRestartsException;

/// Names a job from its start until it is started anew; going on from a checkpoint keeps it. What its tasks count in this process is found by it.
record RunId(String text) implements Serializable {
    RunCounters counters() {
        return RunCounters.of(this);
    }

    /// What ends the job for good.
    RuntimeException fault(RuntimeFault fault) {
        counters().runtimeError(new DataError("", DataError.RUNTIME, fault.getMessage(), fault.event()));
        return new SuppressRestartsException(new JobFault(fault.told()));
    }
}
