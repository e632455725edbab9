package io.conshelf.processor.destination.explorer;

import io.conshelf.connectors.BatchId;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.file.DurableFile;
import io.conshelf.connectors.kusto.KustoCluster;
import io.conshelf.connectors.kusto.StagedIngestion;
import io.conshelf.processor.destination.Destination.Refused;
import io.conshelf.processor.destination.DestinationException;
import io.conshelf.processor.destination.DestinationException.Lasting;
import io.conshelf.processor.destination.explorer.QueuedBatch.Turn;
import io.conshelf.processor.value.MembersBuilder;
import io.conshelf.processor.value.Value;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Batches that are queued and may still fail: their rows stay on this machine until the cluster has them. Of one that the cluster does not take the rows are left in a
/// file that a dead letter names, also where the pipeline was away meanwhile. Belongs to the destination's thread.
final class FollowedBatches {
    private static final String QUEUED = "queued-";
    private static final String LEFT = "left-";
    private static final String ROWS = ".json";
    private static final String ABOUT = ".about";

    private static final Logger LOG = LoggerFactory.getLogger(FollowedBatches.class);

    private final Path folder;
    private final String prefix;
    /// The address of the cluster.
    private final String here;
    private final Following limits;
    private final Map<String, Followed> followed = new LinkedHashMap<>();
    /// What the cluster has told, as it tells it once.
    private final Deque<StagedIngestion.Ended> ended = new ArrayDeque<>();
    /// Told, and not yet known to be kept.
    private final List<Path> told = new ArrayList<>();
    private long bytes;
    private Optional<Long> lookedNanos = Optional.empty();

    /// @param through    where its status is known; none of an earlier connection
    /// @param bytes      of its rows
    /// @param sinceNanos when it was queued, or found
    private record Followed(StagedRows staged, Optional<StagedIngestion> through, long bytes, long sinceNanos, Turn turn) {
        String id() {
            return staged.batches().getFirst().id();
        }

        Followed again(StagedIngestion now) {
            return new Followed(staged, Optional.of(now), bytes, System.nanoTime(), Turn.SECOND);
        }

        Followed byNobody() {
            return new Followed(staged, Optional.empty(), bytes, sinceNanos, turn);
        }

        String named() {
            return "the batch " + id() + " into table '" + staged.table() + "'";
        }
    }

    /// Where batches are queued now.
    interface Targets {
        StagedIngestion of(String database, String table) throws DestinationException, InterruptedException;

        /// Whether what was queued there is still told of.
        boolean isOpen(StagedIngestion target);
    }

    FollowedBatches(Path folder, int partition, String here, Following limits) {
        this.folder = folder;
        this.here = here;
        this.limits = limits;
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
        boolean isTaken = !Files.exists(kept);
        if (isTaken && !Files.exists(rows(batch.id()))) {
            return;
        }
        StagedRows one = new StagedRows(staged.database(), staged.table(), staged.columns(), List.of(batch));
        // rows of which nothing is said nobody could look after
        DurableFile.write(about(batch.id()), new QueuedBatch(here, Turn.FIRST, one).bytes());
        if (!isTaken) {
            Files.move(kept, rows(batch.id()), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            follow(new Followed(one, Optional.of(through), Files.size(rows(batch.id())), System.nanoTime(), Turn.FIRST));
        }
    }

    private void follow(Followed one) {
        unfollow(one.id());
        followed.put(one.id(), one);
        bytes += one.bytes();
    }

    private void unfollow(String id) {
        Followed one = followed.remove(id);
        bytes -= one == null ? 0 : one.bytes();
    }

    /// Whether nothing more is to be queued until some have ended.
    boolean isFull() {
        return followed.size() >= limits.batchesMax() || bytes >= limits.bytesMax();
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
            Optional<DestinationException> untold = askTargets(targets);
            // one that cannot be set aside now is the next one then
            for (StagedIngestion.Ended one = ended.peek(); one != null; one = ended.peek()) {
                end(one, refused);
                ended.remove();
            }
            if (isLookDue()) {
                lookedNanos = Optional.of(System.nanoTime());
                find(refused);
                askNoMoreOfOverdue();
                lookAfterOthers(cluster, targets, refused);
            }
            if (untold.isPresent()) {
                throw untold.get();
            }
        } catch (IOException failure) {
            throw ExplorerDestination.ungathered(failure);
        }
    }

    private boolean isLookDue() {
        return lookedNanos.isEmpty() || System.nanoTime() - lookedNanos.get() >= limits.betweenLooks().toNanos();
    }

    /// @return why one did not answer
    private Optional<DestinationException> askTargets(Targets targets) throws InterruptedException {
        Optional<DestinationException> untold = Optional.empty();
        Set<StagedIngestion> asked = new LinkedHashSet<>();
        followed.values().forEach(one -> one.through().ifPresent(asked::add));
        for (StagedIngestion one : asked) {
            if (!targets.isOpen(one)) {
                followed.replaceAll((_, batch) -> batch.through().filter(one::equals).isPresent() ? batch.byNobody() : batch);
                continue;
            }
            try {
                ended.addAll(ExplorerCluster.told(one::ended));
            } catch (DestinationException unanswered) {
                untold = Optional.of(unanswered);
            }
        }
        return untold;
    }

    private void end(StagedIngestion.Ended end, List<Refused> refused) throws IOException {
        Followed batch = followed.get(end.batch());
        if (batch == null) {
            return;
        }
        if (end.failure().isPresent()) {
            refused.add(leave(batch.id(), described(batch.staged()), "BatchNotIngested", end.failure().get()));
        } else {
            forget(batch.id());
        }
    }

    /// Sets its rows aside. Where they are on this machine no more, it is told, and nothing is left to look after.
    ///
    /// @param what is known of it
    private Refused leave(String id, Value.Members what, String code, String why) throws IOException {
        if (Files.exists(rows(id))) {
            Files.move(rows(id), left(id), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } else if (!Files.exists(left(id))) {
            forget(id);
            return new Refused(code, why + "; the file of its rows is gone from " + folder, 1);
        }
        unfollow(id);
        told.add(about(id));
        return new Refused(code, why, 1, List.of(what.with("batch", Value.of(left(id).toString()))));
    }

    private static Value.Members described(StagedRows staged) {
        return new MembersBuilder().put("database", Value.of(staged.database())).put("table", Value.of(staged.table()))
                .put("columns", Value.items(staged.columns().stream().map(Value::of).toList())).build();
    }

    private Refused leaveUnknown(Followed one, String why) throws IOException {
        return leave(one.id(), described(one.staged()), "StatusUnknown", "it is not known what became of " + one.named() + ", which was queued before: " + why);
    }

    private void forget(String id) throws IOException {
        unfollow(id);
        Files.deleteIfExists(rows(id));
        Files.deleteIfExists(about(id));
    }

    /// Those of an earlier process, or of what the pipeline was before it was changed.
    private void find(List<Refused> refused) throws IOException {
        if (!Files.isDirectory(folder)) {
            return;
        }
        Set<String> ids = new LinkedHashSet<>();
        for (String ending : List.of(ABOUT, ROWS)) {
            try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, prefix + "*" + ending)) {
                for (Path file : files) {
                    String name = file.getFileName().toString();
                    ids.add(name.substring(prefix.length(), name.length() - ending.length()));
                }
            }
        }
        for (String id : ids) {
            if (!followed.containsKey(id) && !told.contains(about(id))) {
                found(id, refused);
            }
        }
    }

    private void found(String id, List<Refused> refused) throws IOException {
        boolean isLeft = !Files.exists(rows(id));
        if (isLeft && !Files.exists(left(id))) {
            Files.deleteIfExists(about(id));
            return;
        }
        QueuedBatch batch;
        try {
            batch = QueuedBatch.of(Files.exists(about(id)) ? Files.readAllBytes(about(id)) : new byte[0], here);
        } catch (DestinationException cut) {
            // by a version that did not write it whole or not at all
            refused.add(leave(id, new MembersBuilder().build(), "StatusUnknown", "it is not known what became of the batch " + id + ", which was queued before: "
                    + cut.getMessage() + "; where it was ingested, its table has an extent tagged ingest-by:" + id));
            return;
        }
        StagedRows staged = batch.staged();
        if (isLeft) {
            refused.add(leave(id, described(staged), "BatchNotIngested", "the batch " + id + " into table '" + staged.table() + "' was set aside, as was told before"));
            return;
        }
        Followed one = new Followed(staged, Optional.empty(), Files.size(rows(id)), System.nanoTime() - queuedSince(id).toNanos(), batch.turn());
        if (batch.isOf(here)) {
            follow(one);
        } else {
            refused.add(leaveUnknown(one, "the cluster " + batch.cluster() + " has it, into which the pipeline writes no more; where it was ingested, the table there has an extent "
                    + "tagged ingest-by:" + id));
        }
    }

    /// Whoever is started again and again would otherwise wait for ever.
    private Duration queuedSince(String id) throws IOException {
        Duration since = Duration.between(Files.getLastModifiedTime(about(id)).toInstant(), Instant.now());
        // a clock may be set
        return since.isNegative() ? Duration.ZERO : since.compareTo(limits.endedAfter()) > 0 ? limits.endedAfter() : since;
    }

    private boolean isOverdue(Followed one) {
        return System.nanoTime() - one.sinceNanos() >= limits.endedAfter().toNanos();
    }

    /// A status that never comes is not waited for, nor are those behind it.
    private void askNoMoreOfOverdue() {
        followed.replaceAll((id, one) -> {
            if (one.through().isEmpty() || !isOverdue(one)) {
                return one;
            }
            one.through().get().forget(id);
            return one.byNobody();
        });
    }

    /// As long as there is no connection, nothing is known of any of them.
    private void lookAfterOthers(ExplorerCluster cluster, Targets targets, List<Refused> refused) throws DestinationException, InterruptedException, IOException {
        Map<List<String>, List<Followed>> byTable = new LinkedHashMap<>();
        for (Followed one : followed.values()) {
            if (one.through().isEmpty()) {
                byTable.computeIfAbsent(List.of(one.staged().database(), one.staged().table()), _ -> new ArrayList<>()).add(one);
            }
        }
        for (List<Followed> ofTable : byTable.values()) {
            lookAfter(cluster.connection(), targets, ofTable, refused);
        }
    }

    /// Extents go too, by retention or by a command, and so do their tags: what is in none of them is not queued again, as it may have been ingested.
    private void lookAfter(KustoCluster connection, Targets targets, List<Followed> ofTable, List<Refused> refused)
            throws DestinationException, InterruptedException, IOException {
        StagedRows any = ofTable.getFirst().staged();
        Set<String> ids = ofTable.stream().map(Followed::id).collect(Collectors.toUnmodifiableSet());
        Set<String> ingested;
        try {
            ingested = ExplorerCluster.told(() -> connection.ingestByTags(any.database(), any.table(), ids));
        } catch (DestinationException unseen) {
            if (unseen.lasting() != Lasting.PERMANENT) {
                throw unseen;
            }
            for (Followed one : ofTable) {
                if (isOverdue(one)) {
                    endUnseen(one, unseen, targets, refused);
                }
            }
            return;
        }
        for (Followed one : ofTable) {
            if (ingested.contains(one.id())) {
                forget(one.id());
            } else if (isOverdue(one)) {
                refused.add(leaveUnknown(one, "no extent of the table has its tag ingest-by:" + one.id()));
            }
        }
    }

    /// Whoever may ingest and not look learns the end by queueing it once more.
    private void endUnseen(Followed one, DestinationException unseen, Targets targets, List<Refused> refused)
            throws DestinationException, InterruptedException, IOException {
        boolean isForbidden = unseen.getCause() instanceof StoreException refusal && KustoCluster.isForbidden(refusal);
        if (!isForbidden || one.turn() == Turn.SECOND || !Files.exists(rows(one.id()))) {
            refused.add(leaveUnknown(one, unseen.getMessage()));
            return;
        }
        try {
            StagedIngestion target = targets.of(one.staged().database(), one.staged().table());
            // first of all: a process that ends in between must not have the next one queue it yet again
            DurableFile.write(about(one.id()), new QueuedBatch(here, Turn.SECOND, one.staged()).bytes());
            // under the same id: the cluster takes it once, as long as the table has an extent of it
            ExplorerCluster.told(() -> {
                target.queue(target.upload(rows(one.id()), StagedRows.FORMAT), one.staged().how(), new BatchId(one.id()));
                return one;
            });
            follow(one.again(target));
        } catch (DestinationException notQueued) {
            if (notQueued.lasting() != Lasting.PERMANENT) {
                throw notQueued;
            }
            refused.add(leaveUnknown(one, notQueued.getMessage()));
        }
    }

    /// Nobody follows them any more: of all that have not ended the rows are set aside.
    List<Refused> abandon() throws DestinationException {
        List<Refused> refused = new ArrayList<>();
        try {
            find(refused);
            for (Followed one : List.copyOf(followed.values())) {
                refused.add(leaveUnknown(one, "the pipeline's destination was changed; where it was ingested, the table has an extent tagged ingest-by:" + one.id()));
            }
        } catch (IOException failure) {
            if (refused.isEmpty()) {
                throw ExplorerDestination.ungathered(failure);
            }
            LOG.warn("batches of a former destination stay in {}", folder, failure);
        }
        return refused;
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
