package io.conshelf.cli.bench;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/// One kept connection that posts bodies: as little client as HTTP/1.1 allows, so that what is measured is the server.
public final class HttpConnection implements AutoCloseable {
    private final Socket socket;
    private final OutputStream out;
    private final InputStream in;
    private final StringBuilder line = new StringBuilder();

    public HttpConnection(int port) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setTcpNoDelay(true);
        out = socket.getOutputStream();
        in = new BufferedInputStream(socket.getInputStream());
    }

    /// A request as it goes over the wire.
    public static byte[] post(int port, String path, String type, byte[] body) {
        byte[] head = ("POST " + path + " HTTP/1.1\r\nHost: 127.0.0.1:" + port + "\r\nContent-Type: " + type
                + "\r\nContent-Length: " + body.length + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII);
        byte[] request = new byte[head.length + body.length];
        System.arraycopy(head, 0, request, 0, head.length);
        System.arraycopy(body, 0, request, head.length, body.length);
        return request;
    }

    /// Sends a request and reads its answer.
    ///
    /// @return the answer's body
    /// @throws IOException when the answer is another than 200
    public byte[] send(byte[] request) throws IOException {
        out.write(request);
        String status = line();
        long length = 0;
        boolean isChunked = false;
        for (String header = line(); !header.isEmpty(); header = line()) {
            String name = header.substring(0, Math.max(0, header.indexOf(':'))).toLowerCase(Locale.ROOT);
            String value = header.substring(header.indexOf(':') + 1).strip();
            if (name.equals("content-length")) {
                length = Long.parseLong(value);
            } else if (name.equals("transfer-encoding")) {
                isChunked = value.equalsIgnoreCase("chunked");
            }
        }
        byte[] body = isChunked ? chunks() : in.readNBytes((int) length);
        if (!status.startsWith("HTTP/1.1 200 ")) {
            throw new IOException("the server answered " + status + ": " + new String(body, StandardCharsets.UTF_8));
        }
        return body;
    }

    private byte[] chunks() throws IOException {
        byte[] body = {};
        while (true) {
            int length = Integer.parseInt(line(), 16);
            byte[] more = in.readNBytes(length);
            line();
            if (length == 0) {
                return body;
            }
            byte[] all = java.util.Arrays.copyOf(body, body.length + length);
            System.arraycopy(more, 0, all, body.length, length);
            body = all;
        }
    }

    private String line() throws IOException {
        line.setLength(0);
        while (true) {
            int c = in.read();
            if (c < 0) {
                throw new EOFException("the server closed the connection");
            }
            if (c == '\n') {
                return line.toString();
            }
            if (c != '\r') {
                line.append((char) c);
            }
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
