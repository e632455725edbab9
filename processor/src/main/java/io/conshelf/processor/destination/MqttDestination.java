package io.conshelf.processor.destination;

import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.mqtt.MqttMessage;
import io.conshelf.connectors.mqtt.MqttMessage.Description;
import io.conshelf.connectors.mqtt.MqttMessage.Property;
import io.conshelf.connectors.mqtt.MqttMessage.Quality;
import io.conshelf.connectors.mqtt.MqttMessage.Retain;
import io.conshelf.connectors.mqtt.MqttSender;
import io.conshelf.connectors.mqtt.VersionChoice;
import io.conshelf.processor.definition.Field;
import io.conshelf.processor.definition.OutputDefinition.Settings;
import io.conshelf.processor.destination.DestinationException.Lasting;
import io.conshelf.processor.format.MessageFormat;
import io.conshelf.processor.secret.SignIn;
import io.conshelf.processor.stage.Message;
import io.conshelf.processor.stage.StageException;
import io.conshelf.processor.value.Value;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Topics of a broker. Messages are sent as they come; a checkpoint waits until the broker has them. What it had not when a connection was lost is sent again.
public final class MqttDestination implements Destination {
    private static final int UNDERWAY_MAX = 10_000;
    private static final long ANSWER_SECONDS_MAX = 60;
    private static final int TOPIC_BYTES_MAX = 65_535;

    private final Settings.Mqtt settings;
    private final MessageFormat format;
    private final String clientId;
    private final SignIn signIn;
    private final VersionChoice version = new VersionChoice();
    private final Deque<Sent> underway = new ArrayDeque<>();
    private Optional<MqttSender> open = Optional.empty();

    private static final class Sent {
        private final MqttMessage message;
        private CompletableFuture<Void> answer = new CompletableFuture<>();

        private Sent(MqttMessage message) {
            this.message = message;
        }
    }

    /// @param clientId never used by two at a time
    public MqttDestination(Settings.Mqtt settings, String clientId, SignIn signIn) throws StoreException {
        this.settings = settings;
        this.format = MessagePart.format(settings.format());
        this.clientId = clientId;
        this.signIn = signIn;
    }

    @Override
    public void accept(Message message) throws StageException, DestinationException, InterruptedException {
        MqttMessage made = message(message.content());
        MqttSender sender = sender();
        if (underway.size() >= UNDERWAY_MAX) {
            settle(underway.size() / 2);
        }
        while (!underway.isEmpty() && isAnswered(underway.getFirst())) {
            underway.removeFirst();
        }
        Sent sent = new Sent(made);
        try {
            sent.answer = sender.begin(made);
        } catch (StoreException e) {
            throw lost(e);
        }
        underway.add(sent);
    }

    private static boolean isAnswered(Sent sent) {
        return sent.answer.isDone() && !sent.answer.isCompletedExceptionally();
    }

    private MqttMessage message(Value content) throws StageException {
        String topic = MessagePart.text(settings.topic(), content, "the topic");
        if (topic.isEmpty() || topic.contains("#") || topic.contains("+") || topic.indexOf(0) >= 0
                || topic.getBytes(StandardCharsets.UTF_8).length > TOPIC_BYTES_MAX) {
            throw new StageException("InvalidTopic", "nothing can be sent to the topic '" + topic.substring(0, Math.min(topic.length(), 200)) + "'");
        }
        List<Property> properties = new ArrayList<>();
        for (Field.Pair pair : settings.userProperties()) {
            properties.add(new Property(MessagePart.text(pair.key(), content, "the name of a user property"),
                    MessagePart.text(pair.value(), content, "the value of a user property")));
        }
        return new MqttMessage(topic, MessagePart.encoded(format, settings.format(), content), Quality.values()[settings.qos()], Retain.NO, Description.NONE,
                properties);
    }

    /// A connection over which everything has been sent that has no answer yet.
    private MqttSender sender() throws DestinationException {
        if (open.isPresent() && underway.stream().anyMatch(sent -> sent.answer.isCompletedExceptionally())) {
            close();
        }
        if (open.isPresent()) {
            return open.get();
        }
        try {
            MqttSender sender = connect();
            open = Optional.of(sender);
            for (Sent sent : underway) {
                if (!isAnswered(sent)) {
                    sent.answer = sender.begin(sent.message);
                }
            }
            return sender;
        } catch (StoreException e) {
            throw lost(e);
        }
    }

    private MqttSender connect() throws StoreException {
        return version.open(signIn.broker(settings.broker(), settings.authentication(), settings.trustedCertificates()), broker -> MqttSender.open(broker, clientId));
    }

    private DestinationException lost(StoreException e) {
        close();
        return MessagePart.failure(e);
    }

    private void settle(int left) throws DestinationException, InterruptedException {
        while (underway.size() > left) {
            try {
                underway.getFirst().answer.get(ANSWER_SECONDS_MAX, TimeUnit.SECONDS);
                underway.removeFirst();
            } catch (ExecutionException | TimeoutException e) {
                close();
                throw new DestinationException(Lasting.TRANSIENT, "the MQTT broker does not take messages: "
                        + (e.getCause() == null ? "no answer in " + ANSWER_SECONDS_MAX + " s" : e.getCause().getMessage()), e);
            }
        }
    }

    @Override
    public byte[] prepare(long checkpoint) throws DestinationException, InterruptedException {
        if (!underway.isEmpty()) {
            sender();
            settle(0);
        }
        return new byte[0];
    }

    @Override
    public void commit(byte[] prepared) {}

    /// What has no answer is not sent again: whoever gave it keeps it elsewhere.
    public void giveUp() {
        close();
        underway.clear();
    }

    @Override
    public void close() {
        open.ifPresent(MqttSender::close);
        open = Optional.empty();
    }
}
