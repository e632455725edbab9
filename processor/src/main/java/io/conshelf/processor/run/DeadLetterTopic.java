package io.conshelf.processor.run;

import io.conshelf.connectors.StoreException;
import io.conshelf.processor.definition.Field;
import io.conshelf.processor.definition.FormatDefinition;
import io.conshelf.processor.definition.OutputDefinition.Settings;
import io.conshelf.processor.destination.DestinationException;
import io.conshelf.processor.destination.MqttDestination;
import io.conshelf.processor.destination.Retry;
import io.conshelf.processor.path.InvalidPathException;
import io.conshelf.processor.path.Path;
import io.conshelf.processor.secret.SignIn;
import io.conshelf.processor.stage.Message;
import io.conshelf.processor.stage.StageException;
import io.conshelf.processor.value.Value;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/// Dead letters as messages to a topic, in the place of files. A checkpoint waits until the broker has them; after a crash one may come twice.
final class DeadLetterTopic implements DeadLetters {
    private static final int AT_LEAST_ONCE = 1;
    private static final List<String> TOLD = List.of("pipeline", "stage", "code", "reason");

    private final String pipeline;
    private final MqttDestination sender;

    /// @param clientId never used by two at a time
    DeadLetterTopic(DeadLetterPlace place, String pipeline, String clientId, SignIn signIn) throws StoreException {
        this.pipeline = pipeline;
        // so that what cannot work is told before anything runs
        signIn.broker(place.broker(), place.authentication(), place.trusted());
        List<Field.Pair> properties = TOLD.stream().map(name -> new Field.Pair(new Field.Static(Value.of(name)), new Field.Dynamic(path("." + name)))).toList();
        this.sender = new MqttDestination(new Settings.Mqtt(place.broker(), new Field.Static(Value.of(place.topic())), AT_LEAST_ONCE,
                new FormatDefinition(FormatDefinition.Plain.RAW, path(".letter")), place.authentication(), place.trusted(), properties, new Retry.None()), clientId, signIn);
    }

    private static Path path(String text) {
        try {
            return Path.parse(text);
        } catch (InvalidPathException impossible) {
            throw new AssertionError(impossible);
        }
    }

    @Override
    public void begin(long kept) {}

    @Override
    public void add(DeadLetter letter) throws IOException, InterruptedException {
        SequencedMap<String, Value> told = new LinkedHashMap<>();
        told.put("letter", Value.of(new String(DeadLetterFile.line(letter), StandardCharsets.UTF_8).strip()));
        told.put("pipeline", Value.of(pipeline));
        told.put("stage", Value.of(letter.stage()));
        told.put("code", Value.of(letter.code()));
        told.put("reason", Value.of(letter.reason()));
        try {
            sender.accept(new Message(new Value.Members(told), new Message.Partition(letter.partition(), ""), letter.time()));
        } catch (DestinationException unsent) {
            throw new IOException("the topic of dead letters: " + unsent.getMessage(), unsent);
        } catch (StageException impossible) {
            throw new AssertionError("a letter is a text", impossible);
        }
    }

    @Override
    public long flush() throws IOException, InterruptedException {
        try {
            sender.prepare(0);
            return 0;
        } catch (DestinationException unsent) {
            throw new IOException("the topic of dead letters: " + unsent.getMessage(), unsent);
        }
    }

    @Override
    public void close() {
        sender.close();
    }
}
