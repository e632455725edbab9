package io.conshelf.cli.progress;

import io.conshelf.factory.ActivityRun;
import io.conshelf.factory.RunEvent;
import io.conshelf.factory.RunRecord;
import io.conshelf.factory.Status;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What runs, and the sums of what has ended.
final class RunBoard {
    private final Map<String, RunningActivity> running = new LinkedHashMap<>();
    private Optional<RunRecord> run = Optional.empty();
    private int ended;
    private int failed;
    private long bytesReadByEnded;

    void on(RunEvent event, Instant now) {
        switch (event) {
            case RunEvent.RunQueued _, RunEvent.Remarked _ -> {}
            // Runs that it starts are shown by their activities.
            case RunEvent.RunStarted(RunRecord started) -> run = run.or(() -> Optional.of(started));
            case RunEvent.RunEnded(RunRecord gone) -> running.values().removeIf(activity -> activity.run().pipelineRunId().equals(gone.runId()));
            case RunEvent.ActivityStarted(ActivityRun started, var item) ->
                running.put(started.activityRunId(), new RunningActivity(started, item.map(RunLines::item).orElse(""), now));
            case RunEvent.ActivityProgressed(String _, String id, var progress) ->
                Optional.ofNullable(running.get(id)).ifPresent(activity -> activity.progressed(progress, now));
            case RunEvent.ActivityEnded(ActivityRun gone) -> {
                running.remove(gone.activityRunId());
                ended++;
                failed += gone.status() == Status.FAILED || gone.status() == Status.TIMED_OUT ? 1 : 0;
                bytesReadByEnded += gone.output().path("dataRead").asLong();
            }
        }
    }

    /// The item of a loop that an activity runs for; empty outside of loops, and when it has ended.
    String item(ActivityRun activity) {
        return Optional.ofNullable(running.get(activity.activityRunId())).map(RunningActivity::item).orElse("");
    }

    /// In the order they started.
    List<RunningActivity> running() {
        return List.copyOf(running.values());
    }

    /// What does the work: activities that only hold others are left out as long as any other runs.
    List<RunningActivity> working() {
        List<RunningActivity> working = new ArrayList<>(running.values());
        working.removeIf(RunningActivity::isContainer);
        return working.isEmpty() ? running() : working;
    }

    /// The outermost run.
    Optional<RunRecord> run() {
        return run;
    }

    int ended() {
        return ended;
    }

    int failed() {
        return failed;
    }

    long bytesRead() {
        return bytesReadByEnded + bytesRead(running());
    }

    static long bytesRead(List<RunningActivity> activities) {
        return activities.stream().flatMap(activity -> activity.progress().stream()).mapToLong(progress -> progress.bytesRead()).sum();
    }
}
