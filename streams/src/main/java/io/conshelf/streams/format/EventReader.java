package io.conshelf.streams.format;

import java.io.IOException;
import java.io.InputStream;

/// Reads the events of one input. Shapes of records are shared over all that it reads. Belongs to one thread.
public interface EventReader {
    /// The events of a message, all of them.
    ///
    /// @param resource what error messages call the message
    void message(byte[] message, String resource, EventSink out);

    /// The events of a file, one after another.
    ///
    /// @param bytes closed with what is returned
    Events file(InputStream bytes, String resource);

    interface Events extends AutoCloseable {
        /// Gives the next event, or what is wrong with it; false where nothing follows.
        ///
        /// @throws IOException where the bytes cannot be had; what is wrong with them goes to `out`
        boolean next(EventSink out) throws IOException;

        @Override
        void close() throws IOException;
    }
}
