package io.conshelf.streams.query;

import io.conshelf.streams.expression.Expression.BinaryOperator;
import io.conshelf.streams.expression.Expression.OnFailure;
import io.conshelf.streams.expression.Expression.UnaryOperator;
import io.conshelf.streams.plan.AggregateCall.Direction;
import io.conshelf.streams.plan.AggregateCall.Quantifier;
import io.conshelf.streams.value.Value;
import java.util.List;
import java.util.Optional;

/// The syntax tree of the query language: one record a construct, nothing resolved. Windows, analytic functions and aggregates are calls like any other.
public sealed interface Syntax {
    Span span();

    enum Quoting { NONE, BRACKETS, DOUBLE_QUOTES }

    /// A name, without its quotes.
    record Name(String text, Quoting quoting, Span span) implements Syntax {}

    // ---------------------------------------------------------------- statements

    /// @param calls every call in it, as far as it names a function of the job: `udf.name`, `uda.name`
    record Script(List<TableDeclaration> tables, List<StepDeclaration> steps, List<Query> queries, List<Name> calls, Span span) implements Syntax {
        public Script {
            tables = List.copyOf(tables);
            steps = List.copyOf(steps);
            queries = List.copyOf(queries);
            calls = List.copyOf(calls);
        }
    }

    /// CREATE TABLE: what an input is known to hold.
    record TableDeclaration(Name name, List<ColumnDeclaration> columns, Span span) implements Syntax {
        public TableDeclaration {
            columns = List.copyOf(columns);
        }
    }

    record ColumnDeclaration(Name name, TypeName type, Span span) implements Syntax {}

    /// As written, such as `nvarchar(max)`.
    record TypeName(String text, Span span) implements Syntax {}

    record StepDeclaration(Name name, Query query, Span span) implements Syntax {}

    /// One SELECT, or several between UNION.
    record Query(List<Select> selects, Span span) implements Syntax {
        public Query {
            selects = List.copyOf(selects);
        }
    }

    record Select(List<Item> items, Optional<Name> into, Source from, List<Relation> relations, Optional<Expr> where, List<Expr> groupBy,
            Optional<Expr> having, Span span) implements Syntax {
        public Select {
            items = List.copyOf(items);
            relations = List.copyOf(relations);
            groupBy = List.copyOf(groupBy);
        }
    }

    sealed interface Item extends Syntax {}

    /// `*`
    record All(Span span) implements Item {}

    /// `source.*`, `source.record.*`, `record.*`
    record AllOf(Expr of, Span span) implements Item {}

    record Computed(Expr value, Optional<Name> alias, Span span) implements Item {}

    // ---------------------------------------------------------------- FROM

    record Source(Name name, Optional<Name> alias, Optional<TimestampBy> timestampBy, List<Expr> partitionBy, Span span) implements Syntax {
        public Source {
            partitionBy = List.copyOf(partitionBy);
        }

        /// What it is called in the rest of the statement.
        public Name called() {
            return alias.orElse(name);
        }
    }

    record TimestampBy(Expr value, List<Expr> over, Span span) implements Syntax {
        public TimestampBy {
            over = List.copyOf(over);
        }
    }

    /// What stands behind the first source of FROM.
    sealed interface Relation extends Syntax {}

    enum JoinType { INNER, LEFT, CROSS }

    /// @param on empty for CROSS JOIN
    record Join(JoinType type, Source source, Optional<Expr> on, Span span) implements Relation {}

    record Apply(ApplyType type, Call call, Name alias, Span span) implements Relation {}

    enum ApplyType { CROSS, OUTER }

    record Match(Optional<Duration> limit, List<Expr> partitionBy, List<Measure> measures, Optional<Pattern> pattern, List<Definition> definitions,
            Optional<Name> alias, Span span) implements Relation {
        public Match {
            partitionBy = List.copyOf(partitionBy);
            measures = List.copyOf(measures);
            definitions = List.copyOf(definitions);
        }
    }

    record Measure(Expr value, Name name, Span span) implements Syntax {}

    record Definition(Name name, Expr condition, Span span) implements Syntax {}

    sealed interface Pattern extends Syntax {}

    record PatternName(Name name, Span span) implements Pattern {}

    record AnyRow(Span span) implements Pattern {}

    record Sequence(List<Pattern> parts, Span span) implements Pattern {
        public Sequence {
            parts = List.copyOf(parts);
        }
    }

    record Either(List<Pattern> parts, Span span) implements Pattern {
        public Either {
            parts = List.copyOf(parts);
        }
    }

    /// @param max negative: without end
    record Repeat(Pattern of, int min, int max, Span span) implements Pattern {}

    // ---------------------------------------------------------------- expressions

    sealed interface Expr extends Syntax {}

    record Literal(Value value, Span span) implements Expr {}

    /// A name by itself: of a source, of a column, of a unit of time.
    record Named(Name name, Span span) implements Expr {}

    /// `of.part`; digits in brackets are an index.
    record Member(Expr of, Name part, Span span) implements Expr {}

    /// @param name with what stands before it and dots: `udf.f`, `System.Timestamp`
    record Call(List<Name> name, Quantifier quantifier, List<Expr> arguments, Optional<Over> over, Span span) implements Expr {
        public Call {
            name = List.copyOf(name);
            arguments = List.copyOf(arguments);
        }

        public String text() {
            return String.join(".", name.stream().map(Name::text).toList());
        }
    }

    /// `*` as an argument.
    record Star(Span span) implements Expr {}

    record Unary(UnaryOperator operator, Expr of, Span span) implements Expr {}

    record Binary(BinaryOperator operator, Expr left, Expr right, Span span) implements Expr {}

    record Like(Expr of, Expr pattern, Span span) implements Expr {}

    record Between(Expr of, Expr low, Expr high, Span span) implements Expr {}

    record In(Expr of, List<Expr> among, Span span) implements Expr {
        public In {
            among = List.copyOf(among);
        }
    }

    record IsNull(Expr of, Span span) implements Expr {}

    record Case(Optional<Expr> operand, List<When> branches, Optional<Expr> otherwise, Span span) implements Expr {
        public Case {
            branches = List.copyOf(branches);
        }
    }

    record When(Expr when, Expr then, Span span) implements Syntax {}

    record Cast(Expr of, TypeName to, OnFailure onFailure, Span span) implements Expr {}

    record Over(List<Expr> partitionBy, List<Ordering> orderBy, Optional<Duration> limit, Optional<Expr> when, Span span) implements Syntax {
        public Over {
            partitionBy = List.copyOf(partitionBy);
            orderBy = List.copyOf(orderBy);
        }
    }

    record Ordering(Expr by, Direction direction, Span span) implements Syntax {}

    /// `DURATION(unit, length)`
    record Duration(Expr unit, Expr length, Span span) implements Syntax {}
}
