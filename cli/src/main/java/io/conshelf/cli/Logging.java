package io.conshelf.cli;

import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;

/// Libraries log through java.util.logging; a command shows only what went wrong, on standard error.
final class Logging {
    // Loggers are held here: java.util.logging forgets the level of a logger nobody holds.
    private static final Logger ROOT = Logger.getLogger("");
    private static final Logger KUSTO_INGEST = Logger.getLogger("com.microsoft.azure.kusto.ingest");
    private static final List<Logger> JOBS = List.of(Logger.getLogger("org.apache.flink"), Logger.getLogger("org.apache.kafka"), Logger.getLogger("org.apache.pekko"));

    private static final Logger AZURE = Logger.getLogger("com.azure");
    private static final Logger PIPELINES = Logger.getLogger("io.conshelf.processor");

    private Logging() {}

    /// Whoever runs pipelines in the foreground is told by them what goes wrong.
    static void quietPipelines() {
        if (level().intValue() >= Level.WARNING.intValue()) {
            PIPELINES.setLevel(Level.SEVERE);
        }
    }

    private static Level level() {
        return Level.parse(System.getProperty("conshelf.log", "WARNING"));
    }

    static void quiet() {
        var level = level();
        ROOT.setLevel(level);
        // Its warnings are hints to callers, such as that a packed file's raw size is not known.
        KUSTO_INGEST.setLevel(level.intValue() < Level.WARNING.intValue() ? level : Level.SEVERE);
        // What becomes of a job is told by the job; these tell of tokens that nobody needs and of tasks that end.
        JOBS.forEach(logger -> logger.setLevel(level.intValue() < Level.WARNING.intValue() ? level : Level.SEVERE));
        // Each try that fails, twice and with its trace; whoever asked is told once, in a sentence, when the last one has.
        AZURE.setLevel(level.intValue() < Level.WARNING.intValue() ? level : Level.OFF);
        for (var handler : ROOT.getHandlers()) {
            handler.setLevel(level);
        }
    }
}
