package io.conshelf.engine.command;

import io.conshelf.engine.Answer;
import io.conshelf.engine.ResultTable;
import io.conshelf.engine.store.Scanned;
import io.conshelf.kql.type.ColumnSchema;
import io.conshelf.kql.value.Chunk;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/// A command's result in the form of every answer: one table, one chunk.
public final class CommandAnswer implements Answer {
    private final CommandResult result;
    private final long startedNanos = System.nanoTime();
    private boolean isRead;

    public CommandAnswer(CommandResult result) {
        this.result = result;
    }

    @Override
    public Optional<ResultTable> nextTable() {
        if (isRead) {
            return Optional.empty();
        }
        isRead = true;
        return Optional.of(new Table(result));
    }

    @Override
    public SortedMap<Integer, String> visualizations() {
        return Collections.emptySortedMap();
    }

    @Override
    public Usage usage() {
        long micros = (System.nanoTime() - startedNanos) / 1_000;
        return new Usage(result.rows().size(), 0, 0, micros, 0, Scanned.NOTHING);
    }

    @Override
    public void close() {
        // nothing is held
    }

    private static final class Table implements ResultTable {
        private final CommandResult result;
        private boolean isRead;

        Table(CommandResult result) {
            this.result = result;
        }

        @Override
        public String name() {
            return "Table_0";
        }

        @Override
        public List<ColumnSchema> columns() {
            return result.columns();
        }

        @Override
        public Optional<Chunk> next() {
            if (isRead || result.rows().isEmpty()) {
                return Optional.empty();
            }
            isRead = true;
            return Optional.of(new ResultChunk(result));
        }
    }
}
