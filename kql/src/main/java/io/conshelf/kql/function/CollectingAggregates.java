package io.conshelf.kql.function;

import static io.conshelf.kql.function.Declare.*;
import static io.conshelf.kql.type.Type.*;

import io.conshelf.kql.type.Type;
import java.util.ArrayList;
import java.util.List;

/// Lists, sets and bags of the values of a group, at most Kusto's 1,048,576 of them.
///
/// By recorded answers nulls are left out, but not those of dynamic; and the elements of arrays are collected, not the
/// arrays.
final class CollectingAggregates {
    private static final long ELEMENTS_MAX = 1_048_576;
    /// What the old names keep where nobody asks for more.
    private static final long OLD_ELEMENTS = 128;
    private static final Type[] PLAIN = {BOOL, INT, LONG, REAL, DECIMAL, DATETIME, TIMESPAN, STRING, GUID};
    private static final String INNER = "kql_array_inside({0})";

    static final List<AggregateFunction> ALL = all();

    private CollectingAggregates() {}

    private static List<AggregateFunction> all() {
        List<AggregateFunction> all = new ArrayList<>();
        lists(all, "make_list", "make_list_if", ELEMENTS_MAX);
        lists(all, "makelist", "", OLD_ELEMENTS);
        all.add(aggregate("make_list_with_nulls", "list", "An array of the values, nulls included.",
                takes(anyAsDynamic("expr")).returns(DYNAMIC)
                        .sql("'[' || coalesce(string_agg(coalesce({0}, 'null'), ',' {order}), '') || ']'")));
        sets(all, "make_set", "make_set_if", ELEMENTS_MAX);
        sets(all, "makeset", "", OLD_ELEMENTS);
        all.add(aggregate("make_bag", "bag", "A bag of the properties of all bags.",
                takes(dynamic("expr"), maxSize(ELEMENTS_MAX)).returns(DYNAMIC).sql(bag("", "{1}"))));
        all.add(aggregate("make_dictionary", "dictionary", "The old name of make_bag(), of 128 properties where nobody asks for more.",
                takes(dynamic("expr"), maxSize(OLD_ELEMENTS)).returns(DYNAMIC).sql(bag("", "{1}"))));
        all.add(aggregate("make_bag_if", "bag", "A bag of the properties of the bags for which the predicate is true.",
                takes(dynamic("expr"), bool("predicate"), maxSize(ELEMENTS_MAX)).returns(DYNAMIC).sql(bag(" FILTER (WHERE {1})", "{2}"))));
        all.add(aggregate("buildschema", "schema", "The least schema that admits all values.",
                takes(dynamic("expr")).returns(DYNAMIC)
                        .sql("kql_schema_merge('[' || string_agg(DISTINCT kql_schema_of({0}), ',') || ']')")));
        return List.copyOf(all);
    }

    private static Parameter maxSize(long unlessGiven) {
        return integer("maxSize").orElse(LONG, unlessGiven);
    }

    private static void lists(List<AggregateFunction> all, String name, String withPredicate, long unlessGiven) {
        String summary = withPredicate.isEmpty() ? "The old name of make_list(), of 128 values where nobody asks for more." : "An array of the values.";
        all.add(aggregate(name, "list", summary,
                takes(oneOf("expr", PLAIN).as(DYNAMIC)).returns(DYNAMIC).sql(joined("", "{0}", Long.toString(unlessGiven))),
                takes(oneOf("expr", PLAIN).as(DYNAMIC), integer("maxSize")).returns(DYNAMIC).sql(joined("", "{0}", "{1}")),
                takes(dynamic("expr"), maxSize(unlessGiven)).returns(DYNAMIC)
                        .sql("kql_array_slice(" + joined("", INNER, Long.toString(ELEMENTS_MAX)) + ", 0, any_value({1}) - 1)")));
        if (!withPredicate.isEmpty()) {
            String filter = " AND {1}";
            all.add(aggregate(withPredicate, "list", "An array of the values for which the predicate is true.",
                    takes(oneOf("expr", PLAIN).as(DYNAMIC), bool("predicate")).returns(DYNAMIC)
                            .sql(joined(filter, "{0}", Long.toString(ELEMENTS_MAX))),
                    takes(oneOf("expr", PLAIN).as(DYNAMIC), bool("predicate"), integer("maxSize")).returns(DYNAMIC)
                            .sql(joined(filter, "{0}", "{2}")),
                    takes(dynamic("expr"), bool("predicate"), maxSize(unlessGiven)).returns(DYNAMIC)
                            .sql("kql_array_slice(" + joined(filter, INNER, Long.toString(ELEMENTS_MAX)) + ", 0, any_value({2}) - 1)")));
        }
    }

    /// The elements that are not null, up to a number of them.
    private static String joined(String filter, String element, String max) {
        String limited = max.startsWith("{")
                ? "list(" + element + " {order}) FILTER (WHERE " + element + " IS NOT NULL" + filter + ")[1:any_value(" + max + ")]"
                : "list(" + element + " {order}) FILTER (WHERE " + element + " IS NOT NULL" + filter + ")[1:" + max + "]";
        return "'[' || coalesce(array_to_string(" + limited + ", ','), '') || ']'";
    }

    private static void sets(List<AggregateFunction> all, String name, String withPredicate, long unlessGiven) {
        String summary = withPredicate.isEmpty() ? "The old name of make_set(), of 128 values where nobody asks for more." : "An array of the distinct values.";
        all.add(aggregate(name, "set", summary,
                takes(oneOf("expr", PLAIN).as(DYNAMIC), maxSize(unlessGiven)).returns(DYNAMIC).sql(set("{0}", "", "{1}")),
                takes(dynamic("expr"), maxSize(unlessGiven)).returns(DYNAMIC).sql(set(INNER, "", "{1}"))));
        if (!withPredicate.isEmpty()) {
            all.add(aggregate(withPredicate, "set", "An array of the distinct values for which the predicate is true.",
                    takes(oneOf("expr", PLAIN).as(DYNAMIC), bool("predicate"), maxSize(unlessGiven)).returns(DYNAMIC)
                            .sql(set("{0}", " AND {1}", "{2}")),
                    takes(dynamic("expr"), bool("predicate"), maxSize(unlessGiven)).returns(DYNAMIC)
                            .sql(set(INNER, " AND {1}", "{2}"))));
        }
    }

    /// DuckDB drops the repetitions it can see; those among the elements of arrays are dropped afterwards.
    private static String set(String element, String filter, String max) {
        String all = "'[' || coalesce(string_agg(DISTINCT " + element + ", ',') FILTER (WHERE " + element + " IS NOT NULL"
                + filter + "), '') || ']'";
        String distinct = element.equals("{0}") ? all : "kql_set_union(" + all + ")";
        return "kql_array_slice(" + distinct + ", 0, coalesce(any_value(" + max + "), " + ELEMENTS_MAX + ") - 1)";
    }

    private static String bag(String filter, String max) {
        return "kql_bag_of_array('[' || coalesce(string_agg({0}, ',' {order})" + filter + ", '') || ']', "
                + "least(coalesce(any_value(" + max + "), " + ELEMENTS_MAX + "), " + ELEMENTS_MAX + "))";
    }
}
