package io.conshelf.server.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.conshelf.engine.Engine;
import io.conshelf.engine.EngineConfig;
import io.conshelf.engine.store.ServiceDocuments;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What an account was granted is taken back even where that fails at first: until it has succeeded nobody gets the name.
@Timeout(600)
class DeparturesTest {
    @TempDir
    private Path folder;

    private final List<String> forgotten = new CopyOnWriteArrayList<>();
    private final Consumer<String> full = _ -> {
        throw new IllegalStateException("the disk is full");
    };

    private static Applications.Wish wish() {
        return new Applications.Wish("loader", Application.Kind.APPLICATION, "7fdcc2be-70b8-4c6e-a4d4-2f3a3c8b6f0e", "Contoso.com", "a secret of some length");
    }

    @Test
    void nobodyGetsTheNameBeforeWhatItWasGrantedIsTakenBack() {
        try (Engine engine = Engine.open(EngineConfig.inMemory(folder))) {
            ServiceDocuments documents = engine.documentsOf("sign-in");
            var failing = new Applications(documents, new Departures(documents, full));
            Application application = failing.register(wish()).application();
            assertThat(failing.remove(application.id())).isTrue();
            assertThat(failing.find(application.id())).as("it is gone all the same").isEmpty();
            assertThatThrownBy(() -> failing.register(wish())).isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("what it was granted cannot be taken back now: the disk is full");

            new Departures(documents, full).endAll();
            var restarted = new Applications(documents, new Departures(documents, forgotten::add));
            assertThat(restarted.register(wish()).application().objectId()).isNotEqualTo(application.objectId());
            assertThat(forgotten).containsExactly(application.fullyQualifiedName());
            assertThat(restarted.remove(application.id())).isTrue();
            assertThat(restarted.register(wish())).isNotNull();
            assertThat(forgotten).as("once each").hasSize(2);
        }
    }

    @Test
    void othersComeAndGoWhileWhatOneWasGrantedIsTakenBack() throws Exception {
        try (Engine engine = Engine.open(EngineConfig.inMemory(folder))) {
            ServiceDocuments documents = engine.documentsOf("sign-in");
            var begun = new CountDownLatch(1);
            var writersAreDone = new CountDownLatch(1);
            var departures = new Departures(documents, principal -> {
                if (principal.contains(wish().id())) {
                    begun.countDown();
                    await(writersAreDone);
                }
                forgotten.add(principal);
            });
            var applications = new Applications(documents, departures);
            Application slow = applications.register(wish()).application();
            var removed = CompletableFuture.supplyAsync(() -> applications.remove(slow.id()));
            begun.await();
            var others = new ArrayList<String>();
            for (int i = 0; i < 300; i++) {
                String other = "aadapp=other " + i;
                others.add(other);
                documents.change(List.of(Departures.mark(other)));
                departures.end(other);
            }
            assertThat(forgotten).isEqualTo(others);
            Application another = applications.register(Applications.Wish.named("another", Application.Kind.APPLICATION)).application();
            assertThat(applications.remove(another.id())).isTrue();
            others.add(another.fullyQualifiedName());
            assertThat(forgotten).isEqualTo(others);
            assertThat(applications.find(slow.id())).isEmpty();

            var again = new FutureTask<>(() -> {
                Application application = applications.register(wish()).application();
                forgotten.add("the name is given again");
                return application;
            });
            Thread registering = Thread.ofPlatform().daemon().start(again);
            awaitThatItWaits(registering);
            writersAreDone.countDown();
            assertThat(removed.get()).isTrue();
            assertThat(again.get().fullyQualifiedName()).isEqualTo(slow.fullyQualifiedName());
            others.add(slow.fullyQualifiedName());
            others.add("the name is given again");
            assertThat(forgotten).as("nothing is taken from who has the name now").isEqualTo(others);
            assertThat(applications.find(slow.id())).hasValueSatisfying(now -> assertThat(now.objectId()).isNotEqualTo(slow.objectId()));
        }
    }

    @Test
    void whoWaitedForOneThatFailedTriesAgain() throws Exception {
        try (Engine engine = Engine.open(EngineConfig.inMemory(folder))) {
            ServiceDocuments documents = engine.documentsOf("sign-in");
            var begun = new CountDownLatch(1);
            var isTried = new CountDownLatch(1);
            var departures = new Departures(documents, principal -> {
                forgotten.add(principal);
                if (forgotten.size() == 1) {
                    begun.countDown();
                    await(isTried);
                    throw new IllegalStateException("the disk is full");
                }
            });
            documents.change(List.of(Departures.mark("aadapp=one")));
            var first = CompletableFuture.runAsync(() -> departures.end("aadapp=one"));
            begun.await();
            var second = new FutureTask<>(() -> {
                departures.requireEnded("aadapp=One");
                return departures.isUnderWay("aadapp=one");
            });
            Thread waiting = Thread.ofPlatform().daemon().start(second);
            awaitThatItWaits(waiting);
            isTried.countDown();
            first.get();
            assertThat(second.get()).isFalse();
            assertThat(forgotten).containsExactly("aadapp=one", "aadapp=One");
        }
    }

    /// Until the time of the test is over, which interrupts it.
    private static void awaitThatItWaits(Thread thread) throws InterruptedException {
        while (thread.getState() != Thread.State.WAITING && thread.isAlive()) {
            if (Thread.interrupted()) {
                throw new InterruptedException("the thread does not wait: " + thread.getState());
            }
            Thread.onSpinWait();
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aSecretThatIsBroughtAlongIsNotAShortOne() {
        try (Engine engine = Engine.open(EngineConfig.inMemory(folder))) {
            ServiceDocuments documents = engine.documentsOf("sign-in");
            var applications = new Applications(documents, new Departures(documents, forgotten::add));
            assertThatThrownBy(() -> applications.register(new Applications.Wish("short", Application.Kind.APPLICATION, "", "", "fifteen letters")))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("a secret has at least 16 characters, found 15: take a longer one, or none for one that is made up");
            assertThat(applications.all()).isEmpty();
            assertThat(applications.register(new Applications.Wish("long", Application.Kind.APPLICATION, "", "", "sixteen letters!")).secret())
                    .isEqualTo("sixteen letters!");
        }
    }

    @Test
    void whatAFormerProcessDidNotComeToIsDoneAtTheStart() {
        try (Engine engine = Engine.open(EngineConfig.inMemory(folder))) {
            ServiceDocuments documents = engine.documentsOf("sign-in");
            var failing = new Applications(documents, new Departures(documents, full));
            Application application = failing.register(wish()).application();
            assertThat(failing.remove(application.id())).isTrue();
            new Departures(documents, forgotten::add).endAll();
            assertThat(forgotten).containsExactly(application.fullyQualifiedName().toLowerCase(Locale.ROOT));
            new Departures(documents, full).endAll();
            assertThat(new Applications(documents, new Departures(documents, full)).register(wish())).isNotNull();
        }
    }
}
