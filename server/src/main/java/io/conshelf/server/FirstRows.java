package io.conshelf.server;

import io.conshelf.engine.Answer;
import io.conshelf.engine.ResultTable;
import io.conshelf.kql.value.Chunk;
import java.util.Optional;

/// An answer that has been read up to its first rows, so that whatever fails before them can still become a status code.
/// Reading goes on where this stopped.
final class FirstRows implements AutoCloseable {
    private final Answer answer;
    private Optional<ResultTable> table;
    private Optional<Chunk> chunk;
    private boolean tableTaken;
    private boolean chunkTaken;

    private FirstRows(Answer answer) {
        this.answer = answer;
        this.table = answer.nextTable();
        this.chunk = table.flatMap(ResultTable::next);
    }

    static FirstRows of(Answer answer) {
        try {
            return new FirstRows(answer);
        } catch (RuntimeException | Error e) {
            answer.close();
            throw e;
        }
    }

    Answer answer() {
        return answer;
    }

    Optional<ResultTable> nextTable() {
        if (tableTaken) {
            table = answer.nextTable();
            chunkTaken = true;
            return table;
        }
        tableTaken = true;
        return table;
    }

    /// The next rows of the table that [#nextTable] gave last.
    Optional<Chunk> nextChunk() {
        if (chunkTaken) {
            return table.flatMap(ResultTable::next);
        }
        chunkTaken = true;
        var first = chunk;
        chunk = Optional.empty();
        return first;
    }

    /// Whether [#nextChunk] would answer at once.
    boolean isNextAtHand() {
        return !chunkTaken || table.map(ResultTable::isNextAtHand).orElse(true);
    }

    @Override
    public void close() {
        answer.close();
    }
}
