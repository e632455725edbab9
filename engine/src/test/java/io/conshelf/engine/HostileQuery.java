package io.conshelf.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// Queries that want more than there is: of memory, of time, or of patience with their text.
///
/// @param ends what the query's error says, one of these; an empty text stands for an answer
record HostileQuery(String name, String text, List<String> ends) {
    private static final String TIME = "E_TIMEOUT";
    private static final String MEMORY = "E_LOW_MEMORY_CONDITION";
    private static final String RESULT = "E_QUERY_RESULT_SET_TOO_LARGE";
    private static final String COMPLEX = "too complex";
    private static final String LARGE = "too large";
    private static final String DEEP = "nested too deeply";
    private static final String ANSWER = "";

    private static final String MEGABYTE = "let t = strrep(strrep('x', 1024), 1024); ";
    private static final String ALL = "range x from 1 to 1000000000000 step 1 ";
    private static final String TEN = "range x from 1 to 10 step 1 ";

    /// What each build runs.
    static List<HostileQuery> few() {
        return all().stream().filter(query -> FEW.contains(query.name)).toList();
    }

    private static final List<String> FEW = List.of("strrep growth", "strrep of rows", "strcat growth", "make_list of everything",
            "make_list of texts", "make-series of billions", "make-series up to a value", "texts of a scan that double", "long texts of a scan", "scan of everything", "parentheses", "pipeline of 10,000 steps", "let doubling",
            "split of rows", "packed strings of rows", "fir of a million", "deep json", "everything");

    static List<HostileQuery> all() {
        var all = new ArrayList<HostileQuery>();
        // Texts that grow.
        all.add(query("strrep growth", MEGABYTE + "print strlen(strrep(t, 1024))", "at most 67108864", MEMORY));
        all.add(query("strrep of rows", MEGABYTE + "range x from 1 to 100000 step 1 | extend y=strrep(strcat(t, x), 50)"
                + " | summarize max(strlen(y))", MEMORY, TIME));
        all.add(query("strcat growth", TEN + "| extend s=strrep(tostring(x), 1000)" + "| extend s=strcat(s, s)".repeat(30)
                + "| summarize max(strlen(s))", MEMORY, TIME));
        all.add(query("replace growth", "print s='xxxxxxxxxx'" + "| extend s=replace_regex(s, 'x', 'xxxxxxxxxx')".repeat(15)
                + "| project strlen(s)", MEMORY, TIME));
        all.add(query("replace_string growth", "print s='xxxxxxxxxx'"
                + "| extend s=replace_string(s, 'x', 'xxxxxxxxxx')".repeat(15) + "| project strlen(s)", MEMORY, TIME));
        all.add(query("split of a giant", MEGABYTE + "print array_length(split(strrep(t, 60), 'x'))", MEMORY, TIME));
        all.add(query("split of rows", MEGABYTE + "range x from 1 to 100000 step 1"
                + " | extend a=array_length(split(strcat(t, x), 'x')) | summarize sum(a)", MEMORY, TIME));
        all.add(query("packed strings of rows", MEGABYTE + "range x from 1 to 100000 step 1 | extend s=strcat(t, x) | mv-expand e=pack_array("
                + listed(64, _ -> "s") + ") to typeof(string) | summarize max(strlen(e))", MEMORY, TIME));
        all.add(query("series beside each of its elements", "range i from 1 to 8 step 1 | extend t = datetime(2023-12-31)"
                + " | make-series n = count() default=0 on t from datetime(0001-01-01) to datetime(2024-01-04) step 1d by i"
                + " | mv-expand each = n to typeof(long), more = range(1, 8, 2)", MEMORY, TIME));
        all.add(query("extract_all", MEGABYTE + "print array_length(extract_all('(x)', strrep(t, 60)))", MEMORY, TIME));
        all.add(query("strcat_array", "print strlen(strcat_array(range(1, 1000000), strrep('x', 1024)))", MEMORY, TIME));
        all.add(query("bag growth", "print d=bag_pack('a', strrep(strrep('x', 1000), 1000))"
                + "| extend d=bag_pack('a', d, 'b', d)".repeat(20) + "| project strlen(tostring(d))", MEMORY, TIME));
        all.add(query("array_concat growth", "print d=range(1, 1000)" + "| extend d=array_concat(d, d)".repeat(30)
                + "| project array_length(d)", MEMORY, TIME));
        all.add(query("zip growth", "print a=range(1, 100000) | extend z=zip(a, a)" + "| extend z=zip(z, z)".repeat(12)
                + "| project strlen(tostring(z))", MEMORY, TIME));
        all.add(query("texts of a scan that double", "range x from 1 to 100 step 1 | scan declare (t:string) with (step s: true => t = strcat(s.t, s.t, 'ab');)"
                + " | summarize max(strlen(t))", MEMORY, TIME));
        all.add(query("long texts of a scan", MEGABYTE + "range x from 1 to 100000 step 1"
                + " | scan declare (y:string) with (step s: true => y = iff(x % 2 == 0, strcat(t, x), s.y);) | summarize max(strlen(y))", MEMORY, TIME));
        // Everything at once.
        all.add(query("scan of everything", ALL + "| scan declare (t:long = 0) with (step s: true => t = s.t + x;) | summarize max(t)", MEMORY, TIME));
        all.add(query("everything", ALL, RESULT));
        all.add(query("make_list of everything", ALL + "| summarize make_list(x)", MEMORY, TIME));
        all.add(query("make_list of texts", MEGABYTE + ALL + "| summarize make_list(strcat(t, x))", MEMORY, TIME));
        all.add(query("make_set of everything", ALL + "| summarize make_set(x)", MEMORY, TIME));
        all.add(query("make_bag of everything", ALL + "| summarize make_bag(bag_pack(tostring(x), x))", MEMORY, TIME));
        all.add(query("make_list by key", ALL + "| summarize make_list(x) by y=x % 100000", MEMORY, TIME));
        all.add(query("make-series of billions", TEN + "| make-series count() on x from 0 to 5000000000 step 1", "more than 1048576 bins"));
        all.add(query("make-series up to a value", "let n=toscalar(print 5000000000); " + TEN + "| make-series count() on x from 0 to n step 1",
                "more than 1048576 bins"));
        all.add(query("hll_merge of many", "let h=toscalar(range x from 1 to 300000 step 1 | summarize hll(x, 4)); " + ALL
                + "| extend h | summarize hll_merge(h)", "put parts of it together first", MEMORY, TIME));
        all.add(query("tdigest_merge of many", "let d=toscalar(range x from 1 to 100000 step 1 | summarize tdigest(x)); " + ALL
                + "| extend d | summarize tdigest_merge(d)", "put parts of it together first", MEMORY, TIME));
        all.add(query("hll_merge by key", "let h=toscalar(range x from 1 to 300000 step 1 | summarize hll(x, 4)); " + ALL
                + "| extend h | summarize hll_merge(h) by x % 1000", "put parts of it together first", MEMORY, TIME));
        all.add(query("reduce of everything", ALL + "| project s=strcat('job ', x, ' of ', x % 1000) | reduce by s", MEMORY, TIME));
        all.add(query("sort of everything", ALL + "| sort by hash(x)", MEMORY, TIME));
        all.add(query("distinct of everything", ALL + "| distinct x | count", MEMORY, TIME));
        all.add(query("join of everything", ALL + "| join kind=inner (" + ALL + ") on x | count", MEMORY, TIME));
        all.add(query("cross join", "range x from 1 to 1000000 step 1 | extend k=1 | join kind=inner"
                + " (range y from 1 to 1000000 step 1 | extend k=1) on k | summarize sum(x * y)", MEMORY, TIME));
        all.add(query("materialize of everything", "let m=materialize(" + ALL + "| extend y=tostring(x)); m | join (m) on x"
                + " | count", MEMORY, TIME));
        all.add(query("toscalar of everything", "print toscalar(" + ALL + "| summarize make_list(x))", MEMORY, TIME));
        all.add(query("count_distinct of everything", ALL + "| summarize count_distinct(x)", MEMORY, TIME));
        all.add(query("percentiles of everything", ALL + "| summarize percentiles(x, 5, 95)", MEMORY, TIME));
        all.add(query("window over everything", ALL + "| sort by x | extend y=row_cumsum(x) | summarize sum(y)", MEMORY, TIME));
        all.add(query("mv-expand bomb", "print x=range(1, 1000000) | mv-expand a=x | mv-expand b=x | count", MEMORY, TIME));
        all.add(query("mv-apply bomb", "range x from 1 to 100000 step 1 | extend y=range(1, 100000)"
                + " | mv-apply y on (summarize sum(tolong(y)))", MEMORY, TIME));
        // Long loops in one call.
        all.add(query("fir of a million", "print a=range(1, 1000000) | extend b=series_fir(a, repeat(1, 1000000))"
                + " | project array_length(b)", TIME));
        all.add(query("arrays of rows", "let t=strcat(strrep('1,', 1000), '1]'); range x from 1 to 100000000 step 1"
                + " | extend a=array_sum(array_sort_asc(parse_json(strcat('[', x, ',', t)))) | summarize sum(a)", TIME, MEMORY));
        all.add(query("deep json", "let t=strrep(strrep('[', 1000), 100); print parse_json(strcat(t,"
                + " strrep(strrep(']', 1000), 100)))", ANSWER));
        all.add(query("regex of many states", "print countof(strrep(strrep('x', 1024), 1024), '(x+x+)+y', 'regex')", ANSWER, TIME));
        // Texts without end.
        all.add(query("parentheses", "print " + "(".repeat(10_000) + "1" + ")".repeat(10_000), DEEP));
        all.add(query("operators in a row", "print 1" + "+1".repeat(10_000), DEEP));
        all.add(query("functions in functions", "print " + "strcat('a',".repeat(10_000) + "'b'" + ")".repeat(10_000), DEEP));
        all.add(query("pipeline of 10,000 steps", TEN + "| extend x=x+1".repeat(10_000), COMPLEX, TIME));
        all.add(query("summaries of summaries", TEN + "| summarize x=count() by y=x".repeat(5_000), COMPLEX, TIME));
        all.add(query("union of 10,000", "union " + listed(10_000, i -> "(" + TEN + ")"), COMPLEX, TIME));
        all.add(query("union of 1,000", "union " + listed(1_000, i -> "(" + TEN + ")"), ANSWER, TIME));
        all.add(query("list of 100,000", TEN + "| where x in (" + listed(100_000, Integer::toString) + ")", ANSWER, TIME));
        all.add(query("let doubling", "let a0=toscalar(print 1); " + joined(60, i -> "let a" + (i + 1) + "=a" + i + "+a" + i + ";")
                + " print a60", LARGE));
        all.add(query("function doubling", "let f0=(x:long){x+1}; "
                + joined(30, i -> "let f" + (i + 1) + "=(x:long){f" + i + "(x)+f" + i + "(x)};") + " print f30(1)", LARGE));
        all.add(query("function of functions", "let f=(x:long){x+x}; print " + "f(".repeat(45) + "1" + ")".repeat(45), LARGE, ANSWER));
        all.add(query("ten thousand lets", joined(10_000, i -> "let a" + i + "=" + i + ";") + " print a9999", ANSWER));
        all.add(query("text of 3 MB", "print strlen('" + "x".repeat(3_000_000) + "')", "characters"));
        return all;
    }

    private static HostileQuery query(String name, String text, String... ends) {
        return new HostileQuery(name, text, List.of(ends));
    }

    private static String listed(int count, IntFunction<String> part) {
        return IntStream.range(0, count).mapToObj(part).collect(Collectors.joining(","));
    }

    private static String joined(int count, IntFunction<String> part) {
        return IntStream.range(0, count).mapToObj(part).collect(Collectors.joining());
    }

    @Override
    public String toString() {
        return name;
    }
}
