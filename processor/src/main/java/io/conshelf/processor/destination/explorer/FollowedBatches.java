package io.conshelf.processor.destination.explorer;

import io.conshelf.connectors.BatchId;
import io.conshelf.connectors.kusto.KustoCluster;
import io.conshelf.connectors.kusto.StagedIngestion;
import io.conshelf.processor.destination.Destination.Refused;
import io.conshelf.processor.destination.DestinationException;
import io.conshelf.processor.destination.DestinationException.Lasting;
import io.conshelf.processor.value.MembersBuilder;
import io.conshelf.processor.value.Value;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Batches that are queued and may still fail: their rows stay on this machine until the cluster has them. Of one that the cluster does not take the rows are left in a
/// file that a dead letter names, also where the pipeline was away meanwhile. Belongs to the destination's thread.
final class FollowedBatches {
    /// More wait for an answer only where the cluster does not come after; then the rows of the oldest are left aside.
    private static final int FOLLOWED_MAX = 256;
    private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(30);
    /// Longer than any batching policy lets the cluster wait.
    private static final Duration QUEUED_AGAIN_AFTER = Duration.ofMinutes(35);
    private static final String QUEUED = "queued-";
    private static final String LEFT = "left-";
    private static final String ROWS = ".json";
    private static final String ABOUT = ".about";

    private static final Logger LOG = LoggerFactory.getLogger(FollowedBatches.class);

    private final Path folder;
    private final String prefix;
    private final Map<String, Followed> followed = new LinkedHashMap<>();
    /// Told, and not yet known to be kept.
    private final List<Path> told = new ArrayList<>();
    private long lookedNanos = System.nanoTime() - BETWEEN_LOOKS.toNanos();

    /// @param through where its status is known; none of an earlier connection
    private record Followed(StagedRows staged, Optional<StagedIngestion> through, long sinceNanos) {
        String id() {
            return staged.batches().getFirst().id();
        }

        Followed by(StagedIngestion now) {
            return new Followed(staged, Optional.of(now), System.nanoTime());
        }

        Followed byNobody() {
            return new Followed(staged, Optional.empty(), sinceNanos);
        }
    }

    /// Where batches are queued now.
    interface Targets {
        StagedIngestion of(String database, String table) throws DestinationException, InterruptedException;

        /// Whether what was queued there is still told of.
        boolean isOpen(StagedIngestion target);
    }

    FollowedBatches(Path folder, int partition) {
        this.folder = folder;
        this.prefix = QUEUED + partition + "-";
    }

    private Path rows(String id) {
        return folder.resolve(prefix + id + ROWS);
    }

    private Path about(String id) {
        return folder.resolve(prefix + id + ABOUT);
    }

    private Path left(String id) {
        return folder.resolve(LEFT + prefix + id + ROWS);
    }

    /// A batch has been queued.
    ///
    /// @param kept its rows on this machine, which are taken over; where they are not there, they were before
    void queued(StagedRows staged, StagedRows.Batch batch, Path kept, StagedIngestion through) throws IOException {
        if (!Files.exists(kept)) {
            return;
        }
        StagedRows one = new StagedRows(staged.database(), staged.table(), staged.columns(), List.of(batch));
        Files.write(about(batch.id()), one.bytes());
        Files.move(kept, rows(batch.id()), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        followed.put(batch.id(), new Followed(one, Optional.of(through), System.nanoTime()));
    }

    int count() {
        return followed.size();
    }

    /// Those of which the end is now known to be none, each told once. It does not wait.
    List<Refused> refused(ExplorerCluster cluster, Targets targets) throws DestinationException, InterruptedException {
        List<Refused> refused = new ArrayList<>();
        try {
            ask(cluster, targets, refused);
        } catch (DestinationException unanswered) {
            // what is told already is told no second time
            if (refused.isEmpty()) {
                throw unanswered;
            }
            LOG.debug("asked again", unanswered);
        }
        return refused;
    }

    private void ask(ExplorerCluster cluster, Targets targets, List<Refused> refused) throws DestinationException, InterruptedException {
        try {
            Set<StagedIngestion> asked = new LinkedHashSet<>();
            followed.values().forEach(one -> one.through().ifPresent(asked::add));
            for (StagedIngestion one : asked) {
                if (!targets.isOpen(one)) {
                    followed.replaceAll((_, batch) -> batch.through().filter(one::equals).isPresent() ? batch.byNobody() : batch);
                    continue;
                }
                for (StagedIngestion.Ended ended : ExplorerCluster.told(one::ended)) {
                    Followed batch = followed.get(ended.batch());
                    if (batch != null) {
                        end(batch, ended, refused);
                    }
                }
            }
            while (followed.size() > FOLLOWED_MAX) {
                Followed oldest = followed.values().iterator().next();
                setAside(oldest.id());
                refused.add(leave(oldest.staged(), "StatusUnknown", "the cluster does not tell what became of the batch " + oldest.id() + " into table '"
                        + oldest.staged().table() + "', and more wait for it"));
            }
            if (System.nanoTime() - lookedNanos >= BETWEEN_LOOKS.toNanos()) {
                lookedNanos = System.nanoTime();
                find(refused);
                lookAfterOthers(cluster, targets, refused);
            }
        } catch (IOException failure) {
            throw ExplorerDestination.ungathered(failure);
        }
    }

    private void end(Followed batch, StagedIngestion.Ended ended, List<Refused> refused) throws IOException {
        if (ended.failure().isEmpty()) {
            forget(batch.id());
            return;
        }
        setAside(batch.id());
        refused.add(leave(batch.staged(), "BatchNotIngested", ended.failure().get()));
    }

    private Refused leave(StagedRows staged, String code, String why) {
        String id = staged.batches().getFirst().id();
        followed.remove(id);
        told.add(about(id));
        Value left = new MembersBuilder().put("batch", Value.of(left(id).toString())).put("database", Value.of(staged.database())).put("table", Value.of(staged.table()))
                .put("columns", Value.items(staged.columns().stream().map(Value::of).toList())).build();
        return new Refused(code, why, 1, List.of(left));
    }

    private void forget(String id) throws IOException {
        followed.remove(id);
        Files.deleteIfExists(rows(id));
        Files.deleteIfExists(about(id));
    }

    /// Those of an earlier process, or of what the pipeline was before it was changed.
    private void find(List<Refused> refused) throws DestinationException, IOException {
        if (!Files.isDirectory(folder)) {
            return;
        }
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, prefix + "*" + ABOUT)) {
            for (Path file : files) {
                String name = file.getFileName().toString();
                String id = name.substring(prefix.length(), name.length() - ABOUT.length());
                if (followed.containsKey(id) || told.contains(file)) {
                    continue;
                }
                if (Files.exists(rows(id))) {
                    followed.put(id, new Followed(StagedRows.of(Files.readAllBytes(file)), Optional.empty(), System.nanoTime()));
                } else if (Files.exists(left(id))) {
                    StagedRows staged = StagedRows.of(Files.readAllBytes(file));
                    refused.add(leave(staged, "BatchNotIngested", "the batch " + id + " into table '" + staged.table() + "' was not ingested, as was told before"));
                } else {
                    Files.delete(file);
                }
            }
        }
    }

    /// Whoever may not look at the table, or finds none, does not know the end: the rows are left aside all the same.
    private void lookAfterOthers(ExplorerCluster cluster, Targets targets, List<Refused> refused) throws DestinationException, InterruptedException, IOException {
        for (Followed one : List.copyOf(followed.values())) {
            if (one.through().isPresent()) {
                continue;
            }
            try {
                lookAfter(cluster.connection(), targets, one);
            } catch (DestinationException unknown) {
                if (unknown.lasting() != Lasting.PERMANENT) {
                    throw unknown;
                }
                setAside(one.id());
                refused.add(leave(one.staged(), "StatusUnknown", "the cluster does not tell what became of the batch " + one.id() + " into table '"
                        + one.staged().table() + "', which was queued before: " + unknown.getMessage()));
            }
        }
    }

    private void lookAfter(KustoCluster connection, Targets targets, Followed one) throws DestinationException, InterruptedException, IOException {
        StagedRows staged = one.staged();
        if (ExplorerCluster.told(() -> connection.hasIngestByTag(staged.database(), staged.table(), Set.of(one.id())))) {
            forget(one.id());
        } else if (System.nanoTime() - one.sinceNanos() >= QUEUED_AGAIN_AFTER.toNanos()) {
            StagedIngestion target = targets.of(staged.database(), staged.table());
            // under the same id: the cluster takes it once, however often this is done
            ExplorerCluster.told(() -> {
                target.queue(target.upload(rows(one.id()), StagedRows.FORMAT), staged.how(), new BatchId(one.id()));
                return one;
            });
            followed.put(one.id(), one.by(target));
        }
    }

    private void setAside(String id) throws IOException {
        Files.move(rows(id), left(id), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /// What was told is kept by now.
    void kept() {
        for (Path file : told) {
            try {
                Files.deleteIfExists(file);
            } catch (IOException notDeleted) {
                LOG.debug("it is told again after a restart", notDeleted);
            }
        }
        told.clear();
    }
}
