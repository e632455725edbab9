package io.conshelf.server;

import io.conshelf.engine.KustoException;
import io.conshelf.engine.ServiceError;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Turns whatever was thrown into what the client may know of it; our own mistakes are logged here, once.
final class Failures {
    private static final Logger LOG = LoggerFactory.getLogger(Failures.class);

    private Failures() {}

    static ServiceError of(Throwable thrown, Call call) {
        return switch (thrown) {
            case KustoException e -> e.error();
            case Throwable e -> {
                LOG.error("Activity {} failed", call.activityId(), e);
                yield Refusals.internal(call.activityId().toString());
            }
        };
    }
}
