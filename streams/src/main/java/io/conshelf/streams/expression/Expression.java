package io.conshelf.streams.expression;

import io.conshelf.streams.query.Span;
import io.conshelf.streams.value.Value;
import java.io.Serializable;
import java.util.List;
import java.util.Optional;

/// An expression with its names resolved: it reads nothing but the row it is evaluated on. Analytic functions and aggregates are not in it: steps before
/// compute them into slots.
public sealed interface Expression extends Serializable {
    /// The condition that always holds.
    Expression TRUE = new Literal(new Value.Bit(true), Span.NONE);

    Span span();

    record Literal(Value value, Span span) implements Expression {}

    /// A slot of the row.
    record Slot(int index, Span span) implements Expression {}

    /// The time of the row, `System.Timestamp()`.
    record Timestamp(Span span) implements Expression {}

    /// A field of a record, whatever the case; NULL where there is none, and where `of` is no record.
    record Field(Expression of, String name, Span span) implements Expression {}

    /// An element of an array by `[i]`, from 0.
    record Element(Expression of, int index, Span span) implements Expression {}

    record Unary(UnaryOperator operator, Expression of, Span span) implements Expression {}

    record Binary(BinaryOperator operator, Expression left, Expression right, Span span) implements Expression {}

    record Like(Expression of, Expression pattern, Span span) implements Expression {}

    record Between(Expression of, Expression low, Expression high, Span span) implements Expression {}

    record In(Expression of, List<Expression> among, Span span) implements Expression {
        public In {
            among = List.copyOf(among);
        }
    }

    record IsNull(Expression of, Span span) implements Expression {}

    record Case(List<Branch> branches, Expression otherwise, Span span) implements Expression {
        public Case {
            branches = List.copyOf(branches);
        }
    }

    /// A simple CASE has `operand = value` as its condition.
    record Branch(Expression when, Expression then) implements Serializable {}

    /// CAST ends the job where it fails, TRY_CAST gives NULL.
    record Cast(Expression of, Type to, OnFailure onFailure, Span span) implements Expression {}

    enum OnFailure { ERROR, NULL }

    /// A built-in scalar function.
    ///
    /// @param function its name in the catalogue of functions ([Functions]), in the catalogue's spelling
    record Call(String function, List<Expression> arguments, Span span) implements Expression {
        public Call {
            arguments = List.copyOf(arguments);
        }
    }

    /// A JavaScript function of the job, `udf.name(…)`.
    record UserCall(String name, List<Expression> arguments, Span span) implements Expression {
        public UserCall {
            arguments = List.copyOf(arguments);
        }
    }

    enum UnaryOperator { NOT, MINUS, COMPLEMENT }

    enum BinaryOperator {
        ADD("+"), SUBTRACT("-"), MULTIPLY("*"), DIVIDE("/"), REMAINDER("%"), BIT_AND("&"), BIT_OR("|"), BIT_XOR("^"),
        EQUAL("="), NOT_EQUAL("<>"), LESS("<"), LESS_OR_EQUAL("<="), GREATER(">"), GREATER_OR_EQUAL(">="),
        AND("AND"), OR("OR");

        private final String symbol;

        BinaryOperator(String symbol) {
            this.symbol = symbol;
        }

        /// As queries write it.
        public String symbol() {
            return symbol;
        }
    }

    /// The types that CAST and CREATE TABLE name.
    enum Type { BIGINT, FLOAT, NVARCHAR, DATETIME, BIT, RECORD, ARRAY;
        /// As queries and definitions spell them, whatever the case.
        public static Optional<Type> named(String name) {
            return switch (name.toLowerCase(java.util.Locale.ROOT).replace(" ", "")) {
                case "bigint" -> Optional.of(BIGINT);
                case "float" -> Optional.of(FLOAT);
                case "nvarchar(max)" -> Optional.of(NVARCHAR);
                case "datetime" -> Optional.of(DATETIME);
                case "bit" -> Optional.of(BIT);
                case "record" -> Optional.of(RECORD);
                case "array" -> Optional.of(ARRAY);
                default -> Optional.empty();
            };
        }
    }
}
