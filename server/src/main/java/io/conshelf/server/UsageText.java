package io.conshelf.server;

import io.conshelf.engine.Answer;
import java.time.Duration;
import java.util.Locale;

/// What a query used, in the JSON text that clients find in the completion tables.
final class UsageText {
    private UsageText() {}

    static String of(Answer.Usage usage) {
        return String.format(
                Locale.ROOT,
                """
                {"ExecutionTime":%.7f,"resource_usage":{"cache":{"memory":{"hits":0,"misses":0,"total":0},\
                "disk":{"hits":0,"misses":0,"total":0}},"cpu":{"user":"%3$s","kernel":"00:00:00","total cpu":"%3$s"},\
                "memory":{"peak_per_node":%2$d}},"input_dataset_statistics":{"extents":{"total":%6$d,"scanned":%6$d},\
                "rows":{"total":%7$d,"scanned":%7$d}},"dataset_statistics":[{"table_row_count":%4$d,"table_size":%5$d}]}""",
                usage.elapsedMicros() / 1e6,
                usage.peakMemoryBytes(),
                clock(Duration.ofNanos(usage.cpuMicros() * 1_000)),
                usage.rows(),
                usage.bytes(),
                usage.scanned().extents(),
                usage.scanned().rows());
    }

    static String clock(Duration duration) {
        String days = duration.toDays() == 0 ? "" : duration.toDays() + ".";
        return String.format(
                Locale.ROOT,
                "%s%02d:%02d:%02d.%07d",
                days,
                duration.toHoursPart(),
                duration.toMinutesPart(),
                duration.toSecondsPart(),
                duration.toNanosPart() / 100);
    }
}
