package io.conshelf.server.storage;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// The text that a request signed with the account key signs.
final class SharedKey {
    private static final List<String> SIGNED_HEADERS = List.of(
            "content-encoding", "content-language", "content-length", "content-md5", "content-type", "date",
            "if-modified-since", "if-match", "if-none-match", "if-unmodified-since", "range");
    private static final List<String> LITE_HEADERS = List.of("content-md5", "content-type");

    private SharedKey() {}

    static String text(StorageRequest request) {
        StringBuilder text = new StringBuilder(request.method()).append('\n');
        if (request.address().account() == StorageAccount.TABLE) {
            text.append(request.headerOrEmpty("content-md5")).append('\n')
                    .append(request.headerOrEmpty("content-type")).append('\n')
                    .append(dateText(request)).append('\n');
            return text.append(plainResource(request)).toString();
        }
        for (String name : SIGNED_HEADERS) {
            String value = request.headerOrEmpty(name);
            boolean isOmitted = name.equals("content-length") && value.equals("0")
                    || name.equals("date") && request.header("x-ms-date").isPresent();
            text.append(isOmitted ? "" : value).append('\n');
        }
        text.append(canonicalHeaders(request)).append(resourceRoot(request));
        Map<String, String> sorted = new TreeMap<>(request.query());
        sorted.forEach((name, value) -> text.append('\n').append(name).append(':').append(value));
        return text.toString();
    }

    static String liteText(StorageRequest request) {
        if (request.address().account() == StorageAccount.TABLE) {
            return dateText(request) + "\n" + plainResource(request);
        }
        StringBuilder text = new StringBuilder(request.method()).append('\n');
        for (String name : LITE_HEADERS) {
            text.append(request.headerOrEmpty(name)).append('\n');
        }
        text.append(request.header("x-ms-date").isPresent() ? "" : request.headerOrEmpty("date")).append('\n');
        return text.append(canonicalHeaders(request)).append(plainResource(request)).toString();
    }

    static Optional<Instant> date(StorageRequest request) {
        try {
            return Optional.of(ZonedDateTime.parse(dateText(request), DateTimeFormatter.RFC_1123_DATE_TIME).toInstant());
        } catch (DateTimeException _) {
            return Optional.empty();
        }
    }

    private static String dateText(StorageRequest request) {
        return request.header("x-ms-date").orElseGet(() -> request.headerOrEmpty("date"));
    }

    private static String canonicalHeaders(StorageRequest request) {
        StringBuilder text = new StringBuilder();
        List<String> names = new ArrayList<>();
        for (String name : request.headerNames()) {
            String lower = name.toLowerCase(Locale.ROOT);
            if (lower.startsWith("x-ms-")) {
                names.add(lower);
            }
        }
        names.sort(null);
        for (String name : names) {
            text.append(name).append(':').append(request.headerOrEmpty(name).strip()).append('\n');
        }
        return text.toString();
    }

    /// The account stands in front of the path as it was sent, which begins with the account where the host does not say it.
    private static String resourceRoot(StorageRequest request) {
        return "/" + request.address().owner() + request.rawPath();
    }

    private static String plainResource(StorageRequest request) {
        String comp = request.query().get("comp");
        return resourceRoot(request) + (comp == null ? "" : "?comp=" + comp);
    }
}
