package io.conshelf.kql.bind;

import io.conshelf.kql.bind.Meaning.Scalar;
import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.syntax.Diagnostic;
import io.conshelf.kql.syntax.Printer;
import io.conshelf.kql.syntax.Syntax;
import io.conshelf.kql.type.Type;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// `declare pattern`: a name that stands for one of several queries, chosen by constants.
final class Patterns {
    private final Binder binder;

    /// By what is said of them.
    private final Map<Diagnostic, String> references = new HashMap<>();

    Patterns(Binder binder) {
        this.binder = binder;
    }

    void declare(Syntax.Pattern pattern, Scope scope) {
        if (scope.declaresItself(pattern.name().text())) {
            binder.report(Messages.nameTwice(pattern.name().span(), pattern.name().text()));
        }
        scope.declare(pattern.name().text(), new Meaning.Pattern(pattern, scope));
    }

    Optional<Meaning.Pattern> named(Syntax.FunctionCall call, Env env) {
        return env.scope().find(call.function().text())
                .filter(Meaning.Pattern.class::isInstance).map(Meaning.Pattern.class::cast);
    }

    /// `pattern(values)` or `pattern(values).path`.
    Meaning call(Meaning.Pattern pattern, Syntax.FunctionCall call, Optional<Syntax.Selector> selector, Env env) {
        List<Expr> values = new ArrayList<>();
        for (Syntax.Expression argument : call.arguments()) {
            Optional<Expr> value = binder.expressions.expr(argument, Env.of(env.scope()));
            if (value.isEmpty()) {
                return new Meaning.Failed();
            }
            values.add(value.get());
        }
        Optional<Expr> path = selector.filter(Syntax.NameReference.class::isInstance)
                .map(name -> new Expr.Constant(Type.STRING, ((Syntax.NameReference) name).name()));
        List<Syntax.PatternCase> fitting = pattern.syntax().cases().stream()
                .filter(one -> constants(one.values(), pattern.scope()).equals(values)).toList();
        Optional<Syntax.PatternCase> chosen = fitting.stream()
                .filter(one -> one.path().flatMap(p -> binder.expressions.expr(p, Env.of(pattern.scope()))).equals(path))
                .findFirst();
        if (chosen.isEmpty()) {
            Diagnostic missing = Messages.noPattern(fitting.isEmpty() ? call.span() : selector.map(Syntax::span).orElse(call.span()),
                    List.of(reference(call, values, path)));
            references.put(missing, reference(call, values, path));
            return binder.fail(missing);
        }
        Scope inside = pattern.scope().inner();
        for (int i = 0; i < Math.min(values.size(), pattern.syntax().parameters().size()); i++) {
            String name = pattern.syntax().parameters().get(i).name().text();
            inside.declare(name, Scalar.named(values.get(i), name));
        }
        pattern.syntax().path().ifPresent(declared -> path.ifPresent(value ->
                inside.declare(declared.name().text(), Scalar.named(value, declared.name().text()))));
        return binder.deeper(call.span(), false, call.function().text(),
                () -> binder.entities.within(pattern, () -> new Statements(binder).body(chosen.get().body(), inside)), Meaning.Failed::new);
    }

    /// The call as `pattern('value').['path']`, however it was written.
    private static String reference(Syntax.FunctionCall call, List<Expr> values, Optional<Expr> path) {
        var texts = new ArrayList<String>();
        for (int i = 0; i < values.size(); i++) {
            String written = Printer.print(call.arguments().get(i), Printer.Secrets.MASKED);
            boolean isHidden = !written.equals(Printer.print(call.arguments().get(i), Printer.Secrets.SHOWN));
            texts.add(!isHidden && values.get(i) instanceof Expr.Constant(Type type, String text) && type == Type.STRING
                    ? Printer.quoted(text) : written);
        }
        String selected = path.map(value -> value instanceof Expr.Constant(Type _, String text) ? ".[" + Printer.quoted(text) + "]" : "").orElse("");
        return call.function().text() + "(" + String.join(",", texts) + ")" + selected;
    }

    /// What was said, with all references that have no case in one: programs between a user and the cluster read there which cases
    /// they have to add.
    List<Diagnostic> together(Collection<Diagnostic> diagnostics) {
        List<String> missing = diagnostics.stream().filter(references::containsKey).map(references::get).distinct().toList();
        var together = new LinkedHashSet<Diagnostic>();
        boolean told = false;
        for (Diagnostic diagnostic : diagnostics) {
            if (!references.containsKey(diagnostic)) {
                together.add(diagnostic);
            } else if (!told) {
                together.add(Messages.noPattern(diagnostic.span(), missing));
                told = true;
            }
        }
        return List.copyOf(together);
    }

    private List<Expr> constants(List<Syntax.Expression> expressions, Scope scope) {
        List<Expr> values = new ArrayList<>();
        expressions.forEach(value -> binder.expressions.expr(value, Env.of(scope)).ifPresent(values::add));
        return values;
    }
}
