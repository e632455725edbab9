package io.conshelf.engine;

import io.conshelf.kql.bind.Bound;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/// The options that apply to one query: the request's, then what its `set` statements say.
///
/// @param rowsMax  where the result is cut with an error; none with `notruncation`
/// @param bytesMax likewise
/// @param rowsTaken where it is cut silently
record QueryOptions(OptionalLong rowsMax, OptionalLong bytesMax, OptionalLong rowsTaken) {

    static QueryOptions of(Request request, List<Bound.Option> statements, Limits limits) {
        var options = new HashMap<String, Object>(request.options());
        for (Bound.Option statement : statements) {
            String name = statement.name().toLowerCase(java.util.Locale.ROOT);
            RequestOption.named(name).filter(option -> !option.settable()).ifPresent(option -> {
                throw new KustoException(Errors.badRequest("The option '" + option.name()
                        + "' cannot be given by a 'set' statement; send it with the request."));
            });
            options.put(name, statement.value().isEmpty() ? Boolean.TRUE : statement.value());
        }
        options.forEach((name, value) -> RequestOption.named(name).ifPresent(option -> option.check(value)));
        boolean isUnlimited = flag(options, "notruncation");
        return new QueryOptions(
                isUnlimited ? OptionalLong.empty()
                        : OptionalLong.of(number(options, "truncationmaxrecords").orElse(limits.resultRowsMax())),
                isUnlimited ? OptionalLong.empty()
                        : OptionalLong.of(number(options, "truncationmaxsize").orElse(limits.resultBytesMax())),
                number(options, "query_take_max_records"));
    }

    private static boolean flag(Map<String, Object> options, String name) {
        return Optional.ofNullable(options.get(name)).map(value -> !value.toString().equalsIgnoreCase("false")
                && !value.toString().equals("0")).orElse(false);
    }

    private static OptionalLong number(Map<String, Object> options, String name) {
        Object value = options.get(name);
        if (value == null) {
            return OptionalLong.empty();
        }
        String digits = value.toString().replaceFirst("^long\\((.*)\\)$", "$1").strip();
        try {
            long number = Long.parseLong(digits);
            if (number >= 0) {
                return OptionalLong.of(number);
            }
        } catch (NumberFormatException e) {
            // Refused below, as a negative number is.
        }
        throw new KustoException(Errors.badRequest("The option '" + name + "' must be a number of at least 0, found '"
                + value + "'."));
    }
}
