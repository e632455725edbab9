package io.conshelf.kql.scan;

import static io.conshelf.kql.type.Type.*;

import io.conshelf.kql.type.Type;
import io.conshelf.kql.value.Ticks;
import io.conshelf.kql.value.TooLargeValue;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// The functions and operators that a machine computes. Each gives what its SQL gives, which a test compares: what is not here
/// is left to SQL.
final class ScanOperations {
    private static final Set<Type> WHOLE = EnumSet.of(BOOL, INT, LONG, DATETIME, TIMESPAN);

    /// Of a text that grows from row to row.
    private static final int TEXT_CHARS_MAX = 16 << 20;

    private ScanOperations() {}

    /// Types that a machine can hold. A decimal is none: some are longer than their type.
    static boolean isHeld(Type type) {
        return type != DECIMAL;
    }

    static Optional<ScanOperation> find(String function, List<Type> in, Type out) {
        ScanOperation found = switch (in.size()) {
            case 1 -> ofOne(function, in.getFirst(), out);
            case 2 -> ofTwo(function, in.get(0), in.get(1), out);
            default -> null;
        };
        return Optional.ofNullable(found == null ? ofMany(function, in, out) : found);
    }

    private static ScanOperation ofOne(String function, Type in, Type out) {
        return switch (function) {
            case "not" -> in == BOOL ? strict((to, of) -> to.number = 1 - of[0].number) : null;
            case "-" -> sign(in, out);
            case "abs" -> abs(in, out);
            case "isnull" -> in == STRING ? null : (to, of) -> to.truth(isNull(of[0]));
            case "isnotnull", "notnull" -> in == STRING ? null : (to, of) -> to.truth(!isNull(of[0]));
            case "isempty" -> (to, of) -> to.truth(isEmpty(of[0], in));
            case "isnotempty", "notempty" -> (to, of) -> to.truth(!isEmpty(of[0], in));
            case "strlen" -> in == STRING ? strict((to, of) -> to.number = of[0].text.codePointCount(0, of[0].text.length())) : null;
            case "tobool" -> WHOLE.contains(in) && in != BOOL ? strict((to, of) -> to.number = of[0].number == 0 ? 0 : 1) : null;
            case "toint" -> toInt(in);
            case "tolong" -> toLong(in);
            case "toreal" -> in == INT || in == LONG || in == BOOL || in == TIMESPAN ? strict((to, of) -> to.real = of[0].number) : null;
            case "totimespan" -> in == INT || in == LONG ? strict((to, of) -> to.number = of[0].number) : null;
            case "todatetime" -> in == INT || in == LONG || in == TIMESPAN ? strict((to, of) -> moment(to, of[0].number)) : null;
            case "tostring" -> toText(in);
            default -> null;
        };
    }

    private static ScanOperation ofTwo(String function, Type left, Type right, Type out) {
        return switch (function) {
            case "and" -> left == BOOL && right == BOOL ? junction(0) : null;
            case "or" -> left == BOOL && right == BOOL ? junction(1) : null;
            case "==" -> equality(left, right, false);
            case "!=" -> equality(left, right, true);
            case "<" -> order(left, right, false, false);
            case "<=" -> order(left, right, false, true);
            case ">" -> order(left, right, true, false);
            case ">=" -> order(left, right, true, true);
            case "+" -> sum(left, right, out);
            case "-" -> difference(left, right, out);
            case "*" -> product(left, right, out);
            case "/" -> quotient(left, right, out);
            case "%" -> remainder(left, right, out);
            default -> null;
        };
    }

    private static ScanOperation ofMany(String function, List<Type> in, Type out) {
        return switch (function) {
            case "iff", "iif", "case" -> choice(in, out);
            case "coalesce" -> allAre(in, out) ? out == STRING ? ScanOperations::firstText : ScanOperations::firstThere : null;
            case "between" -> range(in, false);
            case "!between" -> range(in, true);
            case "in" -> membership(in, false);
            case "!in" -> membership(in, true);
            case "max_of" -> extreme(in, out, 1);
            case "min_of" -> extreme(in, out, -1);
            case "strcat" -> allAre(in, STRING) ? ScanOperations::joined : null;
            default -> null;
        };
    }

    private static ScanOperation strict(ScanOperation operation) {
        return (to, of) -> {
            for (Value value : of) {
                value.find();
                if (value.isNull) {
                    to.isNull = true;
                    return;
                }
            }
            to.isNull = false;
            operation.run(to, of);
        };
    }

    private static boolean allAre(List<Type> types, Type type) {
        return types.stream().allMatch(each -> each == type);
    }

    private static boolean isNull(Value value) {
        value.find();
        return value.isNull;
    }

    private static boolean isEmpty(Value value, Type type) {
        value.find();
        return value.isNull || type == STRING && value.text.isEmpty() || type == DYNAMIC && value.text.equals("\"\"");
    }

    private static void moment(Value to, long ticks) {
        to.isNull = !Ticks.isDateTime(ticks);
        to.number = ticks;
    }

    /// A result of two longs that is null where it does not fit.
    private interface Exact {
        long of(long a, long b);
    }

    private static ScanOperation exact(Exact operation) {
        return strict((to, of) -> {
            try {
                to.number = operation.of(of[0].number, of[1].number);
            } catch (ArithmeticException _) {
                to.isNull = true;
            }
        });
    }

    private static ScanOperation exactMoment(Exact operation) {
        return strict((to, of) -> {
            try {
                moment(to, operation.of(of[0].number, of[1].number));
            } catch (ArithmeticException _) {
                to.isNull = true;
            }
        });
    }

    private static ScanOperation sign(Type in, Type out) {
        if (in == LONG && out == LONG) {
            return strict((to, of) -> to.number = -of[0].number);
        }
        if (in == REAL && out == REAL) {
            return strict((to, of) -> to.real = -of[0].real);
        }
        return in == TIMESPAN && out == TIMESPAN ? strict((to, of) -> {
            to.isNull = of[0].number == Long.MIN_VALUE;
            to.number = -of[0].number;
        }) : null;
    }

    private static ScanOperation abs(Type in, Type out) {
        if (in == LONG && out == LONG) {
            return strict((to, of) -> to.number = Math.abs(of[0].number));
        }
        if (in == REAL && out == REAL) {
            return strict((to, of) -> to.real = Math.abs(of[0].real));
        }
        return in == TIMESPAN && out == TIMESPAN ? strict((to, of) -> {
            to.isNull = of[0].number == Long.MIN_VALUE;
            to.number = Math.abs(of[0].number);
        }) : null;
    }

    private static ScanOperation toInt(Type in) {
        return switch (in) {
            case BOOL, LONG, DATETIME, TIMESPAN -> strict((to, of) -> to.number = (int) of[0].number);
            case REAL -> strict((to, of) -> {
                to.isNull = !Double.isFinite(of[0].real);
                to.number = (int) of[0].real;
            });
            case INT, DECIMAL, STRING, GUID, DYNAMIC -> null;
        };
    }

    private static ScanOperation toLong(Type in) {
        return switch (in) {
            case BOOL, INT, DATETIME, TIMESPAN -> strict((to, of) -> to.number = of[0].number);
            case REAL -> strict((to, of) -> {
                to.isNull = !Double.isFinite(of[0].real);
                to.number = (long) of[0].real;
            });
            case LONG, DECIMAL, STRING, GUID, DYNAMIC -> null;
        };
    }

    private static ScanOperation toText(Type in) {
        return switch (in) {
            case BOOL -> (to, of) -> text(to, isNull(of[0]) ? "" : of[0].number == 0 ? "False" : "True");
            case INT, LONG -> (to, of) -> text(to, isNull(of[0]) ? "" : Long.toString(of[0].number));
            case REAL, DECIMAL, DATETIME, TIMESPAN, STRING, GUID, DYNAMIC -> null;
        };
    }

    private static void text(Value to, String text) {
        to.isNull = false;
        to.text = text;
    }

    /// A null is neither; `end` is the truth that settles it.
    private static ScanOperation junction(long end) {
        return (to, of) -> {
            of[0].find();
            if (!of[0].isNull && of[0].number == end) {
                to.take(of[0]);
                return;
            }
            boolean isUnknown = of[0].isNull;
            of[1].find();
            to.take(of[1]);
            if (isUnknown && (to.isNull || to.number != end)) {
                to.isNull = true;
            }
        };
    }

    private static ScanOperation equality(Type left, Type right, boolean negated) {
        if (left != right || left == DYNAMIC || left == DECIMAL) {
            return null;
        }
        return (to, of) -> {
            of[0].find();
            of[1].find();
            if (of[0].isNull && of[1].isNull) {
                to.isNull = true;
            } else {
                to.truth(negated != (!of[0].isNull && !of[1].isNull && areEqual(left, of[0], of[1])));
            }
        };
    }

    private static boolean areEqual(Type type, Value left, Value right) {
        return WHOLE.contains(type) ? left.number == right.number : type == REAL ? left.real == right.real : left.text.equals(right.text);
    }

    private static ScanOperation order(Type left, Type right, boolean isGreater, boolean orEqual) {
        if (left != right) {
            return null;
        }
        if (left == REAL) {
            // NaN is never the greater one, whatever it is compared with.
            return (to, of) -> {
                of[0].find();
                of[1].find();
                Value greater = of[isGreater ? 0 : 1];
                Value less = of[isGreater ? 1 : 0];
                if (!greater.isNull && Double.isNaN(greater.real)) {
                    to.truth(false);
                } else if (greater.isNull || less.isNull) {
                    to.isNull = true;
                } else {
                    to.truth(orEqual ? less.real <= greater.real : less.real < greater.real);
                }
            };
        }
        int greater = isGreater ? 0 : 1;
        return !WHOLE.contains(left) ? null : strict((to, of) -> {
            long more = of[greater].number;
            long less = of[1 - greater].number;
            to.number = (orEqual ? less <= more : less < more) ? 1 : 0;
        });
    }

    private static ScanOperation sum(Type left, Type right, Type out) {
        if (left == LONG && right == LONG && out == LONG) {
            return strict((to, of) -> to.number = of[0].number + of[1].number);
        }
        if (left == REAL && right == REAL && out == REAL) {
            return strict((to, of) -> to.real = of[0].real + of[1].real);
        }
        if (left == TIMESPAN && right == TIMESPAN && out == TIMESPAN) {
            return exact(Math::addExact);
        }
        boolean moves = left == DATETIME && (right == TIMESPAN || right == DATETIME) || left == TIMESPAN && right == DATETIME;
        return moves && out == DATETIME ? exactMoment(Math::addExact) : null;
    }

    private static ScanOperation difference(Type left, Type right, Type out) {
        if (left == LONG && right == LONG && out == LONG) {
            return strict((to, of) -> to.number = of[0].number - of[1].number);
        }
        if (left == REAL && right == REAL && out == REAL) {
            return strict((to, of) -> to.real = of[0].real - of[1].real);
        }
        if (left == right && (left == TIMESPAN || left == DATETIME) && out == TIMESPAN) {
            return exact(Math::subtractExact);
        }
        return left == DATETIME && right == TIMESPAN && out == DATETIME ? exactMoment(Math::subtractExact) : null;
    }

    private static ScanOperation product(Type left, Type right, Type out) {
        if (left == LONG && right == LONG && out == LONG) {
            return strict((to, of) -> to.number = of[0].number * of[1].number);
        }
        if (left == REAL && right == REAL && out == REAL) {
            return strict((to, of) -> to.real = of[0].real * of[1].real);
        }
        boolean scales = left == TIMESPAN && right == LONG || left == LONG && right == TIMESPAN;
        return scales && out == TIMESPAN ? exact(Math::multiplyExact) : null;
    }

    private static ScanOperation quotient(Type left, Type right, Type out) {
        if (left == REAL && right == REAL && out == REAL) {
            return strict((to, of) -> to.real = of[0].real / of[1].real);
        }
        if (left == TIMESPAN && right == TIMESPAN && out == REAL) {
            return strict((to, of) -> to.real = (double) of[0].number / (double) of[1].number);
        }
        boolean isWhole = left == LONG && right == LONG && out == LONG || left == TIMESPAN && right == LONG && out == TIMESPAN;
        // Java wraps the one quotient that does not fit, as the service does.
        return isWhole ? strict((to, of) -> {
            to.isNull = of[1].number == 0;
            to.number = to.isNull ? 0 : of[0].number / of[1].number;
        }) : null;
    }

    private static ScanOperation remainder(Type left, Type right, Type out) {
        boolean isWhole = left == LONG && right == LONG && out == LONG
                || out == TIMESPAN && (left == TIMESPAN && (right == TIMESPAN || right == LONG) || left == DATETIME && right == TIMESPAN);
        return isWhole ? strict((to, of) -> {
            long divisor = of[1].number;
            to.isNull = divisor == 0;
            long rest = to.isNull ? 0 : of[0].number % divisor;
            to.number = rest >= 0 ? rest : divisor > 0 ? rest + divisor : rest - divisor;
        }) : null;
    }

    /// Conditions and values by turns, then the value for where none is true.
    private static ScanOperation choice(List<Type> in, Type out) {
        int last = in.size() - 1;
        for (int i = 0; i <= last; i++) {
            if (in.get(i) != (i % 2 == 0 && i < last ? BOOL : out)) {
                return null;
            }
        }
        return last % 2 != 0 ? null : (to, of) -> {
            int taken = 0;
            while (taken < last) {
                of[taken].find();
                if (of[taken].isTrue()) {
                    break;
                }
                taken += 2;
            }
            Value value = of[taken < last ? taken + 1 : last];
            value.find();
            to.take(value);
        };
    }

    private static void firstThere(Value to, Value[] of) {
        to.isNull = true;
        for (int i = 0; i < of.length && to.isNull; i++) {
            of[i].find();
            to.take(of[i]);
        }
    }

    private static void firstText(Value to, Value[] of) {
        text(to, "");
        for (int i = 0; i < of.length && to.text.isEmpty(); i++) {
            of[i].find();
            to.take(of[i]);
        }
    }

    /// Of whole numbers: NaN has rules of its own in a range.
    private static ScanOperation range(List<Type> in, boolean negated) {
        if (in.size() != 3 || !allAre(in, in.getFirst()) || !WHOLE.contains(in.getFirst())) {
            return null;
        }
        return (to, of) -> {
            of[0].find();
            of[1].find();
            of[2].find();
            boolean isBelow = !of[0].isNull && !of[1].isNull && of[0].number < of[1].number;
            boolean isAbove = !of[0].isNull && !of[2].isNull && of[0].number > of[2].number;
            to.truth(negated == (isBelow || isAbove));
            to.isNull = !isBelow && !isAbove && (of[0].isNull || of[1].isNull || of[2].isNull);
        };
    }

    private static ScanOperation membership(List<Type> in, boolean negated) {
        Type type = in.getFirst();
        if (in.size() < 2 || !allAre(in, type) || !WHOLE.contains(type) && type != STRING && type != GUID) {
            return null;
        }
        return (to, of) -> {
            of[0].find();
            boolean isAmong = false;
            for (int i = 1; i < of.length && !isAmong; i++) {
                of[i].find();
                if (of[0].isNull && of[i].isNull) {
                    to.isNull = true;
                    return;
                }
                isAmong = !of[0].isNull && !of[i].isNull && areEqual(type, of[0], of[i]);
            }
            to.truth(negated != isAmong);
        };
    }

    /// Nulls are passed over; NaN is the greatest and the least.
    private static ScanOperation extreme(List<Type> in, Type out, int direction) {
        if (!allAre(in, out) || !WHOLE.contains(out) && out != REAL) {
            return null;
        }
        return (to, of) -> {
            to.isNull = true;
            for (Value value : of) {
                value.find();
                if (value.isNull) {
                    continue;
                }
                if (to.isNull) {
                    to.take(value);
                } else if (out == REAL) {
                    boolean isFurther = direction > 0 ? value.real > to.real : value.real < to.real;
                    if (!Double.isNaN(to.real) && (Double.isNaN(value.real) || isFurther)) {
                        to.take(value);
                    }
                } else if (direction > 0 ? value.number > to.number : value.number < to.number) {
                    to.take(value);
                }
            }
        };
    }

    private static void joined(Value to, Value[] of) {
        var joined = new StringBuilder();
        for (Value value : of) {
            value.find();
            if (joined.length() + value.text.length() > TEXT_CHARS_MAX) {
                throw new TooLargeValue("a text of a scan would have more than " + TEXT_CHARS_MAX + " characters");
            }
            joined.append(value.text);
        }
        text(to, joined.toString());
    }
}
