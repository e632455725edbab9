package io.conshelf.server.storage;

import java.net.URLEncoder;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// Percent-encoding as storage addresses use it.
public final class UriText {
    private UriText() {}

    static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20").replace("*", "%2A").replace("%7E", "~");
    }

    /// Encodes a blob's name, whose slashes stay.
    public static String encodePath(String path) {
        return encode(path).replace("%2F", "/");
    }

    /// The text behind the percent signs, or nothing when it isn't UTF-8 or a percent sign stands alone.
    static Optional<String> decode(String raw) {
        if (raw.indexOf('%') < 0) {
            return Optional.of(raw);
        }
        byte[] utf8 = raw.getBytes(StandardCharsets.UTF_8);
        byte[] decoded = new byte[utf8.length];
        int length = 0;
        for (int i = 0; i < utf8.length; i++) {
            if (utf8[i] != '%') {
                decoded[length++] = utf8[i];
                continue;
            }
            int high = i + 2 < utf8.length ? Character.digit(utf8[i + 1], 16) : -1;
            int low = i + 2 < utf8.length ? Character.digit(utf8[i + 2], 16) : -1;
            if (high < 0 || low < 0) {
                return Optional.empty();
            }
            decoded[length++] = (byte) (high * 16 + low);
            i += 2;
        }
        try {
            return Optional.of(StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(decoded, 0, length)).toString());
        } catch (CharacterCodingException _) {
            return Optional.empty();
        }
    }

    /// The parameters of a query, the first of each name, names in lower case as the service compares them.
    static Map<String, String> query(String rawQuery) {
        Map<String, String> parameters = new LinkedHashMap<>();
        for (String pair : rawQuery.split("&")) {
            if (pair.isEmpty()) {
                continue;
            }
            int equals = pair.indexOf('=');
            String name = decoded(equals < 0 ? pair : pair.substring(0, equals)).toLowerCase(Locale.ROOT);
            String rawValue = equals < 0 ? "" : pair.substring(equals + 1);
            // a plus sign is a blank, but base64 has plus signs that a careless client leaves unencoded
            parameters.putIfAbsent(name, decoded(name.equals("sig") ? rawValue : rawValue.replace('+', ' ')));
        }
        return parameters;
    }

    private static String decoded(String raw) {
        return decode(raw).orElseThrow(() -> new StorageException(StorageCode.INVALID_URI, "The query is not percent-encoded UTF-8."));
    }
}
