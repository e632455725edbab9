package io.conshelf.kql.function;

import static io.conshelf.kql.function.Declare.*;
import static io.conshelf.kql.type.Type.*;

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

    /// How values become an array: texts and numbers are collected as they are, and DuckDB writes their JSON at once; of what JSON cannot say
    /// each is made a dynamic first, and these are joined.
    private enum Collected {
        TEXTS(oneOf("expr", STRING)) {
            @Override
            String array(String list) {
                return StringFunctions.stringsAsDynamic(list);
            }
        },
        NUMBERS(oneOf("expr", BOOL, INT, LONG)) {
            @Override
            String array(String list) {
                return "CAST(to_json(" + list + ") AS VARCHAR)";
            }
        },
        OTHERS(oneOf("expr", REAL, DECIMAL, DATETIME, TIMESPAN, GUID).as(DYNAMIC)) {
            @Override
            String array(String list) {
                return "'[' || array_to_string(" + list + ", ',') || ']'";
            }
        };

        private final Parameter parameter;

        Collected(Parameter parameter) {
            this.parameter = parameter;
        }

        /// The dynamic array of a list of them.
        abstract String array(String list);
    }

    private static void lists(List<AggregateFunction> all, String name, String withPredicate, long unlessGiven) {
        String summary = withPredicate.isEmpty() ? "The old name of make_list(), of 128 values where nobody asks for more." : "An array of the values.";
        List<Signature> plain = new ArrayList<>();
        List<Signature> filtered = new ArrayList<>();
        String filter = " AND {1}";
        for (Collected values : Collected.values()) {
            plain.add(takes(values.parameter).returns(DYNAMIC).sql(joined(values, "", "{0}", Long.toString(unlessGiven))));
            plain.add(takes(values.parameter, integer("maxSize")).returns(DYNAMIC).sql(joined(values, "", "{0}", "any_value({1})")));
            filtered.add(takes(values.parameter, bool("predicate")).returns(DYNAMIC).sql(joined(values, filter, "{0}", Long.toString(ELEMENTS_MAX))));
            filtered.add(takes(values.parameter, bool("predicate"), integer("maxSize")).returns(DYNAMIC)
                    .sql(joined(values, filter, "{0}", "any_value({2})")));
        }
        plain.add(takes(dynamic("expr"), maxSize(unlessGiven)).returns(DYNAMIC)
                .sql("kql_array_slice(" + joined(Collected.OTHERS, "", INNER, Long.toString(ELEMENTS_MAX)) + ", 0, coalesce(any_value({1}), 0) - 1)"));
        filtered.add(takes(dynamic("expr"), bool("predicate"), maxSize(unlessGiven)).returns(DYNAMIC)
                .sql("kql_array_slice(" + joined(Collected.OTHERS, filter, INNER, Long.toString(ELEMENTS_MAX)) + ", 0, coalesce(any_value({2}), 0) - 1)"));
        all.add(aggregate(name, "list", summary, plain.toArray(Signature[]::new)));
        if (!withPredicate.isEmpty()) {
            all.add(aggregate(withPredicate, "list", "An array of the values for which the predicate is true.", filtered.toArray(Signature[]::new)));
        }
    }

    /// The elements that are not null, up to a number of them.
    private static String joined(Collected values, String filter, String element, String max) {
        return orEmpty(values.array("list(" + element + " {order}) FILTER (WHERE " + element + " IS NOT NULL" + filter + ")[1:" + max + "]"));
    }

    private static String orEmpty(String array) {
        return "coalesce(" + array + ", '[]')";
    }

    private static void sets(List<AggregateFunction> all, String name, String withPredicate, long unlessGiven) {
        String summary = withPredicate.isEmpty() ? "The old name of make_set(), of 128 values where nobody asks for more." : "An array of the distinct values.";
        List<Signature> plain = new ArrayList<>();
        List<Signature> filtered = new ArrayList<>();
        for (Collected values : Collected.values()) {
            plain.add(takes(values.parameter, maxSize(unlessGiven)).returns(DYNAMIC).sql(set(values, "", "{1}")));
            filtered.add(takes(values.parameter, bool("predicate"), maxSize(unlessGiven)).returns(DYNAMIC).sql(set(values, " AND {1}", "{2}")));
        }
        plain.add(takes(dynamic("expr"), maxSize(unlessGiven)).returns(DYNAMIC).sql(setOfArrays("", "{1}")));
        filtered.add(takes(dynamic("expr"), bool("predicate"), maxSize(unlessGiven)).returns(DYNAMIC).sql(setOfArrays(" AND {1}", "{2}")));
        all.add(aggregate(name, "set", summary, plain.toArray(Signature[]::new)));
        if (!withPredicate.isEmpty()) {
            all.add(aggregate(withPredicate, "set", "An array of the distinct values for which the predicate is true.",
                    filtered.toArray(Signature[]::new)));
        }
    }

    private static String set(Collected values, String filter, String max) {
        String most = "coalesce(any_value(" + max + "), " + ELEMENTS_MAX + ")";
        // As `array_slice` has it, whose end is the last element that stays: 0 leaves all, less counts from the end.
        String end = "CASE WHEN " + most + " > 0 THEN " + most + " ELSE " + most + " - 1 END";
        return orEmpty(values.array("list(DISTINCT {0}) FILTER (WHERE {0} IS NOT NULL" + filter + ")[1:" + end + "]"));
    }

    /// DuckDB drops the repetitions it can see; those among the elements of arrays are dropped afterwards.
    private static String setOfArrays(String filter, String max) {
        String all = "'[' || coalesce(string_agg(DISTINCT " + INNER + ", ',') FILTER (WHERE " + INNER + " IS NOT NULL"
                + filter + "), '') || ']'";
        return "kql_array_slice(kql_set_union(" + all + "), 0, coalesce(any_value(" + max + "), " + ELEMENTS_MAX + ") - 1)";
    }

    private static String bag(String filter, String max) {
        return "kql_bag_of_array('[' || coalesce(string_agg({0}, ',' {order})" + filter + ", '') || ']', "
                + "least(coalesce(any_value(" + max + "), " + ELEMENTS_MAX + "), " + ELEMENTS_MAX + "))";
    }
}
