package io.conshelf.kql.function;

import static io.conshelf.kql.function.Declare.*;
import static io.conshelf.kql.function.ResultName.*;
import static io.conshelf.kql.type.Type.*;

import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.type.Type;
import io.conshelf.kql.value.DynamicText;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/// Reading from dynamic values, and making arrays and bags. The members `d.a`, `d['a']` and `d[0]` are the operators `.`
/// (with the name as a constant string) and `[]`.
final class DynamicFunctions {
    static final String ARRAY = "pack_array";
    /// A bag of one property.
    static final String PROPERTY = "'{' || CAST(to_json({0}) AS VARCHAR) || ':' || coalesce({1}, 'null') || '}'";

    static final List<ScalarFunction> ALL = all();

    /// A count that has a negative; DuckDB's `greatest` would take it for a null.
    private static final String COUNT = "CASE WHEN {1} = -" + Long.MAX_VALUE + " - 1 THEN -" + Long.MAX_VALUE + " ELSE {1} END";

    /// What JSON's null is inside is SQL's NULL at the top.
    static final String MEMBER = "nullif(CAST(json_extract({0}, {1}) AS VARCHAR), 'null')";

    private DynamicFunctions() {}

    private static List<ScalarFunction> all() {
        List<ScalarFunction> all = new ArrayList<>();
        all.add(scalar(".", NONE, "A property of a bag.",
                takes(dynamic("bag"), string("name").asLiteral()).returns(DYNAMIC)
                        .rewrite(args -> member(args.getFirst(), args.getLast()))));
        all.add(scalar("[]", NONE, "A property of a bag by its name, or an element of an array by its index.",
                takes(dynamic("value"), string("name")).returns(DYNAMIC)
                        .rewrite(args -> member(args.getFirst(), args.getLast())),
                takes(dynamic("value"), integer("index")).returns(DYNAMIC)
                        .rewrite(args -> element(args.getFirst(), args.getLast())),
                takes(dynamic("value"), dynamic("key")).returns(DYNAMIC).sql("kql_member({0}, {1})")));
        all.add(scalar(ARRAY, NONE, "An array of the arguments.",
                takes(anyAsDynamic("value")).repeatingLast().returns(DYNAMIC).rewrite(DynamicFunctions::array)));
        for (String name : List.of("bag_pack", "pack", "pack_dictionary")) {
            all.add(scalar(name, NONE, "A bag of keys and values.",
                    takes(string("key"), anyAsDynamic("value")).repeatingLast(2).returns(DYNAMIC)
                            .rewrite(DynamicFunctions::bag)));
        }
        // What pack_all(true) does after packing.
        all.add(scalar("{-}", NONE, "A bag without its nulls and empty strings.",
                takes(dynamic("bag")).returns(DYNAMIC).sql("kql_bag_without_empty({0})")));
        // What bag_unpack() asks of a bag: few are left of many.
        all.add(scalar("$bag_outline", NONE, "A bag with another value of its type for each value; an empty one for anything else.",
                takes(dynamic("bag")).returns(DYNAMIC).sql("kql_bag_outline({0})")));
        all.add(scalar("pack_all", NONE, "A bag of all columns.",
                takes(bool("ignore_null_empty").asLiteral().orElse(BOOL, false)).returns(DYNAMIC)
                        .form(Lowering.SpecialForm.PACK_ALL)));
        all.add(scalar("bag_pack_columns", NONE, "A bag of some columns, by their names.",
                takes(any("column")).repeatingLast().returns(DYNAMIC).form(Lowering.SpecialForm.BAG_PACK_COLUMNS)));
        all.add(scalar("estimate_data_size", NONE, "About how many bytes the values of some columns, or of all, take.",
                takes(any("column")).repeatingLast().returns(LONG).form(Lowering.SpecialForm.ESTIMATE_DATA_SIZE)));
        all.add(Ranges.function());
        all.add(scalar("repeat", PREFIX_AND_FIRST_ARGUMENT, "An array that holds a value so many times.",
                takes(oneOf("value", BOOL, INT, LONG, REAL, DECIMAL, DATETIME, TIMESPAN, STRING, GUID).as(DYNAMIC), integer("count"))
                        .returns(DYNAMIC)
                        .sql("kql_repeat(coalesce({0}, 'null'), {1})")));
        all.add(scalar("extract_json", NONE, "What a JSON path such as '$.a[0]' finds in a JSON text.",
                extractJson(), extractJsonTyped()));
        all.add(scalar("extractjson", NONE, "What a JSON path such as '$.a[0]' finds in a JSON text.",
                extractJson(), extractJsonTyped()));
        all.add(scalar("treepath", PREFIX_AND_FIRST_ARGUMENT, "tree", "All paths into a bag.",
                takes(dynamic("object")).returns(DYNAMIC).sql("kql_treepath({0})")));
        addBags(all);
        addArrays(all);
        addSets(all);
        return List.copyOf(all);
    }

    private static void addBags(List<ScalarFunction> all) {
        all.add(scalar("bag_keys", NONE, "The keys of a bag; null of anything else.",
                takes(dynamic("object")).returns(DYNAMIC).sql("kql_bag_keys({0})")));
        all.add(scalar("bag_has_key", NONE, "True where a bag has a key, or a path such as '$.a.b'.",
                takes(dynamic("bag"), string("key")).returns(BOOL).sql("kql_bag_has_key({0}, {1})")));
        all.add(scalar("bag_merge", NONE, "A bag of all properties; of a repeated key the first value counts.",
                takes(dynamic("bag"), dynamic("bag")).repeatingLast().returns(DYNAMIC).sql("kql_bag_merge({*})")));
        all.add(scalar("bag_remove_keys", NONE, "A bag without some keys or paths.",
                takes(dynamic("bag"), dynamic("keys")).returns(DYNAMIC).sql("kql_bag_remove_keys({0}, {1})")));
        all.add(scalar("bag_set_key", NONE, "A bag with one property set.",
                takes(dynamic("bag"), string("key"), anyAsDynamic("value")).returns(DYNAMIC)
                        .sql("kql_bag_set_key({0}, {1}, coalesce({2}, 'null'))")));
        all.add(scalar("bag_zip", NONE, "A bag of an array of keys and an array of values.",
                takes(dynamic("keys"), dynamic("values")).returns(DYNAMIC).sql("kql_bag_zip({0}, {1})")));
    }

    private static void addArrays(List<ScalarFunction> all) {
        for (String name : List.of("array_length", "arraylength")) {
            all.add(scalar(name, NONE, "The number of elements; null where it is no array.",
                    takes(dynamic("array")).returns(LONG).sql("kql_array_length({0})")));
        }
        all.add(scalar("array_concat", NONE, "An array of the elements of all arrays.",
                takes(dynamic("array")).repeatingLast().returns(DYNAMIC).sql("kql_array_concat({*})")));
        all.add(scalar("array_reverse", NONE, "The array from its end to its beginning.",
                takes(dynamic("value")).returns(DYNAMIC).sql("kql_array_reverse({0})")));
        all.add(scalar("array_slice", NONE, "The elements from one index to another, both included.",
                takes(dynamic("array"), integer("start"), integer("end")).returns(DYNAMIC)
                        .sql("kql_array_slice({0}, {1}, {2})")));
        all.add(scalar("array_sum", NONE, "The sum of the numbers of an array; null where there is anything else.",
                takes(dynamic("array")).returns(REAL).sql("kql_array_sum({0})")));
        all.add(scalar("array_index_of", NONE, "The index of the first element with this value, or -1.",
                takes(dynamic("array"), anyAsDynamic("value"), integer("start").orElse(LONG, 0L),
                        integer("length").orElse(LONG, -1L), integer("occurrence").orElse(LONG, 1L)).returns(LONG)
                        .sql("kql_array_index_of({0}, coalesce({1}, 'null'), {2}, {3}, {4})")));
        all.add(scalar("array_rotate_left", NONE, "The array with its elements moved to the left, around its ends.",
                takes(dynamic("array"), integer("rotate_count")).returns(DYNAMIC).sql("kql_array_rotate({0}, {1})")));
        all.add(scalar("array_rotate_right", NONE, "The array with its elements moved to the right, around its ends.",
                takes(dynamic("array"), integer("rotate_count")).returns(DYNAMIC).sql("kql_array_rotate({0}, -" + COUNT + ")")));
        all.add(scalar("array_shift_left", NONE, "The array with its elements moved to the left, filled with a default.",
                takes(dynamic("array"), integer("shift_count"), anyAsDynamic("default_value").orNull(DYNAMIC))
                        .returns(DYNAMIC).sql("kql_array_shift({0}, {1}, coalesce({2}, ''))")));
        all.add(scalar("array_shift_right", NONE, "The array with its elements moved to the right, filled with a default.",
                takes(dynamic("array"), integer("shift_count"), anyAsDynamic("default_value").orNull(DYNAMIC))
                        .returns(DYNAMIC).sql("kql_array_shift({0}, -" + COUNT + ", coalesce({2}, ''))")));
        all.add(scalar("array_split", NONE, "The parts of an array, cut before each of the indices.",
                takes(dynamic("array"), anyAsDynamic("indices")).returns(DYNAMIC).sql("kql_array_split({0}, {1})")));
        all.add(scalar("array_strcat", NONE, "An old name of strcat_array().",
                takes(dynamic("array"), anyAsString("delimiter")).returns(STRING)
                        .sql("coalesce(kql_strcat_array({0}, {1}), '')")));
        for (String name : List.of("array_iff", "array_iif")) {
            all.add(scalar(name, NONE, "For each element of an array of conditions, the element of one array or another.",
                    takes(dynamic("condition_array"), anyAsDynamic("when_true"), anyAsDynamic("when_false")).returns(DYNAMIC)
                            .sql("kql_array_iff({0}, coalesce({1}, 'null'), coalesce({2}, 'null'))")));
        }
        all.add(sort("array_sort_asc", "The array in ascending order, its nulls last.", false));
        all.add(sort("array_sort_desc", "The array in descending order, its nulls last.", true));
        all.add(scalar("zip", NONE, "An array of arrays of the elements at the same index.",
                takes(dynamic("array"), dynamic("array")).repeatingLast().returns(DYNAMIC).sql("kql_zip({*})")));
    }

    private static void addSets(List<ScalarFunction> all) {
        all.add(scalar("set_union", NONE, "The distinct elements of all arrays.",
                takes(dynamic("set"), dynamic("set")).repeatingLast().returns(DYNAMIC).sql("kql_set_union({*})")));
        all.add(scalar("set_intersect", NONE, "The distinct elements that all arrays have.",
                takes(dynamic("set"), dynamic("set")).repeatingLast().returns(DYNAMIC).sql("kql_set_intersect({*})")));
        all.add(scalar("set_difference", NONE, "The distinct elements of the first array that no other has.",
                takes(dynamic("set"), dynamic("set")).repeatingLast().returns(DYNAMIC).sql("kql_set_difference({*})")));
        all.add(scalar("set_equals", NONE, "True where two arrays have the same distinct elements.",
                takes(dynamic("set1"), dynamic("set2")).returns(BOOL).sql("kql_set_equals({0}, {1})")));
        all.add(scalar("set_has_element", NONE, "True where an array has this element.",
                takes(dynamic("set"), anyAsDynamic("value")).returns(BOOL)
                        .sql("kql_array_index_of({0}, coalesce({1}, 'null'), 0, -1, 1) >= 0")));
        all.add(scalar("jaccard_index", NONE, "The size of two arrays' intersection by the size of their union.",
                takes(dynamic("set"), dynamic("set")).returns(DYNAMIC).sql("kql_jaccard_index({0}, {1})")));
    }

    private static ScalarFunction sort(String name, String summary, boolean descending) {
        return scalar(name, FIRST_ARGUMENT_AND_SUFFIX, "sorted", summary,
                takes(dynamic("array"), bool("nulls_last").orElse(BOOL, true)).returns(DYNAMIC)
                        .sql("kql_array_sort({0}, " + descending + ", {1})"),
                takes(dynamic("array"), dynamic("array")).repeatingLast().returns(DYNAMIC)
                        .columns((args, names) -> sortedTogether(args, names, descending, new Expr.Constant(BOOL, true))),
                takes(dynamic("array"), dynamic("array"), bool("nulls_last")).repeatingBeforeLast(1).returns(DYNAMIC)
                        .columns((args, names) -> sortedTogether(
                                args.subList(0, args.size() - 1), names, descending, args.getLast())));
    }

    /// The arrays after the first follow its order; one of another length is null.
    private static List<Lowering.NamedValue> sortedTogether(
            List<Expr> arrays, List<String> names, boolean descending, Expr nullsLast) {
        List<Expr> arguments = new ArrayList<>(List.of(nullsLast));
        arguments.addAll(arrays);
        Expr all = call("array_sort", "kql_arrays_sort(" + descending + ", {0}, {1*})", DYNAMIC, arguments.toArray(Expr[]::new));
        List<Lowering.NamedValue> sorted = new ArrayList<>();
        for (int i = 0; i < arrays.size(); i++) {
            String name = names.get(i).isEmpty() ? "array" + i : names.get(i);
            sorted.add(new Lowering.NamedValue(name + "_sorted", path(all, "[" + i + "]")));
        }
        return sorted;
    }

    /// A property. Reading a property of a property is one search with a longer path.
    private static Expr member(Expr target, Expr name) {
        // A JSON path has no step for the empty name.
        if (name instanceof Expr.Constant(_, String key) && !key.isEmpty()) {
            return path(target, ".\"" + key.replace("\\", "\\\\").replace("\"", "\\\"") + "\"");
        }
        // A JSON pointer takes any name.
        return call("[]", "nullif(CAST(json_extract({0}, '/' || replace(replace({1}, '~', '~0'), '/', '~1')) AS VARCHAR), 'null')",
                DYNAMIC, target, name);
    }

    private static Expr element(Expr target, Expr index) {
        if (index instanceof Expr.Constant(_, Long number)) {
            var part = StringFunctions.partOf(target, number);
            if (part.isPresent()) {
                return part.get();
            }
            return path(target, number < 0 ? "[#" + number + "]" : "[" + number + "]");
        }
        return call("[]", "nullif(CAST(json_extract({0}, CASE WHEN {1} < 0 THEN '$[#' || {1} || ']' ELSE '$[' || {1} || ']' END)"
                + " AS VARCHAR), 'null')", DYNAMIC, target, index);
    }

    /// What a step such as `."a"` or `[0]` finds in a dynamic.
    static Expr path(Expr target, String step) {
        if (target instanceof Expr.Call(String function, _, List<Expr> arguments, _)
                && function.equals("path")
                && arguments.getLast() instanceof Expr.Constant(_, String steps)) {
            return call("path", MEMBER, DYNAMIC, arguments.getFirst(), constant(steps + step));
        }
        return call("path", MEMBER, DYNAMIC, target, constant("$" + step));
    }

    private static Expr array(List<Expr> elements) {
        StringBuilder sql = new StringBuilder("'['");
        for (int i = 0; i < elements.size(); i++) {
            sql.append(i > 0 ? " || ','" : "").append(" || coalesce({").append(i).append("}, 'null')");
        }
        return call(ARRAY, sql.append(" || ']'").toString(), DYNAMIC, elements.toArray(Expr[]::new));
    }

    /// With constant keys, which do not repeat, or a single one, the text is put together; otherwise the last value of a key counts.
    private static Expr bag(List<Expr> keysAndValues) {
        if (keysAndValues.size() == 2 && !(keysAndValues.getFirst() instanceof Expr.Constant)) {
            return call("bag_pack", PROPERTY, DYNAMIC, keysAndValues.toArray(Expr[]::new));
        }
        List<String> keys = new ArrayList<>();
        for (int i = 0; i < keysAndValues.size(); i += 2) {
            if (keysAndValues.get(i) instanceof Expr.Constant(_, String key)) {
                keys.add(key);
            }
        }
        if (keys.stream().distinct().count() * 2 != keysAndValues.size()) {
            return call("bag_pack", "kql_bag_pack({*})", DYNAMIC, keysAndValues.toArray(Expr[]::new));
        }
        StringBuilder sql = new StringBuilder("'{'");
        List<Expr> arguments = new ArrayList<>();
        for (int i = 0; i < keys.size(); i++) {
            StringBuilder key = new StringBuilder(i > 0 ? "," : "");
            DynamicText.appendKey(key, keys.get(i));
            arguments.add(constant(key.append(':').toString()));
            arguments.add(keysAndValues.get(2 * i + 1));
            sql.append(" || {").append(2 * i).append("} || coalesce({").append(2 * i + 1).append("}, 'null')");
        }
        return call("bag_pack", sql.append(" || '}'").toString(), DYNAMIC, arguments.toArray(Expr[]::new));
    }

    private static final Pattern PLAIN_PATH = Pattern.compile("\\$(\\.[A-Za-z_][A-Za-z_0-9]*|\\[\\d{1,9}])*");

    private static Signature extractJson() {
        return takes(string("jsonPath"), stringOrDynamic("jsonText")).returns(STRING)
                .rewrite(args -> Conversions.convert(found(args), STRING));
    }

    private static Signature extractJsonTyped() {
        return takes(string("jsonPath"), stringOrDynamic("jsonText"), typeLiteral("type")).returns(STRING)
                .rewrite(args -> Conversions.convert(found(args), RegexFunctions.typeOf(args.getLast())));
    }

    /// DuckDB reads a plain path as Kusto does; of another (`$['a b']`, `$[-1]`, one of a column) it has a syntax of its own.
    private static Expr found(List<Expr> args) {
        boolean plain = args.getFirst() instanceof Expr.Constant(Type _, Object path) && PLAIN_PATH.matcher(path.toString()).matches();
        return call("extract_json", plain ? "nullif(CAST(json_extract(kql_parse_json({1}), {0}) AS VARCHAR), 'null')"
                : "kql_extract_json({0}, kql_parse_json({1}))", DYNAMIC, args.get(0), args.get(1));
    }
}
