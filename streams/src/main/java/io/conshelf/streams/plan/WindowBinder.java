package io.conshelf.streams.plan;

import io.conshelf.streams.expression.Expression;
import io.conshelf.streams.query.Span;
import io.conshelf.streams.query.Syntax;
import io.conshelf.streams.query.Syntax.Call;
import io.conshelf.streams.query.Syntax.Expr;
import io.conshelf.streams.value.Value;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;

/// Reads windows, in all the ways they are spelled: `TumblingWindow(second, 5)`, `Tumbling(Duration(second, 5), Offset(second, 1))`, `Windows(…)`.
final class WindowBinder {
    /// Seven days, for windows and bounds of joins.
    static final long LENGTH_MAX = 7 * TimeUnit.DAY.ticks();
    /// So many windows may hold an event: a week every second. Each of them gives a row.
    private static final long HOPS_MAX = 1_000_000;

    private final Problems problems;
    private final Function<Expr, Expression> key;

    /// @param key binds the keys of a session window
    WindowBinder(Problems problems, Function<Expr, Expression> key) {
        this.problems = problems;
        this.key = key;
    }

    static boolean isWindow(Expr expr) {
        return expr instanceof Call call && call.name().size() == 1 && switch (call.text().toLowerCase(Locale.ROOT)) {
            case "tumblingwindow", "tumbling", "hoppingwindow", "hopping", "slidingwindow", "sliding", "sessionwindow", "session", "windows" -> true;
            default -> false;
        };
    }

    static boolean isTimestamp(Expr expr) {
        return expr instanceof Call call && call.text().equalsIgnoreCase("System.Timestamp")
                || expr instanceof Syntax.Member(Syntax.Named(var system, _), var part, _)
                        && system.text().equalsIgnoreCase("System") && part.text().equalsIgnoreCase("Timestamp");
    }

    /// @param expr one that [#isWindow]
    List<Step.NamedWindow> windows(Expr expr) {
        Call call = (Call) expr;
        if (!call.text().equalsIgnoreCase("windows")) {
            return window(call).map(window -> List.of(new Step.NamedWindow("", window))).orElse(List.of());
        }
        List<Step.NamedWindow> windows = new ArrayList<>();
        Set<String> ids = new HashSet<>();
        for (Expr definition : call.arguments()) {
            named(definition).ifPresent(window -> {
                if (!window.id().isEmpty() && !ids.add(window.id().toLowerCase(Locale.ROOT))) {
                    problems.error(definition.span(), "two windows have the id '%s'", window.id());
                }
                windows.add(window);
            });
        }
        if (call.arguments().isEmpty()) {
            problems.error(call.span(), "Windows() holds no window");
        }
        if (!ids.isEmpty() && windows.stream().anyMatch(window -> window.id().isEmpty())) {
            problems.error(call.span(), "either all windows of Windows() have an id, by Window('id', …), or none has");
        }
        return windows;
    }

    private Optional<Step.NamedWindow> named(Expr definition) {
        if (definition instanceof Call call && call.text().equalsIgnoreCase("window")) {
            if (call.arguments().size() != 2 || !(call.arguments().getFirst() instanceof Syntax.Literal(Value.Text(String id), _)) || id.isEmpty()) {
                problems.error(call.span(), "Window takes an id, a text, and a window: Window('id', TumblingWindow(minute, 1))");
                return Optional.empty();
            }
            return unnamed(call.arguments().getLast()).map(window -> new Step.NamedWindow(id, window));
        }
        return unnamed(definition).map(window -> new Step.NamedWindow("", window));
    }

    private Optional<Window> unnamed(Expr definition) {
        if (isTimestamp(definition)) {
            return Optional.of(new Window.Snapshot());
        }
        if (!isWindow(definition)) {
            problems.error(definition.span(), "Windows() holds windows alone, such as TumblingWindow(minute, 1)");
            return Optional.empty();
        }
        if (((Call) definition).text().equalsIgnoreCase("windows")) {
            problems.error(definition.span(), "Windows() cannot stand in Windows()");
            return Optional.empty();
        }
        return window((Call) definition);
    }

    private Optional<Window> window(Call call) {
        String kind = call.text().toLowerCase(Locale.ROOT).replace("window", "");
        if (!kind.equals("session") && call.over().isPresent()) {
            problems.error(call.over().get().span(), "OVER stands behind session windows only");
            return Optional.empty();
        }
        return switch (kind) {
            case "tumbling" -> lengths(call, List.of("Duration"), "Offset")
                    .map(lengths -> new Window.Tumbling(lengths.get(0), lengths.get(1)));
            case "hopping" -> lengths(call, List.of("Duration", "Hop"), "Offset")
                    .filter(lengths -> areFew(call, lengths.get(0), lengths.get(1)))
                    .map(lengths -> new Window.Hopping(lengths.get(0), lengths.get(1), lengths.get(2)));
            case "sliding" -> lengths(call, List.of("Duration"), "").map(lengths -> new Window.Sliding(lengths.get(0)));
            case "session" -> lengths(call, List.of("Timeout", "MaxDuration"), "")
                    .map(lengths -> new Window.Session(lengths.get(0), lengths.get(1), over(call)));
            default -> throw new AssertionError("no window is called " + kind);
        };
    }

    private boolean areFew(Call call, long duration, long hop) {
        if (duration / hop > HOPS_MAX) {
            problems.error(call.span(), "an event would be in %d windows of %s; it can be in %d", duration / hop, call.text(), HOPS_MAX);
            return false;
        }
        return true;
    }

    private List<Expression> over(Call call) {
        if (call.over().isEmpty()) {
            return List.of();
        }
        Syntax.Over over = call.over().get();
        if (over.partitionBy().isEmpty() || !over.orderBy().isEmpty() || over.limit().isPresent() || over.when().isPresent()) {
            problems.error(over.span(), "the OVER of a session window holds PARTITION BY alone");
        }
        return over.partitionBy().stream().map(key).toList();
    }

    /// The lengths in ticks: as many as are required, then the optional one (0 where it is not given).
    ///
    /// @param optional empty where there is none
    private Optional<List<Long>> lengths(Call call, List<String> required, String optional) {
        List<String> names = new ArrayList<>(required);
        if (!optional.isEmpty()) {
            names.add(optional);
        }
        boolean isSpelledOut = !call.arguments().isEmpty() && call.arguments().stream().allMatch(Call.class::isInstance);
        Optional<Long[]> found = isSpelledOut ? spelledOut(call, names) : positional(call, names.size());
        if (found.isEmpty()) {
            return Optional.empty();
        }
        Long[] lengths = found.get();
        for (int i = 0; i < required.size(); i++) {
            if (lengths[i] == null) {
                problems.error(call.span(), "%s needs %s: %s", call.text(), required.get(i), spelling(call.text(), required, optional));
                return Optional.empty();
            }
            if (lengths[i] <= 0 || lengths[i] > LENGTH_MAX) {
                problems.error(call.span(), "%s of %s must be more than zero and at most 7 days", required.get(i), call.text());
                return Optional.empty();
            }
        }
        List<Long> all = new ArrayList<>();
        for (Long length : lengths) {
            all.add(length == null ? 0L : length);
        }
        return Optional.of(all);
    }

    private Optional<Long[]> spelledOut(Call call, List<String> names) {
        Long[] lengths = new Long[names.size()];
        for (Expr argument : call.arguments()) {
            Call part = (Call) argument;
            int index = -1;
            for (int i = 0; i < names.size(); i++) {
                if (names.get(i).equalsIgnoreCase(part.text())) {
                    index = i;
                }
            }
            if (index < 0 || lengths[index] != null || part.arguments().size() != 2) {
                problems.error(part.span(), "%s is written %s", call.text(), spelling(call.text(), names, ""));
                return Optional.empty();
            }
            Optional<Long> length = length(part.arguments().get(0), part.arguments().get(1));
            if (length.isEmpty()) {
                return Optional.empty();
            }
            lengths[index] = length.get();
        }
        return Optional.of(lengths);
    }

    private Optional<Long[]> positional(Call call, int count) {
        Long[] lengths = new Long[count];
        int given = call.arguments().size() - 1;
        if (given < 1 || given > count) {
            problems.error(call.span(), "%s takes a unit of time and %s", call.text(), count == 1 ? "its length" : "up to " + count + " lengths");
            return Optional.empty();
        }
        for (int i = 0; i < given; i++) {
            Optional<Long> length = length(call.arguments().getFirst(), call.arguments().get(i + 1));
            if (length.isEmpty()) {
                return Optional.empty();
            }
            lengths[i] = length.get();
        }
        return Optional.of(lengths);
    }

    private static String spelling(String window, List<String> names, String optional) {
        List<String> parts = new ArrayList<>(names.stream().map(name -> name + "(unit, n)").toList());
        if (!optional.isEmpty()) {
            parts.add("[" + optional + "(unit, n)]");
        }
        return window + "(" + String.join(", ", parts) + ")";
    }

    /// A length of time in ticks; empty, and told, where it is none.
    Optional<Long> length(Expr unit, Expr count) {
        Optional<TimeUnit> named = unit(unit);
        OptionalLong number = ExpressionBinder.constant(count);
        if (named.isEmpty()) {
            return Optional.empty();
        }
        if (number.isEmpty()) {
            return fraction(named.get(), count);
        }
        long most = Long.MAX_VALUE / 4 / named.get().ticks();
        if (Math.abs(number.getAsLong()) > most || number.getAsLong() == Long.MIN_VALUE) {
            problems.error(count.span(), "%d is far too long", number.getAsLong());
            return Optional.empty();
        }
        return Optional.of(number.getAsLong() * named.get().ticks());
    }

    /// The page of tumbling windows takes any positive constant.
    private Optional<Long> fraction(TimeUnit unit, Expr count) {
        boolean isNegative = count instanceof Syntax.Unary(var operator, _, _) && operator == Expression.UnaryOperator.MINUS;
        Expr bare = count instanceof Syntax.Unary(var operator, Expr of, _) && operator == Expression.UnaryOperator.MINUS ? of : count;
        if (!(bare instanceof Syntax.Literal(Value.FloatingPoint(double number), _))) {
            problems.error(count.span(), "a length of time is a number that is written here");
            return Optional.empty();
        }
        double ticks = number * unit.ticks();
        if (ticks > Long.MAX_VALUE / 4) {
            problems.error(count.span(), "%s is far too long", number);
            return Optional.empty();
        }
        return Optional.of(Math.round(isNegative ? -ticks : ticks));
    }

    /// @return empty, and told, where it is none
    Optional<TimeUnit> unit(Expr unit) {
        Optional<TimeUnit> named = unit instanceof Syntax.Named(var name, _) ? TimeUnit.named(name.text()) : Optional.empty();
        if (named.isEmpty()) {
            problems.error(unit.span(), "a unit of time is day, hour, minute, second, millisecond or microsecond");
        }
        return named;
    }

    /// The length of LIMIT DURATION and the like; empty, and told, where it is none or not more than zero.
    Optional<Long> limit(Span span, Expr unit, Expr count) {
        Optional<Long> length = length(unit, count);
        if (length.isPresent() && length.get() <= 0) {
            problems.error(span, "a duration must be more than zero");
            return Optional.empty();
        }
        return length;
    }
}
