package io.conshelf.cli.it;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;

/// What is answered to bytes on a connection of their own, which are not always a request.
///
/// @param status [#NONE] where the connection ends without an answer, or nothing comes in a minute
record Exchange(int status, String body) {
    static final int NONE = 0;
    private static final int ANSWER_MILLIS_MAX = 60_000;

    static Exchange of(String url, byte[] request) {
        return of(url, request, false);
    }

    /// Nothing more comes: whoever waits for the rest of it learns that there is none.
    static Exchange ofAll(String url, byte[] bytes) {
        return of(url, bytes, true);
    }

    private static Exchange of(String url, byte[] request, boolean endsWriting) {
        var answer = new ByteArrayOutputStream();
        try (Socket socket = new Socket("127.0.0.1", URI.create(url).getPort())) {
            socket.setSoTimeout(ANSWER_MILLIS_MAX);
            write(socket, request, endsWriting);
            socket.getInputStream().transferTo(answer);
        } catch (IOException broken) {
            // what came before counts
        }
        String text = answer.toString(StandardCharsets.UTF_8);
        int end = text.indexOf("\r\n\r\n");
        return end < 0 || !text.startsWith("HTTP/1.1 ") ? new Exchange(NONE, text) : new Exchange(Integer.parseInt(text.substring(9, 12)), body(text.substring(end + 4)));
    }

    /// Whoever has read enough may answer and close before all is written.
    private static void write(Socket socket, byte[] request, boolean endsWriting) {
        try {
            socket.getOutputStream().write(request);
            if (endsWriting) {
                socket.shutdownOutput();
            }
        } catch (IOException closed) {
            // its answer is there to be read
        }
    }

    /// Without the sizes of chunks, as far as JSON has no lines of its own.
    private static String body(String text) {
        return text.replaceAll("(?m)^[0-9a-f]+\r\n", "");
    }
}
