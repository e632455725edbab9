package io.conshelf.factory;

import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedSet;

/// Lets so many runs of a pipeline run at once as its `concurrency` says; the others wait, in the order in which they came.
public final class PipelineQueue {
    private final Map<String, Line> lines = new HashMap<>();

    private static final class Line {
        private final SequencedSet<String> waiting = new LinkedHashSet<>();
        private int running;
    }

    /// Takes a place at the end of a pipeline's line.
    synchronized void join(String pipeline, String runId) {
        lines.computeIfAbsent(key(pipeline), _ -> new Line()).waiting.add(runId);
    }

    /// Waits until the run is the first in its line and there is room.
    ///
    /// @param max the pipeline's `concurrency` as it is now
    synchronized void enter(String pipeline, String runId, int max) throws InterruptedException {
        Line line = lines.get(key(pipeline));
        try {
            while (line.running >= max || !line.waiting.getFirst().equals(runId)) {
                wait();
            }
            line.running++;
        } finally {
            line.waiting.remove(runId);
            forget(pipeline, line);
            notifyAll();
        }
    }

    /// Whether there is room for the run and all that stand before it in its line: then it enters without waiting for another to end.
    synchronized boolean hasRoom(String pipeline, String runId, int max) {
        Line line = lines.get(key(pipeline));
        return line == null || line.running + line.waiting.stream().takeWhile(before -> !before.equals(runId)).count() < max;
    }

    synchronized void leave(String pipeline) {
        Line line = lines.get(key(pipeline));
        line.running--;
        forget(pipeline, line);
        notifyAll();
    }

    /// How many runs of a pipeline wait.
    public synchronized int waiting(String pipeline) {
        Line line = lines.get(key(pipeline));
        return line == null ? 0 : line.waiting.size();
    }

    private void forget(String pipeline, Line line) {
        if (line.running == 0 && line.waiting.isEmpty()) {
            lines.remove(key(pipeline));
        }
    }

    private static String key(String pipeline) {
        return pipeline.toLowerCase(Locale.ROOT);
    }
}
