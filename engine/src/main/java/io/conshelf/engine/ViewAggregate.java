package io.conshelf.engine;

import io.conshelf.kql.function.Catalogue;
import io.conshelf.kql.function.Conversions;
import io.conshelf.kql.function.Lowering;
import io.conshelf.kql.function.Template;
import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.type.ColumnSchema;
import io.conshelf.kql.type.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What the part of a materialized view keeps of one aggregate, and what the aggregate is of several rows of that. It all
/// comes from the aggregate's own declaration, so the two cannot differ.
///
/// @param pieces      the columns that are kept
/// @param read        the aggregate's value over rows of the part
/// @param takesAnyRow whether one row is as good as another
record ViewAggregate(List<Piece> pieces, Merge read, boolean takesAnyRow) {
    private static final String FILTER = " FILTER (WHERE {1})";
    private static final String HALF = "4294967296";
    /// What a list or set holds where it is not told.
    private static final String ELEMENTS_MAX = "1048576";

    /// The storage ids of the part's columns, by name.
    interface Ids {
        String of(String name);
    }

    /// SQL of an aggregate over rows of the part.
    interface Merge {
        String sql(Ids ids);
    }

    /// A column that an aggregate over the source fills.
    record Piece(String name, Expr.Aggregate value, Merge merge) {
        ColumnSchema column() {
            return new ColumnSchema(name, value.type());
        }
    }

    /// An argument that is kept as it is.
    ///
    /// @param count    how often it comes, the name of that piece; empty where nobody asks
    record Fine(String name, Expr value, String count) {
        ColumnSchema column() {
            return new ColumnSchema(name, value.type());
        }

        boolean isRanked() {
            return !count.isEmpty();
        }

        /// The rank of a value among all of its group, and how many those are.
        String windows(Ids ids, String partition) {
            String weight = "CASE WHEN " + ids.of(name) + " IS NULL THEN 0 ELSE " + ids.of(count) + " END";
            return ", sum(" + weight + ") OVER (" + partition + " ORDER BY " + ids.of(name) + ") AS " + rank(ids) + ", sum(" + weight
                    + ") OVER (" + partition + ") AS " + total(ids);
        }

        private String rank(Ids ids) {
            return "rank_" + ids.of(name);
        }

        private String total(Ids ids) {
            return "total_" + ids.of(name);
        }
    }

    /// @param fine arguments that other aggregates keep already; what this one adds is put there
    static ViewAggregate of(String name, Expr.Aggregate call, Map<Expr, Fine> fine) {
        return switch (call.function().name()) {
            case "count", "countif" -> whole(name, call, ids -> "CAST(coalesce(sum(" + ids.of(name) + "), 0) AS BIGINT)");
            case "sum", "sumif", "min", "max" -> whole(name, call, ids -> again(call, ids.of(name)));
            case "avg", "avgif" -> mean(name, call);
            case "arg_max", "arg_min" -> call.arguments().size() == 1
                    ? whole(name, call, ids -> again(call, ids.of(name))) : ofExtreme(name, call);
            // Of a single column it is a value that is not null, so that later rows can change what was taken.
            case "take_any" -> !call.template().startsWith("first(") ? whole(name, call, ids -> again(call, ids.of(name))) : new ViewAggregate(
                    List.of(new Piece(name, call, ids -> "first(" + ids.of(name) + ")")), ids -> "first(" + ids.of(name) + ")", true);
            case "take_anyif" -> whole(name, call, ids -> "first(" + ids.of(name) + ") FILTER (WHERE " + ids.of(name)
                    + (call.type() == Type.STRING ? " <> '')" : " IS NOT NULL)"));
            case "make_list", "make_set", "make_bag" -> collected(name, call);
            case "dcount", "dcountif" -> distinct(name, call, fine);
            case "percentile", "percentiles" -> ranked(name, call, fine);
            default -> throw ViewShape.bad("the aggregation '" + call.function().name() + "' is not allowed");
        };
    }

    private static ViewAggregate whole(String name, Expr.Aggregate call, Merge merge) {
        return new ViewAggregate(List.of(new Piece(name, call, merge)), merge, false);
    }

    /// The aggregate of values that it gave before.
    private static String again(Expr.Aggregate call, String... values) {
        return Template.fill(call.template().replace(FILTER, "").replace(" {order}", "").replace("{order}", ""), List.of(values));
    }

    private static boolean isFiltered(Expr.Aggregate call) {
        return call.template().contains(FILTER);
    }

    private static Expr.Aggregate piece(Expr.Aggregate call, String template, Type type) {
        return new Expr.Aggregate(call.function(), template + (isFiltered(call) ? FILTER : ""), call.arguments(), type);
    }

    private static Piece sum(String name, Expr.Aggregate value) {
        return new Piece(name, value, ids -> value.type() == Type.LONG
                ? "CAST(sum(" + ids.of(name) + ") AS BIGINT)" : "sum(" + ids.of(name) + ")");
    }

    /// The mean comes from the exact sum and the number of values. Sums of many ticks need more than 64 bits, so they are kept
    /// in halves.
    private static ViewAggregate mean(String name, Expr.Aggregate call) {
        Type type = call.arguments().getFirst().type();
        var pieces = new ArrayList<Piece>();
        String count = name + ".count";
        pieces.add(sum(count, piece(call, "count({0})", Type.LONG)));
        Merge total = switch (type) {
            case INT, LONG, DATETIME, TIMESPAN -> {
                pieces.add(sum(name + ".high", piece(call, "sum({0} // " + HALF + ")", Type.LONG)));
                pieces.add(sum(name + ".low", piece(call, "sum({0} % " + HALF + ")", Type.LONG)));
                yield ids -> "(sum(" + ids.of(name + ".high") + ") * " + HALF + " + sum(" + ids.of(name + ".low") + "))";
            }
            case REAL, DECIMAL, BOOL, STRING, GUID, DYNAMIC -> {
                pieces.add(sum(name + ".sum", piece(call, "sum({0})", type)));
                yield ids -> "sum(" + ids.of(name + ".sum") + ")";
            }
        };
        String template = call.template().replace(FILTER, "");
        Merge merge = ids -> template
                .replace("avg({0})", "(" + total.sql(ids) + " / nullif(sum(" + ids.of(count) + "), 0))")
                .replace("sum({0})", total.sql(ids))
                .replace("count({0})", "sum(" + ids.of(count) + ")");
        pieces.add(new Piece(name, call, merge));
        return new ViewAggregate(pieces, merge, false);
    }

    /// Another column of the row with the greatest or least value, which is kept beside it.
    private static ViewAggregate ofExtreme(String name, Expr.Aggregate call) {
        Expr extreme = call.arguments().getFirst();
        var of = call.function().signatures().stream()
                .filter(s -> s.parameters().size() == 1 && s.parameters().getFirst().accepts().contains(extreme.type()))
                .map(s -> ((Lowering.Sql) s.lowering()).template())
                .findFirst().orElseThrow();
        String extremeName = name + ".of";
        var value = new Expr.Aggregate(call.function(), of, List.of(extreme), extreme.type());
        Merge merge = ids -> again(call, ids.of(extremeName), ids.of(name));
        return new ViewAggregate(
                List.of(new Piece(extremeName, value, ids -> again(value, ids.of(extremeName))), new Piece(name, call, merge)), merge, false);
    }

    /// An array or bag that was collected is collected again as what it is: arrays give their elements.
    private static ViewAggregate collected(String name, Expr.Aggregate call) {
        String template = Catalogue.aggregate(call.function().name()).orElseThrow().signatures().stream()
                .filter(s -> s.parameters().getFirst().accepts().equals(Set.of(Type.DYNAMIC)))
                .map(s -> ((Lowering.Sql) s.lowering()).template())
                .findFirst().orElseThrow();
        String max = call.arguments().size() < 2 ? ELEMENTS_MAX : switch (call.arguments().get(1)) {
            case Expr.Constant constant -> constant.value().toString();
            default -> throw ViewShape.bad("the size that '" + name + "' may have is a constant");
        };
        String again = template.replace(" {order}", "").replace("{order}", "");
        return whole(name, call, ids -> Template.fill(again, List.of(ids.of(name), max)));
    }

    private static ViewAggregate distinct(String name, Expr.Aggregate call, Map<Expr, Fine> fine) {
        Expr value = call.arguments().getFirst();
        String kept = keep(name + ".value", value, "", fine);
        if (!isFiltered(call)) {
            return new ViewAggregate(List.of(), ids -> "count(DISTINCT " + ids.of(kept) + ")", false);
        }
        String predicate = keep(name + ".predicate", call.arguments().get(1), "", fine);
        return new ViewAggregate(
                List.of(), ids -> "count(DISTINCT " + ids.of(kept) + ") FILTER (WHERE " + ids.of(predicate) + ")", false);
    }

    /// The nearest rank, as the declaration's `quantile_disc` takes it, of values that stand for as many as there were.
    private static ViewAggregate ranked(String name, Expr.Aggregate call, Map<Expr, Fine> fine) {
        String count = name + ".count";
        // Kept as what the percentile is: ints as longs.
        Expr ranked = Conversions.convert(call.arguments().getFirst(), call.type());
        String kept = keep(name + ".value", ranked, count, fine);
        Fine value = fine.get(ranked);
        if (!(call.arguments().get(1) instanceof Expr.Constant(Type _, Object percentage))) {
            throw ViewShape.bad("the percentage of '" + name + "' is a constant");
        }
        var number = new Expr.Aggregate(Catalogue.aggregate("count").orElseThrow(), "count(*)", List.of(), Type.LONG);
        var pieces = value.count().equals(count) ? List.of(sum(count, number)) : List.<Piece>of();
        return new ViewAggregate(pieces, ids -> {
            String total = value.total(ids);
            return "min(" + ids.of(kept) + ") FILTER (WHERE " + ids.of(kept) + " IS NOT NULL AND " + value.rank(ids) + " >= greatest(1, "
                    + total + " - CAST(floor(" + total + " - CAST(" + percentage + " AS DOUBLE) / 100 * " + total + ") AS BIGINT)))";
        }, false);
    }

    private static String keep(String name, Expr value, String count, Map<Expr, Fine> fine) {
        var kept = fine.compute(value, (_, before) -> {
            if (before == null) {
                return new Fine(name, value, count);
            }
            return before.isRanked() ? before : new Fine(before.name(), value, count);
        });
        return kept.name();
    }
}
