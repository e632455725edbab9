package io.conshelf.cli.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// A request as it is written on the wire.
///
/// @param target path and query
/// @param status what it is answered with
/// @param headers each a line; those of length and connection come with [#bytes]
record RequestText(String method, String target, int status, List<String> headers, byte[] body) {

    /// @param text   of `hostile/requests.txt`
    /// @param places what stands for names in braces
    static List<RequestText> read(String text, Map<String, String> places, Map<String, byte[]> bodies) {
        List<RequestText> requests = new ArrayList<>();
        for (String block : text.split("\n===\n")) {
            String placed = block.lines().filter(line -> !line.startsWith("# ")).reduce((one, other) -> one + "\n" + other).orElseThrow();
            for (Map.Entry<String, String> place : places.entrySet()) {
                placed = placed.replace("{" + place.getKey() + "}", place.getValue());
            }
            int end = placed.indexOf("\n\n");
            String[] head = (end < 0 ? placed : placed.substring(0, end)).strip().split("\n");
            String body = end < 0 ? "" : placed.substring(end + 2);
            String[] first = head[0].split(" ");
            requests.add(new RequestText(first[0], first[1], Integer.parseInt(first[2]), List.of(head).subList(1, head.length), body.startsWith("@") ? bodies.computeIfAbsent(body.substring(1).strip(), RequestText::file) : body.getBytes(StandardCharsets.UTF_8)));
        }
        return requests;
    }

    private static byte[] file(String path) {
        try {
            return Files.readAllBytes(Surroundings.root().resolve(path));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    RequestText withTarget(String other) {
        return new RequestText(method, other, status, headers, body);
    }

    RequestText withHeaders(List<String> others) {
        return new RequestText(method, target, status, others, body);
    }

    RequestText withMethod(String other) {
        return new RequestText(other, target, status, headers, body);
    }

    RequestText withBody(byte[] other) {
        return new RequestText(method, target, status, headers, other);
    }

    /// With the connection to be closed after the answer.
    byte[] bytes() {
        StringBuilder head = new StringBuilder(method).append(' ').append(target).append(" HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n");
        headers.forEach(header -> head.append(header).append("\r\n"));
        head.append("Content-Length: ").append(body.length).append("\r\n\r\n");
        byte[] start = head.toString().getBytes(StandardCharsets.UTF_8);
        byte[] all = new byte[start.length + body.length];
        System.arraycopy(start, 0, all, 0, start.length);
        System.arraycopy(body, 0, all, start.length, body.length);
        return all;
    }
}
