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
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

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

    /// Where messages go that can't be processed.
    ///
    /// @param file for them
    DeadLetters deadLetters(int partition, Path file);

    /// What the pipeline is, as text: kept beside what it must not forget.
    String definition();

    /// What the pipeline was when it left something that these parts cannot go on with.
    ///
    /// @param definition of then
    /// @return empty where they can
    /// @throws IOException where it cannot be made any more
    Optional<Before> before(String definition) throws IOException;

    /// What a pipeline was: through it goes what it left.
    ///
    /// @param windows what becomes of those that are open
    record Before(Parts parts, Windows windows) {}

    /// What becomes of windows that are open.
    enum Windows { KEPT, HANDED_ON }

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
