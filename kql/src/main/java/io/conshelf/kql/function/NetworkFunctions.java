package io.conshelf.kql.function;

import static io.conshelf.kql.function.Declare.*;
import static io.conshelf.kql.function.ResultName.*;
import static io.conshelf.kql.type.Type.*;

import io.conshelf.kql.plan.Expr;
import java.util.ArrayList;
import java.util.List;

/// IP addresses, with and without the length of a network prefix (`10.0.0.0/8`); what is no address gives null.
final class NetworkFunctions {
    static final List<ScalarFunction> ALL = List.of(
            scalar("parse_ipv4", NONE, "An IPv4 address as a number, cut to its prefix.",
                    takes(string("ip")).returns(LONG).sql("kql_parse_ipv4({0}, 32)")),
            scalar("parse_ipv4_mask", NONE, "An IPv4 address as a number, cut to a prefix.",
                    takes(string("ip"), integer("prefix")).returns(LONG).sql("kql_parse_ipv4({0}, {1})")),
            scalar("format_ipv4", NONE, "The IPv4 address of a number or text, cut to a prefix.",
                    takes(anyAsString("ip"), integer("prefix").orElse(LONG, 32L)).returns(STRING)
                            .sql("coalesce(kql_format_ipv4({0}, {1}, false), '')")),
            scalar("format_ipv4_mask", NONE, "The IPv4 address of a number or text, cut to a prefix, with its length.",
                    takes(anyAsString("ip"), integer("prefix").orElse(LONG, 32L)).returns(STRING)
                            .sql("coalesce(kql_format_ipv4({0}, {1}, true), '')")),
            scalar("ipv4_netmask_suffix", NONE, "The length of an IPv4 address's prefix.",
                    takes(string("ip")).returns(LONG).sql("kql_ipv4_suffix({0})")),
            scalar("ipv4_is_private", NONE, "True where an IPv4 address belongs to a private network.",
                    takes(string("ip")).returns(BOOL).sql("kql_ipv4_is_private({0})")),
            compare("ipv4_compare", "kql_ipv4_compare", 32),
            match("ipv4_is_match", "kql_ipv4_compare", 32),
            inRange("ipv4_is_in_range", "kql_ipv4_compare", 32),
            inAnyRange("ipv4_is_in_any_range", "kql_ipv4_in_ranges"),
            compare("ipv6_compare", "kql_ipv6_compare", 128),
            match("ipv6_is_match", "kql_ipv6_compare", 128),
            inRange("ipv6_is_in_range", "kql_ipv6_compare", 128),
            inAnyRange("ipv6_is_in_any_range", "kql_ipv6_in_ranges"),
            scalar("parse_ipv6", NONE, "An IPv6 or IPv4 address in the full form of IPv6, cut to its prefix.",
                    takes(string("ip")).returns(STRING).sql("coalesce(kql_parse_ipv6({0}, 128), '')")),
            scalar("parse_ipv6_mask", NONE, "An IPv6 or IPv4 address in the full form of IPv6, cut to a prefix.",
                    takes(string("ip"), integer("prefix")).returns(STRING).sql("coalesce(kql_parse_ipv6({0}, {1}), '')")),
            scalar("ipv4_range_to_cidr_list", NONE, "The networks that together are all addresses from one to another.",
                    takes(string("start_ip"), string("end_ip")).returns(DYNAMIC).sql("kql_ipv4_networks({0}, {1})")),
            search("has_ipv4", "kql_has_ipv4", "True where a text contains an IPv4 address."),
            search("has_any_ipv4", "kql_has_ipv4", "True where a text contains one of the IPv4 addresses."),
            search("has_ipv4_prefix", "kql_has_ipv4_prefix", "True where a text contains an IPv4 address that begins so."),
            search("has_any_ipv4_prefix", "kql_has_ipv4_prefix",
                    "True where a text contains an IPv4 address that begins with one of the prefixes."));

    private NetworkFunctions() {}

    private static ScalarFunction compare(String name, String kernel, long bits) {
        return scalar(name, NONE, "-1, 0 or 1 as the first address is less, equal or greater within the shorter prefix.",
                takes(string("ip1"), string("ip2"), integer("prefix").orElse(LONG, bits)).returns(LONG)
                        .sql(kernel + "({0}, {1}, {2})"));
    }

    private static ScalarFunction match(String name, String kernel, long bits) {
        return scalar(name, NONE, "True where two addresses are equal within the shorter prefix.",
                takes(string("ip1"), string("ip2"), integer("prefix").orElse(LONG, bits)).returns(BOOL)
                        .sql(kernel + "({0}, {1}, {2}) = 0"));
    }

    private static ScalarFunction inRange(String name, String kernel, long bits) {
        return scalar(name, NONE, "True where an address lies in a network.",
                takes(string("ip"), string("ip_range")).returns(BOOL).sql(kernel + "({0}, {1}, " + bits + ") = 0"));
    }

    private static ScalarFunction inAnyRange(String name, String kernel) {
        return scalar(name, NONE, "True where an address lies in one of the networks.",
                anyOf(kernel, stringOrDynamic("ip"), "ranges"));
    }

    private static ScalarFunction search(String name, String kernel, String summary) {
        return scalar(name, NONE, summary, anyOf(kernel, stringOrDynamic("source"), "ips"));
    }

    /// Candidates one by one, or in an array.
    private static Signature[] anyOf(String kernel, Parameter subject, String name) {
        List<Signature> all = new ArrayList<>();
        all.add(takes(subject, string(name)).repeatingLast().returns(BOOL).rewrite(args -> {
            List<Expr> texts = args.subList(1, args.size());
            Expr array = call("pack_array", StringFunctions.stringsAsDynamic("list_value({*})"), DYNAMIC,
                    texts.toArray(Expr[]::new));
            return call(kernel, kernel + "({0}, {1})", BOOL, args.getFirst(), array);
        }));
        all.add(takes(subject, dynamic(name)).returns(BOOL).sql(kernel + "({0}, {1})"));
        return all.toArray(Signature[]::new);
    }
}
