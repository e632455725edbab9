package io.conshelf.cli.progress;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.TextNode;
import io.conshelf.factory.ActivityRun;
import io.conshelf.factory.RunEvent;
import io.conshelf.factory.RunRecord;
import io.conshelf.factory.Status;
import io.conshelf.factory.activity.ActivityContext.Progress;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/// What a run tells, made by hand: all of it on a clock that starts at 0 s.
final class Story {
    private static final JsonNode NOTHING = JsonNodeFactory.instance.objectNode();

    private Story() {}

    static Instant at(double seconds) {
        return Instant.parse("2026-01-01T00:00:00Z").plusMillis(Math.round(seconds * 1000));
    }

    static RunEvent runStarted() {
        return new RunEvent.RunStarted(run(Status.IN_PROGRESS, "", Optional.empty()));
    }

    static RunEvent runEnded(Status status, String message, double end) {
        return new RunEvent.RunEnded(run(status, message, Optional.of(at(end))));
    }

    private static RunRecord run(Status status, String message, Optional<Instant> end) {
        return new RunRecord("run-1", "run-1", "LoadAll", NOTHING, NOTHING, RunRecord.InvokedBy.manual("run-1"), status, message, at(0), end, NOTHING, NOTHING,
                List.of(), List.of());
    }

    static RunEvent started(String name, String type, double start) {
        return new RunEvent.ActivityStarted(activity(name, type, name, Status.IN_PROGRESS, start, Optional.empty(), NOTHING, Optional.empty()), Optional.empty());
    }

    static RunEvent startedFor(String item, String name, String type, double start) {
        return new RunEvent.ActivityStarted(activity(name, type, name + item, Status.IN_PROGRESS, start, Optional.empty(), NOTHING, Optional.empty()),
                Optional.of(TextNode.valueOf(item)));
    }

    static RunEvent reads(String id, long bytes, long total, long rows) {
        return new RunEvent.ActivityProgressed("run-1", id, new Progress("staging", bytes, total, bytes * 2, rows, 0, 0));
    }

    static RunEvent ingests(String id, long bytes, int chunks, int done) {
        return new RunEvent.ActivityProgressed("run-1", id, new Progress("ingesting", bytes, bytes, bytes * 2, 0, chunks, done));
    }

    static RunEvent copied(String name, String item, long rows, long read, long written, double start, double end) {
        JsonNode output = JsonNodeFactory.instance.objectNode().put("rowsCopied", rows).put("dataRead", read).put("dataWritten", written);
        return new RunEvent.ActivityEnded(activity(name, "Copy", name + item, Status.SUCCEEDED, start, Optional.of(at(end)), output, Optional.empty()));
    }

    static RunEvent ended(String name, String type, Status status, double start, double end) {
        return new RunEvent.ActivityEnded(activity(name, type, name, status, start, Optional.of(at(end)), NOTHING, Optional.empty()));
    }

    static RunEvent failed(String name, String item, String code, String message, double start, double end) {
        return new RunEvent.ActivityEnded(activity(name, "Copy", name + item, Status.FAILED, start, Optional.of(at(end)), NOTHING,
                Optional.of(new ActivityRun.Failure(code, message, "UserError"))));
    }

    private static ActivityRun activity(String name, String type, String id, Status status, double start, Optional<Instant> end, JsonNode output,
            Optional<ActivityRun.Failure> failure) {
        return new ActivityRun("LoadAll", "run-1", name, type, id, Optional.empty(), status, at(start), end, NOTHING, output, failure, OptionalInt.empty(),
                Optional.empty(), NOTHING, false);
    }
}
