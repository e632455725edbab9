package io.conshelf.cli.it;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/// What stands between a client and its cluster, and can keep messages from the cluster's queues: uploads go through, and nothing is ingested. Or they come there,
/// and the cluster finds them only some time later, as if it did not come after.
final class QueueingGateway implements AutoCloseable {
    private final int cluster;
    private final AcceptedConnections connections;
    private volatile boolean isQueueing;
    private volatile int laterSeconds;

    private QueueingGateway(int cluster) throws IOException {
        this.cluster = cluster;
        this.connections = AcceptedConnections.to(this::connect);
    }

    static QueueingGateway to(int cluster) throws IOException {
        return new QueueingGateway(cluster);
    }

    int port() {
        return connections.port();
    }

    void queueing(boolean is) {
        isQueueing = is;
    }

    /// @param seconds until the cluster finds messages that come from now on
    void later(int seconds) {
        laterSeconds = seconds;
    }

    private void connect(Socket client) {
        try (client; Socket server = new Socket(InetAddress.getLoopbackAddress(), cluster)) {
            Thread.startVirtualThread(() -> ask(client, server));
            server.getInputStream().transferTo(client.getOutputStream());
        } catch (IOException gone) {
            // either side may go at any time; the other then sees its end
        }
    }

    private void ask(Socket client, Socket server) {
        byte[] part = new byte[1 << 16];
        try (InputStream in = client.getInputStream(); OutputStream out = server.getOutputStream()) {
            for (int read = in.read(part); read >= 0; read = in.read(part)) {
                String text = new String(part, 0, read, StandardCharsets.ISO_8859_1);
                boolean isMessage = text.startsWith("POST ") && text.substring(0, text.indexOf('\r')).contains("/messages?");
                if (!isQueueing && isMessage) {
                    return;
                }
                if (isMessage && laterSeconds > 0) {
                    int behind = text.indexOf('?') + 1;
                    out.write((text.substring(0, behind) + "visibilitytimeout=" + laterSeconds + "&" + text.substring(behind)).getBytes(StandardCharsets.ISO_8859_1));
                } else {
                    out.write(part, 0, read);
                }
            }
        } catch (IOException gone) {
            // as above
        }
    }

    @Override
    public void close() throws IOException {
        connections.close();
    }
}
