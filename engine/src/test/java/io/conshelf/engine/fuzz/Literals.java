package io.conshelf.engine.fuzz;

import io.conshelf.kql.type.Type;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// Constants: those that have a rule of their own for some operator or function, and those that a parameter of a certain name asks for.
record Literals(Draw draw) {
    private static final List<String> ADDRESSES = List.of("'10.0.0.1'", "'192.168.1.0/24'", "'::1'", "'fe80::1%3'", "'255.255.255.255'", "'1.2.3'",
            "'10.0.0.0/33'", "'2001:db8::/32'", "''");
    private static final List<String> SERIES = List.of("dynamic([1, 2, 3, 2, 1, 2, 3, 2])", "dynamic([])", "dynamic([1.5, null, 2, 'x'])", "dynamic([0, 0, 0])",
            "dynamic([1])", "range(1, 20)", "dynamic([1e308, -1e308, 1])", "dynamic(null)", "dynamic({'a': 1})", "repeat(1, 9)",
            "dynamic([real(nan), 1, real(+inf)])");
    private static final List<String> LINES = List.of("dynamic({'type': 'LineString', 'coordinates': [[0, 0], [1, 1], [2, 0]]})",
            "dynamic({'type': 'MultiLineString', 'coordinates': [[[0, 0], [1, 1]], [[5, 5], [6, 6]]]})",
            "dynamic({'type': 'LineString', 'coordinates': [[0, 0]]})", "dynamic({'type': 'LineString'})", "dynamic(null)");
    private static final List<String> POLYGONS = List.of(
            "dynamic({'type': 'Polygon', 'coordinates': [[[0, 0], [1, 0], [1, 1], [0, 0]]]})",
            "dynamic({'type': 'MultiPolygon', 'coordinates': [[[[0, 0], [1, 0], [1, 1], [0, 0]]], [[[5, 5], [6, 5], [6, 6], [5, 5]]]]})",
            "dynamic({'type': 'Polygon', 'coordinates': [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]})",
            "dynamic({'type': 'Polygon', 'coordinates': []})", "dynamic({'type': 'Polygon', 'coordinates': [[[200, 0], [1, 95], [1, 1], [200, 0]]]})",
            "dynamic({'type': 'Feature', 'geometry': null})", "dynamic([])");
    private static final List<String> REGEXES = List.of("'[0-9]+'", "'(a)(b)?'", "''", "'('", "@'\\w+'", "'(?i)A'", "'a{1,3}'", "'^$'", "'(?P<n>x)|y'", "'[[:alpha:]]'");
    private static final List<String> TEXTS = List.of("'a'", "'a b-c'", "'{\"k\": [1, {\"a\": null}]}'", "'x=1, y=2'", "'<a><b c=\"1\">x</b></a>'", "'é😀'");

    /// By the parameter's name, or the beginning of it.
    private static final Map<String, List<String>> BY_NAME = Map.ofEntries(
            Map.entry("format", List.of("'yyyy-MM-dd'", "'HH:mm:ss.fffffff tt'", "'[dd.]hh:mm'", "'MB'", "'yy/M/d'", "'?'", "''")),
            Map.entry("timezone", List.of("'US/Pacific'", "'Europe/London'", "'Asia/Kathmandu'", "'Nowhere'", "''")),
            Map.entry("part", List.of("'year'", "'month'", "'week_of_year'", "'nanosecond'", "'Quarter'", "'weekday'", "'fortnight'", "'tick'")),
            Map.entry("kind", List.of("'normal'", "'regex'", "'ctukey'", "'tukey'", "'x'")),
            Map.entry("method", List.of("'ctukey'", "'tukey'", "'x'")),
            Map.entry("trend", List.of("'avg'", "'linefit'", "'none'", "'x'")),
            Map.entry("parser", List.of("'windows'", "'unix'")),
            Map.entry("ip", ADDRESSES), Map.entry("ip1", ADDRESSES), Map.entry("ip2", ADDRESSES), Map.entry("ip_range", ADDRESSES),
            Map.entry("start_ip", ADDRESSES), Map.entry("end_ip", ADDRESSES),
            Map.entry("user_agent", List.of("'Mozilla/5.0 (Windows NT 6.3; Win64; x64; rv:10.0) Gecko/20100101 Firefox/10.0'", "'curl'", "''")),
            Map.entry("look_for", List.of("'os'", "'browser'", "dynamic(['os', 'browser'])", "dynamic([])", "'car'")),
            Map.entry("regex", REGEXES), Map.entry("lookup_regex", REGEXES),
            Map.entry("rewrite_pattern", List.of("@'\\1'", "@'\\0-\\2'", "''", "@'\\9'", "'$1'")),
            Map.entry("captureGroups", List.of("dynamic([1])", "dynamic(['n'])", "dynamic([3, 'x'])", "dynamic([])")),
            Map.entry("jsonPath", List.of("'$.a'", "'$.k[1].a'", "'$[0]'", "'$..a'", "'$['", "''", "'$[\"a b\"]'")),
            Map.entry("jsonText", TEXTS), Map.entry("json_text", TEXTS), Map.entry("text", TEXTS), Map.entry("source", TEXTS),
            Map.entry("xml_text", List.of("'<a><b c=\"1\">x</b><b/></a>'", "'<a'", "''", "'<a>&lt;</a>'")),
            Map.entry("version", List.of("'1.2.3.4'", "'999999999.1'", "''", "'1.x'")),
            Map.entry("wkt", List.of("'POINT(1 2)'", "'POLYGON((0 0, 1 0, 1 1, 0 0))'", "'LINESTRING(0 0, 1 1)'", "'GEOMETRYCOLLECTION(POINT(1 2))'", "'POINT('")),
            Map.entry("polygon", POLYGONS), Map.entry("lineString", LINES),
            Map.entry("lineStrings", List.of("dynamic([{'type': 'LineString', 'coordinates': [[0, 0], [1, 1]]}])", "dynamic([])", "dynamic([1])")),
            Map.entry("polygons", List.of("dynamic([{'type': 'Polygon', 'coordinates': [[[0, 0], [1, 0], [1, 1], [0, 0]]]}])", "dynamic([])", "dynamic(['x'])")),
            Map.entry("h3cell", List.of("'862a1072fffffff'", "'x'", "''", "'8f2a1072b59ffff'")),
            Map.entry("s2cell", List.of("'1234567'", "'x'", "''", "'89c25'")),
            Map.entry("geohash", List.of("'drt2yyy1h'", "'a'", "''", "'z'")),
            Map.entry("series", SERIES), Map.entry("array", SERIES), Map.entry("values", SERIES), Map.entry("filter", SERIES),
            Map.entry("percentile", List.of("50", "0", "100", "99.9", "101", "-1")),
            Map.entry("percentage", List.of("50", "0", "100", "99.9", "101", "-1")),
            Map.entry("percentages", List.of("dynamic([5, 50, 95])", "dynamic([])", "dynamic(['x'])", "dynamic([200])")),
            Map.entry("percentiles", List.of("dynamic([5, 50, 95])", "dynamic([])", "dynamic(['x'])")),
            Map.entry("hll", List.of("toscalar(range z from 1 to 9 step 1 | summarize hll(z))", "dynamic([[1024, 14], [1], []])", "dynamic({})")),
            Map.entry("digest", List.of("toscalar(range z from 1 to 9 step 1 | summarize tdigest(z))", "dynamic([])", "dynamic([[1], [2, 3]])")),
            Map.entry("tdigest", List.of("toscalar(range z from 1 to 9 step 1 | summarize tdigest(z))", "dynamic({})")),
            Map.entry("cursor", List.of("''", "'639053856001234567'", "'x'")),
            Map.entry("accuracy", List.of("0", "1", "2", "3", "4", "5", "-1")),
            Map.entry("base64_string", List.of("'AAECAw=='", "'x'", "''", "'dGhlIGVuZA=='", "'AAA='")),
            Map.entry("command", List.of("'a \"b c\" -d'", "''")),
            Map.entry("csv_text", List.of("'a,\"b\"\"c\",'", "''", "'\"'")),
            Map.entry("count", List.of("0", "1", "3", "-1", "100000")), Map.entry("multiplier", List.of("0", "1", "3", "-1", "100000")),
            Map.entry("path", List.of("'/a/b.c'", "'C:\\\\a\\\\b'", "'//h/x'")),
            Map.entry("condition", List.of("true", "1 == 1")), Map.entry("message", List.of("'must not be'")));

    /// What a parameter of this name is likely to be given; else what fits its type.
    String argument(String parameter, Type type) {
        String name = parameter.replaceFirst("[12]$", "");
        List<String> known = BY_NAME.getOrDefault(parameter, BY_NAME.getOrDefault(name, List.of()));
        return known.isEmpty() || draw.one(4) ? of(type) : draw.any(known);
    }

    String of(Type type) {
        if (draw.one(8)) {
            return type == Type.STRING ? "''" : type.kustoName() + "(null)";
        }
        return switch (type) {
            case BOOL -> draw.anyOf("true", "false");
            case INT -> "int(" + (draw.one(8) ? draw.anyOf("2147483647", "-2147483648", "0x7f") : number()) + ")";
            case LONG -> draw.one(8) ? draw.anyOf("9223372036854775807", "long(-9223372036854775808)", "0xff", "1e3", "4294967296") : number();
            case REAL -> draw.anyOf("1.5", "real(nan)", "real(+inf)", "real(-inf)", "0.0", "-2.25", "1e10", "1e-300", "123456.789", "1.7e308", "-0.0", "0.5", "90.0");
            case DECIMAL -> "decimal(" + draw.anyOf("1.5", "0", "-7", "123456789.125", "1e-17", "99999999999999999999", "0.1") + ")";
            case STRING -> draw.anyOf("'a'", "'a b-c'", "'1'", "'{\"k\": 1}'", "'2020-01-01'", "'10.0.0.1'", "'é😀'", "\"it's\"", "'SELECT'",
                    "'%'", "'[0-9]+'", "'http://a.b/c?d=e'", "'x=1, y=2'", "'AAECAw=='", "'(1'", "h'hidden'", "@'a\\b'", "```\nlong\n```", "'\\0'", "'1e400'",
                    "'9999999999999999999'", "'true'", "'1.02:03:04'", "'$'", "'\\ud800'", "'i̇İ'");
            case DATETIME -> draw.anyOf("datetime(2020-02-29)", "datetime(1601-01-01)", "datetime(9999-12-31)", "datetime(2024-05-06 07:08:09.1234567)",
                    "datetime(0001-01-01)", "datetime(9999-12-31 23:59:59.9999999)", "now()", "ago(1d)");
            case TIMESPAN -> draw.anyOf("1d", "-3h", "0s", "1tick", "time(5.04:03:02.1)", "365d", "1.5m", "timespan(10675199.02:48:05.4775807)", "-1tick");
            case GUID -> draw.anyOf("guid(74be27de-1e4e-49d9-b579-fe0b331d3642)", "guid(00000000-0000-0000-0000-000000000000)");
            case DYNAMIC -> draw.anyOf("dynamic([1, 2, 3])", "dynamic([])", "dynamic({\"a\": 1, \"b\": [null, \"x\"]})", "dynamic(\"t\")", "dynamic(4)",
                    "dynamic([\"a\", \"b\"])", "dynamic([1.5, null, true])", "dynamic([[1, 2], [3]])", "dynamic({})", "dynamic(9223372036854775807)",
                    "dynamic({\"type\": \"Point\", \"coordinates\": [1, 2]})", "dynamic([datetime(2020-01-01), 1h, guid(74be27de-1e4e-49d9-b579-fe0b331d3642)])",
                    "dynamic({\"a b\": {\"a\": {\"a\": 1}}, \"\": 2})", "dynamic(1.5)", "dynamic([real(nan)])", "dynamic([\"10.0.0.1\", \"10.0.0.0/8\"])",
                    "dynamic([0.1, 2e300])", "dynamic([{\"a\": 1}, {\"a\": \"x\", \"b\": 2}])");
        };
    }

    /// The form of a literal, without a value of its type in it.
    String malformed() {
        return typeName() + "(" + draw.anyOf("zz", "2024-13-45", "1.2.3", "[1, 2", "1e999", "'x'", "99999999999999999999999999999999999999999") + ")";
    }

    String number() {
        return draw.anyOf("0", "1", "2", "3", "-1", "7", "10", "100", "1000", "-5");
    }

    String typeName() {
        return draw.any(List.of(Type.values())).kustoName().toLowerCase(Locale.ROOT);
    }
}
