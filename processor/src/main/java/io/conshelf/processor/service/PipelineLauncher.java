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

        /// Ends what the broker keeps for a pipeline that does not run and will not run again.
        void forgetSession(PipelineDefinition pipeline);

        /// Forgets where a pipeline was.
        void forget(String pipeline) throws IOException;

        @Override
        void close() throws IOException;
    }
}
