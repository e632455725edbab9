package io.conshelf.cli.it;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/// What an entry in a file of hosts does, for programs that go by `HTTPS_PROXY`: every name leads to one port of this machine.
final class HostsProxy implements AutoCloseable {
    private final int port;
    private final AcceptedConnections connections;

    private HostsProxy(int port) throws IOException {
        this.port = port;
        this.connections = AcceptedConnections.to(this::connect);
    }

    static HostsProxy to(int port) throws IOException {
        return new HostsProxy(port);
    }

    Map<String, String> environment() {
        return Map.of("HTTPS_PROXY", "http://127.0.0.1:" + connections.port(), "NO_PROXY", "localhost,127.0.0.1");
    }

    private void connect(Socket client) {
        try (client; Socket server = new Socket(InetAddress.getLoopbackAddress(), port)) {
            skipHeader(client.getInputStream());
            client.getOutputStream().write("HTTP/1.1 200 Connection established\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            Thread.startVirtualThread(() -> pipe(client, server));
            pipe(server, client);
        } catch (IOException gone) {
            // Either side may go at any time; the other then sees its end.
        }
    }

    private static void skipHeader(InputStream in) throws IOException {
        int newLines = 0;
        while (newLines < 2) {
            int read = in.read();
            if (read < 0) {
                throw new IOException("the request ended in its header");
            }
            newLines = read == '\n' ? newLines + 1 : read == '\r' ? newLines : 0;
        }
    }

    private static void pipe(Socket from, Socket to) {
        try (InputStream in = from.getInputStream(); OutputStream out = to.getOutputStream()) {
            in.transferTo(out);
        } catch (IOException gone) {
            // As above.
        }
    }

    @Override
    public void close() throws IOException {
        connections.close();
    }
}
