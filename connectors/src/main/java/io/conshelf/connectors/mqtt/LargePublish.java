package io.conshelf.connectors.mqtt;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.mqtt.MqttFixedHeader;
import io.netty.handler.codec.mqtt.MqttMessageType;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttPublishVariableHeader;
import io.netty.handler.codec.mqtt.MqttQoS;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// Cuts messages that are larger than anybody reads, so that the rest of them takes no memory and whoever sends them does not end the connection. All else goes
/// on to the codec as it is.
final class LargePublish extends ByteToMessageDecoder {
    private static final int LENGTH_BYTES_MAX = 4;

    private final int bytesMax;
    /// Of the packet that is going on to the codec.
    private int passing;
    /// Of the end of a packet that nobody needs.
    private int skipping;

    /// @param bytesMax what is left of the packet's end when it is larger
    LargePublish(int bytesMax) {
        this.bytesMax = bytesMax;
    }

    private record Head(int type, int headBytes, int restBytes) {
        boolean isPublish() {
            return type >> 4 == MqttMessageType.PUBLISH.value();
        }
    }

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
        if (skipping > 0) {
            int now = Math.min(skipping, in.readableBytes());
            in.skipBytes(now);
            skipping -= now;
            return;
        }
        int from = in.readerIndex();
        int end = from;
        while (end < in.writerIndex()) {
            if (passing > 0) {
                int now = Math.min(passing, in.writerIndex() - end);
                end += now;
                passing -= now;
                continue;
            }
            Head head = head(in, end);
            if (head == null) {
                break;
            }
            if (head.isPublish() && head.restBytes() > bytesMax) {
                if (end > from) {
                    break;
                }
                cut(in, head, out);
                return;
            }
            passing = head.headBytes() + head.restBytes();
        }
        if (end > from) {
            out.add(in.readRetainedSlice(end - from));
        }
    }

    /// None where more has to come before it can be read. A length that is none is the codec's to refuse.
    private static Head head(ByteBuf in, int at) {
        int length = 0;
        for (int i = 0; i < LENGTH_BYTES_MAX; i++) {
            if (at + 1 + i >= in.writerIndex()) {
                return null;
            }
            int next = in.getByte(at + 1 + i) & 0xFF;
            length |= (next & 0x7F) << 7 * i;
            if (next < 0x80) {
                return new Head(in.getByte(at) & 0xFF, 2 + i, length);
            }
        }
        return new Head(in.getByte(at) & 0xFF, 1 + LENGTH_BYTES_MAX, 0);
    }

    /// The first bytes of what the message says, under its own topic and number. What describes it stays with them unread: they are no message any more.
    private void cut(ByteBuf in, Head head, List<Object> out) {
        if (in.readableBytes() < head.headBytes() + bytesMax) {
            return;
        }
        in.skipBytes(head.headBytes());
        MqttQoS qos = MqttQoS.valueOf(head.type() >> 1 & 3);
        int topicBytes = in.readUnsignedShort();
        int kept = bytesMax - Short.BYTES - topicBytes;
        String topic = in.readCharSequence(topicBytes, StandardCharsets.UTF_8).toString();
        int id = 0;
        if (qos != MqttQoS.AT_MOST_ONCE) {
            id = in.readUnsignedShort();
            kept -= Short.BYTES;
        }
        skipping = head.restBytes() - bytesMax;
        out.add(new MqttPublishMessage(new MqttFixedHeader(MqttMessageType.PUBLISH, (head.type() & 8) != 0, qos, (head.type() & 1) != 0, bytesMax),
                new MqttPublishVariableHeader(topic, id), in.readRetainedSlice(kept)));
    }
}
