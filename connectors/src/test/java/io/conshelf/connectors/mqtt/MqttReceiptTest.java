package io.conshelf.connectors.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.connectors.mqtt.MqttMessage.Quality;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.IntSupplier;
import org.junit.jupiter.api.Test;

/// What a broker is taken to have read, it has read: asked of the wire itself, which no broker tells.
class MqttReceiptTest {
    private static final int MESSAGES = 20_000;

    @Test
    void aDeliveryIsForgottenOnlyOnceTheBrokerHasReadItsAcknowledgement() throws Exception {
        AtomicReferenceArray<MqttReceipt> receipts = new AtomicReferenceArray<>(MESSAGES);
        try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            CompletableFuture<List<Integer>> wire = CompletableFuture.supplyAsync(() -> serve(listener, new Forgotten(receipts)));
            MqttBroker broker = MqttBroker.open("127.0.0.1", listener.getLocalPort()).with(MqttBroker.Version.V3_1_1);
            try (MqttConnection connection = MqttConnection.open(broker, new MqttConnection.Client("reader", new MqttConnection.Session.Kept(60), 65_535))) {
                for (int number = 0; number < MESSAGES; number++) {
                    Optional<MqttArrival> arrival = connection.next(Duration.ofMinutes(1));
                    assertThat(arrival).as("message %d", number).isPresent();
                    receipts.set(number, arrival.get().receipt());
                    arrival.get().receipt().acknowledge();
                }
                assertThat(wire.get(2, TimeUnit.MINUTES)).as("acknowledgements read before each ping").isSorted().endsWith(MESSAGES);
            }
        }
    }

    /// How many of the first messages are forgotten.
    private static final class Forgotten implements IntSupplier {
        private final AtomicReferenceArray<MqttReceipt> receipts;
        private int count;

        Forgotten(AtomicReferenceArray<MqttReceipt> receipts) {
            this.receipts = receipts;
        }

        @Override
        public int getAsInt() {
            while (count < MESSAGES && receipts.get(count) != null && receipts.get(count).isForgotten()) {
                count++;
            }
            return count;
        }
    }

    /// A broker that sends all its messages, and between one ping and the next looks at what its client believes.
    ///
    /// @return how many acknowledgements stood before each ping
    private static List<Integer> serve(ServerSocket listener, IntSupplier forgotten) {
        List<Integer> before = new ArrayList<>();
        try (Socket socket = listener.accept();
                DataInputStream in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
                DataOutputStream out = new DataOutputStream(new BufferedOutputStream(socket.getOutputStream()))) {
            int read = 0;
            while (read < MESSAGES || before.isEmpty() || before.getLast() < MESSAGES) {
                int type = in.readUnsignedByte() >> 4;
                in.readNBytes(in.readUnsignedByte());
                switch (type) {
                    case 1 -> greet(out);
                    case 4 -> read++;
                    case 12 -> {
                        out.write(new byte[] {(byte) 0xD0, 0});
                        out.flush();
                        awaitBelief(forgotten, read);
                        assertThat(forgotten.getAsInt()).as("forgotten, where %d acknowledgements were read", read).isEqualTo(read);
                        before.add(read);
                    }
                    default -> throw new AssertionError("a packet of type " + type);
                }
            }
            return before;
        } catch (IOException broken) {
            throw new AssertionError(broken);
        }
    }

    private static void awaitBelief(IntSupplier forgotten, int count) {
        long limit = System.nanoTime() + Duration.ofMinutes(1).toNanos();
        while (forgotten.getAsInt() < count) {
            assertThat(System.nanoTime()).as("the answer to a ping is heard; forgotten are %d of %d", forgotten.getAsInt(), count).isLessThan(limit);
            Thread.onSpinWait();
        }
    }

    private static void greet(DataOutputStream out) throws IOException {
        // a session that goes on, so that nobody subscribes
        out.write(new byte[] {0x20, 2, 1, 0});
        for (int number = 1; number <= MESSAGES; number++) {
            out.writeByte(0x30 | Quality.AT_LEAST_ONCE.ordinal() << 1);
            out.writeByte(5);
            out.writeUTF("t");
            out.writeShort(number);
        }
        out.flush();
    }
}
