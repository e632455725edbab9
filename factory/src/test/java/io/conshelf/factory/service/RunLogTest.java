package io.conshelf.factory.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.conshelf.connectors.management.ServiceStore.Change;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RunLogTest {
    private static final List<Change> CHANGES = List.of(new Change.Put("c", "k", "{}"));

    @Test
    void whatComesAfterTheEndFailsInsteadOfWaiting() {
        MemoryStore store = new MemoryStore();
        RunLog log = new RunLog(store);
        log.addDurably(CHANGES);
        log.close();
        assertThat(log.add(CHANGES)).isCompletedExceptionally();
        assertThatThrownBy(() -> log.require(CHANGES)).isInstanceOf(IllegalStateException.class).hasMessage("the service is closed");
        assertThatThrownBy(() -> log.addDurably(CHANGES)).isInstanceOf(CompletionException.class).hasRootCauseMessage("the service is closed");
        assertThat(store.documents("c")).containsOnlyKeys("k");
    }
}
