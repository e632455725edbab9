package io.conshelf.streams.flink;

import io.conshelf.connectors.file.DurableFile;
import io.conshelf.streams.expression.Expression;
import io.conshelf.streams.plan.AggregateCall;
import io.conshelf.streams.plan.Plan;
import io.conshelf.streams.query.Span;
import io.conshelf.streams.run.StreamJob;
import io.conshelf.streams.run.StepTimes;
import io.conshelf.streams.run.SubstreamTimes;
import java.io.IOException;
import java.io.ObjectOutputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Where a job keeps its checkpoints, and what it was when it was stopped.
final class RunFolder {
    private static final Logger LOG = LoggerFactory.getLogger(RunFolder.class);
    private static final String SETTLED = "settled";
    private static final String RUN = "run.json";
    /// Of a run that begins anew, as long as anything of another may be there.
    private static final String BEGINNING = "run-beginning.json";

    private final Path folder;

    RunFolder(Path jobs, String name) {
        this.folder = jobs.resolve(URLEncoder.encode(name, StandardCharsets.UTF_8).replace(".", "%2E").replace("*", "%2A"));
    }

    Path path() {
        return folder;
    }

    String checkpoints() {
        return address(folder.resolve("checkpoints"));
    }

    String savepoints() {
        return address(folder.resolve("savepoints"));
    }

    // Flink takes a path as it is: of one that is encoded, as those of URIs are, it makes another folder.
    private static String address(Path path) {
        return "file:" + path.toAbsolutePath();
    }

    /// The newest complete checkpoint, or what a stop left.
    Optional<String> newest() {
        if (!Files.isDirectory(folder)) {
            return Optional.empty();
        }
        try (Stream<Path> all = Files.walk(folder, 4)) {
            return all.filter(path -> path.getFileName().toString().equals("_metadata")).max(Comparator.comparing(RunFolder::modified))
                    .map(path -> address(path.getParent()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static FileTime modified(Path path) {
        try {
            return Files.getLastModifiedTime(path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// All rows up to this savepoint have been shown, and nothing was held back: whoever goes on from it has none to bring anywhere.
    void settle(String savepoint) {
        try {
            DurableFile.write(folder.resolve(SETTLED), name(savepoint).getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            // what was shown may be shown again then
            LOG.warn("that the job has stopped with all rows shown is not kept: {}", e.getMessage());
        }
    }

    boolean isSettled(String checkpoint) {
        Path file = folder.resolve(SETTLED);
        try {
            return Files.exists(file) && Files.readString(file).equals(name(checkpoint));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String name(String checkpoint) {
        return checkpoint.substring(checkpoint.replaceFirst("/$", "").lastIndexOf('/') + 1).replace("/", "");
    }

    /// How the job was started last: also where the process ended amidst the start.
    Optional<RunRecord> record() {
        if (Files.exists(folder.resolve(BEGINNING))) {
            clear();
        }
        return RunRecord.read(folder.resolve(RUN));
    }

    /// The run goes on with what it was.
    void goOn(RunRecord record) {
        record.write(folder.resolve(RUN));
    }

    /// A run begins anew. Wherever this ends, there is one run with its own: the one before, or this.
    void begin(RunRecord record) {
        try {
            Files.createDirectories(folder);
            DurableFile.forceNames(folder.toAbsolutePath().getParent());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        record.write(folder.resolve(BEGINNING));
        clear();
    }

    /// Leaves nothing but the run that begins.
    private void clear() {
        Path beginning = folder.resolve(BEGINNING);
        try {
            List<Path> others;
            try (Stream<Path> all = Files.list(folder)) {
                others = all.filter(path -> !path.equals(beginning)).toList();
            }
            others.forEach(RunFolder::delete);
            DurableFile.forceNames(folder);
            Files.move(beginning, folder.resolve(RUN), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            DurableFile.forceNames(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static void delete(Path folder) {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Tells one plan from another, wherever its parts stand in the query: the scripts that it calls are part of it.
    static String hash(StreamJob job) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            try (PlanOutput out = new PlanOutput(new DigestOutputStream(OutputStream.nullOutputStream(), digest))) {
                out.writeObject(job.plan());
                StepTimes times = StepTimes.of(job);
                for (int id = 0; id < job.plan().steps().size(); id++) {
                    if (times.at(id) != SubstreamTimes.SHARED) {
                        // steps remember other things then
                        out.writeInt(id);
                        out.writeUTF(times.at(id).name());
                    }
                }
                for (String called : out.called) {
                    // one text may be longer than writeUTF takes
                    out.writeObject(job.context().functions().definitions(called));
                }
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java has SHA-256", e);
        }
    }

    private static final class PlanOutput extends ObjectOutputStream {
        /// The functions of the job.
        private final Set<String> called = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);

        PlanOutput(OutputStream out) throws IOException {
            super(out);
            enableReplaceObject(true);
        }

        @Override
        protected Object replaceObject(Object object) {
            return switch (object) {
                case Span _ -> Span.NONE;
                case Expression.UserCall call -> {
                    called.add(call.name());
                    yield call;
                }
                case AggregateCall call when call.declared() == AggregateCall.Declared.BY_THE_JOB -> {
                    called.add(call.function());
                    yield call;
                }
                // in another process the types have another order
                case Plan.Output(String name, int step, var columns, var types, _) -> List.of(name, step, columns, new TreeMap<>(types).toString());
                default -> object;
            };
        }
    }
}
