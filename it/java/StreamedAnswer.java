import com.azure.core.http.HttpClient;
import com.azure.core.http.HttpHeaders;
import com.azure.core.http.HttpRequest;
import com.azure.core.http.HttpResponse;
import com.azure.core.util.Context;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/// The client gathers an answer before it hands on the first byte, unless its HTTP client hands on streams. Off the threads of the network, as the
/// client reads the beginning of the stream at once and waits for it.
final class StreamedAnswer extends HttpResponse {
    private final HttpResponse answer;

    private StreamedAnswer(HttpResponse answer) {
        super(answer.getRequest());
        this.answer = answer;
    }

    @Override
    public Mono<InputStream> getBodyAsInputStream() {
        return Mono.fromSupplier(answer::getBodyAsInputStreamSync);
    }

    @Override
    public int getStatusCode() {
        return answer.getStatusCode();
    }

    @Override
    @Deprecated
    public String getHeaderValue(String name) {
        return answer.getHeaderValue(name);
    }

    @Override
    public HttpHeaders getHeaders() {
        return answer.getHeaders();
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

    static HttpClient client() {
        HttpClient gathering = HttpClient.createDefault();
        return new HttpClient() {
            @Override
            public Mono<HttpResponse> send(HttpRequest request) {
                return send(request, Context.NONE);
            }

            @Override
            public Mono<HttpResponse> send(HttpRequest request, Context context) {
                return gathering.send(request, context).publishOn(Schedulers.boundedElastic()).map(StreamedAnswer::new);
            }
        };
    }
}
