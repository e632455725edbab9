package io.conshelf.processor.run;

import io.conshelf.connectors.StoreException;
import io.conshelf.processor.definition.Field;
import io.conshelf.processor.definition.FormatDefinition;
import io.conshelf.processor.definition.OutputDefinition.Settings;
import io.conshelf.processor.destination.DestinationException;
import io.conshelf.processor.destination.DestinationException.Lasting;
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
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.concurrent.ExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Dead letters as messages to a topic, in the place of files. A checkpoint waits until the broker has them; after a crash one may come twice. What the broker does not
/// take, whereas it is there, goes to the file all the same.
final class DeadLetterTopic implements DeadLetters {
    private static final int AT_LEAST_ONCE = 1;
    private static final List<String> TOLD = List.of("pipeline", "stage", "code", "reason");

    private static final int REFUSALS_MAX = 3;
    private static final Logger LOG = LoggerFactory.getLogger(DeadLetterTopic.class);

    private final String pipeline;
    private final MqttDestination sender;
    private final Attempts.Patience patience;
    private final DeadLetterFile file;
    private final List<DeadLetter> unanswered = new ArrayList<>();
    private long kept;
    private boolean isFileUsed;
    private int refusals;

    /// @param clientId never used by two at a time
    /// @param file     for what the broker does not take
    DeadLetterTopic(DeadLetterPlace place, String pipeline, String clientId, SignIn signIn, DeadLetterFile file, Attempts.Patience patience) throws StoreException {
        this.pipeline = pipeline;
        this.file = file;
        this.patience = patience;
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
    public void begin(long before) {
        kept = before;
    }

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
            unanswered.add(letter);
        } catch (DestinationException unsent) {
            refused(unsent);
            keep(letter);
        } catch (StageException impossible) {
            throw new AssertionError("a letter is a text", impossible);
        }
    }

    @Override
    public long flush() throws IOException, InterruptedException {
        try {
            sender.prepare(0);
            unanswered.clear();
            refusals = 0;
        } catch (DestinationException unsent) {
            refused(unsent);
        }
        if (isFileUsed) {
            kept = file.flush();
        }
        return kept;
    }

    /// Returns where all that has no answer is in the file.
    ///
    /// @throws IOException where it is to be tried again
    private void refused(DestinationException unsent) throws IOException {
        // a broker that is away comes back
        boolean isThere = unsent.getCause() instanceof ExecutionException || patience == Attempts.Patience.ENDS;
        if (unsent.lasting() != Lasting.PERMANENT && (!isThere || ++refusals < REFUSALS_MAX)) {
            throw new IOException("the topic of dead letters: " + unsent.getMessage(), unsent);
        }
        LOG.warn("the topic of dead letters of the pipeline '{}' does not take them, and they go to the file: {}", pipeline, unsent.getMessage());
        while (!unanswered.isEmpty()) {
            keep(unanswered.getFirst());
            unanswered.removeFirst();
        }
        sender.giveUp();
        refusals = 0;
    }

    private void keep(DeadLetter letter) throws IOException {
        if (!isFileUsed) {
            file.begin(kept == 0 ? Long.MAX_VALUE : kept);
            isFileUsed = true;
        }
        file.add(letter);
    }

    @Override
    public void close() throws IOException {
        sender.close();
        file.close();
    }
}
