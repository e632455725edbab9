package io.conshelf.processor.stage;

import io.conshelf.processor.value.Value;
import java.time.Instant;

/// A message between two stages.
///
/// @param content  all that a stage sees: payload, topic, systemProperties … under the names that the service documents
/// @param partition in which it stays from its source to its destination, with its order
/// @param received when it came in, by the clock of the run; of what a window hands on, the window's end
public record Message(Value content, Partition partition, Instant received) {
    /// @param key the logical partition, whose state stages keep apart: the partition key, or with another strategy the number as text
    public record Partition(int number, String key) {}

    public Message with(Value changed) {
        return new Message(changed, partition, received);
    }
}
