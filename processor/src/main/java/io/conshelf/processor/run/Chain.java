package io.conshelf.processor.run;

import io.conshelf.processor.definition.StageTypes;
import io.conshelf.processor.destination.DestinationException;
import io.conshelf.processor.run.Parts.PlacedDestination;
import io.conshelf.processor.run.Parts.PlacedStage;
import io.conshelf.processor.stage.Message;
import io.conshelf.processor.stage.Stage;
import io.conshelf.processor.stage.StageException;
import io.conshelf.processor.value.Value;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The stages of one partition and its destination, each of which hands what comes of a message to the next.
///
/// **No message ends it:** whatever a stage throws costs that message, which is kept aside.
final class Chain implements AutoCloseable {
    private final List<StageStep> stages = new ArrayList<>();
    private final Step first;
    private final Step last;
    private final PlacedDestination destination;
    private final List<StageCounts> counts = new ArrayList<>();
    private final External external = new External();

    /// What is told of a message that goes no further.
    interface Aside {
        void dead(String stage, String code, String reason, Message message) throws InterruptedException;

        void fault(String stage, String code, String reason);
    }

    /// How long others were asked, who do not belong to the pipeline. Of the partition's thread.
    private static final class External {
        private long nanos;
    }

    private interface Step {
        void take(Message message) throws InterruptedException;
    }

    Chain(List<PlacedStage> placed, PlacedDestination destination, RunCounts counts, int partition, Aside aside, Attempts attempts) {
        this.destination = destination;
        StageCounts atDestination = counts.stage(destination.id(), destination.type(), partition);
        this.counts.add(atDestination);
        this.last = new DestinationStep(destination, atDestination, aside, attempts, new Defects(), external);
        Step next = last;
        for (PlacedStage stage : placed.reversed()) {
            StageCounts atStage = counts.stage(stage.id(), stage.type(), partition);
            this.counts.add(atStage);
            StageStep step = new StageStep(stage, atStage, aside, next, external);
            stages.addFirst(step);
            next = step;
        }
        this.first = next;
    }

    void take(Message message) throws InterruptedException {
        first.take(message);
    }

    /// A heartbeat goes through all of them.
    void beat() {
        counts.forEach(StageCounts::beat);
    }

    /// How long stages and destination have asked others, while a message waited.
    long externalNanos() {
        return external.nanos;
    }

    /// To the destination, of what has been through stages.
    void hand(Message message) throws InterruptedException {
        last.take(message);
    }

    /// When a stage has something to hand on by itself.
    Optional<Instant> due() {
        Instant earliest = Instant.MAX;
        for (StageStep step : stages) {
            Optional<Instant> due = step.placed.stage().due();
            if (due.isPresent() && due.get().isBefore(earliest)) {
                earliest = due.get();
            }
        }
        return earliest == Instant.MAX ? Optional.empty() : Optional.of(earliest);
    }

    void advance(Instant now) throws InterruptedException {
        for (StageStep step : stages) {
            step.advance(now);
        }
    }

    Map<String, Value> states() {
        Map<String, Value> states = new LinkedHashMap<>();
        for (StageStep step : stages) {
            Value state = step.placed.stage().state();
            if (!(state instanceof Value.Null)) {
                states.put(key(step.placed), state);
            }
        }
        return states;
    }

    void restore(Map<String, Value> states) {
        for (StageStep step : stages) {
            Value state = states.get(key(step.placed));
            if (state != null) {
                step.placed.stage().restore(state);
            }
        }
    }

    // a stage that has become another under the same id remembers nothing
    private static String key(PlacedStage placed) {
        return placed.id() + " " + placed.type();
    }

    PlacedDestination destination() {
        return destination;
    }

    @Override
    public void close() {
        stages.forEach(step -> step.placed.stage().close());
        destination.destination().close();
    }

    private static final class StageStep implements Step, Stage.Output {
        private final PlacedStage placed;
        private final StageCounts counts;
        private final Aside aside;
        private final Step next;
        private final Defects defects = new Defects();
        /// How long the stages behind this one have worked.
        private long behindNanos;
        private final boolean asksOthers;
        private final External external;

        StageStep(PlacedStage placed, StageCounts counts, Aside aside, Step next, External external) {
            this.placed = placed;
            this.counts = counts;
            this.aside = aside;
            this.next = next;
            this.asksOthers = placed.type().equals(StageTypes.HTTP_CALL);
            this.external = external;
        }

        @Override
        public void take(Message message) throws InterruptedException {
            counts.in();
            long began = System.nanoTime();
            behindNanos = 0;
            try {
                placed.stage().accept(message, this);
            } catch (StageException failed) {
                dead(failed.code(), failed.getMessage(), message);
            } catch (RuntimeException | StackOverflowError unexpected) {
                dead("InternalError", defects.told(placed.id(), unexpected), message);
            }
            long took = System.nanoTime() - began - behindNanos;
            counts.took(took);
            if (asksOthers) {
                external.nanos += took;
            }
        }

        private void dead(String code, String reason, Message message) throws InterruptedException {
            counts.error(code);
            aside.dead(placed.id(), code, reason, message);
        }

        void advance(Instant now) throws InterruptedException {
            try {
                placed.stage().advance(now, this);
            } catch (RuntimeException | StackOverflowError unexpected) {
                fault("InternalError", defects.told(placed.id(), unexpected));
            }
        }

        @Override
        public void emit(Message message) throws InterruptedException {
            counts.out();
            long began = System.nanoTime();
            next.take(message);
            behindNanos += System.nanoTime() - began;
        }

        @Override
        public void fault(String code, String message) {
            counts.error(code);
            aside.fault(placed.id(), code, message);
        }
    }

    private record DestinationStep(PlacedDestination placed, StageCounts counts, Aside aside, Attempts attempts, Defects defects, External external)
            implements Step {
        @Override
        public void take(Message message) throws InterruptedException {
            counts.in();
            long began = System.nanoTime();
            try {
                attempts.few(placed.retry(), () -> placed.destination().accept(message));
                counts.out();
            } catch (StageException failed) {
                dead(failed.code(), failed.getMessage(), message);
            } catch (DestinationException failed) {
                dead("FinalError", failed.getMessage(), message);
            } catch (RuntimeException | StackOverflowError unexpected) {
                dead("InternalError", defects.told(placed.id(), unexpected), message);
            }
            long took = System.nanoTime() - began;
            counts.took(took);
            external.nanos += took;
        }

        private void dead(String code, String reason, Message message) throws InterruptedException {
            counts.error(code);
            aside.dead(placed.id(), code, reason, message);
        }
    }
}
