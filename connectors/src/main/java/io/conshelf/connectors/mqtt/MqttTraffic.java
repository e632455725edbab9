package io.conshelf.connectors.mqtt;

import static io.conshelf.connectors.mqtt.MqttConnection.KEEP_ALIVE_SECONDS;

import io.conshelf.connectors.mqtt.MqttMessage.Quality;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.mqtt.MqttConnAckMessage;
import io.netty.handler.codec.mqtt.MqttMessageIdVariableHeader;
import io.netty.handler.codec.mqtt.MqttMessageType;
import io.netty.handler.codec.mqtt.MqttPubReplyMessageVariableHeader;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttReasonCodeAndPropertiesVariableHeader;
import io.netty.handler.codec.mqtt.MqttSubAckMessage;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/// What goes on over a connection: packets that come in, and what waits for them. Its channel's thread hands messages over and never waits; when too many of
/// them lie here it stops reading, and the broker has to keep the others.
final class MqttTraffic extends SimpleChannelInboundHandler<io.netty.handler.codec.mqtt.MqttMessage> {
    private static final int WAITING_MAX = 8_192;
    private static final long WAITING_BYTES_MAX = 16 << 20;
    private static final int IDS = 65_535;
    /// From here on reason codes are refusals.
    private static final int REFUSED = 0x80;
    private static final int TAKEN_OVER = 0x8E;

    private record Subscribing(List<String> filters, CompletableFuture<Void> answer) {}

    /// The connection was closed before the broker had answered anything.
    static final class ClosedUnheard extends Exception {
        private static final long serialVersionUID = 1;

        ClosedUnheard(String message) {
            super(message);
        }
    }

    private final MqttArrival wake = new MqttArrival(MqttMessage.of("-", new byte[0], Quality.AT_MOST_ONCE), MqttArrival.Delivered.FIRST,
            new MqttReceipt(this, Quality.AT_MOST_ONCE, 0));
    private final CompletableFuture<Void> active = new CompletableFuture<>();
    private final CompletableFuture<MqttConnAckMessage> greeted;
    private final LinkedBlockingQueue<MqttArrival> arrived = new LinkedBlockingQueue<>();
    private final AtomicLong arrivedBytes = new AtomicLong();
    private final Map<Integer, CompletableFuture<Void>> sent = new ConcurrentHashMap<>();
    private final Map<Integer, Subscribing> subscriptions = new ConcurrentHashMap<>();
    private final AtomicInteger lastId = new AtomicInteger();
    private volatile ChannelHandlerContext channel;
    private Future<?> keepingAlive;
    private volatile String lost = "";
    private volatile boolean isPaused;
    private volatile boolean isEnding;
    private volatile long heardNanos = System.nanoTime();

    /// Delivered and not acknowledged, in their order; guards what is below.
    private final Deque<MqttReceipt> unacknowledged = new ArrayDeque<>();
    private long acknowledged;
    /// Given to the channel's thread, which has not written them yet.
    private List<MqttReceipt> acknowledging = new ArrayList<>();
    /// Pings that have no answer yet, written or not.
    private int pings;
    /// Of each that was written, how many acknowledgements the broker reads before it.
    private final Deque<Long> asked = new ArrayDeque<>();
    /// Acknowledgements; of the channel's thread.
    private long written;
    private volatile long confirmed;

    MqttTraffic(CompletableFuture<MqttConnAckMessage> greeted) {
        super(io.netty.handler.codec.mqtt.MqttMessage.class);
        this.greeted = greeted;
    }

    /// Ends when there is a channel, encrypted where it is to be.
    CompletableFuture<Void> whenActive() {
        return active;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        channel = context;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        keepingAlive = context.executor().scheduleAtFixedRate(this::keepAlive, KEEP_ALIVE_SECONDS / 2, KEEP_ALIVE_SECONDS / 2,
                TimeUnit.SECONDS);
        active.complete(null);
    }

    private void keepAlive() {
        if (!lost.isEmpty() || isEnding) {
            return;
        }
        if (!isPaused && System.nanoTime() - heardNanos > TimeUnit.SECONDS.toNanos(2L * KEEP_ALIVE_SECONDS)) {
            lose("the broker says nothing");
            channel.close();
            return;
        }
        synchronized (unacknowledged) {
            ping();
        }
    }

    private void ping() {
        pings++;
        channel.executor().execute(this::writePing);
    }

    /// Behind all acknowledgements that wait, which it is to tell of.
    private void writePing() {
        writeAcknowledgements();
        synchronized (unacknowledged) {
            asked.add(written);
        }
        channel.writeAndFlush(MqttPackets.PING);
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, io.netty.handler.codec.mqtt.MqttMessage packet) {
        heardNanos = System.nanoTime();
        if (packet.decoderResult().isFailure()) {
            lose("it sends what is not MQTT: " + MqttConnection.reason(packet.decoderResult().cause()));
            context.close();
            return;
        }
        switch (packet.fixedHeader().messageType()) {
            case CONNACK -> greeted.complete((MqttConnAckMessage) packet);
            case PUBLISH -> arrive((MqttPublishMessage) packet);
            case PUBACK, PUBCOMP -> answered(packet);
            case PUBREC -> received(packet);
            case PUBREL -> context.writeAndFlush(MqttPackets.answer(MqttMessageType.PUBCOMP, id(packet)));
            case SUBACK -> subscribed((MqttSubAckMessage) packet);
            case UNSUBACK -> answered(packet);
            case PINGRESP -> pinged();
            case DISCONNECT -> lose("the broker ends it" + (packet.variableHeader() instanceof MqttReasonCodeAndPropertiesVariableHeader told
                    ? ", reason code 0x%02x".formatted(told.reasonCode() & 0xFF) + ((told.reasonCode() & 0xFF) == TAKEN_OVER ? ": another client connects under the same id" : "") : ""));
            // nothing else is for clients; extended authentication was not asked for
            case CONNECT, SUBSCRIBE, UNSUBSCRIBE, PINGREQ, AUTH -> { }
        }
    }

    private static int id(io.netty.handler.codec.mqtt.MqttMessage packet) {
        return ((MqttMessageIdVariableHeader) packet.variableHeader()).messageId();
    }

    /// Says goodbye, and takes nothing any more.
    void end() {
        isEnding = true;
        channel.writeAndFlush(MqttPackets.DISCONNECT);
        channel.channel().config().setAutoRead(true);
    }

    private void arrive(MqttPublishMessage packet) {
        if (isEnding) {
            return;
        }
        MqttMessage message = MqttPackets.message(packet);
        MqttReceipt receipt = new MqttReceipt(this, message.quality(), message.quality() == Quality.AT_MOST_ONCE ? 0 : packet.variableHeader().packetId());
        if (message.quality() != Quality.AT_MOST_ONCE) {
            synchronized (unacknowledged) {
                unacknowledged.add(receipt);
            }
        }
        arrivedBytes.addAndGet(message.payload().length);
        arrived.add(new MqttArrival(message, packet.fixedHeader().isDup() ? MqttArrival.Delivered.AGAIN : MqttArrival.Delivered.FIRST, receipt));
        if (isFull()) {
            isPaused = true;
            channel.channel().config().setAutoRead(false);
            // what was taken meanwhile saw no pause
            readOn();
        }
    }

    private boolean isFull() {
        return arrived.size() >= WAITING_MAX || arrivedBytes.get() >= WAITING_BYTES_MAX;
    }

    private void readOn() {
        if (isPaused && arrived.size() <= WAITING_MAX / 2 && arrivedBytes.get() <= WAITING_BYTES_MAX / 2) {
            isPaused = false;
            heardNanos = System.nanoTime();
            channel.channel().config().setAutoRead(true);
        }
    }

    Optional<MqttArrival> take(Duration wait) throws InterruptedException {
        MqttArrival taken = arrived.poll();
        if (taken == null && !lost.isEmpty()) {
            return Optional.empty();
        }
        // without a wait it is not interrupted: whoever asks may hold something already
        taken = taken == null && !wait.isZero() ? arrived.poll(wait.toNanos(), TimeUnit.NANOSECONDS) : taken;
        if (taken == null || taken == wake) {
            return Optional.empty();
        }
        arrivedBytes.addAndGet(-taken.message().payload().length);
        readOn();
        return Optional.of(taken);
    }

    int waiting() {
        return arrived.size();
    }

    void wakeUp() {
        arrived.add(wake);
    }

    void acknowledge(MqttReceipt receipt) {
        synchronized (unacknowledged) {
            receipt.becomeSafe();
            while (!unacknowledged.isEmpty() && unacknowledged.peekFirst().isSafe()) {
                MqttReceipt first = unacknowledged.pollFirst();
                if (acknowledging.isEmpty()) {
                    channel.executor().execute(this::writeAcknowledgements);
                }
                acknowledging.add(first);
                first.acknowledged(++acknowledged);
            }
            if (pings == 0 && acknowledged > confirmed) {
                ping();
            }
        }
    }

    /// Of the channel's thread: those that wait go together, where each would wake it by itself.
    private void writeAcknowledgements() {
        List<MqttReceipt> now;
        synchronized (unacknowledged) {
            now = acknowledging;
            acknowledging = new ArrayList<>();
        }
        for (MqttReceipt receipt : now) {
            channel.write(MqttConnection.acknowledgement(receipt.quality(), receipt.packetId()));
        }
        written += now.size();
        channel.flush();
    }

    private void pinged() {
        synchronized (unacknowledged) {
            if (!asked.isEmpty()) {
                confirmed = asked.poll();
                pings--;
            }
            if (pings == 0 && acknowledged > confirmed) {
                ping();
            }
        }
    }

    /// How many acknowledgements the broker has read.
    long confirmed() {
        return confirmed;
    }

    int awaitAnswer(CompletableFuture<Void> done) {
        int id = id();
        while (sent.putIfAbsent(id, done) != null) {
            id = id();
        }
        if (!lost.isEmpty()) {
            done.completeExceptionally(new IllegalStateException(lost));
        }
        return id;
    }

    private void subscribed(MqttSubAckMessage packet) {
        Subscribing waiting = subscriptions.remove(packet.variableHeader().messageId());
        if (waiting == null) {
            return;
        }
        List<Integer> codes = packet.payload().reasonCodes();
        for (int i = 0; i < waiting.filters().size(); i++) {
            int code = i < codes.size() ? codes.get(i) : REFUSED;
            if (code >= REFUSED) {
                String refused = "it refuses the subscription to '%s', reason code 0x%02x".formatted(waiting.filters().get(i), code);
                waiting.answer().completeExceptionally(new IllegalStateException(refused));
                lose(refused);
                channel.close();
                return;
            }
        }
        waiting.answer().complete(null);
    }

    int awaitSubscription(List<String> filters, CompletableFuture<Void> answer) {
        int id = id();
        subscriptions.put(id, new Subscribing(filters, answer));
        if (!lost.isEmpty()) {
            answer.completeExceptionally(new IllegalStateException(lost));
        }
        return id;
    }

    private int id() {
        return lastId.updateAndGet(last -> last % IDS + 1);
    }

    private void answered(io.netty.handler.codec.mqtt.MqttMessage packet) {
        CompletableFuture<Void> waiting = sent.remove(id(packet));
        if (waiting != null) {
            end(waiting, packet);
        }
    }

    private void received(io.netty.handler.codec.mqtt.MqttMessage packet) {
        if (isRefusal(packet)) {
            answered(packet);
        } else {
            channel.writeAndFlush(MqttPackets.answer(MqttMessageType.PUBREL, id(packet)));
        }
    }

    private static boolean isRefusal(io.netty.handler.codec.mqtt.MqttMessage packet) {
        return packet.variableHeader() instanceof MqttPubReplyMessageVariableHeader told && (told.reasonCode() & 0xFF) >= REFUSED;
    }

    private static void end(CompletableFuture<Void> waiting, io.netty.handler.codec.mqtt.MqttMessage packet) {
        if (isRefusal(packet)) {
            waiting.completeExceptionally(new IllegalStateException("it refuses a message, reason code 0x%02x".formatted(
                    ((MqttPubReplyMessageVariableHeader) packet.variableHeader()).reasonCode() & 0xFF)));
        } else {
            waiting.complete(null);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        if (keepingAlive != null) {
            keepingAlive.cancel(false);
        }
        // it tells no reason, and this is one that whoever looks would not think of
        lose("the broker closed it" + (greeted.isDone() ? ", as it also does where another client connects under the same id" : ""));
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        Throwable first = cause instanceof io.netty.handler.codec.DecoderException && cause.getCause() != null ? cause.getCause() : cause;
        lose(MqttConnection.reason(first));
        context.close();
    }

    /// The first reason is the one that counts.
    private void lose(String reason) {
        if (!lost.isEmpty()) {
            return;
        }
        lost = reason;
        greeted.completeExceptionally(new ClosedUnheard(reason));
        IllegalStateException failure = new IllegalStateException("the connection is lost: " + reason);
        sent.values().forEach(waiting -> waiting.completeExceptionally(failure));
        subscriptions.values().forEach(waiting -> waiting.answer().completeExceptionally(failure));
        wakeUp();
    }

    boolean isLostAndTaken() {
        return !lost.isEmpty() && arrived.stream().allMatch(one -> one == wake);
    }

    String lost() {
        return lost;
    }
}
