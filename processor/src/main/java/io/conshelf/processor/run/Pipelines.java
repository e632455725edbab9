package io.conshelf.processor.run;

import io.conshelf.connectors.StoreException;
import io.conshelf.processor.dataset.ReferenceData;
import io.conshelf.processor.definition.DatasetDefinition;
import io.conshelf.processor.definition.PipelineDefinition;
import io.conshelf.processor.secret.SignIn;
import io.conshelf.processor.source.RecordedSource;
import io.conshelf.processor.source.Source;
import io.conshelf.processor.source.SourceException;
import io.conshelf.processor.source.Sources;
import java.io.IOException;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Runs the pipelines of one instance, which share its reference data. Whoever starts pipelines stops them before it is closed.
public final class Pipelines implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Pipelines.class);

    private final RunPlace place;
    private final ReferenceData references;

    private Pipelines(RunPlace place, ReferenceData references) {
        this.place = place;
        this.references = references;
    }

    /// @throws IOException where the folder cannot be used, or is in use
    public static Pipelines open(RunPlace place, List<DatasetDefinition> datasets) throws IOException {
        ReferenceData references = ReferenceData.open(place.references());
        try {
            for (DatasetDefinition dataset : datasets) {
                references.define(dataset);
            }
            return new Pipelines(place, references);
        } catch (IOException | RuntimeException failed) {
            references.close();
            throw failed;
        }
    }

    /// What all pipelines look up and write.
    public ReferenceData references() {
        return references;
    }

    /// @throws IOException where it cannot run: its settings do not hold together, what it has kept cannot be used, or it runs already
    public PipelineRun start(PipelineDefinition pipeline) throws IOException {
        return PipelineRun.start(DefinedParts.of(pipeline, place, references), place.folder(pipeline.name()));
    }

    /// The same over recorded messages, to their end, or until the destination refuses what no time mends: nobody waits for its sender.
    public PipelineRun play(PipelineDefinition pipeline, RecordedSource messages) throws IOException {
        return PipelineRun.start(DefinedParts.of(pipeline, place, references, () -> messages, Attempts.Patience.ENDS), place.folder(pipeline.name()));
    }

    /// The same with another source.
    public PipelineRun start(PipelineDefinition pipeline, Opening source) throws IOException {
        return PipelineRun.start(DefinedParts.of(pipeline, place, references, source, Attempts.Patience.LASTS), place.folder(pipeline.name()));
    }

    /// Ends what a broker keeps for a pipeline that does not run and will not run again. A broker that is away keeps it until its time is over.
    public void forget(PipelineDefinition pipeline) {
        try {
            Sources.forget(pipeline.input(), Sources.clientId(place.instance(), pipeline.name()), new SignIn(place.endpoints(), place.secrets()));
        } catch (StoreException kept) {
            LOG.warn("the broker of the pipeline '{}' keeps its session for now: {}", pipeline.name(), kept.getMessage());
        }
    }

    /// How a source is opened.
    @FunctionalInterface
    public interface Opening {
        Source open() throws SourceException;
    }

    @Override
    public void close() throws IOException {
        references.close();
    }
}
