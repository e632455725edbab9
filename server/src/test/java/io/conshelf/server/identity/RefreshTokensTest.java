package io.conshelf.server.identity;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.engine.Engine;
import io.conshelf.engine.EngineConfig;
import io.conshelf.engine.store.ServiceDocuments;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// For how long people stay signed in.
class RefreshTokensTest {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    @AutoClose
    private static final SecretChecks CHECKS = new SecretChecks(new SecretChecks.Brake() {
        @Override
        public Optional<Duration> ask(String account, String from) {
            return Optional.empty();
        }

        @Override
        public void forget(String account, String from) {
            // nothing is counted
        }
    });

    @TempDir
    private Path folder;

    @Test
    void aTokenIsGoodWhileItIsUsedAndForAYearAtMost() {
        var now = new AtomicReference<>(START);
        try (Engine engine = Engine.open(EngineConfig.inMemory(folder))) {
            ServiceDocuments documents = engine.documentsOf("sign-in");
            var people = new People(documents, CHECKS, new Departures(documents, _ -> {}), "tenant", now::get);
            Person anna = people.register("anna", "correct horse battery");
            var tokens = new RefreshTokens(documents, people, now::get);
            String used = tokens.issue(anna, "program");
            String unused = tokens.issue(anna, "program");
            for (int day = 60; day < 365; day += 60) {
                now.set(START.plus(Duration.ofDays(day)));
                assertThat(tokens.redeem("program", used)).as("day " + day).contains(anna);
            }
            assertThat(tokens.redeem("program", unused)).isEmpty();
            now.set(START.plus(Duration.ofDays(364)));
            assertThat(new RefreshTokens(documents, people, now::get).redeem("program", used)).as("after a restart").contains(anna);
            now.set(START.plus(Duration.ofDays(365)));
            assertThat(tokens.redeem("program", used)).isEmpty();
            assertThat(new RefreshTokens(documents, people, now::get).redeem("program", used)).isEmpty();
        }
    }

    @Test
    void anotherPasswordEndsThemForGood() {
        try (Engine engine = Engine.open(EngineConfig.inMemory(folder))) {
            ServiceDocuments documents = engine.documentsOf("sign-in");
            var people = new People(documents, CHECKS, new Departures(documents, _ -> {}), "tenant", () -> START);
            Person anna = people.register("anna", "correct horse battery");
            String token = new RefreshTokens(documents, people, () -> START).issue(anna, "program");
            people.setPassword("anna", "another long one");
            var restarted = new People(documents, CHECKS, new Departures(documents, _ -> {}), "tenant", () -> START);
            assertThat(new RefreshTokens(documents, restarted, () -> START).redeem("program", token)).isEmpty();
            restarted.setPassword("anna", "correct horse battery");
            assertThat(new RefreshTokens(documents, restarted, () -> START).redeem("program", token)).as("the first one again").isEmpty();
        }
    }
}
