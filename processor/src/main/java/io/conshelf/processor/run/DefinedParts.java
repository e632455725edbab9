package io.conshelf.processor.run;

import io.conshelf.connectors.StoreException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.connectors.definition.InvalidDefinitionException;
import io.conshelf.connectors.mqtt.MqttConnection;
import io.conshelf.processor.definition.Definitions;
import io.conshelf.processor.dataset.ReferenceData;
import io.conshelf.processor.definition.PipelineDefinition;
import io.conshelf.processor.definition.StageDefinition;
import io.conshelf.processor.format.FormatException;
import io.conshelf.processor.format.MessageFormat;
import io.conshelf.processor.secret.NamedSecret;
import io.conshelf.processor.secret.SignIn;
import io.conshelf.processor.source.Source;
import io.conshelf.processor.source.SourceException;
import io.conshelf.processor.source.Sources;
import io.conshelf.processor.source.Subscriptions;
import io.conshelf.processor.stage.InvalidStageException;
import io.conshelf.processor.stage.Message;
import io.conshelf.processor.stage.Partitioner;
import io.conshelf.processor.stage.StageException;
import io.conshelf.processor.stage.Stages;
import io.conshelf.processor.value.Value;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What a definition asks for. All of it is made before anything runs, so that what cannot work is told at once.
final class DefinedParts implements Parts {
    private static final ObjectReader JSON = new ObjectMapper().reader();

    private final PipelineDefinition definition;
    private final RunPlace place;
    private final ReferenceData references;
    private final MessageFormat format;
    private final Partitioning partitioning;
    private final Pipelines.Opening source;
    private final List<List<PlacedStage>> stages;
    private final List<PlacedDestination> destinations;
    private final Attempts.Patience patience;
    private final List<Optional<DeadLetters>> topics;

    private DefinedParts(PipelineDefinition definition, RunPlace place, ReferenceData references, MessageFormat format, Partitioning partitioning,
            Pipelines.Opening source, List<List<PlacedStage>> stages, List<PlacedDestination> destinations, List<Optional<DeadLetters>> topics,
            Attempts.Patience patience) {
        this.definition = definition;
        this.place = place;
        this.references = references;
        this.format = format;
        this.partitioning = partitioning;
        this.source = source;
        this.stages = stages;
        this.destinations = destinations;
        this.patience = patience;
        this.topics = topics;
    }

    /// @throws IOException where its settings do not hold together
    static DefinedParts of(PipelineDefinition definition, RunPlace place, ReferenceData references) throws IOException {
        SignIn signIn = new SignIn(place.endpoints(), place.secrets());
        return of(definition, place, references, () -> {
            try {
                return Sources.open(definition.input(), Sources.clientId(place.instance(), definition.name()), signIn,
                        Subscriptions.in(place.folder(definition.name()).resolve("subscriptions")));
            } catch (StoreException refused) {
                throw new SourceException(refused.getMessage(), refused);
            }
        }, Attempts.Patience.LASTS);
    }

    /// The same with another source.
    static DefinedParts of(PipelineDefinition definition, RunPlace place, ReferenceData references, Pipelines.Opening source, Attempts.Patience patience)
            throws IOException {
        Stages made = new Stages(references, place.endpoints(), place.secrets());
        DefinedDestination destination = new DefinedDestination(definition, place, references);
        List<List<PlacedStage>> stages = new ArrayList<>();
        List<PlacedDestination> destinations = new ArrayList<>();
        List<Optional<DeadLetters>> topics = new ArrayList<>();
        try {
            for (int partition = 0; partition < definition.input().partitionCount(); partition++) {
                List<PlacedStage> chain = new ArrayList<>();
                for (StageDefinition stage : definition.stages()) {
                    chain.add(new PlacedStage(stage.id(), stage.type(), made.open(stage)));
                }
                stages.add(chain);
                destinations.add(destination.open(partition));
                topics.add(topic(definition, place, partition, patience));
            }
            return new DefinedParts(definition, place, references, MessageFormat.of(definition.input().format()), by(Stages.partitioner(definition.input())), source,
                    stages, destinations, topics, patience);
        } catch (InvalidStageException | FormatException | StoreException wrong) {
            throw new IOException("The pipeline '" + definition.name() + "': " + wrong.getMessage(), wrong);
        }
    }

    private static Partitioning by(Partitioner partitioner) {
        return new Partitioning() {
            @Override
            public Message.Partition of(Value content) throws StageException {
                return partitioner.of(content);
            }

            @Override
            public boolean tellsKey() {
                return partitioner.tellsKey();
            }
        };
    }

    @Override
    public String name() {
        return definition.name();
    }

    @Override
    public int partitions() {
        return stages.size();
    }

    private static Optional<DeadLetters> topic(PipelineDefinition definition, RunPlace place, int partition, Attempts.Patience patience) throws StoreException {
        if (place.deadLetters().isEmpty()) {
            return Optional.empty();
        }
        String client = Sources.clientId(place.instance(), definition.name() + "/dead-letters/" + partition);
        return Optional.of(new DeadLetterTopic(place.deadLetters().get(), definition.name(), client, new SignIn(place.endpoints(), place.secrets()),
                new DeadLetterFile(DeadLetterFile.in(place.folder(definition.name()), partition)), patience));
    }

    @Override
    public DeadLetters deadLetters(int partition, Path file) {
        return topics.get(partition).orElseGet(() -> new DeadLetterFile(file));
    }

    @Override
    public String definition() {
        return text(definition);
    }

    private String text(PipelineDefinition pipeline) {
        ObjectNode resource = pipeline.resource().armResource();
        withoutSecrets(resource);
        return resource.toString();
    }

    /// What an author has written in the place of a secret's name lies nowhere in plain.
    private void withoutSecrets(JsonNode node) {
        node.properties().stream().filter(member -> member.getKey().equalsIgnoreCase("authentication")).forEach(member -> {
            if (member.getValue() instanceof ObjectNode authentication) {
                authentication.properties().stream().filter(NamedSecret::isOne).filter(secret -> place.secrets().find(secret.getValue().asText()).isEmpty())
                        .map(Map.Entry::getKey).toList().forEach(name -> authentication.put(name, "unknown"));
            }
        });
        node.forEach(this::withoutSecrets);
    }

    @Override
    public Optional<Before> before(String text) throws IOException {
        PipelineDefinition then = read(text);
        PipelineDefinition now = read(definition());
        boolean areStagesSame = works(then).equals(works(now));
        if (areStagesSame && then.output().settings().equals(now.output().settings())) {
            return Optional.empty();
        }
        // windows do not depend on where they go
        return Optional.of(new Before(of(then, place, references, source, patience), areStagesSame ? Windows.KEPT : Windows.HANDED_ON));
    }

    private PipelineDefinition read(String text) throws IOException {
        try {
            return Definitions.pipeline(definition.name(), JSON.readTree(text));
        } catch (InvalidDefinitionException wrong) {
            throw new IOException(wrong.getMessage(), wrong);
        }
    }

    /// What a stage does under its id, whatever it is called.
    private record Work(String id, StageDefinition.Settings settings) {}

    private static List<Work> works(PipelineDefinition pipeline) {
        return pipeline.stages().stream().map(stage -> new Work(stage.id(), stage.settings())).toList();
    }

    @Override
    public Source source() throws SourceException {
        return source.open();
    }

    @Override
    public int underwayMax() {
        return MqttConnection.IN_FLIGHT_MAX;
    }

    @Override
    public Attempts.Patience patience() {
        return patience;
    }

    @Override
    public MessageFormat format() {
        return format;
    }

    @Override
    public Partitioning partitioning() {
        return partitioning;
    }

    @Override
    public List<PlacedStage> stages(int partition) {
        return stages.get(partition);
    }

    @Override
    public PlacedDestination destination(int partition) {
        return destinations.get(partition);
    }
}
