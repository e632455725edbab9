package io.conshelf.server.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.azure.core.util.Context;
import com.azure.storage.queue.QueueClient;
import com.azure.storage.queue.models.PeekedMessageItem;
import com.azure.storage.queue.models.QueueErrorCode;
import com.azure.storage.queue.models.QueueMessageItem;
import com.azure.storage.queue.models.QueueStorageException;
import com.azure.storage.queue.models.UpdateMessageResult;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QueueEndpointTest {
    @TempDir Path folder;

    private final MovableClock clock = new MovableClock(Instant.now());
    private StorageServer server;
    private QueueClient queue;

    @BeforeEach void start() throws Exception {
        server = StorageServer.start(Storage.Options.inMemory(folder, SigningKey.random()).with(clock));
        queue = server.queues().createQueue("ready-0");
    }

    @AfterEach void stop() {
        server.close();
    }

    @Test void whatIsSentIsReceivedOnceAndDeleted() {
        String text = "{\"a\":\"<&>\" \"ü\"}\r\n  ";
        queue.sendMessage(text);

        QueueMessageItem message = queue.receiveMessage();
        assertThat(message.getBody().toString()).isEqualTo(text.replace("\r\n", "\n"));
        assertThat(message.getDequeueCount()).isEqualTo(1);
        assertThat(queue.receiveMessage()).isNull();
        assertThat(queue.getProperties().getApproximateMessagesCountLong()).isEqualTo(1);
        queue.deleteMessage(message.getMessageId(), message.getPopReceipt());
        assertThat(queue.getProperties().getApproximateMessagesCountLong()).isZero();
    }

    @Test void messagesComeInTheOrderTheyWent() {
        for (int i = 0; i < 40; i++) {
            queue.sendMessage("m" + i);
        }
        List<String> received = new ArrayList<>();
        queue.receiveMessages(32).forEach(message -> received.add(message.getBody().toString()));
        queue.receiveMessages(32).forEach(message -> received.add(message.getBody().toString()));
        assertThat(received).hasSize(40).startsWith("m0", "m1").endsWith("m38", "m39");
    }

    @Test void anUndeletedMessageComesBackAndCounts() {
        queue.sendMessage("m");
        QueueMessageItem first = queue.receiveMessages(1, Duration.ofSeconds(60), null, Context.NONE).iterator().next();
        clock.advance(Duration.ofSeconds(61));
        QueueMessageItem second = queue.receiveMessage();

        assertThat(second.getMessageId()).isEqualTo(first.getMessageId());
        assertThat(second.getDequeueCount()).isEqualTo(2);
        assertThatThrownBy(() -> queue.deleteMessage(first.getMessageId(), first.getPopReceipt()))
                .satisfies(refused(400, QueueErrorCode.POP_RECEIPT_MISMATCH));
    }

    @Test void peekingHidesNothing() {
        queue.sendMessage("m");
        PeekedMessageItem peeked = queue.peekMessage();
        assertThat(peeked.getBody().toString()).isEqualTo("m");
        assertThat(peeked.getDequeueCount()).isZero();
        assertThat(queue.receiveMessage()).isNotNull();
        assertThat(queue.peekMessage()).isNull();
    }

    @Test void anUpdateChangesTextVisibilityAndReceipt() {
        queue.sendMessage("before");
        QueueMessageItem message = queue.receiveMessage();
        UpdateMessageResult updated = queue.updateMessage(message.getMessageId(), message.getPopReceipt(), "after", Duration.ofSeconds(5));
        assertThat(updated.getPopReceipt()).isNotEqualTo(message.getPopReceipt());
        assertThat(queue.receiveMessage()).isNull();
        clock.advance(Duration.ofSeconds(6));
        assertThat(queue.receiveMessage().getBody().toString()).isEqualTo("after");
    }

    @Test void delayedAndExpiredMessagesAreNotThere() {
        queue.sendMessageWithResponse("later", Duration.ofSeconds(10), Duration.ofSeconds(100), null, Context.NONE);
        queue.sendMessageWithResponse("forever", Duration.ofSeconds(10), Duration.ofSeconds(-1), null, Context.NONE);
        assertThat(queue.receiveMessage()).isNull();
        clock.advance(Duration.ofSeconds(101));
        assertThat(queue.receiveMessages(32)).extracting(m -> m.getBody().toString()).containsExactly("forever");
        assertThat(queue.getProperties().getApproximateMessagesCountLong()).isEqualTo(1);
    }

    @Test void clearingEmptiesTheQueue() {
        queue.sendMessage("1");
        queue.sendMessage("2");
        queue.clearMessages();
        assertThat(queue.peekMessage()).isNull();
    }

    @Test void queuesAreListedDescribedAndDropped() {
        server.queues().createQueueWithResponse("failed", Map.of("use", "errors"), null, Context.NONE);
        assertThat(server.queues().listQueues()).extracting("name").containsExactly("failed", "ready-0");
        assertThat(server.queues().getQueueClient("failed").getProperties().getMetadata()).containsEntry("use", "errors");
        assertThatThrownBy(() -> server.queues().createQueueWithResponse("failed", Map.of("use", "other"), null, Context.NONE))
                .satisfies(refused(409, QueueErrorCode.QUEUE_ALREADY_EXISTS));
        server.queues().deleteQueue("failed");
        assertThatThrownBy(() -> server.queues().getQueueClient("failed").sendMessage("m")).satisfies(refused(404, QueueErrorCode.QUEUE_NOT_FOUND));
    }

    @Test void aMessageBeyondTheLimitIsRefused() {
        assertThatThrownBy(() -> queue.sendMessage("x".repeat(64 * 1024 + 1))).satisfies(refused(413, QueueErrorCode.REQUEST_BODY_TOO_LARGE));
        queue.sendMessage("x".repeat(64 * 1024));
    }

    @Test void manyConsumersShareTheWorkWithoutOverlap() throws Exception {
        int messages = 300;
        ConcurrentLinkedQueue<String> received = new ConcurrentLinkedQueue<>();
        List<Callable<Void>> workers = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            int worker = i;
            workers.add(() -> {
                for (int n = 0; n < messages / 6; n++) {
                    queue.sendMessage(worker + "-" + n);
                }
                return null;
            });
            workers.add(() -> {
                while (received.size() < messages) {
                    for (QueueMessage message : server.storage.queues().receive("ready-0", 7, Duration.ofMinutes(1))) {
                        received.add(message.text());
                        server.storage.queues().delete("ready-0", message.id(), message.popReceipt());
                    }
                    server.storage.queues().awaitMessage("ready-0", Duration.ofMillis(50));
                }
                return null;
            });
        }
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<Void> done : threads.invokeAll(workers)) {
                done.get();
            }
        }
        Set<String> distinct = new TreeSet<>(received);
        assertThat(received).hasSize(messages);
        assertThat(distinct).hasSize(messages);
    }

    @Test void aWaiterIsWokenByAMessage() throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Boolean> waiting = threads.submit(() -> server.storage.queues().awaitMessage("ready-0", Duration.ofSeconds(30)));
            queue.sendMessage("m");
            assertThat(waiting.get()).isTrue();
        }
        queue.clearMessages();
        assertThat(server.storage.queues().awaitMessage("ready-0", Duration.ofMillis(1))).isFalse();
    }

    static Consumer<Throwable> refused(int status, QueueErrorCode code) {
        return thrown -> {
            assertThat(thrown).isInstanceOf(QueueStorageException.class);
            QueueStorageException refusal = (QueueStorageException) thrown;
            assertThat(refusal.getErrorCode()).isEqualTo(code);
            assertThat(refusal.getStatusCode()).isEqualTo(status);
        };
    }
}
