package io.conshelf.processor.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.conshelf.connectors.mqtt.MqttBroker;
import io.conshelf.connectors.mqtt.MqttConnection;
import io.conshelf.connectors.mqtt.MqttConnection.Session;
import io.conshelf.connectors.mqtt.MqttMessage;
import io.conshelf.connectors.mqtt.MqttMessage.Description;
import io.conshelf.connectors.mqtt.MqttMessage.PayloadFormat;
import io.conshelf.connectors.mqtt.MqttMessage.Property;
import io.conshelf.connectors.mqtt.MqttMessage.Quality;
import io.conshelf.connectors.mqtt.MqttMessage.Retain;
import io.conshelf.connectors.mqtt.MqttSender;
import io.conshelf.processor.Mosquitto;
import io.conshelf.processor.format.FormatException;
import io.conshelf.processor.format.RawFormat;
import io.conshelf.processor.source.Source.Arrival;
import io.conshelf.processor.value.Value;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Messages from a real broker.
class MqttSourceTest {
    private static final Session KEPT = new Session.Kept(3_600);
    private static final long LIMIT_SECONDS = 120;

    @TempDir
    private static Path folder;
    private static Mosquitto mosquitto;
    private static final ExecutorService THREADS = Executors.newVirtualThreadPerTaskExecutor();

    @BeforeAll
    static void startBroker() throws Exception {
        mosquitto = Mosquitto.start(folder.resolve("shared"), "");
    }

    @AfterAll
    static void stopBroker() {
        if (mosquitto != null) {
            mosquitto.close();
        }
        THREADS.shutdownNow();
    }

    private static MqttBroker broker() {
        return MqttBroker.open("127.0.0.1", mosquitto.port());
    }

    private static MqttSource source(MqttBroker broker, String name, Quality quality, String... topics) {
        return new MqttSource(new MqttSource.Settings(broker, name, List.of(topics), quality, KEPT), Subscriptions.UNKNOWN);
    }

    private static <T> T inTime(Callable<T> task) throws Exception {
        Future<T> running = THREADS.submit(task);
        try {
            return running.get(LIMIT_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        } finally {
            running.cancel(true);
        }
    }

    private static List<Arrival> read(Source source, int count) throws Exception {
        return inTime(() -> {
            List<Arrival> arrivals = new ArrayList<>();
            while (arrivals.size() < count) {
                arrivals.addAll(source.next());
            }
            return arrivals;
        });
    }

    /// Makes the broker know the session.
    private static void subscribe(MqttBroker broker, String name, Quality quality, String topic) throws Exception {
        try (MqttSource first = source(broker, name, quality, topic)) {
            send(broker, MqttMessage.of("first/" + topic, bytes("first"), Quality.AT_MOST_ONCE));
            Future<List<Arrival>> waiting = THREADS.submit(() -> read(first, 1));
            try (MqttSender sender = MqttSender.open(broker, "hello-" + name)) {
                while (!waiting.isDone()) {
                    sender.send(List.of(MqttMessage.of(topic, bytes("first"), Quality.AT_LEAST_ONCE)));
                }
            }
            waiting.get(LIMIT_SECONDS, TimeUnit.SECONDS);
        }
        try (MqttSource rest = source(broker, name, quality, topic)) {
            send(broker, MqttMessage.of(topic, bytes("last"), Quality.AT_LEAST_ONCE));
            inTime(() -> {
                String last = "";
                while (!last.equals("last")) {
                    for (Arrival arrival : rest.next()) {
                        arrival.delivery().acknowledge();
                        last = text(arrival);
                    }
                }
                return last;
            });
        }
    }

    private static void send(MqttBroker broker, MqttMessage... messages) throws Exception {
        try (MqttSender sender = MqttSender.open(broker, "sender-" + System.nanoTime())) {
            sender.send(List.of(messages));
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(Arrival arrival) {
        return new String(arrival.payload(), StandardCharsets.UTF_8);
    }

    private static MqttMessage once(String topic, String payload) {
        return MqttMessage.of(topic, bytes(payload), Quality.AT_LEAST_ONCE);
    }

    @Test
    void allThatMqtt5SaysOfAMessageIsInItsEnvelope() throws Exception {
        subscribe(broker(), "envelope", Quality.AT_LEAST_ONCE, "all/envelope");
        send(broker(), new MqttMessage("all/envelope", bytes("{}"), Quality.AT_LEAST_ONCE, Retain.NO,
                new Description("application/json", "answers/here", bytes("foo"), PayloadFormat.TEXT, 4_000),
                List.of(new Property("a", "1"), new Property("b", "2"), new Property("a", "3"))));
        try (MqttSource source = source(broker(), "envelope", Quality.AT_LEAST_ONCE, "all/envelope")) {
            Arrival arrival = read(source, 1).getFirst();
            assertThat(arrival.envelope().keySet()).containsExactly("topic", "qos", "packetId", "properties", "userProperties");
            assertThat(arrival.envelope()).containsEntry("topic", Value.of("all/envelope")).containsEntry("qos", Value.of(1));
            assertThat(arrival.envelope().get("packetId")).isInstanceOf(Value.Whole.class);
            Value.Members properties = (Value.Members) arrival.envelope().get("properties");
            assertThat(properties.members()).contains(Map.entry("responseTopic", Value.of("answers/here")),
                    Map.entry("contentType", Value.of("application/json")), Map.entry("payloadFormat", Value.of(1)),
                    Map.entry("correlationData", new Value.Binary(bytes("foo"))));
            assertThat(((Value.Whole) properties.member("messageExpiry")).value()).isBetween(1L, 4_000L);
            assertThat(arrival.envelope().get("userProperties")).isEqualTo(Value.items(List.of(property("a", "1"), property("b", "2"), property("a", "3"))));
            arrival.delivery().acknowledge();
        }
    }

    private static Value property(String key, String value) {
        Value.Members members = Value.members(Map.of());
        members.members().put("key", Value.of(key));
        members.members().put("value", Value.of(value));
        return members;
    }

    @Test
    void whatIsNotAcknowledgedComesAgainToTheNextAndSaysSo() throws Exception {
        for (MqttBroker.Version version : MqttBroker.Version.values()) {
            for (Quality quality : List.of(Quality.AT_LEAST_ONCE, Quality.EXACTLY_ONCE)) {
                String name = "again" + version + quality;
                MqttBroker broker = broker().with(version);
                subscribe(broker, name, quality, name);
                List<Arrival> first;
                try (MqttSource source = source(broker, name, quality, name)) {
                    send(broker, of(name, quality, "one"), of(name, quality, "two"), of(name, quality, "two"), of(name, quality, "three"));
                    first = read(source, 4);
                    assertThat(first).extracting(MqttSourceTest::text).containsExactly("one", "two", "two", "three");
                    assertThat(first).as("%s %s", version, quality).noneMatch(arrival -> arrival.delivery().isRepeated());
                    first.getFirst().delivery().acknowledge();
                    eventually(() -> first.getFirst().delivery().isForgotten());
                    assertThat(first.get(1).delivery().isForgotten()).isFalse();
                }
                send(broker, of(name, quality, "two"));
                try (MqttSource source = source(broker, name, quality, name)) {
                    List<Arrival> second = read(source, 4);
                    assertThat(second).extracting(MqttSourceTest::text).as("%s %s", version, quality).containsExactly("two", "two", "three", "two");
                    assertThat(second.subList(0, 3)).extracting(arrival -> arrival.delivery().identity())
                            .isEqualTo(first.subList(1, 4).stream().map(arrival -> arrival.delivery().identity()).toList());
                    assertThat(second).extracting(arrival -> arrival.delivery().isRepeated()).as("%s %s", version, quality)
                            .containsExactly(true, true, true, false);
                    second.forEach(arrival -> arrival.delivery().acknowledge());
                    eventually(() -> second.stream().allMatch(arrival -> arrival.delivery().isForgotten()));
                }
            }
        }
    }

    private static MqttMessage of(String topic, Quality quality, String payload) {
        return MqttMessage.of(topic, bytes(payload), quality);
    }

    private static void eventually(Callable<Boolean> holds) throws Exception {
        assertThat(inTime(() -> {
            while (!holds.call()) {
                Thread.onSpinWait();
                Thread.yield();
            }
            return true;
        })).isTrue();
    }

    @Test
    void aRestartOfTheBrokerLosesNothingAndWhatIsRepeatedIsKnown() throws Exception {
        try (Mosquitto own = Mosquitto.start(folder.resolve("restart"), "max_inflight_messages 100")) {
            MqttBroker broker = MqttBroker.open("127.0.0.1", own.port());
            subscribe(broker, "restart", Quality.AT_LEAST_ONCE, "restart");
            try (MqttSource source = source(broker, "restart", Quality.AT_LEAST_ONCE, "restart")) {
                send(broker, IntStream.range(0, 150).mapToObj(i -> once("restart", "m" + i)).toArray(MqttMessage[]::new));
                List<Arrival> before = read(source, 100);
                own.stop();
                // told while nobody hears it
                before.subList(0, 50).forEach(arrival -> arrival.delivery().acknowledge());
                while (true) {
                    try {
                        before.addAll(read(source, 1));
                    } catch (SourceException lost) {
                        assertThat(lost).hasMessageContaining("127.0.0.1:" + own.port());
                        break;
                    }
                }
                own.start();
                send(broker, IntStream.range(150, 200).mapToObj(i -> once("restart", "m" + i)).toArray(MqttMessage[]::new));
                before.subList(50, before.size()).forEach(arrival -> arrival.delivery().acknowledge());
                SequencedMap<Source.Identity, Arrival> latest = new LinkedHashMap<>();
                before.forEach(arrival -> latest.put(arrival.delivery().identity(), arrival));
                while (latest.size() < 200) {
                    for (Arrival arrival : read(source, 1)) {
                        assertThat(latest.containsKey(arrival.delivery().identity())).as("what comes again says so").isEqualTo(arrival.delivery().isRepeated());
                        latest.put(arrival.delivery().identity(), arrival);
                    }
                }
                assertThat(latest.values()).extracting(MqttSourceTest::text).isEqualTo(IntStream.range(0, 200).mapToObj(i -> "m" + i).toList());
                latest.values().forEach(arrival -> arrival.delivery().acknowledge());
                Arrival last = latest.sequencedValues().getLast();
                eventually(() -> last.delivery().isForgotten());
            }
            try (MqttSource source = source(broker, "restart", Quality.AT_LEAST_ONCE, "restart")) {
                send(broker, once("restart", "end"));
                assertThat(read(source, 1)).extracting(MqttSourceTest::text).as("nothing is left to repeat").containsExactly("end");
            }
        }
    }

    @Test
    void aReaderThatIsSlowGetsEveryMessageInOrder() throws Exception {
        subscribe(broker(), "slow", Quality.AT_LEAST_ONCE, "slow");
        int count = 30_000;
        try (MqttSource source = source(broker(), "slow", Quality.AT_LEAST_ONCE, "slow")) {
            send(broker(), IntStream.range(0, count).mapToObj(i -> once("slow", "m" + i)).toArray(MqttMessage[]::new));
            List<String> read = inTime(() -> {
                List<String> texts = new ArrayList<>();
                while (texts.size() < count) {
                    for (Arrival arrival : source.next()) {
                        texts.add(text(arrival));
                        arrival.delivery().acknowledge();
                    }
                }
                return texts;
            });
            assertThat(read).isEqualTo(IntStream.range(0, count).mapToObj(i -> "m" + i).toList());
        }
    }

    @Test
    void aSharedSubscriptionDividesMessagesAmongItsSources() throws Exception {
        String filter = "$share/group/shared/+";
        try (MqttSource one = source(broker(), "shared1", Quality.AT_LEAST_ONCE, filter); MqttSource two = source(broker(), "shared2", Quality.AT_LEAST_ONCE, filter)) {
            List<String> read = new CopyOnWriteArrayList<>();
            for (MqttSource source : List.of(one, two)) {
                THREADS.submit(() -> {
                    while (true) {
                        for (Arrival arrival : source.next()) {
                            read.add(text(arrival));
                            arrival.delivery().acknowledge();
                        }
                    }
                });
            }
            try (MqttSender sender = MqttSender.open(broker(), "sharer")) {
                while (read.isEmpty()) {
                    sender.send(List.of(once("shared/x", "hello")));
                }
                List<String> sent = IntStream.range(0, 100).mapToObj(i -> "s" + i).toList();
                sender.send(sent.stream().map(text -> once("shared/" + text, text)).toList());
                eventually(() -> read.stream().filter(text -> !text.equals("hello")).count() >= 100);
                assertThat(read.stream().filter(text -> !text.equals("hello")).toList()).containsExactlyInAnyOrderElementsOf(sent);
            }
        }
    }

    @Test
    void whatAChangedPipelineDoesNotSubscribeToAnyMoreDoesNotCome() throws Exception {
        for (MqttBroker.Version version : MqttBroker.Version.values()) {
            String name = "changed" + version;
            MqttBroker broker = broker().with(version);
            Subscriptions remembered = Subscriptions.in(folder.resolve(name));
            try (MqttSource source = new MqttSource(settings(broker, name, name + "/old", name + "/both"), remembered)) {
                assertThat(source.open()).isEqualTo(Source.Session.NEW);
                assertThat(remembered.filters()).containsExactly(name + "/old", name + "/both");
            }
            try (MqttSource source = new MqttSource(settings(broker, name, name + "/both", name + "/new"), remembered)) {
                assertThat(source.open()).isEqualTo(Source.Session.RESUMED);
                assertThat(remembered.filters()).as("until the broker has taken it back").contains(name + "/old");
                send(broker, once(name + "/both", "settled"));
                eventually(() -> {
                    send(broker, once(name + "/both", "settled"));
                    read(source, 1).forEach(arrival -> arrival.delivery().acknowledge());
                    return remembered.filters().equals(List.of(name + "/both", name + "/new"));
                });
                send(broker, once(name + "/old", "old"), once(name + "/new", "new"), once(name + "/both", "end"));
                List<String> read = new ArrayList<>();
                while (!read.contains("end")) {
                    read.addAll(read(source, 1).stream().map(MqttSourceTest::text).toList());
                }
                assertThat(read).as("%s", version).contains("new").doesNotContain("old");
            }
        }
    }

    private static MqttSource.Settings settings(MqttBroker broker, String name, String... topics) {
        return new MqttSource.Settings(broker, name, List.of(topics), Quality.AT_LEAST_ONCE, KEPT);
    }

    @Test
    void aSessionThatIsForgottenKeepsNothing() throws Exception {
        for (MqttBroker.Version version : MqttBroker.Version.values()) {
            String name = "gone" + version;
            MqttBroker broker = broker().with(version);
            subscribe(broker, name, Quality.AT_LEAST_ONCE, name);
            send(broker, once(name, "kept for it"));
            MqttSource.forget(settings(broker, name, name));
            try (MqttSource source = source(broker, name, Quality.AT_LEAST_ONCE, name)) {
                assertThat(source.open()).as("%s", version).isEqualTo(Source.Session.NEW);
                send(broker, once(name, "later"));
                assertThat(read(source, 1)).extracting(MqttSourceTest::text).containsExactly("later");
            }
        }
    }

    @Test
    void whoseSessionAnotherTakesOverIsToldSo() throws Exception {
        for (MqttBroker.Version version : MqttBroker.Version.values()) {
            MqttBroker broker = broker().with(version);
            try (MqttSource one = source(broker, "twin" + version, Quality.AT_LEAST_ONCE, "twin"); MqttSource other = source(broker, "twin" + version, Quality.AT_LEAST_ONCE, "twin")) {
                one.open();
                other.open();
                assertThatThrownBy(() -> read(one, 1)).as("%s", version).isInstanceOf(SourceException.class).hasMessageContaining("another client connects under the same id");
            }
        }
    }

    @Test
    void anInterruptTakesNothingThatWasTakenAlready() throws Exception {
        try (MqttSource source = source(broker(), "interrupted", Quality.AT_MOST_ONCE, "interrupted"); MqttSender sender = MqttSender.open(broker(), "interrupter")) {
            source.open();
            List<Arrival> arrivals = new ArrayList<>();
            int sent = 0;
            while (arrivals.size() < 500) {
                sender.send(IntStream.range(sent, sent + 10).mapToObj(i -> MqttMessage.of("interrupted", bytes("m" + i), Quality.AT_MOST_ONCE)).toList());
                sent += 10;
                Thread reader = Thread.currentThread();
                Thread interrupter = Thread.ofVirtual().start(reader::interrupt);
                while (arrivals.size() < sent) {
                    try {
                        arrivals.addAll(source.next());
                    } catch (InterruptedException here) {
                        // whoever reads goes on
                        continue;
                    }
                }
                while (interrupter.isAlive()) {
                    Thread.onSpinWait();
                }
                // one that was late is none of the next round
                Thread.interrupted();
            }
            assertThat(arrivals).extracting(MqttSourceTest::text).isEqualTo(IntStream.range(0, arrivals.size()).mapToObj(i -> "m" + i).toList());
        }
    }

    @Test
    void aFullReceiveMaximumIsBorne() throws Exception {
        subscribe(broker(), "few", Quality.AT_LEAST_ONCE, "few");
        try (MqttSource source = new MqttSource(new MqttSource.Settings(broker(), "few", List.of("few"), Quality.AT_LEAST_ONCE, KEPT), Subscriptions.UNKNOWN, 3)) {
            Future<List<Arrival>> three = THREADS.submit(() -> read(source, 3));
            send(broker(), IntStream.range(0, 10).mapToObj(i -> once("few", "m" + i)).toArray(MqttMessage[]::new));
            List<Arrival> first = three.get(LIMIT_SECONDS, TimeUnit.SECONDS);
            // the last is said to be safe before the others: the broker hears of all at once, in their order
            first.reversed().forEach(arrival -> arrival.delivery().acknowledge());
            List<Arrival> second = read(source, 3);
            assertThat(second).extracting(MqttSourceTest::text).startsWith("m3", "m4", "m5");
        }
    }

    @Test
    void aMessageThatIsTooLargeForAnyFormatStopsNobody() throws Exception {
        for (MqttBroker.Version version : MqttBroker.Version.values()) {
            String name = "large" + version;
            MqttBroker broker = broker().with(version);
            subscribe(broker, name, Quality.AT_LEAST_ONCE, name);
            MqttMessage large = MqttMessage.of(name, new byte[60 << 20], Quality.AT_LEAST_ONCE);
            send(broker, once(name, "before"), large, once(name, "between"), large, once(name, "after"), once(name, "last"));
            try (MqttSource source = source(broker, name, Quality.AT_LEAST_ONCE, name)) {
                List<Arrival> arrivals = read(source, 6);
                assertThat(arrivals.stream().map(arrival -> arrival.payload().length > 100 ? "large" : text(arrival))).as("%s", version)
                        .containsExactly("before", "large", "between", "large", "after", "last");
                byte[] payload = arrivals.get(1).payload();
                assertThat(payload.length).isLessThanOrEqualTo(MqttConnection.MESSAGE_BYTES_MAX);
                assertThatThrownBy(() -> new RawFormat().decode(payload)).isInstanceOf(FormatException.class).hasMessageContaining("are the most that are read");
                arrivals.forEach(arrival -> arrival.delivery().acknowledge());
                eventually(() -> arrivals.stream().allMatch(arrival -> arrival.delivery().isForgotten()));
            }
        }
    }

    @Test
    void aBrokerWithoutMqtt5IsSpokenToInTheOlderVersion() throws Exception {
        try (OldBroker old = OldBroker.start(); MqttSource source = source(MqttBroker.open("127.0.0.1", old.port()), "old", Quality.AT_LEAST_ONCE, "a")) {
            assertThatThrownBy(() -> read(source, 1)).as("it might be going down").isInstanceOf(SourceException.class);
            assertThat(read(source, 1)).extracting(MqttSourceTest::text).containsExactly("hello");
        }
    }

    @Test
    void anUnknownUserIsRefused() throws Exception {
        Path passwords = folder.resolve("passwords");
        java.nio.file.Files.writeString(passwords, "");
        try (Mosquitto own = Mosquitto.start(folder.resolve("closed"), "allow_anonymous false\npassword_file " + passwords);
                MqttSource source = source(MqttBroker.open("127.0.0.1", own.port()).with(new MqttBroker.Login("me", "hidden")), "closed", Quality.AT_LEAST_ONCE, "a")) {
            assertThatThrownBy(() -> read(source, 1)).isInstanceOf(SourceException.class).hasMessageContaining("refuses the connection: not authorized")
                    .hasMessageNotContaining("hidden");
        }
    }

    @Test
    void aBrokerThatIsNotThereIsToldAndAskedAgain() throws Exception {
        int port = Mosquitto.freePort();
        try (MqttSource source = source(MqttBroker.open("127.0.0.1", port), "nobody", Quality.AT_LEAST_ONCE, "a")) {
            for (int i = 0; i < 2; i++) {
                assertThatThrownBy(() -> read(source, 1)).isInstanceOf(SourceException.class).hasMessageContaining("127.0.0.1:" + port);
            }
        }
    }
}
