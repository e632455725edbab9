package io.conshelf.engine.external;

import io.conshelf.engine.Errors;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.external.Places.Content;
import io.conshelf.engine.external.Places.Found;
import java.nio.file.Path;
import java.util.function.Supplier;

/// What queries may take of others and of the memory of this process by calling them: of each request, and of all together. An answer is
/// held as text until its request ends, and while it comes it is held a few times over.
final class CalloutLimits {
    /// Servers that one request may call: more would be a way to wear others out.
    private static final int CALLS_MAX = 100;
    /// Files elsewhere that one request may fetch, and further pages of answers it may ask for.
    private static final int FETCHES_MAX = 1_000;
    private static final int HEAP_PARTS = 16;
    private static final int REQUEST_PARTS = 4;

    private final long bytesMax;
    private final long requestBytesMax;
    private final long fetchedBytesMax;
    private long taken;

    /// @param heapBytes       of the process
    /// @param fetchedBytesMax of all that one request fetches
    CalloutLimits(long heapBytes, long fetchedBytesMax) {
        this.fetchedBytesMax = fetchedBytesMax;
        bytesMax = Math.max(WebRequests.ANSWER_BYTES_MAX, heapBytes / HEAP_PARTS);
        requestBytesMax = Math.max(WebRequests.ANSWER_BYTES_MAX, bytesMax / REQUEST_PARTS);
    }

    private synchronized void take(long bytes) {
        if (taken + bytes > bytesMax) {
            throw new KustoException(Errors.passing("General_BadRequest", "the answers of all calls of queries together have more than "
                    + megabytes(bytesMax) + " at this moment"));
        }
        taken += bytes;
    }

    private synchronized void giveBack(long bytes) {
        taken -= bytes;
    }

    private static String megabytes(long bytes) {
        return (bytes >> 20) + " MB";
    }

    /// What one request has taken; all is given back when it ends.
    final class OfRequest implements AutoCloseable {
        private int calls;
        private int fetches;
        private long bytes;
        private long fetchedBytes;
        private boolean isOver;

        /// A plugin calls a server.
        synchronized void call() {
            if (++calls > CALLS_MAX) {
                throw new KustoException(Errors.badRequest("a request calls at most " + CALLS_MAX + " servers"));
            }
        }

        /// A file is fetched, or the next page of an answer.
        synchronized void fetch() {
            if (++fetches > FETCHES_MAX) {
                throw new KustoException(Errors.badRequest("a request fetches at most " + FETCHES_MAX + " files and pages from elsewhere"));
            }
        }

        /// Bytes have come, whether they are held or not.
        synchronized void fetched(long more) {
            fetchedBytes += more;
            if (fetchedBytes > fetchedBytesMax) {
                throw new KustoException(Errors.badRequest("a request fetches at most " + megabytes(fetchedBytesMax) + " from elsewhere: ask for less, "
                        + "by a query of the server or fewer files, or ingest it once"));
            }
        }

        /// A file that is going to be read, which is fetched unless it lies here.
        Found counted(Found file) {
            return switch (file.source()) {
                case Content.Here _ -> file;
                case Content.Away(Supplier<Path> content) -> {
                    fetch();
                    yield new Found(file.uri(), file.path(), file.sizeBytes(), file.modified(),
                            new Content.Away(FetchedFile.counted(content, this::fetched)));
                }
            };
        }

        /// Bytes of an answer have come.
        synchronized void take(long more) {
            if (isOver) {
                throw new KustoException(Errors.badRequest("the request that asked has ended"));
            }
            if (bytes + more > requestBytesMax) {
                throw new KustoException(Errors.badRequest("the answers of a request's calls have at most " + megabytes(requestBytesMax) + " together"));
            }
            fetched(more);
            CalloutLimits.this.take(more);
            bytes += more;
        }

        /// They are not held any more.
        synchronized void giveBack(long less) {
            if (!isOver) {
                bytes -= less;
                CalloutLimits.this.giveBack(less);
            }
        }

        @Override
        public synchronized void close() {
            if (!isOver) {
                isOver = true;
                CalloutLimits.this.giveBack(bytes);
            }
        }
    }
}
