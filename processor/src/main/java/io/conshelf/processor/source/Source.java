package io.conshelf.processor.source;

import io.conshelf.processor.value.Value;
import java.time.InstantSource;
import java.util.List;
import java.util.SequencedMap;

/// Where a pipeline's messages come from. It is opened once a run and closed at its end; one thread reads it.
public interface Source extends AutoCloseable {
    /// Reaches the sender: what it sends from now on is not missed. [#next] does so where this was not called.
    ///
    /// @throws SourceException where it cannot be reached just now
    default void open() throws SourceException, InterruptedException {}

    /// Waits for what comes next, and gives all that is there, in order and up to a limit of its own.
    ///
    /// @return empty where nothing will ever come any more
    /// @throws SourceException where nothing can be had just now: the run tells it, waits and asks again; or ever, which ends the run
    List<Arrival> next() throws SourceException, InterruptedException;

    /// The time of receipt of what [#next] gave last: that of the machine, or where messages are played back the time that they tell. It never goes back.
    default InstantSource clock() {
        return InstantSource.system();
    }

    @Override
    void close();

    /// A message as it came.
    ///
    /// @param payload  undecoded
    /// @param envelope what else the message has: topic, qos, packetId, properties, userProperties; empty where the source has none of it
    /// @param delivery tells the sender that it is kept, and knows it again when the sender repeats it
    record Arrival(byte[] payload, SequencedMap<String, Value> envelope, Delivery delivery) {}

    /// One delivery of a message by a sender that repeats what is not acknowledged.
    interface Delivery {
        /// Of a sender that never repeats.
        Delivery ONCE = new Delivery() {
            @Override
            public String identity() {
                return "";
            }

            @Override
            public boolean isRepeated() {
                return false;
            }

            @Override
            public void acknowledge() {}

            @Override
            public boolean isForgotten() {
                return true;
            }
        };

        /// Equal for two deliveries of one message, and as far as the sender allows for no two others; empty where the sender never repeats.
        String identity();

        /// Whether the sender says that it may have delivered it before.
        boolean isRepeated();

        /// Called once all that comes of the message is kept: the sender may forget it. Any thread may. Where the connection is gone the source remembers
        /// it: the sender repeats the message, which is acknowledged then and not given again.
        void acknowledge();

        /// Whether the sender is known to have read the acknowledgement: it will not repeat this message, and another one may have its identity.
        default boolean isForgotten() {
            return false;
        }
    }
}
