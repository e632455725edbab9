package io.conshelf.kql.bind;

import io.conshelf.kql.bind.Bound.Option;
import io.conshelf.kql.bind.Meaning.Scalar;
import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.plan.Plan;
import io.conshelf.kql.syntax.Syntax;
import io.conshelf.kql.syntax.Syntax.Expression;
import io.conshelf.kql.syntax.Syntax.Statement;
import io.conshelf.kql.type.Type;
import java.util.ArrayList;
import java.util.List;

/// Binds statements, of a whole text and of function bodies.
final class Statements {
    private final Binder binder;
    private final List<Option> options = new ArrayList<>();
    private final List<Bound.Result> results = new ArrayList<>();

    Statements(Binder binder) {
        this.binder = binder;
    }

    List<Option> options() {
        return options;
    }

    List<Bound.Result> results() {
        return results;
    }

    /// All statements of a text.
    void query(Syntax.Query query, Scope scope) {
        boolean answers = false;
        for (Statement statement : query.statements()) {
            if (statement instanceof Syntax.ExpressionStatement(Expression expression, _)) {
                answers = true;
                answer(expression, scope);
            } else {
                declare(statement, scope);
            }
        }
        if (!answers) {
            binder.report(Messages.noQuery(query.span()));
        }
    }

    /// What the body of a function stands for.
    Meaning body(Syntax.FunctionBody body, Scope scope) {
        for (int i = 0; i < body.statements().size(); i++) {
            Statement statement = body.statements().get(i);
            if (statement instanceof Syntax.ExpressionStatement(Expression expression, _)) {
                Meaning meaning = binder.expressions.any(expression, Env.of(scope));
                if (i == body.statements().size() - 1) {
                    return meaning;
                }
            } else {
                declare(statement, scope);
            }
        }
        return binder.fail(Messages.noQuery(body.span()));
    }

    private void answer(Expression expression, Scope scope) {
        binder.pipelines.answer(expression);
        switch (binder.expressions.any(expression, Env.of(scope))) {
            case Meaning.Failed _, Meaning.Graph _ -> { }
            case Scalar scalar -> results.add(new Bound.Result("", row(scalar), false));
            case Meaning meaning -> binder.expressions.rows(meaning, expression.span())
                    .ifPresent(rows -> addResults(name(expression), rows));
        }
    }

    /// The name that a last `as` gives the result. A table alone does not name it: its result is the primary one.
    private static String name(Expression expression) {
        return expression instanceof Syntax.Pipe pipe && pipe.operators().getLast() instanceof Syntax.As as
                ? as.name().text()
                : "";
    }

    private void addResults(String name, Meaning.Rows rows) {
        List<Bound.Result> several = binder.pipelines.takeBranches();
        if (several.isEmpty()) {
            results.add(new Bound.Result(name, rows.plan(), rows.open()));
        } else {
            results.addAll(several);
        }
    }

    /// A value as a query: one row.
    private Plan row(Scalar scalar) {
        return new Plan.Rows(List.of(binder.column("print_0", scalar.type())), List.of(List.of(scalar.expr())));
    }

    private void declare(Statement statement, Scope scope) {
        switch (statement) {
            case Syntax.Let let -> let(let, scope);
            case Syntax.SetOption set -> options.add(binder.settings.declare(set, scope));
            case Syntax.QueryParameters parameters -> new QueryParameters(binder).declare(parameters, scope);
            case Syntax.Alias alias -> alias(alias, scope);
            case Syntax.Restrict restrict -> restrict(restrict, scope);
            case Syntax.Pattern pattern -> new Patterns(binder).declare(pattern, scope);
            case Syntax.ExpressionStatement _ -> throw new AssertionError("a query is no declaration");
        }
    }

    private void let(Syntax.Let let, Scope scope) {
        String name = let.name().text();
        if (scope.declaresItself(name)) {
            binder.report(Messages.nameTwice(let.name().span(), name));
        }
        Meaning meaning = switch (let.value()) {
            case Syntax.FunctionLiteral literal -> {
                Meaning.Function function = binder.functions.literal(name, literal, scope);
                Binder.Apart<Void> checked = binder.apart(() -> {
                    binder.functions.check(function);
                    return null;
                });
                checked.diagnostics().forEach(binder::report);
                yield function;
            }
            case Expression value -> binder.expressions.any(value, Env.of(scope));
        };
        if (meaning instanceof Meaning.Scalar scalar) {
            binder.measure(scalar.expr());
        }
        scope.declare(name, meaning instanceof Meaning.Rows rows ? new Meaning.Rows(rows.plan(), rows.open(), "") : meaning);
    }

    private void alias(Syntax.Alias alias, Scope scope) {
        switch (binder.expressions.any(alias.value(), Env.of(scope))) {
            case Meaning.Database database -> binder.entities.alias(alias.name().text(), database.name());
            case Meaning.Failed _ -> binder.entities.alias(alias.name().text(), "");
            case Meaning _ -> binder.report(Messages.unknownDatabase(alias.value().span(), alias.name().text()));
        }
    }

    private void restrict(Syntax.Restrict restrict, Scope scope) {
        List<String> patterns = new ArrayList<>();
        for (Expression entity : restrict.entities()) {
            switch (entity) {
                case Syntax.Star _ -> patterns.add("*");
                case Syntax.NameReference name -> {
                    patterns.add(name.name());
                    if (scope.find(name.name()).isEmpty() && !OutsideSources.isConstruct(name.name())) {
                        binder.expressions.any(entity, Env.of(scope));
                    }
                }
                case Syntax.WildcardName name -> patterns.add(name.pattern());
                case Syntax.Path(_, Syntax.NameReference name, _) -> patterns.add(name.name());
                case Syntax.Path(_, Syntax.WildcardName name, _) -> patterns.add(name.pattern());
                case Expression other -> binder.refuse(other.span(), "restrict access to this");
            }
        }
        binder.entities.restrictTo(patterns);
    }

    static Expr nothing(Type type) {
        return Literals.nothing(type);
    }
}
