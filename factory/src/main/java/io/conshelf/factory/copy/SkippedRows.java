package io.conshelf.factory.copy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.conshelf.connectors.Column;
import io.conshelf.connectors.RowReader;
import io.conshelf.connectors.RowTarget;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.format.FieldCountException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Takes rows that do not fit: counts and logs them where the copy skips them, and ends the copy where it does not.
final class SkippedRows implements RowTarget.Rejects {
    private final boolean isActive;
    private final Optional<CopyLog> log;
    private final Tally tally;

    private SkippedRows(boolean isActive, Optional<CopyLog> log, Tally tally) {
        this.isActive = isActive;
        this.log = log;
        this.tally = tally;
    }

    static SkippedRows none(Tally tally) {
        return new SkippedRows(false, Optional.empty(), tally);
    }

    static SkippedRows logged(Optional<CopyLog> log, Tally tally) {
        return new SkippedRows(true, log, tally);
    }

    boolean isActive() {
        return isActive;
    }

    /// Takes rows that were read and counted, and that the target refuses.
    RowTarget.Rejects ofTarget() {
        return this::skip;
    }

    @Override
    public void row(List<JsonNode> row, StoreException why) throws StoreException {
        skip(row, why);
        tally.readRow();
    }

    private void skip(List<JsonNode> row, StoreException why) throws StoreException {
        if (!isActive) {
            throw why;
        }
        tally.skippedRow();
        if (log.isPresent()) {
            List<String> cells = new ArrayList<>();
            row.forEach(cell -> cells.add(cell.isNull() ? "" : "\"" + (cell.isValueNode() ? cell.asText() : cell.toString()).replace("\"", "\"\"") + "\""));
            log.get().skipped("TabularRowSkip", String.join(",", cells), why.code() + ": " + why.getMessage());
        }
    }

    /// Rows without those that the reader itself finds wrong.
    RowReader over(RowReader rows) {
        if (!isActive) {
            return rows;
        }
        return new RowReader() {
            @Override
            public List<Column> columns() {
                return rows.columns();
            }

            @Override
            public Optional<List<JsonNode>> next() throws StoreException {
                while (true) {
                    try {
                        return rows.next();
                    } catch (FieldCountException wrong) {
                        // Whatever else a reader finds, it cannot read on from.
                        row(wrong.fields().stream().<JsonNode>map(TextNode::valueOf).toList(), wrong);
                    }
                }
            }

            @Override
            public void close() throws StoreException {
                rows.close();
            }
        };
    }
}
