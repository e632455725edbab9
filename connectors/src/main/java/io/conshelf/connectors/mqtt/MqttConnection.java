package io.conshelf.connectors.mqtt;

import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.mqtt.MqttMessage.Quality;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.mqtt.MqttConnAckMessage;
import io.netty.handler.codec.mqtt.MqttConnectReturnCode;
import io.netty.handler.codec.mqtt.MqttDecoder;
import io.netty.handler.codec.mqtt.MqttEncoder;
import io.netty.handler.codec.mqtt.MqttMessageType;
import io.netty.handler.codec.mqtt.MqttProperties.MqttPropertyType;
import io.netty.handler.flush.FlushConsolidationHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// One connection of a client to a broker, in either version of the protocol. It is not made anew when it is lost: whoever uses it opens another, and goes on
/// from what it remembers. Messages that nobody takes are left with the broker.
public final class MqttConnection implements AutoCloseable {
    /// The connection was refused or closed before a word was said, as brokers of another version do.
    public static final String VERSION_REFUSED = "MqttVersionRefused";
    /// As many messages as the protocol has numbers for.
    public static final int IN_FLIGHT_MAX = 65_535;
    /// Of a message that is larger nobody gets more than about so many bytes; it comes all the same, so that it can be acknowledged.
    public static final int MESSAGE_BYTES_MAX = 40 << 20;

    static final int KEEP_ALIVE_SECONDS = 30;
    private static final int ANSWER_SECONDS_MAX = 30;
    private static final int CLOSE_SECONDS_MAX = 5;
    private static final int SENDING_MAX = 1_000;
    private static final int FLUSHES_TOGETHER = 256;

    /// @param session     what the broker keeps of a client that is away
    /// @param inFlightMax how many messages may be under way before the first of them is acknowledged. MQTT 5 only; Mosquitto 2.0.11 sends more than it
    ///                    after a break, which is borne
    public record Client(String id, Session session, int inFlightMax) {}

    public sealed interface Session {
        /// Nothing.
        record Clean() implements Session {}

        /// Its subscriptions, and messages of at least AT_LEAST_ONCE, for so long.
        record Kept(long seconds) implements Session {}
    }

    /// The threads that all connections share.
    private static final class Threads {
        private static final EventLoopGroup ALL = new NioEventLoopGroup(2, new DefaultThreadFactory("mqtt", true));
    }

    private final MqttBroker broker;
    private final Channel channel;
    private final MqttTraffic traffic;
    private final boolean isResumed;
    private final Semaphore sending;

    private MqttConnection(MqttBroker broker, Channel channel, MqttTraffic traffic, MqttConnAckMessage greeting) {
        this.broker = broker;
        this.channel = channel;
        this.traffic = traffic;
        this.isResumed = greeting.variableHeader().isSessionPresent();
        this.sending = new Semaphore(Math.max(1, Math.min(SENDING_MAX,
                MqttPackets.integer(greeting.variableHeader().properties(), MqttPropertyType.RECEIVE_MAXIMUM, IN_FLIGHT_MAX))));
    }

    /// Messages of a session that is kept come at once.
    public static MqttConnection open(MqttBroker broker, Client client) throws StoreException {
        SslContext tls = broker.tls() instanceof MqttBroker.Tls.On on ? TlsFactories.of(on) : null;
        CompletableFuture<MqttConnAckMessage> greeted = new CompletableFuture<>();
        MqttTraffic traffic = new MqttTraffic(greeted);
        ChannelFuture connected = new Bootstrap().group(Threads.ALL).channel(NioSocketChannel.class)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) Duration.ofSeconds(ANSWER_SECONDS_MAX).toMillis())
                .option(ChannelOption.TCP_NODELAY, true).handler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel made) {
                        ChannelPipeline pipeline = made.pipeline();
                        if (tls != null) {
                            pipeline.addLast(TlsFactories.handler(tls, made, broker));
                        }
                        pipeline.addLast(new FlushConsolidationHandler(FLUSHES_TOGETHER, true), new LargePublish(MESSAGE_BYTES_MAX),
                                new MqttDecoder(MESSAGE_BYTES_MAX), MqttEncoder.INSTANCE, traffic);
                    }
                }).connect(broker.host(), broker.port());
        Channel channel = connected.channel();
        try {
            connected.addListener(done -> {
                if (!done.isSuccess()) {
                    greeted.completeExceptionally(done.cause());
                }
            });
            traffic.whenActive().thenRun(() -> channel.writeAndFlush(MqttPackets.connect(broker, client, KEEP_ALIVE_SECONDS)));
            MqttConnAckMessage greeting = greeted.get(ANSWER_SECONDS_MAX, TimeUnit.SECONDS);
            MqttConnectReturnCode code = greeting.variableHeader().connectReturnCode();
            if (code != MqttConnectReturnCode.CONNECTION_ACCEPTED) {
                channel.close();
                throw refused(broker, code);
            }
            return new MqttConnection(broker, channel, traffic, greeting);
        } catch (ExecutionException | TimeoutException e) {
            channel.close();
            Throwable cause = e instanceof ExecutionException ? e.getCause() : e;
            String code = broker.version() == MqttBroker.Version.V5 && cause instanceof MqttTraffic.ClosedUnheard ? VERSION_REFUSED : "MqttFailure";
            throw StoreException.system(code, "The MQTT broker at %s:%d is not reached: %s".formatted(broker.host(), broker.port(), reason(cause)), e);
        } catch (InterruptedException e) {
            channel.close();
            throw interrupted(broker, e);
        }
    }

    private static StoreException refused(MqttBroker broker, MqttConnectReturnCode code) {
        String message = "The MQTT broker at %s:%d refuses the connection: %s".formatted(broker.host(), broker.port(),
                code.name().replaceFirst("^CONNECTION_REFUSED_", "").toLowerCase(Locale.ROOT).replaceFirst("_5$", "").replace('_', ' '));
        return switch (code) {
            case CONNECTION_REFUSED_UNACCEPTABLE_PROTOCOL_VERSION, CONNECTION_REFUSED_UNSUPPORTED_PROTOCOL_VERSION ->
                StoreException.user(VERSION_REFUSED, message);
            case CONNECTION_REFUSED_BAD_USER_NAME_OR_PASSWORD, CONNECTION_REFUSED_NOT_AUTHORIZED, CONNECTION_REFUSED_NOT_AUTHORIZED_5,
                    CONNECTION_REFUSED_BAD_USERNAME_OR_PASSWORD, CONNECTION_REFUSED_CLIENT_IDENTIFIER_NOT_VALID, CONNECTION_REFUSED_IDENTIFIER_REJECTED,
                    CONNECTION_REFUSED_BANNED, CONNECTION_REFUSED_BAD_AUTHENTICATION_METHOD -> StoreException.user("MqttFailure", message);
            default -> StoreException.system("MqttFailure", message, new IllegalStateException(code.name()));
        };
    }

    static String reason(Throwable cause) {
        return cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
    }

    private static StoreException interrupted(MqttBroker broker, InterruptedException e) {
        Thread.currentThread().interrupt();
        return StoreException.system("MqttFailure", "The work with the MQTT broker at %s:%d was interrupted".formatted(broker.host(), broker.port()), e);
    }

    private StoreException failure(String what, Throwable cause) {
        return StoreException.system("MqttFailure", "The MQTT broker at %s:%d %s: %s".formatted(broker.host(), broker.port(), what, reason(cause)), cause);
    }

    public MqttBroker.Version version() {
        return broker.version();
    }

    /// Whether the broker knew the session.
    public boolean isResumed() {
        return isResumed;
    }

    /// Of a session that goes on, messages may lie before the broker's answer that fill all that is ready for them, so nobody waits for it: where the broker
    /// refuses, the connection is lost.
    public void subscribe(List<String> filters, Quality quality) throws StoreException {
        CompletableFuture<Void> answer = new CompletableFuture<>();
        channel.writeAndFlush(MqttPackets.subscribe(traffic.awaitSubscription(filters, answer), filters, quality));
        if (isResumed) {
            return;
        }
        try {
            answer.get(ANSWER_SECONDS_MAX, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw failure("does not take a subscription", e instanceof ExecutionException ? e.getCause() : e);
        } catch (InterruptedException e) {
            throw interrupted(broker, e);
        }
    }

    /// Takes subscriptions back. What the broker holds of them already it sends still.
    ///
    /// @return ends when the broker has done so
    public CompletableFuture<Void> unsubscribe(List<String> filters) {
        CompletableFuture<Void> answer = new CompletableFuture<>();
        channel.writeAndFlush(MqttPackets.unsubscribe(traffic.awaitAnswer(answer), filters));
        return answer;
    }

    /// What has come; empty where nothing comes in so long, or another thread says [#wakeUp].
    ///
    /// @throws StoreException where the connection is lost, and all is taken that came before
    public Optional<MqttArrival> next(Duration wait) throws StoreException, InterruptedException {
        Optional<MqttArrival> next = traffic.take(wait);
        if (next.isEmpty() && traffic.isLostAndTaken()) {
            throw StoreException.system("MqttFailure", "The connection to the MQTT broker at %s:%d is lost: %s".formatted(broker.host(), broker.port(),
                    traffic.lost()), new IllegalStateException(traffic.lost()));
        }
        return next;
    }

    /// What has come already.
    public Optional<MqttArrival> next() throws InterruptedException {
        return traffic.take(Duration.ZERO);
    }

    /// Received and not yet taken.
    public int waiting() {
        return traffic.waiting();
    }

    public void wakeUp() {
        traffic.wakeUp();
    }

    /// Returns when the broker has all of them, as far as their quality says so.
    public void publish(List<MqttMessage> messages) throws StoreException {
        List<CompletableFuture<Void>> sent = new ArrayList<>();
        try {
            for (MqttMessage message : messages) {
                sent.add(send(message));
            }
            for (CompletableFuture<Void> one : sent) {
                one.get(ANSWER_SECONDS_MAX, TimeUnit.SECONDS);
            }
        } catch (ExecutionException | TimeoutException e) {
            throw failure("does not take messages", e instanceof ExecutionException ? e.getCause() : e);
        } catch (InterruptedException e) {
            throw interrupted(broker, e);
        }
    }

    /// Sends a message when there is room for it.
    ///
    /// @return ends when the broker has it, as far as its quality says so
    public CompletableFuture<Void> send(MqttMessage message) throws StoreException {
        try {
            if (!sending.tryAcquire(ANSWER_SECONDS_MAX, TimeUnit.SECONDS)) {
                throw failure("does not take messages", new TimeoutException("no answer in " + ANSWER_SECONDS_MAX + " s"));
            }
            return publish(message);
        } catch (InterruptedException e) {
            throw interrupted(broker, e);
        }
    }

    private CompletableFuture<Void> publish(MqttMessage message) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        done.whenComplete((_, _) -> sending.release());
        int id = message.quality() == Quality.AT_MOST_ONCE ? 0 : traffic.awaitAnswer(done);
        channel.writeAndFlush(MqttPackets.publish(broker.version(), message, id)).addListener(written -> {
            if (!written.isSuccess()) {
                done.completeExceptionally(written.cause());
            } else if (id == 0) {
                done.complete(null);
            }
        });
        return done;
    }

    /// The broker keeps a session that is to be kept, and what is not acknowledged in it.
    @Override
    public void close() {
        if (channel.isActive()) {
            traffic.end();
            // the broker closes it: a socket that is closed with something unread takes acknowledgements back that the broker has not read yet
            channel.closeFuture().awaitUninterruptibly(CLOSE_SECONDS_MAX, TimeUnit.SECONDS);
        }
        channel.close().awaitUninterruptibly(CLOSE_SECONDS_MAX, TimeUnit.SECONDS);
    }

    static io.netty.handler.codec.mqtt.MqttMessage acknowledgement(Quality quality, int packetId) {
        return MqttPackets.answer(quality == Quality.EXACTLY_ONCE ? MqttMessageType.PUBREC : MqttMessageType.PUBACK, packetId);
    }
}
