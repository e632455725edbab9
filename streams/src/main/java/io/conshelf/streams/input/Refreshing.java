package io.conshelf.streams.input;

import java.time.Duration;
import java.util.Optional;

/// When a store is asked for newer reference data: in its own time after an answer; soon after a failure, and less soon after each further one. Until it
/// answers again, what failed is told to whoever asks, so that nobody takes the silence for an answer.
final class Refreshing {
    private static final Duration AGAIN_MIN = Duration.ofSeconds(1);
    private static final Duration AGAIN_MAX = Duration.ofMinutes(1);

    private final Duration whenFound;
    private final Duration whenNothing;
    private long due = System.nanoTime();
    private Duration again = AGAIN_MIN;
    private Optional<InputException> failure = Optional.empty();

    @FunctionalInterface
    interface Question<T> {
        /// @return empty where there is nothing newer
        Optional<T> ask() throws InputException, InterruptedException;
    }

    /// @param whenFound   for how long the store is left alone after it had something
    /// @param whenNothing the same, where it had not
    Refreshing(Duration whenFound, Duration whenNothing) {
        this.whenFound = whenFound;
        this.whenNothing = whenNothing;
    }

    /// The store has just given something.
    void found() {
        answered(whenFound);
    }

    /// Asks, where it is time to.
    ///
    /// @throws InputException that of the last question, where it is not yet time for another
    <T> Optional<T> next(Question<T> question) throws InputException, InterruptedException {
        if (System.nanoTime() - due < 0) {
            if (failure.isPresent()) {
                throw failure.get();
            }
            return Optional.empty();
        }
        try {
            Optional<T> answer = question.ask();
            answered(answer.isPresent() ? whenFound : whenNothing);
            return answer;
        } catch (BrokenSnapshot passedOver) {
            answered(whenFound);
            throw passedOver;
        } catch (InputException failed) {
            throw failed(failed);
        } catch (RuntimeException defect) {
            throw failed(new InputException(String.valueOf(defect.getMessage()), defect));
        }
    }

    private InputException failed(InputException failed) {
        failure = Optional.of(failed);
        due = System.nanoTime() + again.toNanos();
        again = again.multipliedBy(2).compareTo(AGAIN_MAX) < 0 ? again.multipliedBy(2) : AGAIN_MAX;
        return failed;
    }

    private void answered(Duration leftAlone) {
        failure = Optional.empty();
        again = AGAIN_MIN;
        due = System.nanoTime() + leftAlone.toNanos();
    }
}
