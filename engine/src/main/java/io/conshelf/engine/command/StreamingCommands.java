package io.conshelf.engine.command;

import io.conshelf.engine.StreamingBucket;
import io.conshelf.engine.store.Role;

/// What streaming ingestion did.
final class StreamingCommands {
    private static final String NODE = "node0";
    /// A database has one row store.
    private static final int ROW_STORES = 1;

    private StreamingCommands() {}

    static void register(CommandRegistry registry) {
        registry.on("ShowStreamingIngestionStatistics", Access.anyone(), StreamingCommands::showStatistics);
        registry.on("ShowStreamingIngestionFailures", Access.anyone(), StreamingCommands::showFailures);
    }

    private static boolean isVisible(CommandContext context, StreamingBucket bucket) {
        return context.maySee(bucket.key().database(), bucket.key().principal(), Role.ADMIN, Role.MONITOR);
    }

    private static CommandResult showStatistics(CommandContext context) {
        var rows = CommandResult.of(context.match().command());
        for (var bucket : context.services().streaming().statistics()) {
            if (isVisible(context, bucket)) {
                var duration = bucket.durationTicks();
                rows.row(
                        bucket.key().database(), bucket.key().table(), bucket.startTicks(), bucket.endTicks(), bucket.count(),
                        duration.least(), duration.most(), duration.total() / bucket.count(), bucket.bytes().total(),
                        bucket.bytes().least(), bucket.bytes().most(), bucket.rows().total(), bucket.rows().least(),
                        bucket.rows().most(), bucket.key().status(), ROW_STORES, bucket.key().principal(), NODE,
                        bucket.key().properties());
            }
        }
        return rows.done();
    }

    private static CommandResult showFailures(CommandContext context) {
        var rows = CommandResult.of(context.match().command());
        for (var bucket : context.services().streaming().failures()) {
            if (isVisible(context, bucket)) {
                rows.row(
                        bucket.key().database(), bucket.key().table(), bucket.key().principal(), bucket.failure().activityId(),
                        bucket.key().properties(), bucket.count(), bucket.startTicks(), bucket.endTicks(),
                        bucket.failure().isPermanent() ? "Permanent" : "Transient", bucket.key().code(), bucket.failure().details());
            }
        }
        return rows.done();
    }
}
