package io.conshelf.server;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataReader;
import io.helidon.common.socket.NioSocket;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.ServerConnectionException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Supplier;

/// What a connection receives, in larger pieces where much comes: the web server takes 8 kB at a time, which is an eighth of what an upload
/// costs this process.
///
/// The web server has no setting for it and keeps its channel to itself; where the channel is not found, its own reader is used.
final class SocketReads implements Supplier<byte[]> {
    private static final int SMALL_BYTES = 8 << 10;
    private static final int LARGE_BYTES = 128 << 10;
    /// What the web server's reader takes for the end of a connection.
    private static final byte[] END = null;
    private static final Optional<VarHandle> CHANNEL = channelField();

    private final DataReader before;
    private final SocketChannel channel;
    private final ByteBuffer small = ByteBuffer.allocate(SMALL_BYTES);
    private boolean isLarge;

    private SocketReads(DataReader before, SocketChannel channel) {
        this.before = before;
        this.channel = channel;
    }

    static DataReader of(ConnectionContext context) {
        DataReader usual = context.dataReader();
        return channel(context).map(channel -> DataReader.create(new SocketReads(usual, channel))).orElse(usual);
    }

    private static Optional<SocketChannel> channel(ConnectionContext context) {
        // A channel under TLS has other bytes.
        return !context.isSecure() && context.serverSocket().getClass() == NioSocket.class
                ? CHANNEL.map(field -> (SocketChannel) field.get(context.serverSocket())) : Optional.empty();
    }

    private static Optional<VarHandle> channelField() {
        try {
            return Optional.of(MethodHandles.privateLookupIn(NioSocket.class, MethodHandles.lookup())
                    .findVarHandle(NioSocket.class, "delegate", SocketChannel.class));
        } catch (ReflectiveOperationException another) {
            return Optional.empty();
        }
    }

    @Override
    public byte[] get() {
        if (before.available() > 0) {
            // What came with the bytes by which the protocol was told.
            BufferData received = before.readBuffer();
            return received.readBytes();
        }
        try {
            return isLarge ? large() : small();
        } catch (IOException e) {
            throw new ServerConnectionException("Failed to get data from socket", new UncheckedIOException(e));
        }
    }

    private byte[] small() throws IOException {
        int count = channel.read(small.clear());
        isLarge = count == SMALL_BYTES;
        return count < 0 ? END : Arrays.copyOf(small.array(), count);
    }

    private byte[] large() throws IOException {
        byte[] bytes = new byte[LARGE_BYTES];
        int count = channel.read(ByteBuffer.wrap(bytes));
        isLarge = count > SMALL_BYTES;
        return count < 0 ? END : count == LARGE_BYTES ? bytes : Arrays.copyOf(bytes, count);
    }
}
