package io.conshelf.cli.it;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/// Makes hostile requests of valid ones: in their bodies as bytes and as JSON, in their targets and in their headers.
final class RequestMutation {
    private static final ObjectMapper JSON = new ObjectMapper();
    /// What parsers have stumbled over.
    private static final List<String> TOKENS = List.of("\"", "'", "\\", "{", "}", "[", "]", ",", ":", "\n", "\r\n", "\0", "\u0001", "\u00ff", "\ud83d\ude00", "null", "true",
            "NaN", "-0", "1e999999", "1e-999999", "1E99999999999", "9223372036854775807", "9223372036854775808", "-9223372036854775809", "0.1", "\\u0000", "\\ud800", "\\u12", "%00", "%",
            "%zz", "%c0%ae", "../", "/", "//", "?", "#", "&", "=", "+", " ", "@{", "@", "$", "<", "<!--", "<!DOCTYPE x [<!ENTITY e \"e\">]>", "&e;", "]]>", "(", ")", "*", "|",
            ";", "--", "/*", "```", "\ufeff", "[".repeat(2_000), "{\"a\":".repeat(2_000), "(".repeat(2_000), "x".repeat(70_000), "9".repeat(5_000), "\"a\":1,".repeat(500));
    private static final List<String> VALUES = List.of("", " ", "\0", "a\u0000b", "x".repeat(20_000), "é", "-1", "0", "99999999999999999999", "1e308", "1E99999999999", "true", "null", "../../etc/passwd",
            "2024-13-45T99:99:99Z", "9999-12-31T23:59:59.9999999Z", "0001-01-01", "P1Y2M", "10675199.02:48:05.4775807", "00:00:00", "@{", "@@", "@concat(", "http://", "http://[", "://",
            "7d0f7bbd-5b0d-4b2f-9a4d-53d2b5e0a111", "[]", "{}", "\ud800", "$.a[", "a b", "%", ".payload | (", "bytes=9-1", "gzip, br", "deflate", "application/json; charset=x", "\"");

    private final RandomGenerator random;

    RequestMutation(RandomGenerator random) {
        this.random = random;
    }

    RequestText of(RequestText request) {
        RequestText mutated = request;
        for (int left = 1 + random.nextInt(2); left > 0; left--) {
            mutated = switch (random.nextInt(mutated.body().length == 0 ? 4 : 10)) {
                case 0, 1 -> mutated.withTarget(target(mutated.target()));
                case 2 -> mutated.withHeaders(headers(mutated.headers()));
                case 3 -> mutated.withMethod(pick(List.of("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "MERGE")));
                case 4, 5, 6 -> mutated.withBody(bytes(mutated.body()));
                default -> mutated.withBody(json(mutated.body()));
            };
        }
        return mutated;
    }

    private <T> T pick(List<T> of) {
        return of.get(random.nextInt(of.size()));
    }

    byte[] bytes(byte[] of) {
        return switch (random.nextInt(5)) {
            case 0 -> flipped(of);
            case 1 -> Arrays.copyOf(of, random.nextInt(of.length));
            case 2 -> spliced(of, slice(of));
            case 3 -> {
                byte[] lost = slice(of);
                yield Arrays.copyOf(of, of.length - lost.length / 2);
            }
            default -> spliced(of, pick(TOKENS).getBytes(StandardCharsets.UTF_8));
        };
    }

    private byte[] flipped(byte[] of) {
        byte[] flipped = of.clone();
        for (int left = 1 + random.nextInt(4); left > 0 && flipped.length > 0; left--) {
            flipped[random.nextInt(flipped.length)] = (byte) random.nextInt(256);
        }
        return flipped;
    }

    private byte[] slice(byte[] of) {
        int from = random.nextInt(of.length);
        return Arrays.copyOfRange(of, from, Math.min(of.length, from + 1 + random.nextInt(64)));
    }

    private byte[] spliced(byte[] into, byte[] what) {
        int at = random.nextInt(into.length + 1);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.write(into, 0, at);
        bytes.writeBytes(what);
        bytes.write(into, at, into.length - at);
        return bytes.toByteArray();
    }

    /// Of JSON, so that it stays JSON; of other bytes as of any.
    byte[] json(byte[] of) {
        JsonNode root;
        try {
            root = JSON.readTree(of);
        } catch (IOException notJson) {
            return bytes(of);
        }
        List<JsonNode> holders = new ArrayList<>();
        collect(root, holders);
        if (holders.isEmpty()) {
            return bytes(of);
        }
        switch (pick(holders)) {
            case ObjectNode object -> {
                List<String> names = new ArrayList<>(object.propertyStream().map(property -> property.getKey()).toList());
                String name = pick(names);
                switch (random.nextInt(4)) {
                    case 0 -> object.remove(name);
                    case 1 -> object.set(pick(VALUES), object.remove(name));
                    default -> object.set(name, value(object.get(name)));
                }
            }
            case ArrayNode array -> array.set(random.nextInt(array.size()), value(array.get(0)));
            default -> throw new AssertionError("holders hold");
        }
        try {
            return JSON.writeValueAsBytes(root);
        } catch (IOException unwritable) {
            return bytes(of);
        }
    }

    private static void collect(JsonNode node, List<JsonNode> holders) {
        if (node.isContainerNode() && !node.isEmpty()) {
            holders.add(node);
            node.forEach(part -> collect(part, holders));
        }
    }

    private JsonNode value(JsonNode before) {
        JsonNodeFactory make = JsonNodeFactory.instance;
        if (before.isTextual() && random.nextBoolean()) {
            return make.textNode(text(before.asText()));
        }
        return switch (random.nextInt(9)) {
            case 0 -> make.nullNode();
            case 1 -> make.booleanNode(random.nextBoolean());
            case 2 -> make.numberNode(random.nextLong());
            case 3 -> make.numberNode(random.nextDouble() * 1e300);
            case 4 -> make.arrayNode().add(before);
            case 5 -> make.objectNode().set(pick(VALUES), before);
            case 6 -> make.arrayNode();
            case 7 -> make.objectNode();
            default -> make.textNode(pick(VALUES));
        };
    }

    /// What is in a text has a language of its own, to whose parser it is to come whole.
    private String text(String of) {
        int at = random.nextInt(of.length() + 1);
        int end = random.nextBoolean() ? at : Math.min(of.length(), at + 1 + random.nextInt(16));
        String put = switch (random.nextInt(4)) {
            case 0 -> "";
            case 1 -> pick(VALUES);
            case 2 -> of.substring(Math.min(at, of.length() / 2), Math.max(at, of.length() / 2));
            default -> pick(TOKENS);
        };
        return of.substring(0, at) + put + of.substring(end);
    }

    private String target(String of) {
        int at = 1 + random.nextInt(of.length());
        String token = pick(random.nextBoolean() ? TOKENS : VALUES);
        String written = random.nextInt(4) == 0 ? visible(token) : URLEncoder.encode(token, StandardCharsets.UTF_8);
        int end = Math.min(of.length(), at + random.nextInt(6));
        return of.substring(0, at) + written.substring(0, Math.min(written.length(), 6_000)) + of.substring(end);
    }

    /// What does not end the line it stands in.
    private static String visible(String token) {
        return token.replaceAll("[\\x00-\\x20\\x7f-\\uffff]", "");
    }

    private List<String> headers(List<String> of) {
        List<String> headers = new ArrayList<>(of);
        String value = pick(VALUES).replaceAll("[\\r\\n\\x00]", "");
        if (headers.isEmpty() || random.nextInt(3) == 0) {
            headers.add(pick(List.of("Content-Type", "Content-Encoding", "Accept-Encoding", "Range", "x-ms-version", "x-ms-date", "If-Match", "x-ms-blob-type", "Authorization",
                    "x-ms-client-request-id", "Prefer", "Expect", "Origin", "Cookie", "Date", "x-ms-readonly")) + ": " + value);
        } else {
            int which = random.nextInt(headers.size());
            String before = headers.get(which);
            int end = before.indexOf(": ") + 2;
            headers.set(which, before.substring(0, end) + (random.nextBoolean() ? value : visible(text(before.substring(end)))));
        }
        return headers;
    }
}
