package io.conshelf.kql.bind;

import io.conshelf.kql.bind.Meaning.Scalar;
import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.syntax.Span;
import io.conshelf.kql.syntax.Syntax;
import io.conshelf.kql.type.Type;
import io.conshelf.kql.value.DateTimeText;
import io.conshelf.kql.value.RealText;
import io.conshelf.kql.value.TimeSpanText;
import java.math.BigDecimal;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/// The options that binding acts on itself: what `set` statements say, else what the request does.
final class Settings {
    private static final String NOW = "query_now";

    private final Binder binder;
    private final Map<String, Expr> said = new HashMap<>();
    private OptionalLong now = OptionalLong.empty();

    Settings(Binder binder) {
        this.binder = binder;
    }

    /// What a `set` statement says. Its value is a literal, or the name of a constant; any other name is a word.
    Bound.Option declare(Syntax.SetOption set, Scope scope) {
        String name = set.name().text();
        String key = name.toLowerCase(Locale.ROOT);
        if (set.value().isEmpty()) {
            said.put(key, new Expr.Constant(Type.BOOL, true));
            return new Bound.Option(name, "");
        }
        Syntax.Expression written = set.value().get();
        Optional<Expr> value = value(written, scope);
        value.ifPresentOrElse(constant -> said.put(key, constant),
                () -> binder.report(Messages.constantExpected(written.span(), "The value of an option")));
        if (value.isPresent() && isNull(value.get())) {
            binder.report(Messages.error(written.span(), "The option '" + name + "' must have a value, found a null"));
            return new Bound.Option(name, "");
        }
        if (value.isPresent() && key.equals(NOW)) {
            now = ticks(value.get());
            if (now.isEmpty()) {
                binder.report(Messages.error(written.span(), "The option '" + NOW + "' must be a datetime"));
            }
        }
        return new Bound.Option(name, value.map(constant -> text(written, constant)).orElse(""));
    }

    private static Optional<Expr> value(Syntax.Expression written, Scope scope) {
        return switch (written) {
            case Syntax.Literal literal -> Literals.bind(literal);
            case Syntax.Unary(Syntax.UnaryOperator operator, Syntax.Literal literal, _) when operator == Syntax.UnaryOperator.MINUS ->
                    Literals.bind(literal).flatMap(Literals::negated);
            case Syntax.NameReference name -> Optional.of(scope.find(name.name())
                    .flatMap(meaning -> meaning instanceof Scalar scalar && ExprWalk.isConstant(scalar.expr()) ? Optional.of(scalar.expr()) : Optional.empty())
                    .orElseGet(() -> new Expr.Constant(Type.STRING, name.name())));
            case Syntax.Expression _ -> Optional.empty();
        };
    }

    private static boolean isNull(Expr value) {
        return value instanceof Expr.Null || value instanceof Expr.Constant(Type type, Object constant) && type == Type.DYNAMIC && constant.equals("null");
    }

    /// As who reads options by their texts takes it.
    private static String text(Syntax.Expression written, Expr value) {
        return switch (written) {
            case Syntax.StringLiteral text -> text.value();
            case Syntax.Literal literal -> literal.text();
            case Syntax.Expression _ -> value instanceof Expr.Constant(Type type, Object constant) ? text(type, constant) : "";
        };
    }

    private static String text(Type type, Object constant) {
        return switch (type) {
            case DATETIME -> DateTimeText.format((Long) constant);
            case TIMESPAN -> TimeSpanText.format((Long) constant);
            case REAL -> RealText.format((Double) constant, false);
            case DECIMAL -> ((BigDecimal) constant).toPlainString();
            case BOOL, INT, LONG, STRING, GUID, DYNAMIC -> constant.toString();
        };
    }

    private static OptionalLong ticks(Expr value) {
        return value instanceof Expr.Constant(Type type, Object constant)
                ? type == Type.DATETIME ? OptionalLong.of((Long) constant)
                : type == Type.STRING ? DateTimeText.parse(constant.toString()) : OptionalLong.empty()
                : OptionalLong.empty();
    }

    /// The value of `now()`.
    long now() {
        return now.orElse(binder.options().now());
    }

    /// The value of an option; empty where neither a statement nor the request gives one.
    ///
    /// @param at of what needs it: a request's text that cannot be read is told there
    Optional<Expr> value(String name, Span at) {
        if (said.containsKey(name)) {
            return Optional.of(said.get(name));
        }
        return Optional.ofNullable(binder.options().settings().get(name)).map(text -> Literals.read(text).orElseGet(() -> {
            binder.report(Messages.error(at, "The request option '" + name + "' must be a literal, such as 5, 1h or datetime(2024-01-01), found '" + text + "'"));
            return new Expr.Null(Type.LONG);
        }));
    }

    /// The text of an option, which a request sends as it is; empty where neither has one.
    Optional<String> text(String name) {
        return Optional.ofNullable(said.get(name)).map(value -> value instanceof Expr.Constant(Type _, Object text) ? text.toString() : "")
                .or(() -> Optional.ofNullable(binder.options().settings().get(name)))
                .filter(text -> !text.isEmpty());
    }

    /// The moment of an option, as a literal or as the text of one; empty where neither a statement nor the request gives one.
    ///
    /// @param at of what needs it: what is no moment is told there
    Optional<Expr> moment(String name, Span at) {
        Optional<Expr> given = Optional.ofNullable(said.get(name))
                .or(() -> Optional.ofNullable(binder.options().settings().get(name)).map(Settings::moment));
        if (given.isEmpty()) {
            return Optional.empty();
        }
        OptionalLong ticks = ticks(given.get());
        if (ticks.isEmpty()) {
            binder.report(Messages.error(at, "The option '" + name + "' must be a datetime"));
            return Optional.empty();
        }
        return Optional.of(new Expr.Constant(Type.DATETIME, ticks.getAsLong()));
    }

    private static Expr moment(String text) {
        var written = new Expr.Constant(Type.STRING, text);
        return ticks(written).isPresent() ? written : Literals.read(text).orElse(written);
    }

    /// Whether an option is on, of the request or of a `set` statement: what its sender forbids no text allows. A text that
    /// says neither yes nor no is taken for yes, as these options forbid.
    boolean isOn(String name) {
        return Optional.ofNullable(said.get(name)).filter(Settings::isTrue).isPresent()
                || Optional.ofNullable(binder.options().settings().get(name)).filter(text -> Literals.read(text).map(Settings::isTrue).orElse(true)).isPresent();
    }

    /// Whether statements so far say that an option is on; empty where they say nothing of it.
    Optional<Boolean> said(String name) {
        return Optional.ofNullable(said.get(name)).map(Settings::isTrue);
    }

    private static boolean isTrue(Expr value) {
        return !(value instanceof Expr.Constant(Type _, Object said)) || !said.equals(false) && !said.equals(0L);
    }
}
