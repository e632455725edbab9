package io.conshelf.processor.source;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/// As much of a broker as refuses MQTT 5 the way those of MQTT 3.1.1 do, and sends one message in the version that it knows. No broker that Debian has is old
/// enough.
final class OldBroker implements AutoCloseable {
    private final ServerSocket door;

    private OldBroker(ServerSocket door) {
        this.door = door;
    }

    static OldBroker start() throws IOException {
        OldBroker broker = new OldBroker(new ServerSocket(0, 10, InetAddress.getLoopbackAddress()));
        Thread.ofVirtual().start(broker::serve);
        return broker;
    }

    int port() {
        return door.getLocalPort();
    }

    private void serve() {
        try {
            while (true) {
                try (Socket client = door.accept()) {
                    answer(new DataInputStream(client.getInputStream()), new DataOutputStream(client.getOutputStream()));
                }
            }
        } catch (IOException closed) {
            return;
        }
    }

    private static void answer(DataInputStream in, DataOutputStream out) throws IOException {
        byte[] connect = packet(in);
        int level = connect[6];
        out.write(new byte[] {0x20, 2, 0, (byte) (level == 4 ? 0 : 1)});
        if (level != 4) {
            return;
        }
        byte[] subscribe = packet(in);
        out.write(new byte[] {(byte) 0x90, 3, subscribe[0], subscribe[1], 1});
        out.write(new byte[] {0x32, 10, 0, 1, 'a', 0, 7});
        out.write("hello".getBytes(StandardCharsets.UTF_8));
        in.read();
    }

    private static byte[] packet(DataInputStream in) throws IOException {
        in.readByte();
        return in.readNBytes(in.readByte());
    }

    @Override
    public void close() throws IOException {
        door.close();
    }
}
