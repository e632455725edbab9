package io.conshelf.factory.service;

import java.time.Duration;

/// Everything the service bounds, in one place.
///
/// @param historyKept      how long runs are remembered; the service keeps them 45 days
/// @param runsMax          pipeline runs that are remembered
/// @param activityRunsMax  activity runs that are remembered
/// @param liveRunsMax      runs that run or wait at once, those of other pipelines that they start not counted
/// @param queuedRunsMax    runs of one pipeline that wait for others of it
/// @param listPageMax      resources in one answer
/// @param runPageMax       runs in one answer
/// @param stopWait         how long a stop waits for runs to end
public record ServiceLimits(Duration historyKept, int runsMax, int activityRunsMax, int liveRunsMax, int queuedRunsMax, int listPageMax,
        int runPageMax, Duration stopWait) {
    public static final ServiceLimits DEFAULT =
            new ServiceLimits(Duration.ofDays(45), 10_000, 200_000, 1_000, 100, 100, 100, Duration.ofSeconds(10));

    ServiceLimits withStopWait(Duration wait) {
        return new ServiceLimits(historyKept, runsMax, activityRunsMax, liveRunsMax, queuedRunsMax, listPageMax, runPageMax, wait);
    }
}
