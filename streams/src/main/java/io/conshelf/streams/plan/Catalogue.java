package io.conshelf.streams.plan;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// The built-in functions as binding needs them.
final class Catalogue {
    enum Argument { VALUE, RECORD, TIME, DATE_PART, INPUT }

    record Scalar(String name, int min, int max, List<Argument> arguments) {
        Argument argument(int index) {
            return index < arguments.size() ? arguments.get(index) : Argument.VALUE;
        }
    }

    /// @param order how many columns ORDER BY takes
    record Aggregate(String name, int min, int max, Order order) {}

    enum Order { NONE, ONE, SOME }

    private static final Map<String, Scalar> SCALARS = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    private static final Map<String, Aggregate> AGGREGATES = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);

    static {
        for (String declared : """
                GetArrayElement 2 2, GetArrayLength 1 1, DATETIMEFROMPARTS 7 7, DAY 1 1, MONTH 1 1, YEAR 1 1,
                ABS 1 1, CEILING 1 1, FLOOR 1 1, SIGN 1 1, SQUARE 1 1, SQRT 1 1, EXP 1 1, POWER 2 2, ROUND 2 2, CHARINDEX 2 3, PATINDEX 2 2,
                REGEXMATCH 2 2, CONCAT 1 *, CONCAT_WS 2 *, LEFT 2 2, RIGHT 2 2, SUBSTRING 3 3, STUFF 4 4, LEN 1 1, LOWER 1 1, UPPER 1 1, REVERSE 1 1,
                REPLICATE 2 2, SPACE 1 1, LTRIM 1 1, RTRIM 1 1, TRIM 1 1, REPLACE 3 3, TRANSLATE 3 3, NCHAR 1 1, UNICODE 1 1, JSON_PARSE 1 1,
                COALESCE 1 *, NULLIF 2 2, CreatePoint 2 2, CreateLineString 2 *, CreatePolygon 3 *, ST_DISTANCE 2 2, ST_WITHIN 2 2, ST_OVERLAPS 2 2,
                ST_INTERSECTS 2 2""".split(",\\s*")) {
            String[] words = declared.split(" ");
            scalar(words[0], Integer.parseInt(words[1]), words[2].equals("*") ? Integer.MAX_VALUE : Integer.parseInt(words[2]), List.of());
        }
        scalar("DATEADD", 3, 3, List.of(Argument.DATE_PART));
        scalar("DATEDIFF", 3, 3, List.of(Argument.DATE_PART, Argument.TIME, Argument.TIME));
        scalar("DATENAME", 2, 2, List.of(Argument.DATE_PART));
        scalar("DATEPART", 2, 2, List.of(Argument.DATE_PART));
        scalar("GetMetadataPropertyValue", 2, 2, List.of(Argument.INPUT));
        scalar("GetRecordPropertyValue", 2, 2, List.of(Argument.RECORD));
        scalar("GetType", 1, 1, List.of(Argument.RECORD));
        for (String name : List.of("COUNT", "SUM", "AVG", "MIN", "MAX", "STDEV", "STDEVP", "VAR", "VARP")) {
            AGGREGATES.put(name, new Aggregate(name, 1, 1, Order.NONE));
        }
        AGGREGATES.put("Percentile_Cont", new Aggregate("Percentile_Cont", 1, 1, Order.ONE));
        AGGREGATES.put("Percentile_Disc", new Aggregate("Percentile_Disc", 1, 1, Order.ONE));
        AGGREGATES.put("Collect", new Aggregate("Collect", 0, 1, Order.NONE));
        AGGREGATES.put("TopOne", new Aggregate("TopOne", 0, 1, Order.SOME));
        AGGREGATES.put("CollectTop", new Aggregate("CollectTop", 1, 2, Order.SOME));
    }

    private Catalogue() {}

    private static void scalar(String name, int min, int max, List<Argument> arguments) {
        SCALARS.put(name, new Scalar(name, min, max, arguments));
    }

    static Optional<Scalar> scalar(String name) {
        return Optional.ofNullable(SCALARS.get(name));
    }

    static Optional<Aggregate> aggregate(String name) {
        return Optional.ofNullable(AGGREGATES.get(name));
    }

    /// The full name of a part of a date.
    static Optional<String> datePart(String name) {
        return switch (name.toLowerCase(Locale.ROOT)) {
            case "year", "years", "yy", "yyyy" -> Optional.of("year");
            case "quarter", "quarters", "qq", "q" -> Optional.of("quarter");
            case "month", "months", "mm", "m" -> Optional.of("month");
            case "dayofyear", "dy", "y" -> Optional.of("dayofyear");
            case "week", "weeks", "wk", "ww" -> Optional.of("week");
            case "weekday", "dw", "w" -> Optional.of("weekday");
            default -> TimeUnit.named(name).map(unit -> unit.name().toLowerCase(Locale.ROOT));
        };
    }
}
