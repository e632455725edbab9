package io.conshelf.streams.plan;

import io.conshelf.streams.expression.Expression;
import io.conshelf.streams.query.Span;
import java.util.List;

/// What FROM reads, or joins, or applies: a name that expressions can use.
///
/// @param step        whose rows it is; -1 where APPLY makes the records
/// @param partitionBy over its record as slot 0
/// @param timeKeys    what its substreams (`TIMESTAMP BY … OVER`) are told by, over its record as slot 0
/// @param lostKeys    why its substreams cannot be told apart any more
record Relation(String name, Kind kind, Origin origin, int step, Columns columns, List<Expression> partitionBy, List<Expression> timeKeys,
        List<LostKey> lostKeys, Span span) {
    enum Kind { STREAM, REFERENCE, APPLIED }

    enum Origin {
        INPUT, STEP,
        /// There is no such source, or it could not be bound; that has been told. What else is wrong can be told nevertheless.
        UNKNOWN
    }

    Relation {
        partitionBy = List.copyOf(partitionBy);
        timeKeys = List.copyOf(timeKeys);
        lostKeys = List.copyOf(lostKeys);
    }
}
