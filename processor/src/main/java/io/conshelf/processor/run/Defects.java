package io.conshelf.processor.run;

import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What is said of a message on which Conshelf itself fails. Its trace is for the log, now and then: a sender may repeat such messages for ever.
final class Defects {
    private static final Logger LOG = LoggerFactory.getLogger(Defects.class);
    private static final Duration BETWEEN_LOGS = Duration.ofSeconds(30);

    private long loggedNanos = System.nanoTime() - BETWEEN_LOGS.toNanos();

    /// @param stage in which it showed
    String told(String stage, Throwable defect) {
        if (defect instanceof StackOverflowError) {
            return "the message is nested too deeply";
        }
        long now = System.nanoTime();
        if (now - loggedNanos >= BETWEEN_LOGS.toNanos()) {
            loggedNanos = now;
            LOG.error("stage '{}' fails by a defect", stage, defect);
        }
        return "a defect of Conshelf, whose trace is in the log";
    }
}
