package io.conshelf.kql.function;

import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.type.Type;
import io.conshelf.kql.value.DateTimeText;
import io.conshelf.kql.value.DynamicText;
import io.conshelf.kql.value.TimeSpanText;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/// From any type to any other, as `tolong()` and its kin do it and as the binder does it where Kusto converts by itself.
/// What can't be converted becomes null, or the empty string.
public final class Conversions {
    static final String STRING_TO_DYNAMIC = "kql_dynamic_string({0})";

    /// The low 32 bits of a long, with their sign.
    private static final String LOW_BITS = "CAST(xor({0} & 4294967295, 2147483648) - 2147483648 AS INTEGER)";

    /// The text of a property without a kernel, where nothing in the value is tagged.
    private static final String TEXT_OF_MEMBER = "coalesce(CASE WHEN contains({0}, '\uF8F0') THEN kql_dynamic_text("
            + DynamicFunctions.MEMBER + ") ELSE json_extract_string({0}, {1}) END, '')";

    /// The same of a whole value, whose text begins with a quote where it is a string. What is none, and is not tagged, is its
    /// own text.
    private static final String TEXT_OF_VALUE = "coalesce(CASE WHEN contains({0}, '\uF8F0') THEN kql_dynamic_text({0})"
            + " WHEN starts_with({0}, '\"') THEN json_extract_string({0}, '$') ELSE {0} END, '')";

    /// An integer as most write it, without blanks, zeros in front or a plus, is read without a kernel.
    private static final String PLAIN_INTEGER = "CASE WHEN CAST(TRY_CAST({0} AS #) AS VARCHAR) = {0} THEN TRY_CAST({0} AS #) ELSE @({0}) END";

    /// Of a string, which is none where it begins with a letter: blanks, signs and digits all stand before the colon.
    private static final String PLAIN_INTEGER_OF_TEXT = PLAIN_INTEGER.replace(" ELSE ", " WHEN {0} >= ':' OR {0} = '' THEN NULL ELSE ");

    /// The number that a property is, read without a kernel where it is one: what is a string has quotes, and is none for DuckDB.
    private static final String NUMBER_OF_MEMBER = "coalesce(TRY_CAST(" + DynamicFunctions.MEMBER + " AS DOUBLE), kql_dynamic_real("
            + DynamicFunctions.MEMBER + "))";

    /// A dynamic text that begins with a digit or a minus is a number; one beyond the range of reals is left to the kernel.
    private static final String PLAIN_NUMBER = "CASE WHEN {0} >= '-' AND {0} < ':' THEN coalesce(TRY_CAST({0} AS DOUBLE),"
            + " kql_dynamic_real({0})) ELSE kql_dynamic_real({0}) END";

    /// A real beyond an integer type becomes the nearest of its values; NaN and the infinities become null.
    private static final String SHORT_SATURATED = "coalesce(TRY_CAST(trunc({0}) AS #), CASE WHEN isfinite({0}) THEN CASE WHEN {0} @ 0 THEN < ELSE > END END)";
    /// The same with the value once, in a list.
    private static final String SATURATED = "list_transform([{0}], lambda r: " + SHORT_SATURATED.replace("{0}", "r") + ")[1]";

    private static final String HEX = "[0-9A-Fa-f]";
    /// The first 32 digits, with hyphens at their places and a brace before them; what follows is not looked at, by the page.
    private static final String GUID_START = "[\\t\\n\\f\\r ]*\\x7B?(" + HEX.repeat(8) + "-?" + (HEX.repeat(4) + "-?").repeat(3) + HEX.repeat(12) + ")";
    private static final String GUID_TEXT = "TRY_CAST(regexp_extract({0}, '^" + GUID_START + "', 1) AS UUID)";
    static final Pattern GUID = Pattern.compile(GUID_START);

    private Conversions() {}

    /// Whether an expression is a conversion of its only argument.
    public static boolean isConversion(Expr value) {
        return value instanceof Expr.Call(String function, _, List<Expr> arguments, Type type)
                && arguments.size() == 1
                && function.equals("to" + type);
    }

    /// The expression as a value of another type.
    public static Expr convert(Expr value, Type target) {
        if (value.type() == target) {
            return value;
        }
        if (value instanceof Expr.Null) {
            return target == Type.STRING ? new Expr.Constant(Type.STRING, "") : new Expr.Null(target);
        }
        if (value instanceof Expr.Constant(Type type, Object constant) && type.isInteger()) {
            long number = ((Number) constant).longValue();
            switch (target) {
                case LONG -> {
                    return new Expr.Constant(Type.LONG, number);
                }
                case REAL -> {
                    return new Expr.Constant(Type.REAL, (double) number);
                }
                case INT, BOOL, DECIMAL, DATETIME, TIMESPAN, STRING, GUID, DYNAMIC -> {}
            }
        }
        if (value instanceof Expr.Constant(Type type, Double real) && type == Type.REAL && target.isInteger() && isBeyond(real, target)) {
            return new Expr.Constant(target, target == Type.INT ? (Object) Integer.MIN_VALUE : (Object) Long.MIN_VALUE);
        }
        if (target != Type.DYNAMIC && value instanceof Expr.Call(String function, _, List<Expr> arguments, _)) {
            if (function.equals(StringFunctions.PART) && value.type() == Type.DYNAMIC) {
                return convert(StringFunctions.partText(arguments), target);
            }
            if (function.equals("path") && ArithmeticOperators.isAtomic(arguments.getFirst())) {
                if (target == Type.STRING) {
                    return new Expr.Call("tostring", new Lowering.Sql(TEXT_OF_MEMBER), arguments, target);
                }
                if (target == Type.REAL) {
                    return new Expr.Call("toreal", new Lowering.Sql(NUMBER_OF_MEMBER), arguments, target);
                }
            }
        }
        if (target == Type.STRING && value instanceof Expr.Call(String function, _, _, _) && function.equals("parse_version")) {
            // Longer than a decimal may be.
            return new Expr.Call("tostring", new Lowering.Sql(toText(Type.LONG)), List.of(value), target);
        }
        Optional<Expr> captured = CapturedNumber.read(value, target);
        if (captured.isPresent()) {
            return captured.get();
        }
        // The text of anything longer would double with each conversion around it.
        boolean isShort = value instanceof Expr.Ref || value instanceof Expr.Constant;
        String template = isShort ? quick(value.type(), target) : template(value.type(), target);
        return new Expr.Call("to" + target, new Lowering.Sql(template), List.of(value), target);
    }

    /// Over a value that may be written several times, the plain case without a kernel.
    private static String quick(Type from, Type to) {
        boolean isText = from == Type.STRING || from == Type.DYNAMIC;
        String kernel = from == Type.STRING ? "kql_" : "kql_dynamic_";
        return switch (to) {
            case INT -> isText ? integer(from).replace("#", "INTEGER").replace("@", kernel + "int")
                    : from == Type.REAL ? saturated(SHORT_SATURATED, to) : template(from, to);
            case LONG -> isText ? integer(from).replace("#", "BIGINT").replace("@", kernel + "long")
                    : from == Type.REAL ? saturated(SHORT_SATURATED, to) : template(from, to);
            case REAL -> from == Type.DYNAMIC ? PLAIN_NUMBER : template(from, to);
            case STRING -> from == Type.DYNAMIC ? TEXT_OF_VALUE : template(from, to);
            case BOOL, DECIMAL, DATETIME, TIMESPAN, GUID, DYNAMIC -> template(from, to);
        };
    }

    /// What the service computes ahead becomes the least integer where a real is beyond the type, while rows get the nearest:
    /// `print toint(1e10)` is -2147483648 on record, of a column 2147483647.
    private static boolean isBeyond(double real, Type integer) {
        double end = integer == Type.INT ? 0x1p31 : 0x1p63;
        return Double.isFinite(real) && (real >= end || real < -end);
    }

    private static String saturated(String template, Type integer) {
        return integer == Type.INT
                ? template.replace("#", "INTEGER").replace("<", Integer.toString(Integer.MIN_VALUE)).replace(">", Integer.toString(Integer.MAX_VALUE)).replace("@", "<")
                : template.replace("#", "BIGINT").replace("<", "CAST(" + Long.MIN_VALUE + " AS BIGINT)").replace(">", Long.toString(Long.MAX_VALUE)).replace("@", "<");
    }

    /// The value that a text says, as the conversion of it has it at run time; null where it says none.
    public static Expr ofText(String text, Type target) {
        Optional<?> value = switch (target) {
            case BOOL -> ConversionKernels.readBool(text);
            case INT -> boxed(ConversionKernels.readLong(text, Integer.SIZE)).map(Long::intValue);
            case LONG -> boxed(ConversionKernels.readLong(text, Long.SIZE));
            case REAL -> {
                OptionalDouble real = ConversionKernels.readReal(text);
                yield real.isPresent() ? Optional.of(real.getAsDouble()) : Optional.empty();
            }
            case DECIMAL -> ConversionKernels.readDecimal(text);
            case DATETIME -> boxed(DateTimeText.parse(text));
            case TIMESPAN -> boxed(TimeSpanText.parse(text));
            case GUID -> ConversionKernels.readGuid(text);
            case STRING -> Optional.of(text);
            case DYNAMIC -> Optional.of(DynamicText.ofString(text));
        };
        return value.<Expr>map(known -> new Expr.Constant(target, known)).orElseGet(() -> new Expr.Null(target));
    }

    private static Optional<Long> boxed(OptionalLong value) {
        return value.isPresent() ? Optional.of(value.getAsLong()) : Optional.empty();
    }

    /// The conversion of a text that may be written several times, as DuckDB computes what it finds twice once.
    public static Expr convertRepeated(Expr value, Type target) {
        return value.type() == target ? value : new Expr.Call("to" + target, new Lowering.Sql(quick(value.type(), target)), List.of(value), target);
    }

    /// The element of a dynamic array as the type that `mv-expand … to typeof()` asks for: a number, a truth or a
    /// timespan has to be one in the array already, by recorded answers; its text is none. Moments and guids are texts.
    public static Expr ofElement(Expr.Ref element, Type target) {
        Expr converted = convert(element, target);
        String what = switch (target) {
            case INT, LONG, REAL, DECIMAL -> "(NOT starts_with({0}, '\"') OR starts_with({0}, '\"\uF8F0')) AND {0} NOT IN ('true', 'false')";
            case BOOL -> "{0} IN ('true', 'false') OR TRY_CAST({0} AS DOUBLE) = trunc(TRY_CAST({0} AS DOUBLE))";
            case DATETIME, GUID -> "starts_with({0}, '\"')";
            case TIMESPAN -> "starts_with({0}, '\"\uF8F0')";
            case STRING, DYNAMIC -> "";
        };
        return what.isEmpty() ? converted
                : new Expr.Call("element", new Lowering.Sql("CASE WHEN " + what + " THEN {1} END"), List.of(element, converted), target);
    }

    private static String integer(Type from) {
        return from == Type.STRING ? PLAIN_INTEGER_OF_TEXT : PLAIN_INTEGER;
    }

    private static String template(Type from, Type to) {
        return switch (to) {
            case BOOL -> toBool(from);
            case INT -> toInt(from);
            case LONG -> toLong(from);
            case REAL -> toReal(from);
            case DECIMAL -> toDecimal(from);
            case DATETIME -> toDateTime(from);
            case TIMESPAN -> toTimeSpan(from);
            case STRING -> toText(from);
            case GUID -> toGuid(from);
            case DYNAMIC -> toDynamic(from);
        };
    }

    private static String toBool(Type from) {
        return switch (from) {
            case INT, LONG, REAL, DECIMAL, DATETIME, TIMESPAN -> "{0} <> 0";
            case STRING -> "kql_bool({0})";
            case DYNAMIC -> "kql_dynamic_bool({0})";
            case GUID -> "CAST(NULL AS BOOLEAN)";
            case BOOL -> "{0}";
        };
    }

    private static String toInt(Type from) {
        return switch (from) {
            case BOOL -> "CAST({0} AS INTEGER)";
            case LONG, DATETIME, TIMESPAN -> LOW_BITS;
            case REAL -> saturated(SATURATED, Type.INT);
            case DECIMAL -> "TRY_CAST(trunc({0}) AS INTEGER)";
            case STRING -> "kql_int({0})";
            case DYNAMIC -> "kql_dynamic_int({0})";
            case GUID -> "CAST(NULL AS INTEGER)";
            case INT -> "{0}";
        };
    }

    private static String toLong(Type from) {
        return switch (from) {
            case BOOL, INT -> "CAST({0} AS BIGINT)";
            case DATETIME, TIMESPAN, LONG -> "{0}";
            case REAL -> saturated(SATURATED, Type.LONG);
            case DECIMAL -> "TRY_CAST(trunc({0}) AS BIGINT)";
            case STRING -> "kql_long({0})";
            case DYNAMIC -> "kql_dynamic_long({0})";
            case GUID -> "CAST(NULL AS BIGINT)";
        };
    }

    private static String toReal(Type from) {
        return switch (from) {
            case BOOL -> "CAST(CAST({0} AS INTEGER) AS DOUBLE)";
            case INT, LONG, DECIMAL, DATETIME, TIMESPAN -> "CAST({0} AS DOUBLE)";
            case STRING -> "kql_real({0})";
            case DYNAMIC -> "kql_dynamic_real({0})";
            case GUID -> "CAST(NULL AS DOUBLE)";
            case REAL -> "{0}";
        };
    }

    private static String toDecimal(Type from) {
        return switch (from) {
            case BOOL -> "CAST(CAST({0} AS INTEGER) AS DECIMAL(38,17))";
            case INT, LONG, DATETIME, TIMESPAN -> "CAST({0} AS DECIMAL(38,17))";
            // By way of the shortest text, so that 0.1 is 0.1: todecimal(0.1) + todecimal(0.2) == todecimal(0.3) on record.
            case REAL -> "TRY_CAST(CAST({0} AS VARCHAR) AS DECIMAL(38,17))";
            case STRING -> "kql_decimal({0})";
            case DYNAMIC -> "kql_decimal(kql_dynamic_text({0}))";
            case GUID -> "CAST(NULL AS DECIMAL(38,17))";
            case DECIMAL -> "{0}";
        };
    }

    private static String toDateTime(Type from) {
        return switch (from) {
            // A number is ticks: todatetime(1) is 0001-01-01T00:00:00.0000001Z on record.
            case INT, LONG, TIMESPAN -> ArithmeticOperators.within("CAST({0} AS BIGINT)");
            case REAL, DECIMAL -> ArithmeticOperators.within("TRY_CAST(trunc({0}) AS BIGINT)");
            case STRING -> "kql_datetime({0})";
            case DYNAMIC -> "kql_dynamic_datetime({0})";
            case BOOL, GUID -> "CAST(NULL AS BIGINT)";
            case DATETIME -> "{0}";
        };
    }

    private static String toTimeSpan(Type from) {
        return switch (from) {
            case INT -> "CAST({0} AS BIGINT)";
            case LONG, DATETIME, TIMESPAN -> "{0}";
            case REAL, DECIMAL -> "TRY_CAST(trunc({0}) AS BIGINT)";
            case STRING -> "kql_timespan({0})";
            case DYNAMIC -> "kql_dynamic_timespan({0})";
            case BOOL, GUID -> "CAST(NULL AS BIGINT)";
        };
    }

    private static String toText(Type from) {
        String text = switch (from) {
            case BOOL -> "CASE WHEN {0} THEN 'True' WHEN NOT {0} THEN 'False' END";
            case INT, LONG, GUID, STRING -> "CAST({0} AS VARCHAR)";
            case REAL -> "kql_real_text({0})";
            case DECIMAL -> "kql_decimal_text({0})";
            case DATETIME -> "kql_datetime_text({0})";
            case TIMESPAN -> "kql_timespan_text({0})";
            case DYNAMIC -> "kql_dynamic_text({0})";
        };
        return "coalesce(" + text + ", '')";
    }

    private static String toGuid(Type from) {
        return switch (from) {
            case STRING -> GUID_TEXT;
            case DYNAMIC -> GUID_TEXT.replace("{0}", "kql_dynamic_text({0})");
            case BOOL, INT, LONG, REAL, DECIMAL, DATETIME, TIMESPAN -> "CAST(NULL AS UUID)";
            case GUID -> "{0}";
        };
    }

    private static String toDynamic(Type from) {
        return switch (from) {
            case BOOL, INT, LONG -> "CAST({0} AS VARCHAR)";
            case REAL -> "kql_dynamic_of_real({0})";
            case DECIMAL -> tagged('d', "kql_decimal_text({0})");
            case DATETIME -> tagged('t', "CAST({0} AS VARCHAR)");
            case TIMESPAN -> tagged('s', "CAST({0} AS VARCHAR)");
            case GUID -> tagged('g', "CAST({0} AS VARCHAR)");
            case STRING -> STRING_TO_DYNAMIC;
            case DYNAMIC -> "{0}";
        };
    }

    /// The form of [io.conshelf.kql.value.DynamicText] for what JSON can't say.
    private static String tagged(char letter, String text) {
        return "'\"\uF8F0" + letter + "' || " + text + " || '\"'";
    }
}
