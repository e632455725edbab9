package io.conshelf.server.identity;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.engine.Engine;
import io.conshelf.engine.EngineConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Who is right is let in however many there are, and only what turned out wrong is held against anybody.
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class SecretChecksTest {
    private static final String FROM = "192.0.2.1";
    private static final Duration AGAIN = Duration.ofSeconds(7);
    /// Of tests, which are to be right on a machine that does something else meanwhile.
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    @TempDir
    private Path folder;

    /// Lets so many be wrong.
    private static final class Few implements SecretChecks.Brake {
        private final AtomicInteger left;
        private final AtomicInteger asked = new AtomicInteger();

        Few(int left) {
            this.left = new AtomicInteger(left);
        }

        @Override
        public Optional<Duration> ask(String account, String from) {
            asked.incrementAndGet();
            return left.getAndUpdate(now -> Math.max(0, now - 1)) > 0 ? Optional.empty() : Optional.of(AGAIN);
        }

        @Override
        public void forget(String account, String from) {
            left.incrementAndGet();
        }
    }

    private interface Check {
        SecretChecks.Outcome run(int turn);
    }

    private static List<SecretChecks.Outcome> atOnce(int times, Check check) {
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            var outcomes = new ArrayList<CompletableFuture<SecretChecks.Outcome>>();
            for (int turn = 0; turn < times; turn++) {
                int number = turn;
                outcomes.add(CompletableFuture.supplyAsync(() -> check.run(number), clients));
            }
            return outcomes.stream().map(CompletableFuture::join).toList();
        }
    }

    @Test
    void asManyAsComeWithOneSecretThatIsRightAreLookedAtOnce() {
        var brake = new Few(1);
        SecretHash hash = SecretHash.of("right");
        try (var checks = new SecretChecks(brake, PATIENCE)) {
            assertThat(atOnce(200, _ -> checks.check("a", hash, "right", FROM))).containsOnly(new SecretChecks.Outcome.Right());
        }
        assertThat(brake.asked).hasValue(1);
    }

    @Test
    void thoseOfOneAddressWhoAreAllRightWaitForEachOther() {
        var hashes = new ArrayList<SecretHash>();
        for (int account = 0; account < 4; account++) {
            hashes.add(SecretHash.of("right" + account));
        }
        try (var checks = new SecretChecks(new Few(1), PATIENCE)) {
            assertThat(atOnce(hashes.size(), account -> checks.check("a" + account, hashes.get(account), "right" + account, FROM)))
                    .containsOnly(new SecretChecks.Outcome.Right());
        }
    }

    @Test
    void whatTurnedOutWrongIsHeldAgainstThoseWhoComeNext() {
        SecretHash hash = SecretHash.of("right");
        try (var checks = new SecretChecks(new Few(2), PATIENCE)) {
            assertThat(atOnce(5, guess -> checks.check("a", hash, "wrong" + guess, FROM))).containsExactlyInAnyOrder(
                    new SecretChecks.Outcome.Wrong(), new SecretChecks.Outcome.Wrong(),
                    new SecretChecks.Outcome.TooMany(AGAIN), new SecretChecks.Outcome.TooMany(AGAIN), new SecretChecks.Outcome.TooMany(AGAIN));
        }
    }

    @Test
    void aPasswordThatIsNotLookedAtDoesNotCountAsWrong() {
        var brake = new Few(0);
        try (Engine engine = Engine.open(EngineConfig.inMemory(folder)); var checks = new SecretChecks(brake, PATIENCE)) {
            var people = new People(engine.documentsOf("sign-in"), checks, new Departures(engine.documentsOf("sign-in"), _ -> {}), "tenant", InstantSource.fixed(Instant.EPOCH));
            Person anna = people.register("anna", "correct horse battery");
            for (int turn = 0; turn < 10; turn++) {
                assertThat(people.check("anna", "correct horse battery", FROM)).isEqualTo(new People.Outcome.TooMany(AGAIN));
            }
            brake.forget("", "");
            assertThat(people.check("anna", "correct horse battery", FROM)).isEqualTo(new People.Outcome.Right(anna));
        }
    }

    @Test
    void whatCannotBeANameCountsTogether() {
        try (Engine engine = Engine.open(EngineConfig.inMemory(folder)); var checks = new SecretChecks(SecretChecks.Brake.NONE, PATIENCE)) {
            var people = new People(engine.documentsOf("sign-in"), checks, new Departures(engine.documentsOf("sign-in"), _ -> {}), "tenant", InstantSource.fixed(Instant.EPOCH));
            for (int turn = 0; turn < 5; turn++) {
                assertThat(people.check("no name " + "x".repeat(60_000) + turn, "guess", FROM)).isEqualTo(new People.Outcome.NotRight());
            }
            assertThat(people.check("no name of another kind", "guess", FROM)).isEqualTo(new People.Outcome.TooMany(Guesses.PAUSE));
            assertThat(people.check("nobody", "guess", FROM)).isEqualTo(new People.Outcome.NotRight());
        }
    }

    @Test
    void guessesAreForgottenAfterAWhileWithoutAnother() {
        var now = new AtomicReference<>(Instant.EPOCH);
        var guesses = new Guesses(now::get);
        for (int turn = 0; turn < 20_000; turn++) {
            assertThat(guesses.of(turn % 2 == 0).ask("name" + turn, FROM)).isEmpty();
        }
        assertThat(guesses.size()).isEqualTo(20_000);
        now.set(Instant.EPOCH.plus(Guesses.KEPT));
        for (int turn = 0; turn < 5; turn++) {
            assertThat(guesses.of(true).ask("name0", FROM)).as("guess " + turn).isEqualTo(turn < 4 ? Optional.empty() : Optional.of(Guesses.PAUSE));
        }
        now.set(now.get().plusSeconds(1));
        assertThat(guesses.of(false).ask("another", FROM)).isEmpty();
        assertThat(guesses.of(true).ask("another", FROM)).isEmpty();
        assertThat(guesses.size()).isEqualTo(3);
    }
}
