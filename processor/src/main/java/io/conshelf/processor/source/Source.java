package io.conshelf.processor.source;

import io.conshelf.processor.value.Value;
import java.time.InstantSource;
import java.util.List;
import java.util.SequencedMap;

/// Where a pipeline's messages come from. It is opened once a run and closed at its end; one thread reads it.
public interface Source extends AutoCloseable {
    /// What a sender that repeats knows when it is reached.
    enum Session {
        /// All that came before: what is not acknowledged it gives again, before anything new.
        RESUMED,
        /// Nothing: identities of deliveries begin anew.
        NEW
    }

    /// Reaches the sender: what it sends from now on is not missed. Called first, and again after each [SourceException].
    ///
    /// @throws SourceException where it cannot be reached just now
    default Session open() throws SourceException, InterruptedException {
        return Session.RESUMED;
    }

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

    /// What tells deliveries of one message from those of others.
    ///
    /// @param number by which the sender calls it, and no other as long as it waits for the acknowledgement
    /// @param digest of what it says
    record Identity(int number, String digest) {
        /// Of a sender that never repeats.
        public static final Identity NONE = new Identity(0, "");

        public boolean isNone() {
            return digest.isEmpty();
        }
    }

    /// One delivery of a message by a sender that repeats what is not acknowledged. It holds nothing of what the message says.
    interface Delivery {
        /// Of a sender that never repeats.
        Delivery ONCE = new Delivery() {
            @Override
            public Identity identity() {
                return Identity.NONE;
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

        /// Equal for two deliveries of one message, and as far as the sender allows for no two others.
        Identity identity();

        /// Whether the sender says that it may have delivered it before.
        boolean isRepeated();

        /// Called once all that comes of the message is kept: the sender may forget it. Any thread may. Where the connection is gone nobody hears it, and the
        /// sender repeats the message.
        void acknowledge();

        /// Whether the sender is known to have read the acknowledgement: it will not repeat this message, and another one may have its identity.
        default boolean isForgotten() {
            return false;
        }
    }
}
