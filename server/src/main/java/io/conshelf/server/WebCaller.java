package io.conshelf.server;

import io.conshelf.engine.KustoException;
import io.conshelf.engine.WebCalls;
import io.conshelf.engine.store.WriteStop;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.BodySubscribers;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongConsumer;

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
        BodyHandler<byte[]> counted = _ -> new CountedBody(call.coming());
        var future = client.sendAsync(request.build(), BodyHandlers.limiting(counted, call.answerBytesMax()));
        Runnable cancel = () -> future.cancel(true);
        stop.whenStopped(cancel);
        try {
            var response = waited(future, call);
            return new Answer(response.statusCode(), response.headers().map(), response.body());
        } finally {
            stop.hasEnded(cancel);
        }
    }

    /// A body whose bytes are told before they are kept.
    private static final class CountedBody implements BodySubscriber<byte[]> {
        private final LongConsumer coming;
        private final BodySubscriber<byte[]> kept = BodySubscribers.ofByteArray();
        private final CompletableFuture<Flow.Subscription> sender = new CompletableFuture<>();
        private boolean isRefused;

        CountedBody(LongConsumer coming) {
            this.coming = coming;
        }

        @Override
        public CompletionStage<byte[]> getBody() {
            return kept.getBody();
        }

        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            sender.complete(subscription);
            kept.onSubscribe(subscription);
        }

        @Override
        public void onNext(List<ByteBuffer> part) {
            if (isRefused) {
                return;
            }
            try {
                coming.accept(part.stream().mapToLong(ByteBuffer::remaining).sum());
                kept.onNext(part);
            } catch (KustoException e) {
                isRefused = true;
                sender.join().cancel();
                kept.onError(e);
            }
        }

        @Override
        public void onError(Throwable failure) {
            kept.onError(failure);
        }

        @Override
        public void onComplete() {
            kept.onComplete();
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
            if (cause instanceof KustoException refusal) {
                throw refusal;
            }
            throw new IOException(cause.getMessage() == null ? "the connection failed (" + cause.getClass().getSimpleName() + ")" : cause.getMessage(), e);
        }
    }

    @Override
    public void close() {
        client.shutdownNow();
    }
}
