package io.conshelf.processor.stage;

import io.conshelf.processor.definition.StageDefinition.Function;
import io.conshelf.processor.jq.Order;
import io.conshelf.processor.value.Value;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What a window computes of one property.
sealed interface Accumulator {
    /// @return whether the value is of a type that the function takes; otherwise nothing has changed
    boolean add(Value value);

    /// Empty where no value has come, for functions that have no result then.
    Optional<Value> result();

    /// What [#of] needs to go on.
    Value state();

    /// @param state of an earlier run; [Value#NULL] to begin
    static Accumulator of(Function function, Value state) {
        return switch (function) {
            case SUM -> new Total(state, Outcome.SUM);
            case AVERAGE -> new Total(state, Outcome.AVERAGE);
            case COUNT -> new Count(state);
            case MIN -> new Kept(state, Which.LEAST);
            case MAX -> new Kept(state, Which.GREATEST);
            case FIRST -> new Kept(state, Which.FIRST);
            case LAST -> new Kept(state, Which.LAST);
            case COLLECT -> new Collected(state);
        };
    }

    enum Outcome { SUM, AVERAGE }

    /// Whole numbers are added exactly, and others with what rounding takes from them.
    final class Total implements Accumulator {
        private final Outcome outcome;
        private BigInteger whole = BigInteger.ZERO;
        private long small;
        private double real;
        private double lost;
        private long count;
        private boolean isReal;

        private Total(Value state, Outcome outcome) {
            this.outcome = outcome;
            if (state instanceof Value.Items(List<Value> parts)) {
                whole = new BigInteger(((Value.Text) parts.get(0)).value());
                real = ((Value.Real) parts.get(1)).value();
                lost = ((Value.Real) parts.get(2)).value();
                count = ((Value.Whole) parts.get(3)).value();
                isReal = ((Value.Truth) parts.get(4)).value();
            }
        }

        @Override
        public boolean add(Value value) {
            switch (value) {
                case Value.Whole(long number) -> {
                    long sum = small + number;
                    if (((small ^ sum) & (number ^ sum)) < 0) {
                        whole = whole.add(BigInteger.valueOf(small));
                        sum = number;
                    }
                    small = sum;
                }
                case Value.Large(BigInteger number) -> whole = whole.add(number);
                case Value.Real(double number) -> {
                    isReal = true;
                    double sum = real + number;
                    lost += Math.abs(real) >= Math.abs(number) ? real - sum + number : number - sum + real;
                    real = sum;
                }
                case Value.Null _, Value.Truth _, Value.Text _, Value.Binary _, Value.Items _, Value.Members _ -> {
                    return false;
                }
            }
            count++;
            return true;
        }

        private BigInteger wholes() {
            return whole.add(BigInteger.valueOf(small));
        }

        private double sum() {
            double reals = Double.isFinite(real) ? real + lost : real;
            return wholes().doubleValue() + reals;
        }

        @Override
        public Optional<Value> result() {
            if (count == 0) {
                return Optional.empty();
            }
            return Optional.of(switch (outcome) {
                case AVERAGE -> Value.of(sum() / count);
                case SUM -> {
                    BigInteger wholes = wholes();
                    // messages have whole numbers of 64 bits
                    yield isReal || wholes.bitLength() > 63 ? Value.of(sum()) : Value.of(wholes.longValueExact());
                }
            });
        }

        @Override
        public Value state() {
            return Value.items(List.of(Value.of(wholes().toString()), Value.of(real), Value.of(lost), Value.of(count), Value.of(isReal)));
        }
    }

    final class Count implements Accumulator {
        private long count;

        private Count(Value state) {
            count = state instanceof Value.Whole(long counted) ? counted : 0;
        }

        @Override
        public boolean add(Value value) {
            count++;
            return true;
        }

        @Override
        public Optional<Value> result() {
            return Optional.of(state());
        }

        @Override
        public Value state() {
            return Value.of(count);
        }
    }

    /// Which of the values is the result.
    enum Which {
        FIRST,
        LAST,
        /// As jq orders values.
        LEAST,
        GREATEST;

        private boolean takes(Value value) {
            return this == FIRST || this == LAST || switch (value) {
                case Value.Whole _, Value.Large _, Value.Real _, Value.Text _, Value.Items _ -> true;
                case Value.Null _, Value.Truth _, Value.Binary _, Value.Members _ -> false;
            };
        }

        private boolean prefers(Value value, Value kept) {
            return switch (this) {
                case FIRST -> false;
                case LAST -> true;
                case LEAST -> Order.compare(value, kept) < 0;
                case GREATEST -> Order.compare(value, kept) > 0;
            };
        }
    }

    final class Kept implements Accumulator {
        private final Which which;
        private Optional<Value> kept;

        private Kept(Value state, Which which) {
            this.which = which;
            this.kept = state instanceof Value.Items(List<Value> one) ? one.stream().findFirst() : Optional.empty();
        }

        @Override
        public boolean add(Value value) {
            boolean isTaken = which.takes(value);
            if (isTaken && (kept.isEmpty() || which.prefers(value, kept.get()))) {
                kept = Optional.of(value);
            }
            return isTaken;
        }

        @Override
        public Optional<Value> result() {
            return kept;
        }

        /// Null is a value too, so what is kept lies in a list.
        @Override
        public Value state() {
            return Value.items(kept.stream().toList());
        }
    }

    final class Collected implements Accumulator {
        private final List<Value> values = new ArrayList<>();

        private Collected(Value state) {
            if (state instanceof Value.Items(List<Value> collected)) {
                values.addAll(collected);
            }
        }

        @Override
        public boolean add(Value value) {
            values.add(value);
            return true;
        }

        @Override
        public Optional<Value> result() {
            return Optional.of(state());
        }

        @Override
        public Value state() {
            return Value.items(List.copyOf(values));
        }
    }
}
