package io.conshelf.factory;

import io.conshelf.factory.activity.ActivityContext;
import io.conshelf.factory.definition.Activity;
import io.conshelf.factory.definition.Activity.Condition;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Function;

/// Runs a list of activities in the order of their dependencies: each on a thread of its own, as soon as what it waits for has ended.
final class ActivityGraph {
    private static final Duration STOP_MAX = Duration.ofMinutes(1);

    private final List<Activity> activities;
    /// Runs one activity to its end, on the calling thread.
    private final Function<Activity, ActivityRun> runner;
    private final Function<Activity, ActivityRun> skipper;
    private final Map<String, ActivityRun> ended = new HashMap<>();
    private final Map<String, Thread> running = new HashMap<>();
    private final LinkedBlockingQueue<ActivityRun> arrivals = new LinkedBlockingQueue<>();

    ActivityGraph(List<Activity> activities, Function<Activity, ActivityRun> runner, Function<Activity, ActivityRun> skipper) {
        this.activities = activities;
        this.runner = runner;
        this.skipper = skipper;
    }

    /// How the list ended: the failure that counts, if any.
    Optional<ActivityContext.Failure> run() throws InterruptedException {
        try {
            while (ended.size() < activities.size()) {
                if (!startOrSkip()) {
                    take(arrivals.take());
                }
            }
        } catch (InterruptedException cancelled) {
            stop();
            throw cancelled;
        }
        return failure();
    }

    private void take(ActivityRun run) {
        running.remove(run.activityName());
        ended.put(run.activityName(), run);
    }

    /// True when an activity was skipped: others may have become ready or impossible.
    private boolean startOrSkip() {
        boolean hasSkipped = false;
        for (Activity activity : activities) {
            if (ended.containsKey(activity.name()) || running.containsKey(activity.name())) {
                continue;
            }
            switch (readiness(activity)) {
                case READY -> running.put(activity.name(), Thread.ofVirtual().name(activity.name()).start(() -> arrivals.add(runner.apply(activity))));
                case IMPOSSIBLE -> {
                    ended.put(activity.name(), skipper.apply(activity));
                    hasSkipped = true;
                }
                case WAITING -> {}
            }
        }
        return hasSkipped;
    }

    private enum Readiness { READY, WAITING, IMPOSSIBLE }

    private Readiness readiness(Activity activity) {
        Readiness readiness = Readiness.READY;
        for (Activity.Dependency dependency : activity.dependencies()) {
            ActivityRun run = ended.get(dependency.activity());
            if (run == null) {
                readiness = Readiness.WAITING;
            } else if (dependency.conditions().stream().noneMatch(condition -> isMet(condition, run.status()))) {
                return Readiness.IMPOSSIBLE;
            }
        }
        return readiness;
    }

    private static boolean isMet(Condition condition, Status status) {
        boolean isFailed = status == Status.FAILED || status == Status.TIMED_OUT;
        return switch (condition) {
            case SUCCEEDED -> status == Status.SUCCEEDED;
            case FAILED -> isFailed;
            case COMPLETED -> status == Status.SUCCEEDED || isFailed;
            case SKIPPED -> status == Status.SKIPPED;
        };
    }

    private void stop() throws InterruptedException {
        running.values().forEach(Thread::interrupt);
        for (Thread thread : running.values()) {
            thread.join(STOP_MAX);
        }
    }

    /// Leaves decide; where a leaf was skipped, what it waited for decides instead.
    private Optional<ActivityContext.Failure> failure() {
        Map<String, Activity> byName = new HashMap<>();
        Set<String> inner = new HashSet<>();
        for (Activity activity : activities) {
            byName.put(activity.name(), activity);
            activity.dependencies().forEach(dependency -> inner.add(dependency.activity()));
        }
        Set<String> deciding = new LinkedHashSet<>();
        List<String> open = new ArrayList<>(activities.stream().map(Activity::name).filter(name -> !inner.contains(name)).toList());
        while (!open.isEmpty()) {
            String name = open.removeLast();
            if (ended.get(name).status() != Status.SKIPPED) {
                deciding.add(name);
            } else {
                byName.get(name).dependencies().forEach(dependency -> open.add(dependency.activity()));
            }
        }
        return activities.stream().map(Activity::name).filter(deciding::contains).map(ended::get)
                .filter(run -> run.status() != Status.SUCCEEDED)
                .map(run -> new ActivityContext.Failure(run.activityName(), run.failure().map(ActivityRun.Failure::message)
                        .orElse("the activity ended as " + run.status().title())))
                .findFirst();
    }
}
