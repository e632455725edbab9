package io.conshelf.kql.bind;

import io.conshelf.kql.plan.Column;
import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.type.Type;
import io.conshelf.kql.value.RealText;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/// What plugins that look for patterns are given: constants and columns in their places, where `~` stands for what is not said. What is wrong is told
/// by the name that the pages have for it.
final class PatternArguments {
    private static final String DEFAULT = "~";
    private static final double THRESHOLD = 0.05;
    private static final double THRESHOLD_MIN = 0.015;

    private final Binder binder;
    private final PluginUse use;

    PatternArguments(Binder binder, PluginUse use) {
        this.binder = binder;
        this.use = use;
    }

    /// @param place -1 where the plugin has no such argument
    Optional<Expr> value(int place) {
        return place >= 0 && place < use.values().size() ? use.values().get(place).filter(expr -> !isDefault(expr)) : Optional.empty();
    }

    Optional<Column> column(int place) {
        return value(place).flatMap(Calls::column);
    }

    OptionalDouble threshold(int place) {
        return real(place, "Threshold", THRESHOLD, THRESHOLD_MIN, 1);
    }

    /// A number that is given or not; nothing where it is wrong, which has been told.
    OptionalDouble real(int place, String name, double otherwise, double min, double max) {
        Optional<Expr> given = value(place);
        if (given.isEmpty()) {
            return OptionalDouble.of(otherwise);
        }
        if (given.get() instanceof Expr.Constant(Type type, Number number) && type.isNumeric()
                && number.doubleValue() >= min && number.doubleValue() <= max) {
            return OptionalDouble.of(number.doubleValue());
        }
        tell(place, given.get(), name, "a number between " + RealText.format(min, false) + " and " + RealText.format(max, false));
        return OptionalDouble.empty();
    }

    /// The same of what is counted.
    OptionalLong integer(int place, String name, long otherwise, long min, long max) {
        Optional<Expr> given = value(place);
        if (given.isEmpty()) {
            return OptionalLong.of(otherwise);
        }
        if (given.get() instanceof Expr.Constant(Type type, Number number) && type.isInteger()
                && number.longValue() >= min && number.longValue() <= max) {
            return OptionalLong.of(number.longValue());
        }
        tell(place, given.get(), name, "an integer between " + min + " and " + max);
        return OptionalLong.empty();
    }

    private void tell(int place, Expr given, String name, String expected) {
        String found = given instanceof Expr.Constant(_, Object value) ? "is " + value : "is no constant number";
        failed(place, "'" + name + "' " + found + "; expected " + expected);
    }

    <T> Optional<T> failed(int place, String message) {
        binder.report(Messages.failedInside(use.at(place), use.name(), message));
        return Optional.empty();
    }

    private static boolean isDefault(Expr expr) {
        return expr instanceof Expr.Constant(_, String text) && text.equals(DEFAULT);
    }
}
