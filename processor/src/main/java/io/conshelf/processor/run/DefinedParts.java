package io.conshelf.processor.run;

import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.mqtt.MqttConnection;
import io.conshelf.processor.dataset.ReferenceData;
import io.conshelf.processor.definition.PipelineDefinition;
import io.conshelf.processor.definition.StageDefinition;
import io.conshelf.processor.format.FormatException;
import io.conshelf.processor.format.MessageFormat;
import io.conshelf.processor.secret.SignIn;
import io.conshelf.processor.source.Source;
import io.conshelf.processor.source.SourceException;
import io.conshelf.processor.source.Sources;
import io.conshelf.processor.stage.InvalidStageException;
import io.conshelf.processor.stage.Message;
import io.conshelf.processor.stage.Partitioner;
import io.conshelf.processor.stage.StageException;
import io.conshelf.processor.stage.Stages;
import io.conshelf.processor.value.Value;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// What a definition asks for. All of it is made before anything runs, so that what cannot work is told at once.
final class DefinedParts implements Parts {
    private final PipelineDefinition definition;
    private final MessageFormat format;
    private final Partitioning partitioning;
    private final Pipelines.Opening source;
    private final List<List<PlacedStage>> stages;
    private final List<PlacedDestination> destinations;
    private final Attempts.Patience patience;

    private DefinedParts(PipelineDefinition definition, MessageFormat format, Partitioning partitioning, Pipelines.Opening source, List<List<PlacedStage>> stages,
            List<PlacedDestination> destinations, Attempts.Patience patience) {
        this.definition = definition;
        this.format = format;
        this.partitioning = partitioning;
        this.source = source;
        this.stages = stages;
        this.destinations = destinations;
        this.patience = patience;
    }

    /// @throws IOException where its settings do not hold together
    static DefinedParts of(PipelineDefinition definition, RunPlace place, ReferenceData references) throws IOException {
        SignIn signIn = new SignIn(place.endpoints(), place.secrets());
        return of(definition, place, references, () -> {
            try {
                return Sources.open(definition.input(), Sources.clientId(place.instance(), definition.name()), signIn);
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
        try {
            for (int partition = 0; partition < definition.input().partitionCount(); partition++) {
                List<PlacedStage> chain = new ArrayList<>();
                for (StageDefinition stage : definition.stages()) {
                    chain.add(new PlacedStage(stage.id(), stage.type(), made.open(stage)));
                }
                stages.add(chain);
                destinations.add(destination.open(partition));
            }
            return new DefinedParts(definition, MessageFormat.of(definition.input().format()), by(Stages.partitioner(definition.input())), source, stages, destinations,
                    patience);
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
