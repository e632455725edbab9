package io.conshelf.processor.run;

import java.io.IOException;

/// Where messages of one partition go that can't be processed. Belongs to one thread.
public interface DeadLetters extends AutoCloseable {
    void add(DeadLetter letter) throws IOException, InterruptedException;

    /// Makes durable what was added.
    ///
    /// @return what [#begin] needs after a restart
    long flush() throws IOException, InterruptedException;

    /// @param kept what the last [#flush] of a complete checkpoint returned: what was added after it comes again
    void begin(long kept) throws IOException;

    @Override
    void close() throws IOException;
}
