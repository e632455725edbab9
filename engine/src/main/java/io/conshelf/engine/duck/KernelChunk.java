package io.conshelf.engine.duck;

import org.duckdb.DuckDBDataChunkReader;

/// The arguments of a kernel, whose vectors are there until it returns.
final class KernelChunk extends VectorChunk {
    private final VectorTexts[] texts;

    KernelChunk(DuckDBDataChunkReader batch, int columnsLeftOut) {
        super(batch, columnsLeftOut);
        texts = new VectorTexts[columns()];
    }

    @Override
    public String text(int column, int row) {
        if (isNull(column, row)) {
            return null;
        }
        VectorTexts ofColumn = texts[column];
        if (ofColumn == null) {
            ofColumn = new VectorTexts(vector(column));
            texts[column] = ofColumn;
        }
        return ofColumn.text(row);
    }
}
