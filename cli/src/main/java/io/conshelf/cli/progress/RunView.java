package io.conshelf.cli.progress;

import io.conshelf.factory.RunEvent;
import java.time.Instant;

/// Shows a run. Called by one thread at a time.
sealed interface RunView permits LiveView, PlainView {
    void on(RunEvent event, Instant now);

    /// Something else that is to be seen, such as a warning.
    void say(String text);

    /// Time has passed.
    void tick(Instant now);

    /// Nothing more happens.
    void close();
}
