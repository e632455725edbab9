package io.conshelf.cli;

import io.conshelf.streams.run.ReadyJob;
import io.conshelf.streams.run.Surroundings;
import java.util.Optional;

/// Runs a job over live inputs until it is stopped.
final class LiveStream {
    LiveStream(ReadyJob job, Surroundings surroundings, StreamReport report, Optional<String> flink, String start) {
        throw new CommandFailure("live inputs are not built yet: give the project local inputs");
    }

    void run() {
        // not reached
    }
}
