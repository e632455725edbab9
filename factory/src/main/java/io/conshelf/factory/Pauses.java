package io.conshelf.factory;

import java.time.Duration;

/// How a run waits, for Wait activities and between retries. Replaced where the clock is.
@FunctionalInterface
public interface Pauses {
    void pause(Duration duration) throws InterruptedException;
}
