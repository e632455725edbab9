package io.conshelf.server.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.engine.Principal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(600)
class TableLinesTest {
    @Test
    void theWorkOfATableRunsInItsOrderWhateverItsProperties() throws Exception {
        List<Integer> done = Collections.synchronizedList(new ArrayList<>());
        var started = new CountDownLatch(1);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var lines = new TableLines(threads);
            for (int i = 0; i < 500; i++) {
                int number = i;
                lines.add(key("T", "drop-by:" + i), () -> {
                    awaitUninterrupted(started);
                    done.add(number);
                });
            }
            started.countDown();
        }
        assertThat(done).containsExactlyElementsOf(IntStream.range(0, 500).boxed().toList());
    }

    @Test
    void tablesDoNotWaitForOneAnotherNorForWorkThatFailed() throws Exception {
        var other = new CountDownLatch(1);
        var last = new CountDownLatch(1);
        var threads = Executors.newVirtualThreadPerTaskExecutor();
        var lines = new TableLines(threads);
        lines.add(key("T", ""), () -> awaitUninterrupted(other));
        lines.add(key("T", ""), () -> {
            throw new IllegalStateException("on purpose");
        });
        lines.add(key("T", ""), last::countDown);
        lines.add(key("U", ""), other::countDown);
        last.await();
        threads.close();
        assertThat(lines.count()).as("lines of tables without work").isZero();
    }

    private static void awaitUninterrupted(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static Source.Key key(String table, String tag) {
        try {
            var message = IngestionMessage.parse("{\"BlobPath\":\"http://h/c/b.csv\",\"DatabaseName\":\"Lab\",\"TableName\":\""
                    + table + "\",\"AdditionalProperties\":{\"tags\":\"[\\\"" + tag + "\\\"]\"}}");
            return new Source.Key(Principal.LOCAL_ADMINISTRATOR, "Lab", table, IngestionProperties.of(message));
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
