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
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What an account was granted is taken back even where that fails at first: until it has succeeded nobody gets the name.
class DeparturesTest {
    @TempDir
    private Path folder;

    private final List<String> forgotten = new ArrayList<>();
    private final Consumer<String> full = _ -> {
        throw new IllegalStateException("the disk is full");
    };

    private static Applications.Wish wish() {
        return new Applications.Wish("loader", Application.Kind.APPLICATION, "7fdcc2be-70b8-4c6e-a4d4-2f3a3c8b6f0e", "Contoso.com", "a secret");
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
