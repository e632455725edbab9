package io.conshelf.connectors.http;

import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.file.StorePath;
import io.conshelf.connectors.file.StoredFile;
import io.conshelf.connectors.spool.SpooledFiles;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.List;

/// The one file that a web server answers a request with.
public final class HttpFiles extends SpooledFiles {
    private final WebClient client;
    private final WebRequest request;

    public HttpFiles(WebClient client, WebRequest request) {
        super("HttpServer");
        this.client = client;
        this.request = request;
    }

    @Override
    protected List<StoredFile> fetch() throws StoreException {
        String path = String.valueOf(request.uri().getPath()).replaceFirst("/+$", "");
        String name = StorePath.name(path).isEmpty() ? "data" : StorePath.name(path);
        try (WebAnswer answer = client.send(request); InputStream body = answer.body()) {
            Instant modified = answer.headers().firstValue("Last-Modified").map(HttpFiles::time).orElse(Instant.now());
            return List.of(keep(name, body, modified));
        } catch (IOException failure) {
            throw StoreException.system("UserErrorHttpRequestFailed", "The answer of '" + WebClient.shown(request.uri()) + "' broke off: " + failure.getMessage(), failure);
        }
    }

    private static Instant time(String text) {
        try {
            return ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
        } catch (DateTimeParseException notATime) {
            return Instant.now();
        }
    }
}
