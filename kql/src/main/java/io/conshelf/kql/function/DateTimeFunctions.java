package io.conshelf.kql.function;

import static io.conshelf.kql.function.Declare.*;
import static io.conshelf.kql.function.ResultName.*;
import static io.conshelf.kql.type.Type.*;

import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.type.Type;
import io.conshelf.kql.value.Ticks;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// Datetimes and timespans: parts, borders of periods, arithmetic, texts. Weeks begin on Sunday; only the week of the year
/// is ISO's, which begins on Monday.
final class DateTimeFunctions {
    /// Microseconds from 0001-01-01 to 1970-01-01.
    private static final String EPOCH_MICROS = "62135596800000000";
    private static final String DAY = Long.toString(Ticks.DAY);
    /// A datetime as DuckDB's TIMESTAMP, cut to microseconds.
    private static final String TIMESTAMP = "make_timestamp({0} // 10 - " + EPOCH_MICROS + ")";
    /// Of the week, which begins with a Sunday; the first day that there is, is a Monday.
    private static final String WEDNESDAY = "((({0} // " + DAY + " + 1) // 7 * 7 + 2) * " + DAY + ")";
    /// Ticks of the start of a period of days.
    private static final String TICKS = "(epoch_us(%s) + " + EPOCH_MICROS + ") * 10";

    private static final Map<String, Long> UNITS = Map.of(
            "week", 7 * Ticks.DAY, "day", Ticks.DAY, "hour", Ticks.HOUR, "minute", Ticks.MINUTE, "second", Ticks.SECOND,
            "millisecond", Ticks.MILLISECOND, "microsecond", Ticks.MICROSECOND);
    private static final Map<String, Integer> MONTHS = Map.of("year", 12, "quarter", 3, "month", 1);

    private static final Expr NOW =
            new Expr.Call("now", new Lowering.Intrinsic(Lowering.IntrinsicFunction.NOW), List.of(), DATETIME);

    static final List<ScalarFunction> ALL = all();

    private DateTimeFunctions() {}

    private static List<ScalarFunction> all() {
        List<ScalarFunction> all = new ArrayList<>();
        all.add(scalar("now", NONE, "The time of the query, moved by an offset.",
                takes().returns(DATETIME).intrinsic(Lowering.IntrinsicFunction.NOW),
                takes(timespan("offset")).returns(DATETIME).rewrite(args ->
                        ArithmeticOperators.moved("+", List.of(NOW, args.getFirst())))));
        all.add(scalar("ago", NONE, "The time of the query less a timespan.",
                takes(timespan("timespan")).returns(DATETIME).rewrite(args ->
                        ArithmeticOperators.moved("-", List.of(NOW, args.getFirst())))));
        addBorders(all);
        addParts(all);
        addArithmetic(all);
        addTexts(all);
        return List.copyOf(all);
    }

    private static void addBorders(List<ScalarFunction> all) {
        String week = "{0} // " + DAY + " - ({0} // " + DAY + " + 1) % 7";
        border(all, "day", 4_000_000, "({0} // " + DAY + " + ({1})) * " + DAY);
        border(all, "week", 600_000, "(" + week + " + 7 * ({1})) * " + DAY);
        border(all, "month", 130_000, TICKS.formatted("date_trunc('month', " + TIMESTAMP + ") + to_months(CAST({1} AS INTEGER))"));
        border(all, "year", 11_000, TICKS.formatted("date_trunc('year', " + TIMESTAMP + ") + to_years(CAST({1} AS INTEGER))"));
    }

    /// The start of a period, moved by whole periods, and its end: one tick before the next one starts.
    ///
    /// @param offsetMax so many lead out of the range of datetime from wherever one begins; more would out of that of DuckDB's types
    private static void border(List<ScalarFunction> all, String period, long offsetMax, String moved) {
        String start = moved.replace("{1}", "CASE WHEN {1} BETWEEN -" + offsetMax + " AND " + offsetMax + " THEN {1} END");
        ResultName startName = period.equals("day") ? FIRST_ARGUMENT : NONE;
        all.add(scalar("startof" + period, startName, "The start of the " + period + ", moved by so many.",
                takes(datetime("date"), integer("offset").orElse(LONG, 0L)).returns(DATETIME)
                        .sql(ArithmeticOperators.within(start))));
        String next = start.replace("THEN {1} END", "THEN {1} + 1 END");
        all.add(scalar("endof" + period, NONE, "The last tick of the " + period + ", moved by so many.",
                takes(datetime("date"), integer("offset").orElse(LONG, 0L)).returns(DATETIME)
                        .sql(ArithmeticOperators.within(next + " - 1"))));
    }

    private static void addParts(List<ScalarFunction> all) {
        // By recorded answers these are long, whatever the language service says.
        all.add(part("getyear", "year", LONG, "The year."));
        all.add(part("monthofyear", "month", LONG, "The month, from 1."));
        all.add(part("getmonth", "month", LONG, "The month, from 1."));
        all.add(part("dayofmonth", "day", INT, "The day of the month, from 1."));
        all.add(part("dayofyear", "dayofyear", INT, "The day of the year, from 1."));
        all.add(part("hourofday", "hour", INT, "The hour of the day, from 0."));
        all.add(part("week_of_year", "week_of_year", INT, "The ISO 8601 week of the year."));
        // The week that begins with a Sunday is of the year that its Wednesday is of.
        all.add(scalar("weekofyear", NONE, "The week of the year, whose first holds its first Wednesday; an old function, week_of_year() is by ISO 8601.",
                takes(datetime("date")).returns(INT)
                        .sql("CAST((" + partSql("weekofyear", "dayofyear").replace("{0}", WEDNESDAY) + " + 6) // 7 AS INTEGER)")));
        all.add(scalar("dayofweek", NONE, "The days since the last Sunday, as a timespan.",
                takes(datetime("date")).returns(TIMESPAN).sql("({0} // " + DAY + " + 1) % 7 * " + DAY)));
        for (String name : List.of("datetime_part", "datepart")) {
            all.add(scalar(name, NONE, "A part of a datetime, such as its 'year'.",
                    takes(string("part").asLiteral(), datetime("date")).returns(LONG)
                            .rewrite(args -> call(name, partSql(name, text(args.getFirst())), LONG, args.getLast()))));
        }
    }

    private static ScalarFunction part(String name, String part, Type type, String summary) {
        return scalar(name, NONE, summary,
                takes(datetime("date")).returns(type).sql("CAST(" + partSql(name, part) + " AS " + (type == INT ? "INTEGER" : "BIGINT") + ")"));
    }

    private static String partSql(String function, String part) {
        return switch (part.toLowerCase(Locale.ROOT)) {
            case "year" -> "year(" + TIMESTAMP + ")";
            case "quarter" -> "quarter(" + TIMESTAMP + ")";
            case "month" -> "month(" + TIMESTAMP + ")";
            case "week_of_year", "weekofyear" -> "week(" + TIMESTAMP + ")";
            case "day" -> "day(" + TIMESTAMP + ")";
            case "dayofyear" -> "dayofyear(" + TIMESTAMP + ")";
            case "hour" -> "{0} // " + Ticks.HOUR + " % 24";
            case "minute" -> "{0} // " + Ticks.MINUTE + " % 60";
            case "second" -> "{0} // " + Ticks.SECOND + " % 60";
            case "millisecond" -> "{0} % " + Ticks.SECOND + " // " + Ticks.MILLISECOND;
            case "microsecond" -> "{0} % " + Ticks.SECOND + " // " + Ticks.MICROSECOND;
            case "nanosecond" -> "{0} % " + Ticks.SECOND + " * 100";
            default -> throw new BadArgument(function + "(): there is no part '" + part + "' of a datetime; expected year, "
                    + "quarter, month, week_of_year, day, dayofyear, hour, minute, second, millisecond, microsecond or nanosecond");
        };
    }

    private static void addArithmetic(List<ScalarFunction> all) {
        all.add(scalar("datetime_add", NONE, "A datetime moved by so many units, such as 'month'.",
                takes(string("part").asLiteral(), integer("value"), datetime("datetime")).returns(DATETIME)
                        .rewrite(args -> add(text(args.getFirst()), args.get(1), args.get(2)))));
        all.add(scalar("datetime_diff", NONE, "How many borders of a unit, such as 'month', lie between two datetimes.",
                takes(string("part").asLiteral(), datetime("datetime1"), datetime("datetime2")).returns(LONG)
                        .rewrite(args -> difference(text(args.getFirst()), args.get(1), args.get(2)))));
        all.add(scalar("make_datetime", ONLY_ARGUMENT, "A datetime from its parts; null where there is no such day or time.",
                takes(number("year").as(LONG), number("month").as(LONG), number("day").as(LONG), number("hour").as(LONG).orElse(LONG, 0L),
                        number("minute").as(LONG).orElse(LONG, 0L), numberAsReal("second").orElse(REAL, 0.0))
                        .returns(DATETIME).sql("kql_make_datetime({0}, {1}, {2}, {3}, {4}, {5})"),
                takes(any("value")).returns(DATETIME).rewrite(args -> Conversions.convert(args.getFirst(), DATETIME))));
        all.add(scalar("make_timespan", ONLY_ARGUMENT, "A timespan from its parts; null where one is out of range.",
                takes(integer("days"), integer("hours"), integer("minutes"), numberAsReal("seconds")).returns(TIMESPAN)
                        .sql("kql_make_timespan({0}, {1}, {2}, {3})"),
                takes(integer("hours"), integer("minutes"), numberAsReal("seconds").orElse(REAL, 0.0)).returns(TIMESPAN)
                        .sql("kql_make_timespan(0, {0}, {1}, {2})"),
                takes(any("value")).returns(TIMESPAN).rewrite(args -> Conversions.convert(args.getFirst(), TIMESPAN))));
        unix(all, "seconds", Ticks.SECOND);
        unix(all, "milliseconds", Ticks.MILLISECOND);
        unix(all, "microseconds", Ticks.MICROSECOND);
        all.add(scalar("unixtime_nanoseconds_todatetime", NONE, "The datetime so many nanoseconds after 1970.",
                takes(integer("number")).returns(DATETIME).sql(ArithmeticOperators.within("{0} // 100 + " + Ticks.UNIX_EPOCH)),
                takes(numberAsReal("number")).returns(DATETIME)
                        .sql(ArithmeticOperators.within("TRY_CAST({0} / 100 AS BIGINT) + " + Ticks.UNIX_EPOCH))));
        all.add(scalar("datetime_utc_to_local", NONE, "A UTC datetime as the clocks of a time zone show it.",
                takes(datetime("from"), string("timezone")).returns(DATETIME).sql("kql_utc_to_local({0}, {1})")));
        all.add(scalar("datetime_local_to_utc", NONE, "The UTC datetime of what the clocks of a time zone show.",
                takes(datetime("from"), string("timezone")).returns(DATETIME).sql("kql_local_to_utc({0}, {1})")));
        all.add(scalar("datetime_list_timezones", NONE, "The names of the time zones.",
                takes().returns(DYNAMIC).sql("kql_time_zones('')")));
    }

    private static void unix(List<ScalarFunction> all, String unit, long ticks) {
        all.add(scalar("unixtime_" + unit + "_todatetime", NONE, "The datetime so many " + unit + " after 1970.",
                takes(integer("number")).returns(DATETIME)
                        .sql(ArithmeticOperators.within("TRY_CAST(CAST({0} AS HUGEINT) * " + ticks + " + " + Ticks.UNIX_EPOCH + " AS BIGINT)")),
                takes(numberAsReal("number")).returns(DATETIME)
                        .sql(ArithmeticOperators.within("TRY_CAST({0} * " + ticks + " AS BIGINT) + " + Ticks.UNIX_EPOCH))));
    }

    private static Expr add(String part, Expr value, Expr datetime) {
        String unit = part.toLowerCase(Locale.ROOT);
        String sql;
        if (MONTHS.containsKey(unit)) {
            // The day is moved and kept within its month; the time of day, finer than DuckDB's, is added again.
            sql = TICKS.formatted("date_trunc('day', " + TIMESTAMP + ") + to_months(CAST(" + months(MONTHS.get(unit)) + " AS INTEGER))")
                    + " + {0} % " + DAY;
        } else if (unit.equals("nanosecond")) {
            sql = "TRY_CAST(CAST({0} AS HUGEINT) + {1} // 100 AS BIGINT)";
        } else if (UNITS.containsKey(unit)) {
            sql = "TRY_CAST({0} + CAST({1} AS HUGEINT) * " + UNITS.get(unit) + " AS BIGINT)";
        } else {
            throw unknownUnit("datetime_add", part);
        }
        return call("datetime_add", ArithmeticOperators.within(sql), DATETIME, datetime, value);
    }

    /// So many units in months; null where they lead out of the range of datetime from wherever one begins.
    private static String months(long each) {
        return "CASE WHEN {1} BETWEEN -" + 120_000 / each + " AND " + 120_000 / each + " THEN {1} * " + each + " END";
    }

    private static Expr difference(String part, Expr first, Expr second) {
        String unit = part.toLowerCase(Locale.ROOT);
        String other = TIMESTAMP.replace("{0}", "{1}");
        String sql;
        if (MONTHS.containsKey(unit)) {
            String months = "(year(%1$s) * 12 + month(%1$s) - 1) // " + MONTHS.get(unit);
            sql = months.formatted(TIMESTAMP) + " - " + months.formatted(other);
        } else if (unit.equals("week")) {
            // Sundays are the borders.
            String weeks = "({0} + " + DAY + ") // " + 7 * Ticks.DAY + " - ({1} + " + DAY + ") // " + 7 * Ticks.DAY;
            // The engine answers with a real, on record.
            return call("datetime_diff", "CAST(" + weeks + " AS DOUBLE)", REAL, first, second);
        } else if (unit.equals("nanosecond")) {
            // Of more than 292 years no long can tell the nanoseconds.
            sql = "TRY_CAST(CAST({0} - {1} AS HUGEINT) * 100 AS BIGINT)";
        } else if (UNITS.containsKey(unit)) {
            sql = "{0} // " + UNITS.get(unit) + " - {1} // " + UNITS.get(unit);
        } else {
            throw unknownUnit("datetime_diff", part);
        }
        return call("datetime_diff", sql, LONG, first, second);
    }

    private static BadArgument unknownUnit(String function, String part) {
        return new BadArgument(function + "(): there is no unit '" + part + "'; expected year, quarter, month, week, day, "
                + "hour, minute, second, millisecond, microsecond or nanosecond");
    }

    private static void addTexts(List<ScalarFunction> all) {
        all.add(scalar("format_datetime", FIRST_ARGUMENT, "The text of a datetime by a format such as 'yyyy-MM-dd HH:mm'.",
                takes(datetime("date"), string("format")).returns(STRING).rewrite(DateTimeFunctions::formatted)));
        all.add(scalar("format_timespan", FIRST_ARGUMENT, "The text of a timespan by a format such as 'd.hh:mm:ss'.",
                takes(timespan("timespan"), string("format")).returns(STRING)
                        .sql("coalesce(kql_format_timespan({0}, {1}), '')")));
    }

    /// Most formats are such as DuckDB has, which pads no year.
    private static Expr formatted(List<Expr> args) {
        Optional<String> format = args.getLast() instanceof Expr.Constant(_, String text) && ArithmeticOperators.isAtomic(args.getFirst())
                ? DateTimeFormat.ofDuckDb(text) : Optional.empty();
        return format.isEmpty() ? call("format_datetime", "coalesce(kql_format_datetime({0}, {1}), '')", STRING, args.toArray(Expr[]::new))
                : call("format_datetime", "CASE WHEN {0} >= " + Ticks.ofDate(1000, 1, 1) + " THEN strftime(" + TIMESTAMP
                        + ", {2}) ELSE coalesce(kql_format_datetime({0}, {1}), '') END", STRING,
                        args.getFirst(), args.getLast(), constant(format.get()));
    }

    static String text(Expr constant) {
        if (constant instanceof Expr.Constant(_, String text)) {
            return text;
        }
        throw new AssertionError("a constant parameter is bound to a constant");
    }
}
