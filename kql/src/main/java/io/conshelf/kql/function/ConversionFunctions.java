package io.conshelf.kql.function;

import static io.conshelf.kql.function.Declare.*;
import static io.conshelf.kql.function.ResultName.*;
import static io.conshelf.kql.type.Type.*;

import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.type.Type;
import java.util.ArrayList;
import java.util.List;

/// `tolong()` and its kin, and questions about a value's type and presence.
final class ConversionFunctions {
    static final List<ScalarFunction> ALL = all();

    private ConversionFunctions() {}

    /// More than the 16 digits of a long are never asked for, by the function's page.
    private static String hex(String bits) {
        return "lower(lpad(hex(" + bits + "), CAST(least(greatest({1}, length(hex(" + bits + "))), 16) AS INTEGER), '0'))";
    }

    private static List<ScalarFunction> all() {
        List<ScalarFunction> all = new ArrayList<>();
        all.add(conversion("tobool", BOOL, Type.values()));
        all.add(conversion("toboolean", BOOL, Type.values()));
        all.add(conversion("toint", INT, Type.values()));
        all.add(conversion("tolong", LONG, Type.values()));
        all.add(conversion("toreal", REAL, Type.values()));
        all.add(conversion("todouble", REAL, Type.values()));
        all.add(conversion("todecimal", DECIMAL, Type.values()));
        all.add(conversion("todatetime", DATETIME, Type.values()));
        all.add(conversion("totimespan", TIMESPAN, Type.values()));
        all.add(conversion("totime", TIMESPAN, Type.values()));
        all.add(conversion("toguid", GUID, STRING, DYNAMIC, GUID));
        all.add(conversion("tostring", STRING, Type.values()));
        for (String name : List.of("todynamic", "toobject", "parse_json", "parsejson")) {
            all.add(scalar(name, FIRST_ARGUMENT, "The value that a JSON text stands for; a text that is no JSON stands for itself.",
                    takes(string("json_text")).returns(DYNAMIC).sql("kql_parse_json({0})"),
                    takes(dynamic("json_text")).returns(DYNAMIC).rewrite(List::getFirst)));
        }
        all.add(scalar("dynamic_to_json", NONE, "The JSON text of a dynamic, with the keys of its bags in order.",
                takes(dynamic("value")).returns(STRING).sql("coalesce(kql_canonical_json({0}), '')"),
                takes(anyAsString("value")).returns(STRING).rewrite(List::getFirst)));
        all.add(scalar("gettype", PREFIX_AND_FIRST_ARGUMENT, "type", "The name of a value's type.", typeNames()));
        all.add(scalar("tohex", FIRST_ARGUMENT, "A number in hexadecimal digits, with at least so many, up to 16.",
                takes(oneOf("value", INT), integer("minLength").orElse(LONG, 0L)).returns(STRING)
                        .sql(hex("CAST({0} AS BIGINT) & 4294967295")),
                takes(integer("value"), integer("minLength").orElse(LONG, 0L)).returns(STRING).sql(hex("{0}"))));
        all.add(isNull("isnull"));
        all.add(isNotNull("isnotnull"));
        all.add(isNotNull("notnull"));
        all.add(scalar("isempty", NONE, "True where the value is null or an empty string.",
                takes(string("value")).returns(BOOL).sql("{0} = ''"),
                takes(dynamic("value")).returns(BOOL).sql("coalesce({0} = '\"\"', true)"),
                takes(any("value")).returns(BOOL).sql("{0} IS NULL")));
        all.add(isNotEmpty("isnotempty"));
        all.add(isNotEmpty("notempty"));
        return List.copyOf(all);
    }

    private static ScalarFunction conversion(String name, Type target, Type... accepted) {
        return scalar(name, FIRST_ARGUMENT, "The value as " + target + (target == STRING ? "." : ", or null where it has none."),
                takes(oneOf("value", accepted)).returns(target)
                        .rewrite(args -> Conversions.convert(args.getFirst(), target)));
    }

    private static Signature[] typeNames() {
        List<Signature> all = new ArrayList<>();
        for (Type type : Type.values()) {
            all.add(type == DYNAMIC
                    ? takes(dynamic("value")).returns(STRING).sql("coalesce(kql_type_name({0}), 'null')")
                    : takes(oneOf("value", type)).returns(STRING).rewrite(_ -> constant(type.kustoName())));
        }
        return all.toArray(Signature[]::new);
    }

    private static ScalarFunction isNull(String name) {
        return scalar(name, NONE, "True where the value is null; a string never is.",
                takes(string("expression")).returns(BOOL).rewrite(_ -> new Expr.Constant(BOOL, false)),
                takes(any("expression")).returns(BOOL).sql("{0} IS NULL"));
    }

    private static ScalarFunction isNotNull(String name) {
        return scalar(name, NONE, "True where the value is not null; a string never is.",
                takes(string("expression")).returns(BOOL).rewrite(_ -> new Expr.Constant(BOOL, true)),
                takes(any("expression")).returns(BOOL).sql("{0} IS NOT NULL"));
    }

    private static ScalarFunction isNotEmpty(String name) {
        return scalar(name, NONE, "True where the value is neither null nor an empty string.",
                takes(string("value")).returns(BOOL).sql("{0} <> ''"),
                takes(dynamic("value")).returns(BOOL).sql("coalesce({0} <> '\"\"', false)"),
                takes(any("value")).returns(BOOL).sql("{0} IS NOT NULL"));
    }
}
