package io.conshelf.processor.stage;

import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.StoreException.Fault;
import io.conshelf.connectors.http.WebAnswer;
import io.conshelf.connectors.http.WebClient;
import io.conshelf.connectors.http.WebRequest;
import io.conshelf.processor.definition.Field;
import io.conshelf.processor.definition.FormatDefinition;
import io.conshelf.processor.definition.StageDefinition.Settings;
import io.conshelf.processor.format.FormatException;
import io.conshelf.processor.format.FormatLimits;
import io.conshelf.processor.format.MessageFormat;
import io.conshelf.processor.path.Path;
import io.conshelf.processor.value.JsonText;
import io.conshelf.processor.value.Value;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/// Asks a web service about each message, and waits for its answer.
final class HttpCallStage implements Stage {
    static final Duration TIMEOUT = Duration.ofSeconds(30);

    private final Settings.HttpCall settings;
    private final SignedIn signedIn;
    private final URI address;
    private final List<Body> request;
    private final List<Body> response;
    private final RandomGenerator random = RandomGenerator.getDefault();

    /// Who asks: found anew for each request, because secrets change.
    @FunctionalInterface
    interface SignedIn {
        WebClient client() throws StoreException;
    }

    private record Body(MessageFormat format, FormatDefinition definition) {}

    private record Answer(int status, HttpHeaders headers, byte[] body) {}

    HttpCallStage(Settings.HttpCall settings, SignedIn signedIn) throws FormatException {
        this.settings = settings;
        this.signedIn = signedIn;
        this.address = URI.create(settings.url());
        this.request = bodies(settings.request().body());
        this.response = bodies(settings.response().body());
    }

    private static List<Body> bodies(List<FormatDefinition> definitions) throws FormatException {
        List<Body> bodies = new ArrayList<>();
        for (FormatDefinition definition : definitions) {
            bodies.add(new Body(MessageFormat.of(definition), definition));
        }
        return bodies;
    }

    @Override
    public void accept(Message message, Output output) throws StageException, InterruptedException {
        Answer answer = ask(new WebRequest(settings.method(), address, headers(message.content()), body(message.content())));
        Value content = message.content();
        for (Body body : response) {
            try {
                content = body.definition().path().write(content, body.format().decode(answer.body()));
            } catch (FormatException undecoded) {
                throw new StageException("InvalidAnswer", "The answer of '" + address.getHost() + "' cannot be decoded: " + undecoded.getMessage());
            }
        }
        for (Path path : settings.response().headers()) {
            SequencedMap<String, Value> headers = new LinkedHashMap<>();
            answer.headers().map().forEach((name, values) -> headers.put(name, Value.of(String.join(", ", values))));
            content = path.write(content, new Value.Members(headers));
        }
        for (Path path : settings.response().status()) {
            content = path.write(content, Value.of((long) answer.status()));
        }
        output.emit(message.with(content));
    }

    private Answer ask(WebRequest asked) throws StageException, InterruptedException {
        for (int attempt = 1; ; attempt++) {
            try (WebAnswer answer = signedIn.client().send(asked)) {
                byte[] body = answer.body().readNBytes(FormatLimits.BYTES_MAX + 1);
                return new Answer(answer.status(), answer.headers(), body);
            } catch (StoreException failed) {
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
                pause(attempt, failed.fault(), failed.getMessage());
            } catch (IOException brokenOff) {
                pause(attempt, Fault.SYSTEM, "The answer of '" + address.getHost() + "' broke off: " + brokenOff.getMessage());
            }
        }
    }

    private void pause(int attempt, Fault fault, String why) throws StageException, InterruptedException {
        Duration pause = settings.retry().pause(attempt, random);
        if (fault != Fault.SYSTEM || pause.isNegative()) {
            throw new StageException("HttpCallFailed", why);
        }
        Thread.sleep(pause);
    }

    private byte[] body(Value content) throws StageException {
        for (Body body : request) {
            Value value = body.definition().path().read(content).orElseThrow(() -> missing("body", body.definition().path()));
            try {
                return body.format().encode(value);
            } catch (FormatException unwritable) {
                throw new StageException("InvalidBody", "What is at '" + body.definition().path() + "' cannot be sent: " + unwritable.getMessage());
            }
        }
        return new byte[0];
    }

    private Map<String, String> headers(Value content) throws StageException {
        Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        for (Body body : request) {
            headers.put("Content-Type", body.definition().contentType());
        }
        for (Field.Pair header : settings.request().headers()) {
            headers.put(text(header.key(), content), text(header.value(), content));
        }
        return headers;
    }

    private static String text(Field field, Value content) throws StageException {
        Value value = switch (field) {
            case Field.Static(Value fixed) -> fixed;
            case Field.Dynamic(Path path) -> path.read(content).orElseThrow(() -> missing("header", path));
        };
        return switch (value) {
            case Value.Text(String text) -> text;
            case Value.Binary(byte[] bytes) -> new String(bytes, StandardCharsets.UTF_8);
            case Value.Null _, Value.Truth _, Value.Whole _, Value.Large _, Value.Real _, Value.Items _, Value.Members _ -> JsonText.write(value);
        };
    }

    private static StageException missing(String what, Path path) {
        return new StageException("MissingValue", "There is nothing at '" + path + "', where the " + what + " of the request is to be");
    }
}
