package io.conshelf.streams.output;

import io.conshelf.streams.job.JobDefinition.OutputError;
import io.conshelf.streams.value.Row;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/// Gives the rows of files that grow to their target a batch at a time, where an output states how large one is. What was given may come again after a
/// crash, as it may without batches.
final class BatchedRows implements EventTarget {
    private final EventTarget target;
    private final PathTemplate path;
    private final Batching.Limits limits;
    private final OutputError onRefusal;
    private final Clock clock;

    BatchedRows(EventTarget target, PathTemplate path, Batching.Limits limits, OutputError onRefusal, Clock clock) {
        this.target = target;
        this.path = path;
        this.limits = limits;
        this.onRefusal = onRefusal;
        this.clock = clock;
    }

    @Override
    public List<String> check(List<String> columns) throws OutputException, InterruptedException {
        return target.check(columns);
    }

    @Override
    public Optional<String> keeps() {
        return Optional.of("batches");
    }

    @Override
    public Writer open(String writer) throws OutputException {
        return new Batches(target.open(writer));
    }

    @Override
    public void close() {
        target.close();
    }

    private final class Batches extends HoldingWriter {
        private final Writer writer;
        /// What is due and was not given yet.
        private final Deque<HeldRows.Rows> due = new ArrayDeque<>();
        private final List<Refused> refused = new ArrayList<>();

        private Batches(Writer writer) {
            super(new HeldRows(limits, clock, HeldBytes.OF_PROCESS));
            this.writer = writer;
        }

        @Override
        public void write(Row row) throws OutputException, InterruptedException {
            // what could not be given before
            give();
            while (rows.isFull()) {
                due.add(new HeldRows.Rows(rows.excess()));
                give();
            }
            rows.add(path.folder(row), row);
        }

        private void give() throws OutputException, InterruptedException {
            while (!due.isEmpty()) {
                HeldRows.Rows batch = due.getFirst();
                while (batch.current().isPresent()) {
                    give(batch.current().get());
                    batch.next();
                }
                rows.written(due.removeFirst().size);
            }
        }

        private void give(Row row) throws OutputException, InterruptedException {
            try {
                writer.write(row);
            } catch (RowRefused wrong) {
                if (onRefusal == OutputError.STOP) {
                    throw wrong.of(row);
                }
                refused.add(new Refused(wrong.type(), wrong.getMessage(), 1));
            }
        }

        @Override
        public byte[] prepare(long checkpoint) throws OutputException, InterruptedException {
            rows.due().stream().map(HeldRows.Rows::new).forEach(due::add);
            give();
            return writer.prepare(checkpoint);
        }

        @Override
        public void commit(byte[] prepared) throws OutputException, InterruptedException {
            writer.commit(prepared);
        }

        @Override
        public List<Refused> refused() {
            List<Refused> told = new ArrayList<>(refused);
            refused.clear();
            told.addAll(writer.refused());
            return told;
        }

        @Override
        public void close() {
            rows.close();
            writer.close();
        }
    }
}
