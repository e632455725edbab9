package io.conshelf.connectors.mqtt;

import io.conshelf.connectors.mqtt.MqttMessage.Description;
import io.conshelf.connectors.mqtt.MqttMessage.PayloadFormat;
import io.conshelf.connectors.mqtt.MqttMessage.Property;
import io.conshelf.connectors.mqtt.MqttMessage.Quality;
import io.conshelf.connectors.mqtt.MqttMessage.Retain;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.mqtt.MqttConnectMessage;
import io.netty.handler.codec.mqtt.MqttFixedHeader;
import io.netty.handler.codec.mqtt.MqttMessageBuilders;
import io.netty.handler.codec.mqtt.MqttMessageIdVariableHeader;
import io.netty.handler.codec.mqtt.MqttMessageType;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttProperties.BinaryProperty;
import io.netty.handler.codec.mqtt.MqttProperties.IntegerProperty;
import io.netty.handler.codec.mqtt.MqttProperties.MqttPropertyType;
import io.netty.handler.codec.mqtt.MqttProperties.StringPair;
import io.netty.handler.codec.mqtt.MqttProperties.StringProperty;
import io.netty.handler.codec.mqtt.MqttProperties.UserProperty;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.netty.handler.codec.mqtt.MqttSubscribeMessage;
import io.netty.handler.codec.mqtt.MqttUnsubscribeMessage;
import io.netty.handler.codec.mqtt.MqttSubscriptionOption;
import io.netty.handler.codec.mqtt.MqttSubscriptionOption.RetainedHandlingPolicy;
import io.netty.handler.codec.mqtt.MqttVersion;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// Packets of the protocol, made and read.
final class MqttPackets {
    static final io.netty.handler.codec.mqtt.MqttMessage PING = bare(MqttMessageType.PINGREQ);
    static final io.netty.handler.codec.mqtt.MqttMessage DISCONNECT = bare(MqttMessageType.DISCONNECT);

    private MqttPackets() {}

    private static io.netty.handler.codec.mqtt.MqttMessage bare(MqttMessageType type) {
        return new io.netty.handler.codec.mqtt.MqttMessage(new MqttFixedHeader(type, false, MqttQoS.AT_MOST_ONCE, false, 0));
    }

    static MqttConnectMessage connect(MqttBroker broker, MqttConnection.Client client, int keepAliveSeconds) {
        boolean isClean = client.session() instanceof MqttConnection.Session.Clean;
        MqttMessageBuilders.ConnectBuilder builder = MqttMessageBuilders.connect().clientId(client.id()).keepAlive(keepAliveSeconds).cleanSession(isClean);
        if (broker.version() == MqttBroker.Version.V5) {
            MqttProperties properties = new MqttProperties();
            properties.add(new IntegerProperty(MqttPropertyType.RECEIVE_MAXIMUM.value(), client.inFlightMax()));
            if (client.session() instanceof MqttConnection.Session.Kept(long seconds)) {
                properties.add(new IntegerProperty(MqttPropertyType.SESSION_EXPIRY_INTERVAL.value(), (int) Math.min(seconds, 0xFFFF_FFFFL)));
            }
            builder.protocolVersion(MqttVersion.MQTT_5).properties(properties);
        } else {
            builder.protocolVersion(MqttVersion.MQTT_3_1_1);
        }
        if (!broker.login().user().isEmpty()) {
            builder.username(broker.login().user()).password(broker.login().password().getBytes(StandardCharsets.UTF_8));
        }
        return builder.build();
    }

    static MqttSubscribeMessage subscribe(int id, List<String> filters, Quality quality) {
        MqttMessageBuilders.SubscribeBuilder builder = MqttMessageBuilders.subscribe().messageId(id);
        for (String filter : filters) {
            // what is retained is given with the first subscribing (MQTT 5)
            builder.addSubscription(filter, new MqttSubscriptionOption(qos(quality), false, false, RetainedHandlingPolicy.SEND_AT_SUBSCRIBE_IF_NOT_YET_EXISTS));
        }
        return builder.build();
    }

    static MqttUnsubscribeMessage unsubscribe(int id, List<String> filters) {
        MqttMessageBuilders.UnsubscribeBuilder builder = MqttMessageBuilders.unsubscribe().messageId(id);
        filters.forEach(builder::addTopicFilter);
        return builder.build();
    }

    static io.netty.handler.codec.mqtt.MqttMessage answer(MqttMessageType type, int id) {
        // the standard wants this one flag in the acknowledgement of an acknowledgement
        MqttQoS flags = type == MqttMessageType.PUBREL ? MqttQoS.AT_LEAST_ONCE : MqttQoS.AT_MOST_ONCE;
        return new io.netty.handler.codec.mqtt.MqttMessage(new MqttFixedHeader(type, false, flags, false, 2), MqttMessageIdVariableHeader.from(id));
    }

    static MqttPublishMessage publish(MqttBroker.Version version, MqttMessage message, int id) {
        MqttMessageBuilders.PublishBuilder builder = MqttMessageBuilders.publish().topicName(message.topic()).payload(Unpooled.wrappedBuffer(message.payload()))
                .qos(qos(message.quality())).retained(message.retain() == Retain.RETAINED);
        if (message.quality() != Quality.AT_MOST_ONCE) {
            builder.messageId(id);
        }
        return version == MqttBroker.Version.V5 ? builder.properties(properties(message)).build() : builder.build();
    }

    private static MqttProperties properties(MqttMessage message) {
        MqttProperties properties = new MqttProperties();
        Description description = message.description();
        if (description.payloadFormat() != PayloadFormat.NOT_STATED) {
            properties.add(new IntegerProperty(MqttPropertyType.PAYLOAD_FORMAT_INDICATOR.value(), description.payloadFormat() == PayloadFormat.TEXT ? 1 : 0));
        }
        if (description.expirySeconds() >= 0) {
            properties.add(new IntegerProperty(MqttPropertyType.PUBLICATION_EXPIRY_INTERVAL.value(), (int) description.expirySeconds()));
        }
        if (!description.contentType().isEmpty()) {
            properties.add(new StringProperty(MqttPropertyType.CONTENT_TYPE.value(), description.contentType()));
        }
        if (!description.responseTopic().isEmpty()) {
            properties.add(new StringProperty(MqttPropertyType.RESPONSE_TOPIC.value(), description.responseTopic()));
        }
        if (description.correlationData().length > 0) {
            properties.add(new BinaryProperty(MqttPropertyType.CORRELATION_DATA.value(), description.correlationData()));
        }
        for (Property property : message.properties()) {
            properties.add(new UserProperty(property.name(), property.value()));
        }
        return properties;
    }

    static MqttMessage message(MqttPublishMessage packet) {
        MqttProperties given = packet.variableHeader().properties();
        int format = integer(given, MqttPropertyType.PAYLOAD_FORMAT_INDICATOR, -1);
        Description description = given.isEmpty() ? Description.NONE : new Description(
                text(given, MqttPropertyType.CONTENT_TYPE), text(given, MqttPropertyType.RESPONSE_TOPIC),
                given.getProperty(MqttPropertyType.CORRELATION_DATA.value()) instanceof BinaryProperty data ? data.value() : Description.NONE.correlationData(),
                format < 0 ? PayloadFormat.NOT_STATED : format == 0 ? PayloadFormat.BYTES : PayloadFormat.TEXT,
                given.getProperty(MqttPropertyType.PUBLICATION_EXPIRY_INTERVAL.value()) instanceof IntegerProperty expiry
                        ? Integer.toUnsignedLong(expiry.value()) : -1);
        List<Property> properties = new ArrayList<>();
        for (MqttProperties.MqttProperty<?> property : given.getProperties(MqttPropertyType.USER_PROPERTY.value())) {
            if (property instanceof UserProperty user) {
                StringPair pair = user.value();
                properties.add(new Property(pair.key, pair.value));
            }
        }
        return new MqttMessage(packet.variableHeader().topicName(), ByteBufUtil.getBytes(packet.payload()), quality(packet.fixedHeader().qosLevel()),
                packet.fixedHeader().isRetain() ? Retain.RETAINED : Retain.NO, description, properties);
    }

    static int integer(MqttProperties given, MqttPropertyType type, int otherwise) {
        return given.getProperty(type.value()) instanceof IntegerProperty found ? found.value() : otherwise;
    }

    private static String text(MqttProperties given, MqttPropertyType type) {
        return given.getProperty(type.value()) instanceof StringProperty found ? found.value() : "";
    }

    private static MqttQoS qos(Quality quality) {
        return switch (quality) {
            case AT_MOST_ONCE -> MqttQoS.AT_MOST_ONCE;
            case AT_LEAST_ONCE -> MqttQoS.AT_LEAST_ONCE;
            case EXACTLY_ONCE -> MqttQoS.EXACTLY_ONCE;
        };
    }

    private static Quality quality(MqttQoS qos) {
        return switch (qos) {
            case AT_MOST_ONCE -> Quality.AT_MOST_ONCE;
            case AT_LEAST_ONCE -> Quality.AT_LEAST_ONCE;
            case EXACTLY_ONCE, FAILURE -> Quality.EXACTLY_ONCE;
        };
    }
}
