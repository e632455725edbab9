package io.conshelf.connectors.kusto;

import com.azure.core.http.HttpClient;
import com.azure.core.http.HttpHeaderName;
import com.azure.core.http.HttpHeaders;
import com.azure.core.http.HttpRequest;
import com.azure.core.http.HttpResponse;
import com.azure.core.util.Context;
import com.microsoft.azure.kusto.data.http.HttpClientFactory;
import com.microsoft.azure.kusto.data.http.HttpClientProperties;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.time.Duration;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/// Hands on the answers to queries while they arrive, where the official client's own connections gather each one whole before its first byte is handed on.
/// All else goes as it would: signing in, redirections, refusals.
final class StreamedQueries implements HttpClient {
    /// The longest time that a service gives a query. Whoever takes rows slowly is ended by the service, not sooner by the connection.
    private static final Duration READ_TIMEOUT = Duration.ofHours(1);
    /// A connection is held while its answer is read.
    private static final int READERS_MAX = 500;
    private static final String QUERIES = "/v2/rest/query";
    private static final int OK = 200;

    private final HttpClient connections = HttpClientFactory.create(
            HttpClientProperties.builder().readTimeout(Math.toIntExact(READ_TIMEOUT.toSeconds())).maxConnectionsTotal(READERS_MAX).build());

    @Override
    public Mono<HttpResponse> send(HttpRequest request) {
        return send(request, Context.NONE);
    }

    @Override
    public Mono<HttpResponse> send(HttpRequest request, Context context) {
        return connections.send(request, context).map(StreamedQueries::streamed);
    }

    @Override
    public HttpResponse sendSync(HttpRequest request, Context context) {
        return streamed(connections.sendSync(request, context));
    }

    private static HttpResponse streamed(HttpResponse answer) {
        boolean hasRows = answer.getStatusCode() == OK && answer.getRequest().getUrl().getPath().endsWith(QUERIES);
        return hasRows ? new Streamed(answer) : answer;
    }

    private static final class Streamed extends HttpResponse {
        private final HttpResponse answer;

        private Streamed(HttpResponse answer) {
            super(answer.getRequest());
            this.answer = answer;
        }

        @Override
        public Mono<InputStream> getBodyAsInputStream() {
            String encoding = answer.getHeaderValue(HttpHeaderName.CONTENT_ENCODING);
            return Mono.fromSupplier(() -> new Unpacked(new ArrivingBytes(answer.getBody()), encoding == null ? "" : encoding));
        }

        /// The client looks into what is compressed as soon as it has the stream, on a thread that must not wait for more to arrive; and it fails where the
        /// header is missing. So it is told that nothing is compressed.
        @Override
        public HttpHeaders getHeaders() {
            return new HttpHeaders(answer.getHeaders()).set(HttpHeaderName.CONTENT_ENCODING, "identity");
        }

        @Override
        public int getStatusCode() {
            return answer.getStatusCode();
        }

        @Override
        @Deprecated
        public String getHeaderValue(String name) {
            return getHeaders().getValue(HttpHeaderName.fromString(name));
        }

        @Override
        public Flux<ByteBuffer> getBody() {
            return answer.getBody();
        }

        @Override
        public Mono<byte[]> getBodyAsByteArray() {
            return answer.getBodyAsByteArray();
        }

        @Override
        public Mono<String> getBodyAsString() {
            return answer.getBodyAsString();
        }

        @Override
        public Mono<String> getBodyAsString(Charset charset) {
            return answer.getBodyAsString(charset);
        }

        @Override
        public void close() {
            answer.close();
        }
    }
}
