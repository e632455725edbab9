package io.conshelf.kql.function;

import static io.conshelf.kql.function.Declare.*;
import static io.conshelf.kql.function.ResultName.*;
import static io.conshelf.kql.type.Type.*;

import io.conshelf.kql.plan.Expr;
import java.util.ArrayList;
import java.util.List;

/// Texts taken apart: delimited lines, URLs, paths.
final class ParseFunctions {
    static final List<ScalarFunction> ALL = all();

    private ParseFunctions() {}

    private static List<ScalarFunction> all() {
        List<ScalarFunction> all = new ArrayList<>();
        all.add(scalar("parse_csv", FIRST_ARGUMENT, "The fields of the first line of comma-separated text.",
                takes(stringOrDynamic("csv_text")).returns(DYNAMIC).sql("kql_parse_csv({0})")));
        for (String name : List.of("parse_url", "parseurl")) {
            all.add(text(name, "The parts of a URL as a bag.", "kql_parse_url({0})"));
        }
        for (String name : List.of("parse_urlquery", "parseurlquery")) {
            all.add(text(name, "The parameters of a URL's query as a bag.", "kql_parse_urlquery({0})"));
        }
        all.add(text("parse_path", "The parts of a file's path as a bag.", "kql_parse_path({0})"));
        // The number has up to 32 digits, more than stand before the point of a decimal here: versions compare and are shown, and that is all.
        all.add(scalar("parse_version", NONE, "The number that a version of up to four parts is, for comparing; each part is eight digits of it.",
                takes(string("version")).returns(DECIMAL).sql("CAST(kql_parse_version({0}) AS HUGEINT)")));
        all.add(scalar("parse_xml", FIRST_ARGUMENT, "The elements of an XML document as bags, its attributes with '@' before their names.",
                takes(stringOrDynamic("xml_text")).returns(DYNAMIC).sql("kql_parse_xml({0})")));
        all.add(scalar("parse_command_line", NONE, "The arguments of a command line, by the rules of Windows.",
                takes(anyAsString("command"), string("parser")).returns(DYNAMIC)
                        .sql("CASE WHEN {1} = 'windows' THEN kql_parse_command_line({0}) END")));
        String targets = "[\"browser\",\"os\",\"device\"]";
        all.add(scalar("parse_user_agent", NONE, "The browser, the system and the device that a user-agent string tells of.",
                takes(string("user_agent"), dynamic("look_for").orElse(DYNAMIC, targets)).returns(DYNAMIC).sql("kql_user_agent({0}, {1})"),
                takes(string("user_agent"), string("look_for")).returns(DYNAMIC).rewrite(args -> {
                    if (args.getLast() instanceof Expr.Constant(_, String target) && !UserAgents.TARGETS.contains(target)) {
                        throw new BadArgument("parse_user_agent(): there is no '" + target + "' to look for; expected browser, os or device", target);
                    }
                    return call("parse_user_agent", "kql_user_agent({0}, {1})", DYNAMIC, args.toArray(Expr[]::new));
                })));
        return List.copyOf(all);
    }

    private static ScalarFunction text(String name, String summary, String template) {
        return scalar(name, NONE, summary, takes(string("text")).returns(DYNAMIC).sql(template));
    }
}
