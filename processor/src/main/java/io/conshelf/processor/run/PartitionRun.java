package io.conshelf.processor.run;

import io.conshelf.processor.destination.Destination;
import io.conshelf.processor.destination.DestinationException;
import io.conshelf.processor.destination.Retry;
import io.conshelf.processor.run.Inbox.Item;
import io.conshelf.processor.run.Parts.PlacedDestination;
import io.conshelf.processor.run.Parts.Windows;
import io.conshelf.processor.stage.Message;
import io.conshelf.processor.value.Value;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One physical partition at work: takes messages in their order through the chain, and makes checkpoints. One thread runs it.
///
/// The order of a checkpoint is the promise: rows durable at the destination, then dead letters, then the file, then rows shown, then deliveries acknowledged.
/// After a crash the file shows rows that were not, and what was not acknowledged comes again; of that, the file knows what it covers.
final class PartitionRun implements Chain.Aside {
    private static final Logger LOG = LoggerFactory.getLogger(PartitionRun.class);
    /// While no batch gathers: of windows that are open it is the file that keeps the messages.
    private static final Duration BETWEEN_CHECKPOINTS = Duration.ofSeconds(2);
    private static final Duration BEFORE_MARK = Duration.ofMillis(200);
    private static final Duration BETWEEN_QUESTIONS = Duration.ofSeconds(2);
    private static final Duration BUSY_WAIT_MAX = Duration.ofMillis(100);
    private static final Duration IDLE_WAIT_MAX = Duration.ofMillis(500);
    private static final Duration BETWEEN_WRITES = Duration.ofSeconds(2);
    private static final Duration FOLLOWING_FIRST = Duration.ofMillis(20);
    private static final Duration FOLLOWING_MOST = Duration.ofSeconds(2);
    /// Longer than any batching policy lets the cluster wait.
    private static final Duration FOLLOWING_MAX = Duration.ofMinutes(35);

    private final int number;
    private final Chain chain;
    private final Inbox inbox;
    private final Deliveries deliveries;
    private final Horizon horizon;
    private final DeadLetters deadLetters;
    private final Path file;
    private final RunCounts counts;
    private final PartitionCounts here;
    private final Attempts attempts;
    private final String definition;
    private final Optional<Parts.Before> before;
    private final ForgottenMark mark;
    private Checkpoint latest;
    private boolean isMarked;
    /// What the next checkpoint covers.
    private List<Deliveries.Held> covered = new ArrayList<>();
    private long coveredCount;
    private final StageCounts atDestination;
    /// Messages that the destination has for good.
    private long sent;
    private boolean isChanged;
    private long checkpointNanos = System.nanoTime();
    /// At once for the first time: a destination that an earlier run left full says so only then.
    private long askedNanos = System.nanoTime() - BETWEEN_QUESTIONS.toNanos();
    private volatile boolean isEveryWindowEnding;

    /// What an earlier run left.
    ///
    /// @param before what the pipeline was then, where it was another
    record Left(Checkpoint latest, Optional<Parts.Before> before) {}

    /// @param definition names what the pipeline is
    PartitionRun(int number, Parts parts, String definition, Inbox inbox, Deliveries deliveries, Horizon horizon, DeadLetters deadLetters, Path file,
            RunCounts counts, Left left) {
        this.number = number;
        this.definition = definition;
        this.before = left.before();
        this.mark = ForgottenMark.beside(file);
        this.inbox = inbox;
        this.deliveries = deliveries;
        this.horizon = horizon;
        this.deadLetters = deadLetters;
        this.file = file;
        this.counts = counts;
        this.here = counts.partition(number);
        this.latest = left.latest();
        this.isMarked = latest.deliveries().isEmpty();
        PlacedDestination destination = parts.destination(number);
        this.attempts = new Attempts(failed -> fault(destination.id(), "FinalError", failed.getMessage()), parts.patience());
        this.chain = new Chain(parts.stages(number), destination, counts, number, this, attempts);
        this.atDestination = counts.stages().stream().filter(stage -> stage.partition() == number && stage.id().equals(destination.id())).findFirst().orElseThrow();
    }

    /// From now on nothing more is put into the inbox.
    ///
    /// @param windows whether those that are open are handed on as they are
    void end(Windows windows) {
        isEveryWindowEnding = windows == Windows.HANDED_ON;
        inbox.end();
    }

    void run() throws IOException, InterruptedException {
        try (chain; deadLetters) {
            deadLetters.begin(latest.deadLetters());
            if (before.isPresent()) {
                handOver(before.get());
            }
            chain.restore(latest.states());
            commit(chain.destination(), latest.prepared());
            while (!inbox.isDone()) {
                long asked = System.nanoTime();
                List<Item> items = inbox.take(waitNanos());
                here.waited(asked, System.nanoTime());
                for (int beats = inbox.heartbeats(); beats > 0; beats--) {
                    chain.beat();
                }
                for (Item item : items) {
                    take(item);
                }
                if (items.isEmpty()) {
                    passTime();
                }
                if (isCheckpointDue()) {
                    awaitRoom();
                    checkpoint();
                }
                askWhatWasRefused(BETWEEN_QUESTIONS);
                markWhatIsForgotten();
            }
            finish();
        }
    }

    /// Brings to its end what the pipeline gathered before it was changed, as it was then. Who changes a destination may do so because it refuses: what it does not
    /// take goes to the one that is now there, where that is of the same type, and otherwise to dead letters.
    private void handOver(Parts.Before was) throws InterruptedException, IOException {
        // its stages are none of this run's
        HandedOn gone = new HandedOn(was.parts().destination(number));
        Map<String, Value> states = latest.states();
        Optional<String> refusal;
        try (Chain old = new Chain(was.parts().stages(number), gone.placed(), new RunCounts(), number, this, attempts)) {
            old.restore(states);
            // before an heir adds its own to what it finds
            tellRefused(gone.placed(), gone::refused);
            refusal = show(gone.placed());
            if (was.windows() == Windows.HANDED_ON) {
                if (refusal.isPresent()) {
                    gone.giveUp();
                }
                old.advance(Instant.MAX);
                if (refusal.isEmpty()) {
                    refusal = handOn(old);
                }
                states = old.states();
            }
            if (!isHeir(gone.placed())) {
                tellRefused(gone.placed(), gone::abandon);
            }
        }
        // both gather in the same place
        if (refusal.isPresent() && !gone.held().isEmpty()) {
            boolean isHeir = isHeir(gone.placed());
            for (Message message : gone.held()) {
                if (isHeir) {
                    chain.hand(message);
                } else {
                    dead(gone.placed().id(), "FinalError", refusal.get(), message);
                }
            }
            checkpoint(states);
            latest = latest.committed();
        } else {
            long lettersBytes = written("dead letters", deadLetters::flush);
            Checkpoint changed = new Checkpoint(latest.number() + 1, definition, states, new byte[0], latest.deliveries(), lettersBytes);
            written("the checkpoint", () -> changed.write(file));
            latest = changed;
        }
        gone.completed();
    }

    /// What the stages of before have handed on.
    ///
    /// @return why their destination does not take it
    private Optional<String> handOn(Chain old) throws InterruptedException, IOException {
        byte[] prepared;
        try {
            prepared = attempts.someRounds(Retry.DEFAULT, () -> old.destination().destination().prepare(latest.number() + 1));
        } catch (DestinationException refused) {
            return refusal(old.destination(), refused);
        }
        keep(old.states(), prepared, latest.definition());
        return show(old.destination());
    }

    /// Where what was prepared of before is shown by another destination, or left aside, it is at its end too.
    ///
    /// @return why the destination of before does not show it
    private Optional<String> show(PlacedDestination gone) throws InterruptedException, IOException {
        byte[] prepared = latest.prepared();
        if (prepared.length == 0) {
            return Optional.empty();
        }
        try {
            attempts.someRounds(Retry.DEFAULT, () -> {
                gone.destination().commit(prepared);
                return prepared;
            });
            return Optional.empty();
        } catch (DestinationException refused) {
            PlacedDestination now = chain.destination();
            Optional<byte[]> adopted = isHeir(gone) ? attempts.untilDone(now.retry(), () -> now.destination().adopt(prepared)) : Optional.empty();
            if (adopted.isPresent()) {
                commit(now, adopted.get());
            } else {
                for (Value left : attempts.untilDone(now.retry(), () -> gone.destination().leave(prepared))) {
                    dead(gone.id(), "FinalError", refused.getMessage(), new Message(left, new Message.Partition(number, ""), Instant.now()));
                }
            }
            return refusal(gone, refused);
        }
    }

    private Optional<String> refusal(PlacedDestination gone, DestinationException refused) {
        String why = "the destination of before the change refuses what was meant for it: " + refused.getMessage();
        fault(gone.id(), "FinalError", why);
        return Optional.of(why);
    }

    private boolean isHeir(PlacedDestination gone) {
        return gone.type().equals(chain.destination().type());
    }

    private void take(Item item) throws InterruptedException {
        isChanged = true;
        switch (item) {
            case Item.Arrived(Message message, var delivery, int _, long readNanos) -> {
                Optional<Instant> due = chain.due();
                if (due.isPresent() && !due.get().isAfter(message.received())) {
                    chain.advance(message.received());
                }
                long external = chain.externalNanos();
                chain.take(message);
                here.took(System.nanoTime() - readNanos, chain.externalNanos() - external);
                cover(delivery);
            }
            case Item.Unreadable(DeadLetter letter, var delivery, int _) -> {
                keepAside(letter);
                cover(delivery);
            }
        }
    }

    private void cover(Deliveries.Held delivery) {
        coveredCount++;
        if (delivery.isAwaited()) {
            covered.add(delivery);
        }
    }

    private void passTime() throws InterruptedException {
        Instant passed = horizon.passed(number);
        Optional<Instant> due = chain.due();
        // in this order: what was handed over before is seen
        if (due.isPresent() && !due.get().isAfter(passed) && inbox.isEmpty()) {
            chain.advance(passed);
            isChanged = true;
        }
    }

    private long waitNanos() {
        Duration longest = isChanged ? BUSY_WAIT_MAX : IDLE_WAIT_MAX;
        Instant due = earlier(chain.due().orElse(Instant.MAX), destination().due().orElse(Instant.MAX));
        Instant passed = horizon.passed(number);
        if (due == Instant.MAX || passed == Instant.MIN || due.isAfter(passed.plus(longest))) {
            return longest.toNanos();
        }
        return Math.max(Duration.ofMillis(1).toNanos(), Duration.between(passed, due).toNanos());
    }

    private static Instant earlier(Instant one, Instant other) {
        return one.isBefore(other) ? one : other;
    }

    private Destination destination() {
        return chain.destination().destination();
    }

    // ---------------------------------------------------------------- checkpoints

    private boolean isCheckpointDue() {
        if (!isChanged) {
            return false;
        }
        if (!covered.isEmpty() && deliveries.areDemanded(number)) {
            return true;
        }
        Optional<Instant> due = destination().due();
        return due.isPresent() ? !due.get().isAfter(horizon.passed(number)) : System.nanoTime() - checkpointNanos >= BETWEEN_CHECKPOINTS.toNanos();
    }

    private void checkpoint() throws InterruptedException, IOException {
        checkpoint(chain.states());
    }

    private void checkpoint(Map<String, Value> states) throws InterruptedException, IOException {
        counts.checkpointsBegun.increment();
        deliveries.meet(number);
        long taken = atDestination.outgoing();
        long next = latest.number() + 1;
        byte[] prepared = attempts.untilDone(chain.destination().retry(), () -> destination().prepare(next));
        keep(states, prepared, definition);
        commit(chain.destination(), prepared);
        destination().completed();
        deliveries.acknowledge(covered);
        counts.acknowledged.add(coveredCount);
        counts.sent.add(taken - sent);
        sent = taken;
        coveredCount = 0;
        counts.checkpointsComplete.increment();
        covered = new ArrayList<>();
        isChanged = false;
        checkpointNanos = System.nanoTime();
    }

    private void keep(Map<String, Value> states, byte[] prepared, String by) throws InterruptedException {
        long lettersBytes = written("dead letters", deadLetters::flush);
        Checkpoint checkpoint = new Checkpoint(latest.number() + 1, by, states, prepared, deliveries.repeatable(number, covered), lettersBytes);
        counts.checkpointBytes.set(written("the checkpoint", () -> checkpoint.write(file)));
        latest = checkpoint;
        isMarked = checkpoint.deliveries().isEmpty();
    }

    private void commit(PlacedDestination through, byte[] prepared) throws InterruptedException, IOException {
        if (prepared.length > 0) {
            attempts.untilDone(through.retry(), () -> {
                through.destination().commit(prepared);
                return prepared;
            });
        }
    }

    /// Where checkpoints come fast, the next one says it.
    private void markWhatIsForgotten() throws InterruptedException {
        if (!isMarked && System.nanoTime() - checkpointNanos >= BEFORE_MARK.toNanos() && deliveries.areForgotten(number)) {
            written("what the sender has forgotten", () -> mark.write(latest.number()));
            isMarked = true;
        }
    }

    private void finish() throws InterruptedException, IOException {
        if (isEveryWindowEnding) {
            chain.advance(Instant.MAX);
            isChanged = true;
        }
        askWhatWasRefused(Duration.ZERO);
        if (isChanged) {
            checkpoint();
        }
        // of what the last batch did to columns, and of batches that ended meanwhile
        askOnceMore();
        if (isEveryWindowEnding) {
            awaitWhatIsFollowed();
        }
        if (latest.prepared().length > 0) {
            Checkpoint committed = latest.committed();
            written("the checkpoint", () -> committed.write(file));
            latest = committed;
        }
    }

    private void askOnceMore() throws InterruptedException, IOException {
        askWhatWasRefused(Duration.ZERO);
        if (isChanged) {
            checkpoint();
        }
    }

    /// Where nobody goes on after the end, nobody else would learn what became of the last batches.
    private void awaitWhatIsFollowed() throws InterruptedException, IOException {
        long began = System.nanoTime();
        Duration pause = FOLLOWING_FIRST;
        while (destination().followed() > 0 && System.nanoTime() - began < FOLLOWING_MAX.toNanos()) {
            pause = pauseFollowing(pause);
            askOnceMore();
        }
        here.awaits(0);
        if (destination().followed() > 0) {
            tell(chain.destination().id(), "StatusUnknown", destination().followed() + " batches may still be refused, and nobody follows them any more");
        }
    }

    /// Meanwhile nothing is taken, and so the source is held back. A run that ends does not wait.
    private void awaitRoom() throws InterruptedException {
        Duration pause = FOLLOWING_FIRST;
        while (destination().isFull() && !inbox.isEnded()) {
            pause = pauseFollowing(pause);
            askWhatWasRefused(Duration.ZERO);
        }
        here.awaits(0);
    }

    /// @return the next pause
    private Duration pauseFollowing(Duration pause) throws InterruptedException {
        here.awaits(destination().followed());
        Thread.sleep(pause);
        return pause.multipliedBy(2).compareTo(FOLLOWING_MOST) > 0 ? FOLLOWING_MOST : pause.multipliedBy(2);
    }

    @FunctionalInterface
    private interface Written {
        long write() throws IOException, InterruptedException;
    }

    /// A disk that is full or away is waited for.
    private long written(String what, Written step) throws InterruptedException {
        while (true) {
            try {
                return step.write();
            } catch (IOException failure) {
                if (Thread.interrupted()) {
                    throw new InterruptedException(failure.toString());
                }
                counts.checkpointErrors.increment();
                tell("", "CheckpointError", "writing " + what + ": " + failure);
                Thread.sleep(BETWEEN_WRITES);
            }
        }
    }

    private void askWhatWasRefused(Duration notBefore) throws InterruptedException {
        if (System.nanoTime() - askedNanos < notBefore.toNanos()) {
            return;
        }
        askedNanos = System.nanoTime();
        tellRefused(chain.destination(), destination()::refused);
    }

    @FunctionalInterface
    private interface Asked {
        List<Destination.Refused> refused() throws DestinationException, InterruptedException;
    }

    private void tellRefused(PlacedDestination by, Asked asked) throws InterruptedException {
        try {
            for (Destination.Refused refused : asked.refused()) {
                atDestination.error(refused.code(), refused.count());
                if (refused.left().isEmpty()) {
                    tell(by.id(), refused.code(), refused.message(), refused.count());
                }
                for (Value left : refused.left()) {
                    dead(by.id(), refused.code(), refused.message(), new Message(left, new Message.Partition(number, ""), Instant.now()));
                    isChanged = true;
                }
            }
        } catch (DestinationException unanswered) {
            tell(by.id(), "StatusUnknown", unanswered.getMessage());
        }
    }

    // ---------------------------------------------------------------- what goes wrong

    @Override
    public void dead(String stage, String code, String reason, Message message) throws InterruptedException {
        keepAside(new DeadLetter(message.received(), number, stage, code, reason, message.content()));
    }

    private void keepAside(DeadLetter letter) throws InterruptedException {
        counts.deadLetters.increment();
        tell(letter.stage(), letter.code(), letter.reason());
        written("a dead letter", () -> {
            deadLetters.add(letter);
            return 0;
        });
    }

    @Override
    public void fault(String stage, String code, String reason) {
        tell(stage, code, reason);
    }

    private void tell(String stage, String code, String reason) {
        tell(stage, code, reason, 1);
    }

    private void tell(String stage, String code, String reason, long count) {
        if (counts.tell(Instant.now(), stage, code, reason, count)) {
            LOG.warn("{}{}: {}", stage.isEmpty() ? "" : "stage '" + stage + "': ", code, reason);
        }
    }
}
