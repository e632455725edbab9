package io.conshelf.cli.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.conshelf.cli.account.AccountConnection;
import io.conshelf.cli.account.AccountStorage;
import io.conshelf.engine.KustoException;
import io.conshelf.server.storage.QueueMessage;
import io.conshelf.server.storage.SasPermission;
import io.conshelf.server.storage.StorageCode;
import io.conshelf.server.storage.StorageException;
import io.conshelf.server.storage.StorageResource;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class AccountStorageTest {
    private static final Duration AT_ONCE = Duration.ZERO;

    @TempDir
    private static Path folder;
    private static Azurite azurite;

    @BeforeAll
    static void start() throws IOException {
        azurite = Azurite.start(Files.createDirectory(folder.resolve("azurite")));
    }

    @AfterAll
    static void stop() {
        if (azurite != null) {
            azurite.close();
        }
    }

    private static AccountStorage storage(Azurite account) {
        return new AccountStorage(AccountConnection.parse(account.connectionString()));
    }

    private static QueueMessage received(AccountStorage storage, String queue) {
        return Eventually.holds(() -> storage.receive(queue, 1), messages -> !messages.isEmpty()).getFirst();
    }

    @Test
    void whatIsPutTogetherIsThereWholeOrNotAtAll() {
        try (var storage = storage(azurite)) {
            storage.create(new StorageResource.Queue("together"));
            var there = new CopyOnWriteArrayList<Integer>();
            Consumer<RuntimeException> partly = _ -> there.add(azurite.messages("together"));
            assertThatThrownBy(() -> storage.putAllFor("", "together", List.of("one", "two", "x".repeat(100_000)), partly)).isInstanceOf(KustoException.class);
            assertThat(azurite.messages("together")).isZero();
            assertThat(there).as("failures that were told").hasSize(1);
            storage.putAllFor("", "together", List.of("one", "two"), partly);
            assertThat(azurite.messages("together")).isEqualTo(2);
            var many = IntStream.range(0, 100).mapToObj(i -> i == 60 ? "x".repeat(100_000) : "text " + i).toList();
            assertThatThrownBy(() -> storage.putAllFor("", "together", many, partly)).isInstanceOf(KustoException.class);
            assertThat(azurite.messages("together")).isEqualTo(2);
            assertThat(there).as("failures that were told").hasSize(2);
            assertThat(there.getLast()).as("messages before one is taken back").isGreaterThan(50);
            storage.putAllFor("", "together", many.stream().filter(text -> text.length() < 100).toList(), partly);
            assertThat(there).hasSize(2);
            assertThat(azurite.messages("together")).isEqualTo(101);
        }
    }

    /// An account that answers when eight wait for it, and never if they come one by one.
    @Test
    void eightMessagesAreOnTheirWayAtOnceAndNoMore() throws IOException {
        var eight = new CyclicBarrier(8);
        var waiting = new AtomicInteger();
        var most = new AtomicInteger();
        HttpServer account = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            account.setExecutor(threads);
            account.createContext("/", exchange -> {
                most.accumulateAndGet(waiting.incrementAndGet(), Math::max);
                exchange.getRequestBody().readAllBytes();
                try {
                    eight.await(2, TimeUnit.MINUTES);
                } catch (InterruptedException | BrokenBarrierException | TimeoutException e) {
                    throw new IOException(e);
                }
                waiting.decrementAndGet();
                byte[] answer = ("<?xml version=\"1.0\" encoding=\"utf-8\"?><QueueMessagesList><QueueMessage><MessageId>1</MessageId>"
                        + "<InsertionTime>Mon, 01 Jan 2024 00:00:00 GMT</InsertionTime><ExpirationTime>Mon, 08 Jan 2024 00:00:00 GMT</ExpirationTime>"
                        + "<PopReceipt>r</PopReceipt><TimeNextVisible>Mon, 01 Jan 2024 00:00:00 GMT</TimeNextVisible></QueueMessage></QueueMessagesList>")
                        .getBytes(StandardCharsets.UTF_8);
                exchange.getResponseHeaders().set("Content-Type", "application/xml");
                exchange.sendResponseHeaders(201, answer.length);
                try (var body = exchange.getResponseBody()) {
                    body.write(answer);
                }
            });
            account.start();
            String url = "http://127.0.0.1:" + account.getAddress().getPort() + "/devstoreaccount1";
            try (var storage = new AccountStorage(AccountConnection.parse("DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey=" + Azurite.KEY
                    + ";BlobEndpoint=" + url + ";QueueEndpoint=" + url))) {
                storage.putAllFor("", "together", IntStream.range(0, 40).mapToObj(i -> "text " + i).toList(), failure -> {
                    throw failure;
                });
            }
            assertThat(most.get()).isEqualTo(8);
        } finally {
            account.stop(0);
        }
    }

    @Test
    void onlyAttemptsThatFailedCountHoweverOftenTheAccountDeliveredAMessage() {
        try (var storage = storage(azurite)) {
            storage.create(new StorageResource.Queue("attempts"));
            storage.put("attempts", "text");
            for (int i = 0; i < 3; i++) {
                var message = received(storage, "attempts");
                assertThat(message.dequeueCount()).isEqualTo(1);
                storage.putBack("attempts", message.id(), message.popReceipt(), AT_ONCE);
            }
            var failing = received(storage, "attempts");
            storage.giveBack("attempts", failing.id(), failing.popReceipt(), AT_ONCE);
            assertThat(received(storage, "attempts").dequeueCount()).isEqualTo(2);
        }
        try (var next = storage(azurite)) {
            var message = received(next, "attempts");
            assertThat(message.dequeueCount()).as("in the next process, at its sixth delivery").isEqualTo(1);
            next.delete("attempts", message.id(), message.popReceipt());
            assertThatThrownBy(() -> next.delete("attempts", message.id(), message.popReceipt()))
                    .isInstanceOfSatisfying(StorageException.class, e -> assertThat(e.code()).isEqualTo(StorageCode.MESSAGE_NOT_FOUND));
        }
    }

    /// Azurite takes such a message, and answers nobody who is to be given it.
    @Test
    void aMessageThatTheAccountCannotGiveOutKeepsNoOthersBack() throws Exception {
        try (var storage = storage(azurite); var client = HttpClient.newHttpClient()) {
            var queue = new StorageResource.Queue("unreadable");
            storage.create(queue);
            storage.put("unreadable", "first");
            String address = storage.signed(URI.create(azurite.at("")), queue, Set.of(SasPermission.ADD), Instant.now().plusSeconds(600)).toString();
            var taken = client.send(HttpRequest.newBuilder(URI.create(address.replace("?", "/messages?"))).header("x-ms-version", "2021-12-02")
                    .POST(HttpRequest.BodyPublishers.ofString("<QueueMessage><MessageText>a\u0001b</MessageText></QueueMessage>")).build(),
                    HttpResponse.BodyHandlers.ofString());
            assertThat(taken.statusCode()).as(taken.body()).isEqualTo(201);
            storage.put("unreadable", "last");
            var texts = new ArrayList<String>();
            while (texts.size() < 2 && storage.awaitMessage("unreadable", Duration.ofMinutes(1))) {
                storage.receive("unreadable", 32).forEach(message -> texts.add(message.text()));
            }
            assertThat(texts).containsExactly("first", "last");
        }
    }

    @Test
    void anEndGivesBackAllThatIsHeld() {
        try (var storage = storage(azurite)) {
            storage.create(new StorageResource.Queue("held"));
            for (int i = 0; i < 50; i++) {
                storage.put("held", "text " + i);
            }
            assertThat(storage.receive("held", 32).size() + storage.receive("held", 32).size()).isEqualTo(50);
        }
        try (var next = storage(azurite)) {
            assertThat(next.receive("held", 32).size() + next.receive("held", 32).size()).isEqualTo(50);
        }
    }

    @Test
    void anAccountThatIsAwayIsAPassingFailureAndKeepsNobodyFromEnding() throws IOException {
        var account = Azurite.start(Files.createDirectory(folder.resolve("away")));
        var storage = storage(account);
        storage.create(new StorageResource.Queue("away"));
        for (int i = 0; i < 32; i++) {
            storage.put("away", "text " + i);
        }
        var message = storage.receive("away", 32).getFirst();
        account.close();
        assertThatThrownBy(() -> storage.put("away", "text")).isInstanceOfSatisfying(KustoException.class, e -> {
            assertThat(e.error().httpStatus()).isEqualTo(503);
            assertThat(e.error().isPermanent()).isFalse();
            assertThat(e.error().message()).contains("storage account").doesNotContain(Azurite.KEY);
        });
        assertThatThrownBy(() -> storage.create(new StorageResource.Container("export-1"))).isInstanceOfSatisfying(KustoException.class, e -> {
            assertThat(e.error().httpStatus()).isEqualTo(503);
            assertThat(e.error().isPermanent()).isFalse();
            assertThat(e.error().message()).contains("export-1", "has to answer").doesNotContain(Azurite.KEY);
        });
        assertThatThrownBy(() -> storage.giveBack("away", message.id(), message.popReceipt(), AT_ONCE)).isInstanceOf(KustoException.class);
        storage.close();
    }

    @Test
    void aStartWithoutTheAccountIsToldInOneLine() throws IOException {
        var account = Azurite.start(Files.createDirectory(folder.resolve("absent")));
        account.close();
        Path config = Files.writeString(folder.resolve("absent.yaml"), "limits:\n  memoryMegabytes: 512\nstorage: '" + account.connectionString() + "'\n");
        var finished = Surroundings.run(Path.of("."), Map.of(), UpProcess.command(List.of("up", "--port", "0", "--config", config.toString())).command());
        assertThat(finished.exitCode()).as(finished.output()).isEqualTo(1);
        assertThat(finished.output().lines().toList()).singleElement().asString()
                .startsWith("conshelf: the cluster does not start: 'ready-0' cannot be made in the storage account ")
                .contains("Connection refused", "it has to answer").doesNotContain(Azurite.KEY);
    }

    @Test
    void containersThatWereThereBeforeAreNotOurs() {
        azurite.container("theirs");
        try (var storage = storage(azurite); var next = storage(azurite)) {
            storage.create(new StorageResource.Container("theirs"));
            storage.create(new StorageResource.Container("made"));
            assertThat(storage.isOurs("theirs")).isFalse();
            assertThat(storage.isOurs("made")).isTrue();
            next.create(new StorageResource.Container("made"));
            assertThat(next.isOurs("made")).as("at the next start").isTrue();
        }
    }

    @Test
    void aContainerThatSomebodyDeletedIsForgottenAndKeepsNobodyFromClearingTheOthers() {
        try (var storage = storage(azurite)) {
            for (String name : List.of("shared-a", "shared-b")) {
                storage.create(new StorageResource.Container(name));
            }
            azurite.container("shared-a").delete();
            assertThat(storage.ours("shared-")).containsExactly("shared-b");
            assertThat(storage.isOurs("shared-a")).isFalse();
        }
    }

    @Test
    void theAccountIsAskedForAContainerAgainAfterMinutesOrOnceItIsFoundGone() {
        var now = new AtomicReference<>(Instant.parse("2026-03-01T10:00:00Z"));
        try (var storage = new AccountStorage(AccountConnection.parse(azurite.connectionString()), now::get)) {
            var container = new StorageResource.Container("asked-a");
            var there = azurite.container("asked-a");
            for (Runnable found : List.<Runnable>of(() -> storage.ours("asked-"), () -> now.updateAndGet(moment -> moment.plus(Duration.ofMinutes(6))))) {
                storage.create(container);
                there.delete();
                storage.create(container);
                assertThat(there.exists()).as("asked at once").isFalse();
                found.run();
                storage.create(container);
                assertThat(there.exists()).isTrue();
            }
        }
    }

    @Test
    void whatASignatureDoesNotAllowIsNotDeletedByTheAccountsKey() {
        azurite.upload("sources", "a b/c+d.csv", new byte[] {1});
        try (var storage = storage(azurite)) {
            assertThatThrownBy(() -> storage.deleteThrough(uri("r"))).isInstanceOf(KustoException.class);
            assertThat(azurite.container("sources").getBlobClient("a b/c+d.csv").exists()).isTrue();
            storage.deleteThrough(uri("rd"));
            assertThat(azurite.container("sources").getBlobClient("a b/c+d.csv").exists()).isFalse();
        }
    }

    private static URI uri(String permissions) {
        return URI.create(azurite.signed("sources/a%20b/c+d.csv", permissions));
    }
}
