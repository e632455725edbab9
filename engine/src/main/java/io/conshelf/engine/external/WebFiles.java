package io.conshelf.engine.external;

import io.conshelf.engine.Errors;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.ServiceError;
import io.conshelf.engine.StorageUri;
import io.conshelf.engine.store.WriteStop;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// Files that web servers give: on this machine, or where the configuration says `live`, and nowhere that the callout policy
/// forbids. A redirection is not followed, as it may lead anywhere.
public final class WebFiles {
    static final String CALLOUT_TYPE = "external_data";
    private static final Duration CONNECT_MAX = Duration.ofSeconds(10);
    private static final Duration ANSWER_MAX = Duration.ofMinutes(1);
    private static final Duration WHOLE_MAX = Duration.ofMinutes(30);
    private static final Duration LOOK_EVERY = Duration.ofMillis(200);

    private final Set<String> live;
    private final CalloutPolicy callouts;
    private final Path stagingFolder;

    /// @param live hosts that may be reached beside this machine
    public WebFiles(Set<String> live, CalloutPolicy callouts, Path stagingFolder) {
        this.live = live;
        this.callouts = callouts;
        this.stagingFolder = stagingFolder;
    }

    /// Whether it is a file of a web server that may be asked.
    public boolean reaches(StorageUri uri) {
        String scheme = String.valueOf(uri.location().getScheme()).toLowerCase(Locale.ROOT);
        String host = String.valueOf(uri.location().getHost()).toLowerCase(Locale.ROOT);
        boolean isPlain = switch (uri.access()) {
            case StorageUri.Access.None _, StorageUri.Access.Signature _ -> true;
            case StorageUri.Access.Key _, StorageUri.Access.Identity _ -> false;
        };
        return isPlain && (scheme.equals("http") || scheme.equals("https"))
                && (Loopback.is(host) || live.contains(host));
    }

    /// The file's content, in the staging folder; whoever asked for it deletes it.
    public Path fetch(StorageUri uri) {
        callouts.refusing(CALLOUT_TYPE, uri.location()).ifPresent(pattern -> {
            throw failed("Download_Forbidden", "the callout policy of the cluster forbids calls of the type '" + CALLOUT_TYPE + "' to '"
                    + uri + "' (CalloutUriRegex '" + pattern + "')");
        });
        callouts.requireForCommands(CALLOUT_TYPE, uri.location());
        var stop = WriteStop.current();
        stop.check();
        var request = HttpRequest.newBuilder(address(uri)).timeout(ANSWER_MAX).GET().build();
        try (var client = HttpClient.newBuilder()
                        .followRedirects(HttpClient.Redirect.NEVER)
                        .connectTimeout(CONNECT_MAX)
                        .build();
                var _ = new Watch(client, stop);
                var content = body(uri, client.send(request, HttpResponse.BodyHandlers.ofInputStream()))) {
            return FetchedFile.stored(stagingFolder, uri, content, FetchedFile.BYTES_MAX);
        } catch (IOException e) {
            stop.check();
            throw new KustoException(transientError("'" + uri + "' cannot be read: "
                    + (e.getMessage() == null ? "the connection failed (" + e.getClass().getSimpleName() + ")" : e.getMessage())), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new KustoException(transientError("reading '" + uri + "' was interrupted"), e);
        }
    }

    /// Ends a transfer whose request is stopped, or that takes too long: a server may say nothing, or a byte now and then.
    private static final class Watch implements AutoCloseable {
        private final CountDownLatch done = new CountDownLatch(1);

        Watch(HttpClient client, WriteStop stop) {
            Thread.ofVirtual().name("conshelf-web-watch").start(() -> {
                try {
                    long deadline = System.nanoTime() + WHOLE_MAX.toNanos();
                    while (!done.await(LOOK_EVERY.toMillis(), TimeUnit.MILLISECONDS)) {
                        if (stop.reason().isPresent() || System.nanoTime() - deadline > 0) {
                            client.shutdownNow();
                            return;
                        }
                    }
                } catch (InterruptedException _) {
                    client.shutdownNow();
                }
            });
        }

        @Override
        public void close() {
            done.countDown();
        }
    }

    private static URI address(StorageUri uri) {
        return uri.access() instanceof StorageUri.Access.Signature(String query)
                ? URI.create(uri.location() + "?" + query)
                : uri.location();
    }

    private static InputStream body(StorageUri uri, HttpResponse<InputStream> response) throws IOException {
        int status = response.statusCode();
        if (status == 200) {
            return response.body();
        }
        response.body().close();
        String answered = "'" + uri + "' was answered with the status " + status;
        throw switch (status) {
            case 404, 410 -> failed("Download_SourceNotFound", answered);
            case 401, 403 -> failed("Download_Forbidden", answered);
            case 408, 429, 500, 502, 503, 504 -> new KustoException(transientError(answered));
            default -> failed("Download_NotTransient", answered + (status / 100 == 3 ? "; redirections are not followed" : ""));
        };
    }

    private static KustoException failed(String code, String message) {
        return new KustoException(Errors.storage(code, message));
    }

    private static ServiceError transientError(String message) {
        var error = Errors.storage("Download_UnknownError", message);
        return new ServiceError(error.httpStatus(), error.code(), error.type(), error.message(), false, error.inner());
    }
}
