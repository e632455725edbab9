package io.conshelf.streams.plan;

import io.conshelf.streams.expression.Expression;
import io.conshelf.streams.query.Span;
import io.conshelf.streams.query.Syntax;
import io.conshelf.streams.query.Syntax.Name;
import java.util.List;
import java.util.Optional;

/// What names mean where an expression stands.
interface Names {
    /// @param path a name and what follows it after dots
    Expression path(List<Name> path, Span span);

    /// The record of a source by its name alone; empty where it names no source.
    Optional<Expression> record(Name name);

    /// The time of a source by its name alone, as DATEDIFF of joins has it.
    Optional<Expression> time(Name name);

    /// Whether this is surely a name: of a source, or of a column that is there.
    boolean isKnown(Name name);

    /// Aggregates, analytic functions and what else is no function of values; empty where it is.
    Optional<Expression> special(Syntax.Call call);

    /// System.Timestamp().
    Expression timestamp(Span span);

    /// System.Window().Id.
    Expression windowId(Span span);
}
