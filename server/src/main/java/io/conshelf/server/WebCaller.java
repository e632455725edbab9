package io.conshelf.server;

import io.conshelf.engine.WebCalls;
import io.conshelf.engine.store.WriteStop;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Calls web services for queries, one request at a time, each within its time and size.
public final class WebCaller implements WebCalls, AutoCloseable {
    private static final Duration CONNECT_MAX = Duration.ofSeconds(10);

    private final HttpClient client;

    public WebCaller() {
        this(HttpClient.newBuilder());
    }

    /// @param builder with whom it trusts
    WebCaller(HttpClient.Builder builder) {
        client = builder.followRedirects(HttpClient.Redirect.NEVER).connectTimeout(CONNECT_MAX).build();
    }

    @Override
    public Answer ask(Call call, WriteStop stop) throws IOException {
        var request = HttpRequest.newBuilder(call.uri());
        call.headers().forEach(header -> request.setHeader(header.name(), header.value()));
        call.body().ifPresent(body -> request.POST(BodyPublishers.ofString(body)));
        var future = client.sendAsync(request.build(), BodyHandlers.limiting(BodyHandlers.ofByteArray(), call.answerBytesMax()));
        Runnable cancel = () -> future.cancel(true);
        stop.whenStopped(cancel);
        try {
            var response = waited(future, call);
            return new Answer(response.statusCode(), response.headers().map(), response.body());
        } finally {
            stop.hasEnded(cancel);
        }
    }

    private static HttpResponse<byte[]> waited(CompletableFuture<HttpResponse<byte[]>> future, Call call) throws IOException {
        try {
            return future.get(call.within().toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            future.cancel(true);
            throw new IOException("it took more than " + call.within().toSeconds() + " seconds", e);
        } catch (CancellationException e) {
            throw new IOException("the request was stopped", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            future.cancel(true);
            throw new IOException("the request was interrupted", e);
        } catch (ExecutionException e) {
            Throwable cause = e.getCause();
            throw new IOException(cause.getMessage() == null ? "the connection failed (" + cause.getClass().getSimpleName() + ")" : cause.getMessage(), e);
        }
    }

    @Override
    public void close() {
        client.shutdownNow();
    }
}
