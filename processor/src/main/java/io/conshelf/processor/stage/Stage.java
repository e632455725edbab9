package io.conshelf.processor.stage;

import io.conshelf.processor.value.Value;
import java.time.Instant;
import java.util.Optional;

/// A stage between source and destination, at work on one physical partition. It belongs to one thread, reads no clock, and knows nothing of who runs it.
public interface Stage extends AutoCloseable {
    /// Takes a message and hands on what comes of it, in order.
    ///
    /// @throws StageException where it can make nothing of this message: it is dropped, counted and kept aside, and the next one comes
    void accept(Message message, Output output) throws StageException, InterruptedException;

    /// Time has passed: windows that have ended are handed on.
    default void advance(Instant now, Output output) throws InterruptedException {}

    /// When [#advance] has something to do, if no message comes.
    default Optional<Instant> due() {
        return Optional.empty();
    }

    /// What it remembers of messages, so that a run can go on after a restart; [Value#NULL] where it remembers nothing.
    default Value state() {
        return Value.NULL;
    }

    /// @param state of the same stage of an earlier run; called before all else
    default void restore(Value state) {}

    @Override
    default void close() {}

    /// What takes a stage's results.
    interface Output {
        void emit(Message message) throws InterruptedException;

        /// A fault that costs no message, such as a value of a wrong type that an aggregate skips.
        void fault(String code, String message);
    }
}
