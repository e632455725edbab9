package io.conshelf.kql.function;

import static io.conshelf.kql.function.Declare.*;
import static io.conshelf.kql.function.ResultName.*;
import static io.conshelf.kql.type.Type.*;

import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.type.Type;
import java.util.ArrayList;
import java.util.List;

/// `== != < <= > >=`, `between`, `in`.
///
/// A null is equal to no value and differs from every value; two nulls compare as null, and so does any other comparison
/// with a null. NaN is unlike everything and neither less nor greater; DuckDB takes it for the greatest number.
final class ComparisonOperators {
    private static final List<Type> SAME_TYPE = List.of(STRING, BOOL, DATETIME, TIMESPAN, GUID);
    private static final List<Type> ORDERED_SAME_TYPE = List.of(BOOL, DATETIME, TIMESPAN);

    /// So many items are asked one by one whether they are null.
    private static final int NULLS_MAX = 8;

    static final List<ScalarFunction> ALL = List.of(
            new ScalarFunction("==", NONE, "==", "True where the values are equal.",
                    pairs(SAME_TYPE, args -> equality("==", args))),
            new ScalarFunction("!=", NONE, "!=", "True where the values differ.",
                    pairs(SAME_TYPE, args -> equality("!=", args))),
            order("<", "True where the left value is less."),
            order("<=", "True where the left value is less or equal."),
            order(">", "True where the left value is greater."),
            order(">=", "True where the left value is greater or equal."),
            new ScalarFunction("between", NONE, "between", "True where the value lies between two others, both included.",
                    ranges(false)),
            new ScalarFunction("!between", NONE, "!between", "True where the value does not lie between two others.",
                    ranges(true)),
            membership("in", false),
            membership("!in", true));

    private ComparisonOperators() {}

    private static ScalarFunction order(String sign, String summary) {
        return new ScalarFunction(sign, NONE, sign, summary, pairs(ORDERED_SAME_TYPE, args -> ordered(sign, args)));
    }

    /// Numbers with numbers, each of the types with itself, booleans with numbers, and dynamic with any of them.
    private static List<Signature> pairs(List<Type> sameType, Lowering.Rewriter rewriter) {
        List<Signature> all = new ArrayList<>();
        all.add(takes(widest("left"), widest("right")).returns(BOOL).rewrite(rewriter));
        for (Type type : sameType) {
            all.add(takes(oneOf("left", type), oneOf("right", type)).returns(BOOL).rewrite(rewriter));
        }
        all.add(takes(bool("left").as(LONG), integer("right")).returns(BOOL).rewrite(rewriter));
        all.add(takes(integer("left"), bool("right").as(LONG)).returns(BOOL).rewrite(rewriter));
        all.add(takes(bool("left").as(REAL), numberAsReal("right")).returns(BOOL).rewrite(rewriter));
        all.add(takes(numberAsReal("left"), bool("right").as(REAL)).returns(BOOL).rewrite(rewriter));
        // A dynamic may hold 5.5 where it is compared with 5.
        all.add(takes(dynamic("left").as(REAL), numberAsReal("right")).returns(BOOL).rewrite(rewriter));
        all.add(takes(numberAsReal("left"), dynamic("right").as(REAL)).returns(BOOL).rewrite(rewriter));
        if (sameType.contains(STRING)) {
            // A text is equal to what it says. One that says no value of the type is null, and so unlike every value. Queries
            // of event logs live by it (EventID == "4625", ResultType == 0).
            for (Type type : List.of(LONG, REAL, DECIMAL, BOOL, DATETIME, TIMESPAN, GUID)) {
                List<Type> same = type == LONG ? List.of(INT, LONG) : List.of(type);
                all.add(takes(oneOf("left", same.toArray(Type[]::new)), string("right").as(type)).returns(BOOL).rewrite(rewriter));
                all.add(takes(string("left").as(type), oneOf("right", same.toArray(Type[]::new))).returns(BOOL).rewrite(rewriter));
            }
        }
        for (Type type : sameType) {
            all.add(takes(dynamic("left").as(type), oneOf("right", type)).returns(BOOL).rewrite(rewriter));
            all.add(takes(oneOf("left", type), dynamic("right").as(type)).returns(BOOL).rewrite(rewriter));
        }
        return all;
    }

    /// Equality of two values of one type.
    static Expr equality(String sign, List<Expr> args) {
        Expr left = args.getFirst();
        Expr right = args.getLast();
        boolean negated = sign.equals("!=");
        String sql;
        if (left.type() == STRING) {
            sql = negated ? "{0} <> {1}" : "{0} = {1}";
        } else if (isOrdinaryConstant(left) || isOrdinaryConstant(right)) {
            sql = negated ? "{0} IS DISTINCT FROM {1}" : "coalesce({0} = {1}, false)";
        } else {
            String same = "{0} IS NOT DISTINCT FROM {1}" + (left.type() == REAL ? " AND NOT coalesce(isnan({0}), false)" : "");
            sql = "CASE WHEN {0} IS NULL AND {1} IS NULL THEN NULL ELSE " + (negated ? "NOT (" + same + ")" : same) + " END";
        }
        return call(sign, sql, BOOL, left, right);
    }

    private static Expr ordered(String sign, List<Expr> args) {
        Expr left = args.getFirst();
        Expr right = args.getLast();
        String sql = "{0} " + sign + " {1}";
        if (left.type() == REAL) {
            // Only the side that would have to be the greater one can make DuckDB say true for NaN.
            boolean greaterIsLeft = sign.startsWith(">");
            Expr greater = greaterIsLeft ? left : right;
            if (!isOrdinaryConstant(greater)) {
                sql = "(" + sql + " AND NOT isnan({" + (greaterIsLeft ? 0 : 1) + "}))";
            }
        }
        return call(sign, sql, BOOL, left, right);
    }

    private static boolean mayBeNan(Expr value) {
        return value.type() == REAL && !(value instanceof Expr.Null) && !isOrdinaryConstant(value);
    }

    /// A constant that is neither null nor NaN.
    private static boolean isOrdinaryConstant(Expr value) {
        return value instanceof Expr.Constant(_, Object constant) && !(constant instanceof Double real && real.isNaN());
    }

    private static List<Signature> ranges(boolean negated) {
        List<Signature> all = new ArrayList<>();
        Lowering.Rewriter rewriter = args -> between(negated, args);
        all.add(takes(widest("value"), widest("from"), widest("to")).returns(BOOL).rewrite(rewriter));
        all.add(takes(datetime("value"), datetime("from"), datetime("to")).returns(BOOL).rewrite(rewriter));
        all.add(takes(timespan("value"), timespan("from"), timespan("to")).returns(BOOL).rewrite(rewriter));
        // The end of a range of datetimes may be given as its length.
        all.add(takes(datetime("value"), datetime("from"), timespan("to")).returns(BOOL).rewrite(args -> {
            String sum = ArithmeticOperators.isModest(args.getLast()) ? "{1} + {2}" : "TRY_CAST(CAST({1} AS HUGEINT) + {2} AS BIGINT)";
            String range = "{0} BETWEEN {1} AND " + ArithmeticOperators.within(sum);
            return call(negated ? "!between" : "between", negated ? "NOT (" + range + ")" : range, BOOL, args.toArray(Expr[]::new));
        }));
        all.add(takes(dynamic("value").as(REAL), numberAsReal("from"), numberAsReal("to")).returns(BOOL).rewrite(rewriter));
        all.add(takes(numberAsReal("value"), dynamic("from").as(REAL), numberAsReal("to")).returns(BOOL).rewrite(rewriter));
        all.add(takes(numberAsReal("value"), numberAsReal("from"), dynamic("to").as(REAL)).returns(BOOL).rewrite(rewriter));
        all.add(takes(numberAsReal("value"), dynamic("from").as(REAL), dynamic("to").as(REAL)).returns(BOOL)
                .rewrite(rewriter));
        return all;
    }

    private static Expr between(boolean negated, List<Expr> args) {
        String range = "{0} BETWEEN {1} AND {2}";
        if (args.getFirst().type() == REAL && !isOrdinaryConstant(args.getLast())) {
            range = "(" + range + " AND NOT isnan({2}))";
        }
        return call(negated ? "!between" : "between", negated ? "NOT (" + range + ")" : range, BOOL,
                args.toArray(Expr[]::new));
    }

    /// `x in (a, b, …)`; a single dynamic is an array whose elements are the list.
    private static ScalarFunction membership(String name, boolean negated) {
        String plain = negated ? "{0} NOT IN ({1*})" : "{0} IN ({1*})";
        Lowering.Rewriter rewriter = args -> member(name, negated, args);
        List<Signature> all = new ArrayList<>();
        all.add(takes(string("value"), string("item")).repeatingLast().returns(BOOL).sql(plain));
        all.add(takes(widest("value"), widest("item")).repeatingLast().returns(BOOL).rewrite(rewriter));
        for (Type type : List.of(BOOL, DATETIME, TIMESPAN, GUID)) {
            all.add(takes(oneOf("value", type), oneOf("item", type)).repeatingLast().returns(BOOL).rewrite(rewriter));
        }
        all.add(takes(dynamic("value").as(STRING), string("item")).repeatingLast().returns(BOOL).sql(plain));
        all.add(takes(dynamic("value").as(REAL), numberAsReal("item")).repeatingLast().returns(BOOL).rewrite(rewriter));
        for (Type type : List.of(BOOL, DATETIME, TIMESPAN, GUID)) {
            all.add(takes(dynamic("value").as(type), oneOf("item", type)).repeatingLast().returns(BOOL).rewrite(rewriter));
        }
        all.add(takes(string("value"), dynamic("list")).returns(BOOL).rewrite(args -> ListedValues.member(name, negated, "kql_in_text", args)));
        all.add(takes(dynamic("value"), dynamic("list")).returns(BOOL).rewrite(args -> ListedValues.memberOfDynamic(name, negated, args)));
        all.add(takes(anyAsDynamic("value"), dynamic("list")).returns(BOOL).rewrite(args -> ListedValues.member(name, negated, "kql_in_value", args)));
        return scalar(name, NONE,
                negated ? "True where the value is none of the list." : "True where the value is one of the list.",
                all.toArray(Signature[]::new));
    }

    /// As the comparisons with the items together say: no value is equal to a null, and of two nulls nobody knows.
    private static Expr member(String name, boolean negated, List<Expr> args) {
        // DuckDB finds NaN among others, where it is equal to nothing.
        String isFound = args.stream().skip(1).noneMatch(ComparisonOperators::mayBeNan) ? ""
                : negated ? " OR isnan({0})" : " AND NOT isnan({0})";
        return call(name, "coalesce({0} " + (negated ? "NOT " : "") + "IN ({1*})" + isFound + ", " + ofNulls(negated, args) + ")", BOOL,
                args.toArray(Expr[]::new));
    }

    /// The answer where the value is null, or is not found and an item is null. DuckDB compares each of many conditions with each other when it plans them.
    private static String ofNulls(boolean negated, List<Expr> args) {
        List<String> nulls = new ArrayList<>();
        boolean isOneNull = false;
        for (int i = 1; i < args.size(); i++) {
            isOneNull |= args.get(i) instanceof Expr.Null;
            if (!(args.get(i) instanceof Expr.Constant)) {
                nulls.add("{" + i + "} IS NULL");
            }
        }
        if (nulls.isEmpty()) {
            return String.valueOf(negated);
        }
        String isOne = isOneNull ? ""
                : nulls.size() > NULLS_MAX ? " AND list_contains(list_transform([{1*}], lambda i: i IS NULL), true)"
                        : " AND (" + String.join(" OR ", nulls) + ")";
        return "CASE WHEN {0} IS NULL" + isOne + " THEN NULL ELSE " + negated + " END";
    }
}
