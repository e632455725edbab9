package io.conshelf.engine;

import io.conshelf.engine.store.RequestLimits;
import io.conshelf.engine.store.RequestLimits.Kind;
import io.conshelf.kql.bind.Bound;
import io.conshelf.kql.syntax.Parsed;
import io.conshelf.kql.syntax.Syntax;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.LongStream;

/// The options that apply to one query: the request's, then what the `set` statements before it say. Of several values of one
/// limit the least holds, as no text lifts what its sender asks for.
///
/// @param rowsMax  where the result is cut with an error; none with `notruncation`
/// @param bytesMax likewise
/// @param rowsTaken where it is cut silently
/// @param memoryBytesMax what it may take of memory; the engine's own limits where it names none
record QueryOptions(
        OptionalLong rowsMax, OptionalLong bytesMax, OptionalLong rowsTaken, OptionalLong memoryBytesMax) {

    /// Less than this no plan can do with.
    private static final long MEMORY_BYTES_MIN = 32L << 20;

    /// As concepts/query-limits.md has them: with one of them `notruncation` says nothing.
    private static final List<String> RESULT_LIMITS = List.of("truncationmaxrecords", "truncationmaxsize", "query_take_max_records");
    private static final List<String> MEMORY_LIMITS = List.of("max_memory_consumption_per_query_per_node", "maxmemoryconsumptionperiterator");

    private static final List<String> ONLY_CHECKING = List.of("validate_permissions", "validatepermissions");

    static QueryOptions of(Request request, List<Bound.Option> statements, Limits limits, RequestLimits group) {
        return ofEach(request, statements, List.of(statements.size()), limits, group).getFirst();
    }

    /// The options of each of several results.
    ///
    /// @param said how many of the statements stand before each of them, never fewer than before the one ahead of it
    static List<QueryOptions> ofEach(Request request, List<Bound.Option> statements, List<Integer> said, Limits limits, RequestLimits group) {
        var options = new HashMap<String, Object>(request.options());
        options.forEach(QueryOptions::check);
        var all = new ArrayList<QueryOptions>();
        int taken = 0;
        for (int before : said) {
            boolean isAsBefore = !all.isEmpty() && taken == before;
            for (; taken < before; taken++) {
                set(statements.get(taken), options);
            }
            all.add(isAsBefore ? all.getLast() : of(options, limits, group));
        }
        return all;
    }

    private static void set(Bound.Option statement, Map<String, Object> options) {
        String name = name(statement);
        Object value = value(statement);
        requireSettable(name);
        check(name, value);
        options.merge(name, value, (said, next) -> isLimit(name) ? least(name, said, next) : next);
    }

    /// What the statements say by themselves, of several of one option the last.
    static Map<String, Object> said(List<Bound.Option> statements) {
        var options = new HashMap<String, Object>();
        statements.forEach(statement -> options.put(name(statement), value(statement)));
        return options;
    }

    private static String name(Bound.Option statement) {
        return statement.name().toLowerCase(Locale.ROOT);
    }

    /// Without a value an option is switched on.
    private static Object value(Bound.Option statement) {
        return statement.value().isEmpty() ? Boolean.TRUE : statement.value();
    }

    private static QueryOptions of(Map<String, Object> options, Limits limits, RequestLimits group) {
        boolean isUnlimited = Request.isOn(options, "notruncation") && RESULT_LIMITS.stream().noneMatch(options::containsKey);
        return new QueryOptions(
                isUnlimited && group.mayBeLifted(Kind.RESULT_RECORDS) ? OptionalLong.empty()
                        : group.of(Kind.RESULT_RECORDS, number(options, "truncationmaxrecords"), OptionalLong.of(limits.resultRowsMax())),
                isUnlimited && group.mayBeLifted(Kind.RESULT_BYTES) ? OptionalLong.empty()
                        : group.of(Kind.RESULT_BYTES, number(options, "truncationmaxsize"), OptionalLong.of(limits.resultBytesMax())),
                number(options, "query_take_max_records"),
                memory(options, group));
    }

    /// Refuses the service's other languages before their texts are taken for wrong ones: a request names its language, and T-SQL begins with a
    /// comment of SQL.
    static void requireKql(Map<String, Object> options, String text) {
        String named = "query_language";
        Optional.ofNullable(options.get(named)).ifPresent(language -> RequestOption.named(named).ifPresent(option -> option.check(language)));
        if (text.stripLeading().startsWith("--")) {
            throw new KustoException(Errors.notSupported("T-SQL, as which a text is taken that begins with '--'; only KQL is spoken"));
        }
    }

    private static void check(String name, Object value) {
        RequestOption.named(name).ifPresent(option -> option.check(value));
    }

    private static boolean isLimit(String name) {
        return RESULT_LIMITS.contains(name) || MEMORY_LIMITS.contains(name);
    }

    private static Object least(String name, Object one, Object other) {
        return Math.min(number(name, one), number(name, other));
    }

    /// Refuses `set` statements of options that only the request gives, before anything is looked at for the text.
    static void requireSettable(Parsed parsed) {
        for (Syntax.Statement statement : parsed.tree().statements()) {
            if (statement instanceof Syntax.SetOption set) {
                requireSettable(set.name().text().toLowerCase(Locale.ROOT));
            }
        }
    }

    private static void requireSettable(String name) {
        RequestOption.named(name).filter(option -> !option.settable()).ifPresent(option -> {
            throw new KustoException(Errors.badRequest("The option '" + option.name()
                    + "' cannot be given by a 'set' statement; send it with the request."));
        });
    }

    /// Whether a query without errors, all of whose names its sender may use, is answered with that and not run: what the sink of Kafka asks for before it begins.
    static boolean isOnlyChecked(Request request, List<Bound.Option> statements) {
        return onlyChecking(request, statements).isPresent();
    }

    /// Refuses what would be run by a sender that asks for a check alone.
    static void requireRun(Request request, List<Bound.Option> statements) {
        onlyChecking(request, statements).ifPresent(name -> {
            throw new KustoException(Errors.notSupported("the request option '" + name + "' of a command: only queries are checked without being run; send it without"));
        });
    }

    private static Optional<String> onlyChecking(Request request, List<Bound.Option> statements) {
        var options = said(statements);
        // No text has that run which its sender asks to be checked.
        return ONLY_CHECKING.stream().filter(name -> Request.isOn(request.options(), name) || Request.isOn(options, name)).findFirst();
    }

    // One operator of a plan cannot be told from the others, so the smaller of the two limits holds for all of them.
    private static OptionalLong memory(Map<String, Object> options, RequestLimits group) {
        OptionalLong query = group.of(
                Kind.MEMORY_PER_QUERY, number(options, "max_memory_consumption_per_query_per_node"), OptionalLong.empty());
        OptionalLong operator = group.of(
                Kind.MEMORY_PER_ITERATOR, number(options, "maxmemoryconsumptionperiterator"), OptionalLong.empty());
        return LongStream.concat(query.stream(), operator.stream()).map(bytes -> Math.max(bytes, MEMORY_BYTES_MIN)).min();
    }

    private static OptionalLong number(Map<String, Object> options, String name) {
        Object value = options.get(name);
        return value == null ? OptionalLong.empty() : OptionalLong.of(number(name, value));
    }

    private static long number(String name, Object value) {
        OptionalLong number = RequestOption.wholeNumber(value);
        if (number.isPresent() && number.getAsLong() >= 0) {
            return number.getAsLong();
        }
        throw new KustoException(Errors.badRequest("The option '" + name + "' must be a number of at least 0, found '"
                + Errors.shown(value) + "'."));
    }
}
