package io.conshelf.processor.service;

import io.conshelf.processor.definition.DatasetDefinition;
import io.conshelf.processor.definition.PipelineDefinition;
import io.conshelf.processor.run.PipelineRun;
import java.io.IOException;
import java.util.List;

/// Starts pipelines where the service is.
public interface PipelineLauncher {
    /// Opens what pipelines of an instance share.
    ///
    /// @param name     the instance's
    /// @param folder   the same whenever this instance is opened, and no other's: what must not be forgotten is kept under it
    /// @param datasets that its pipelines find
    Opened open(String name, String folder, List<DatasetDefinition> datasets) throws IOException;

    /// Whether there is a secret of this name.
    boolean isSecret(String name);

    /// An instance with its reference data. Closed when none of its pipelines runs.
    interface Opened extends AutoCloseable {
        /// Returns when it runs, whether or not its source answers yet.
        ///
        /// @throws IOException where it cannot, with everything that is in the way
        PipelineRun start(PipelineDefinition pipeline) throws IOException, InterruptedException;

        /// Forgets where a pipeline was, and ends what its broker keeps for it.
        void forget(PipelineDefinition pipeline) throws IOException;

        @Override
        void close() throws IOException;
    }
}
