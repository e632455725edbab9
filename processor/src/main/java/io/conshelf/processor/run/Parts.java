package io.conshelf.processor.run;

import io.conshelf.processor.destination.Destination;
import io.conshelf.processor.destination.Retry;
import io.conshelf.processor.format.MessageFormat;
import io.conshelf.processor.source.Source;
import io.conshelf.processor.source.SourceException;
import io.conshelf.processor.stage.Message;
import io.conshelf.processor.stage.Stage;
import io.conshelf.processor.stage.StageException;
import io.conshelf.processor.value.Value;
import java.util.List;

/// What a pipeline consists of, ready to be opened by a run.
public interface Parts {
    /// The pipeline's.
    String name();

    /// How many physical partitions it has.
    int partitions();

    /// @throws SourceException where it cannot be reached just now: the run tells it, waits and asks again
    Source source() throws SourceException, InterruptedException;

    /// How many deliveries the source's sender lets be under way at most.
    int underwayMax();

    /// With a destination that refuses what no time mends.
    default Attempts.Patience patience() {
        return Attempts.Patience.LASTS;
    }

    MessageFormat format();

    Partitioning partitioning();

    /// In their order.
    List<PlacedStage> stages(int partition);

    PlacedDestination destination(int partition);

    /// How messages find their partition.
    interface Partitioning {
        /// @param content the message before it has a partition
        Message.Partition of(Value content) throws StageException;

        /// Whether messages are told the key they are partitioned by.
        boolean tellsKey();
    }

    /// @param type such as `processor/filter@v1`
    record PlacedStage(String id, String type, Stage stage) {}

    record PlacedDestination(String id, String type, Destination destination, Retry retry) {}
}
