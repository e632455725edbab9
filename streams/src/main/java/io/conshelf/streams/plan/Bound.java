package io.conshelf.streams.plan;

import io.conshelf.streams.expression.Expression;
import java.util.List;

/// A query that is bound: its last step, whose rows are one record each, and what is known of them. The rest as in [Relation].
record Bound(int step, Relation.Kind kind, Columns columns, List<Expression> timeKeys, List<LostKey> lostKeys) {}
