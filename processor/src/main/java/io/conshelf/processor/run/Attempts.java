package io.conshelf.processor.run;

import io.conshelf.processor.destination.DestinationException;
import io.conshelf.processor.destination.DestinationException.Lasting;
import io.conshelf.processor.destination.Retry;
import io.conshelf.processor.stage.StageException;
import java.io.IOException;
import java.time.Duration;
import java.util.function.BiPredicate;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/// Tries again what a destination did not take.
public final class Attempts {
    /// Between two rounds of attempts at what must not be given up.
    private static final Duration BETWEEN_ROUNDS = Duration.ofSeconds(10);
    /// Before this machine is tried again.
    private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(2);
    /// With a destination that the pipeline has no more.
    private static final int ROUNDS_MAX = 3;

    private final RandomGenerator random = RandomGenerator.getDefault();
    private final Consumer<DestinationException> told;
    private final Patience patience;

    /// With a refusal that no time mends, such as a table that is not there.
    public enum Patience {
        /// Somebody may mend it, and the source keeps what comes meanwhile.
        LASTS,
        ENDS
    }

    @FunctionalInterface
    interface Step {
        void take() throws DestinationException, StageException, InterruptedException;
    }

    @FunctionalInterface
    interface Needed<T> {
        T take() throws DestinationException, InterruptedException;
    }

    /// @param told of each round that ended without success
    Attempts(Consumer<DestinationException> told, Patience patience) {
        this.told = told;
        this.patience = patience;
    }

    /// As often as the stage says, but for what this machine is at fault for.
    void few(Retry retry, Step step) throws DestinationException, StageException, InterruptedException {
        for (int attempt = 1; ; attempt++) {
            try {
                step.take();
                return;
            } catch (DestinationException failed) {
                if (failed.lasting() == Lasting.HERE) {
                    told.accept(failed);
                    Thread.sleep(BETWEEN_LOOKS);
                    attempt--;
                } else if (!pause(retry, attempt, failed)) {
                    throw failed;
                }
            }
        }
    }

    /// Until it is done, or whoever waits is interrupted: what has come this far is not given up, and meanwhile the source keeps what comes.
    ///
    /// @throws IOException where patience has ended
    <T> T untilDone(Retry retry, Needed<T> step) throws InterruptedException, IOException {
        try {
            return rounds(retry, step, (failed, _) -> patience == Patience.ENDS && failed.lasting() == Lasting.PERMANENT);
        } catch (DestinationException failed) {
            throw new IOException(failed.getMessage(), failed);
        }
    }

    /// Until it is refused for good, or for some rounds.
    <T> T someRounds(Retry retry, Needed<T> step) throws InterruptedException, DestinationException {
        return rounds(retry, step, (failed, round) -> failed.lasting() == Lasting.PERMANENT || round == ROUNDS_MAX);
    }

    private <T> T rounds(Retry retry, Needed<T> step, BiPredicate<DestinationException, Integer> isLast) throws InterruptedException, DestinationException {
        int round = 1;
        for (int attempt = 1; ; attempt++) {
            try {
                return step.take();
            } catch (DestinationException failed) {
                if (failed.lasting() == Lasting.HERE) {
                    told.accept(failed);
                    Thread.sleep(BETWEEN_LOOKS);
                } else if (!pause(retry, attempt, failed)) {
                    if (isLast.test(failed, round)) {
                        throw failed;
                    }
                    told.accept(failed);
                    Thread.sleep(BETWEEN_ROUNDS);
                    attempt = 0;
                    round++;
                }
            }
        }
    }

    private boolean pause(Retry retry, int attempt, DestinationException failed) throws InterruptedException {
        Duration pause = retry.pause(attempt, random);
        if (failed.lasting() == Lasting.PERMANENT || pause.isNegative()) {
            return false;
        }
        Thread.sleep(pause);
        return true;
    }
}
