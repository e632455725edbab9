package io.conshelf.server.storage;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A request written byte by byte, for what no client library would send.
final class Raw implements AutoCloseable {
    record Answer(int status, String head, String body) {}

    private static final Pattern LENGTH = Pattern.compile("(?i)content-length: (\\d+)");

    private final Socket socket;

    Raw(StorageServer server) throws IOException {
        socket = new Socket("127.0.0.1", server.base().getPort());
        socket.setSoTimeout(10_000);
    }

    static Answer send(StorageServer server, String requestLine, String headersAndBody) throws IOException {
        return send(server, "127.0.0.1", requestLine, headersAndBody);
    }

    /// @param host the `Host` header, wherever the connection goes
    static Answer send(StorageServer server, String host, String requestLine, String headersAndBody) throws IOException {
        try (Raw raw = new Raw(server)) {
            String rest = headersAndBody.contains("\r\n\r\n") ? headersAndBody : headersAndBody + "\r\n";
            raw.write(requestLine + "\r\nHost: " + host + "\r\n" + rest);
            return raw.answer();
        }
    }

    void write(String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
        socket.getOutputStream().flush();
    }

    void endWriting() throws IOException {
        socket.shutdownOutput();
    }

    /// One answer; others may follow on the connection.
    Answer answer() throws IOException {
        InputStream in = socket.getInputStream();
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        while (!head.toString(StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n")) {
            int b = in.read();
            if (b < 0) {
                throw new EOFException("the connection ended after: " + head);
            }
            head.write(b);
        }
        String text = head.toString(StandardCharsets.UTF_8);
        Matcher length = LENGTH.matcher(text);
        byte[] body = length.find() ? in.readNBytes(Integer.parseInt(length.group(1))) : new byte[0];
        return new Answer(Integer.parseInt(text.substring(9, 12)), text, new String(body, StandardCharsets.UTF_8));
    }

    @Override public void close() throws IOException {
        socket.close();
    }
}
