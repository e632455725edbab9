package io.conshelf.streams.operator;

import io.conshelf.streams.value.Row;
import io.conshelf.streams.value.Value;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/// One analytic call over the rows of a partition.
///
/// @param <H> what it remembers of them; mutable
interface History<H> {
    /// The value of the call at this row, which is remembered if the call asks for it.
    Value row(H history, Row row);

    H create();

    /// From which watermark on nothing that is remembered can count: MIN_VALUE when nothing is remembered.
    long forgotten(H history);

    void write(H history, DataOutput out) throws IOException;

    H read(DataInput in) throws IOException;
}
