package io.conshelf.factory.copy;

import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.StoreException.Fault;
import io.conshelf.connectors.definition.Located;
import io.conshelf.factory.activity.ActivityContext;
import io.conshelf.factory.activity.ActivityFailure;
import io.conshelf.factory.definition.Activity;
import java.time.Duration;

/// How often the work between a source and a sink is done anew when a store fails in a way that may pass: `sourceRetryCount`,
/// `sinkRetryCount` and their waits. A mistake of the definition or of the data is not tried again.
record Retries(long most, Duration pause) {
    private static final Duration PAUSE = Duration.ofSeconds(30);

    @FunctionalInterface
    interface Work<T> {
        T once() throws ActivityFailure, StoreException, InterruptedException;
    }

    /// Either side's failure starts the whole copy again: what a cluster or a table holds of it is not written twice, and files are replaced.
    /// A web service would get its rows again, so only its own count is for that.
    static Retries of(Located source, Located sink) throws StoreException {
        Retries written = of(sink, "sinkRetryCount", "sinkRetryWait");
        if (sink.at("type").text("").equalsIgnoreCase("RestSink")) {
            return written;
        }
        Retries read = ofSource(source);
        return read.most() > written.most() ? read : written;
    }

    static Retries ofSource(Located source) throws StoreException {
        return of(source, "sourceRetryCount", "sourceRetryWait");
    }

    private static Retries of(Located side, String count, String wait) throws StoreException {
        Located pause = side.at(wait);
        if (pause.isPresent() && !pause.text("").isBlank() && pause.text().flatMap(Activity::duration).isEmpty()) {
            throw StoreException.user("UserErrorInvalidTime", "'" + pause.path() + "' is a duration such as 00:00:30, found '" + pause.text("") + "'");
        }
        return new Retries(side.at(count).integer().orElse(0L), pause.text().flatMap(Activity::duration).orElse(PAUSE));
    }

    <T> T run(ActivityContext context, Work<T> work) throws ActivityFailure, StoreException, InterruptedException {
        for (long tried = 0;; tried++) {
            try {
                return work.once();
            } catch (StoreException failure) {
                if (failure.fault() != Fault.SYSTEM || tried >= most) {
                    throw failure;
                }
                context.pause(pause);
            }
        }
    }
}
