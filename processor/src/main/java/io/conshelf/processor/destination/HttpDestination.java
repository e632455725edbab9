package io.conshelf.processor.destination;

import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.http.WebAnswer;
import io.conshelf.connectors.http.WebClient;
import io.conshelf.connectors.http.WebRequest;
import io.conshelf.processor.definition.Field;
import io.conshelf.processor.definition.FormatDefinition;
import io.conshelf.processor.definition.OutputDefinition.Settings;
import io.conshelf.processor.format.MessageFormat;
import io.conshelf.processor.secret.SignIn;
import io.conshelf.processor.stage.Message;
import io.conshelf.processor.stage.StageException;
import io.conshelf.processor.value.Value;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// An address that gets a request for each message. What it answers is not looked at beyond its status.
public final class HttpDestination implements Destination {
    private static final Logger LOG = LoggerFactory.getLogger(HttpDestination.class);
    private static final Duration TIMEOUT = Duration.ofSeconds(100);

    private final Settings.Http settings;
    private final SignIn signIn;
    private final URI address;
    private final Optional<Body> body;

    private record Body(FormatDefinition definition, MessageFormat format) {}

    public HttpDestination(Settings.Http settings, SignIn signIn) throws StoreException {
        this.settings = settings;
        this.signIn = signIn;
        this.address = WebClient.address(settings.url());
        this.body = settings.request().body().isEmpty() ? Optional.empty()
                : Optional.of(new Body(settings.request().body().getFirst(), MessagePart.format(settings.request().body().getFirst())));
    }

    @Override
    public void accept(Message message) throws StageException, DestinationException, InterruptedException {
        WebRequest request = request(message.content());
        // secrets are read each time, so that one that was changed is seen
        WebAnswer answer;
        try {
            answer = signIn.web(address, settings.authentication(), TIMEOUT).send(request);
        } catch (StoreException e) {
            if (Thread.interrupted()) {
                throw new InterruptedException(e.getMessage());
            }
            throw MessagePart.failure(e);
        }
        try {
            answer.close();
        } catch (IOException brokenOff) {
            LOG.debug("the answer's body, which nobody reads", brokenOff);
        }
    }

    private WebRequest request(Value content) throws StageException {
        Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        body.ifPresent(sent -> headers.put("Content-Type", sent.definition().contentType()));
        for (Field.Pair pair : settings.request().headers()) {
            headers.put(MessagePart.text(pair.key(), content, "the name of a header"), MessagePart.text(pair.value(), content, "the value of a header"));
        }
        byte[] sent = body.isEmpty() ? new byte[0] : MessagePart.encoded(body.get().format(), body.get().definition(), content);
        return new WebRequest(settings.method(), address, headers, sent);
    }

    @Override
    public byte[] prepare(long checkpoint) {
        return new byte[0];
    }

    @Override
    public void commit(byte[] prepared) {}

    @Override
    public void close() {}
}
