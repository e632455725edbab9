package io.conshelf.processor.source;

import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.http.WebAnswer;
import io.conshelf.connectors.http.WebClient;
import io.conshelf.connectors.http.WebRequest;
import io.conshelf.processor.format.FormatLimits;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;

/// An address that is asked again and again, the interval after it has answered. Each answer is a message.
public final class HttpSource implements Source {
    private final WebClient client;
    private final WebRequest request;
    private final Interval interval;

    public HttpSource(WebClient client, WebRequest request, Duration interval) {
        this.client = client;
        this.request = request;
        this.interval = new Interval(interval);
    }

    @Override
    public List<Arrival> next() throws SourceException, InterruptedException {
        interval.await();
        try (WebAnswer answer = client.send(request)) {
            // one byte too many, so that what is too large is told as that where it is decoded, and the next answer comes
            byte[] payload = answer.body().readNBytes(FormatLimits.BYTES_MAX + 1);
            return List.of(new Arrival(payload, new LinkedHashMap<>(), Delivery.ONCE));
        } catch (StoreException e) {
            throw new SourceException(e.getMessage(), e);
        } catch (IOException e) {
            throw new SourceException("The answer of '" + request.uri().getHost() + "' broke off: " + e.getMessage(), e);
        } finally {
            interval.begin();
        }
    }

    @Override
    public void close() {}
}
