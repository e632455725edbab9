package io.conshelf.cli.it;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.regex.Pattern;

/// What an entry in a file of hosts does, for programs that go by `HTTPS_PROXY` and `HTTP_PROXY`: every name leads to the ports of one cluster on this machine.
final class HostsProxy implements AutoCloseable {
    private static final Pattern ABSOLUTE = Pattern.compile("^(\\S+) http://[^/ ]+");

    private final UpProcess cluster;
    private final AcceptedConnections connections;

    private HostsProxy(UpProcess cluster) throws IOException {
        this.cluster = cluster;
        this.connections = AcceptedConnections.to(this::connect);
    }

    /// @param cluster by https and by http
    static HostsProxy to(UpProcess cluster) throws IOException {
        return new HostsProxy(cluster);
    }

    Map<String, String> environment() {
        String here = "http://127.0.0.1:" + connections.port();
        return Map.of("HTTPS_PROXY", here, "HTTP_PROXY", here, "NO_PROXY", "localhost,127.0.0.1");
    }

    private void connect(Socket client) {
        try (client) {
            String header = header(client.getInputStream());
            boolean isSecure = header.startsWith("CONNECT ");
            try (Socket server = new Socket(InetAddress.getLoopbackAddress(), URI.create(isSecure ? cluster.secureUrl() : cluster.url()).getPort())) {
                if (isSecure) {
                    client.getOutputStream().write("HTTP/1.1 200 Connection established\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                } else {
                    server.getOutputStream().write(direct(header).getBytes(StandardCharsets.ISO_8859_1));
                }
                Thread.startVirtualThread(() -> pipe(client, server));
                pipe(server, client);
            }
        } catch (IOException gone) {
            // Either side may go at any time; the other then sees its end.
        }
    }

    private static String header(InputStream in) throws IOException {
        var header = new StringBuilder();
        int newLines = 0;
        while (newLines < 2) {
            int read = in.read();
            if (read < 0) {
                throw new IOException("the request ended in its header");
            }
            header.append((char) read);
            newLines = read == '\n' ? newLines + 1 : read == '\r' ? newLines : 0;
        }
        return header.toString();
    }

    /// As it would be asked without anybody between: of the next request on the connection nothing would be known, so none follows.
    private static String direct(String header) {
        return ABSOLUTE.matcher(header.replaceAll("(?im)^(proxy-)?connection: .*\r\n", "")).replaceFirst("$1 ").replaceFirst("\r\n", "\r\nConnection: close\r\n");
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
