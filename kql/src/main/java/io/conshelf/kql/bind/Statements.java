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
import java.util.Optional;
import java.util.function.Predicate;

/// Binds statements, of a whole text and of function bodies.
final class Statements {
    private final Binder binder;
    private final List<Option> options = new ArrayList<>();
    private final List<Bound.Result> results = new ArrayList<>();
    /// Those declared here.
    private final List<Meaning.EntityGroup> groups = new ArrayList<>();

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
        Scope seen = scope;
        for (Statement statement : query.statements()) {
            if (statement instanceof Syntax.ExpressionStatement(Expression expression, _)) {
                answers = true;
                answer(expression, seen);
            } else {
                seen = declare(statement, seen);
            }
        }
        groups.forEach(binder.entityGroups::completeUnused);
        if (!answers) {
            binder.report(Messages.noQuery(query.span()));
        }
    }

    /// What the body of a function stands for.
    Meaning body(Syntax.FunctionBody body, Scope scope) {
        Meaning meaning = last(body, scope);
        groups.forEach(binder.entityGroups::completeUnused);
        return meaning;
    }

    private Meaning last(Syntax.FunctionBody body, Scope scope) {
        Scope seen = scope;
        for (int i = 0; i < body.statements().size(); i++) {
            Statement statement = body.statements().get(i);
            if (statement instanceof Syntax.ExpressionStatement(Expression expression, _)) {
                Meaning meaning = binder.expressions.any(expression, Env.of(seen));
                if (i == body.statements().size() - 1) {
                    return meaning;
                }
            } else {
                seen = declare(statement, seen);
            }
        }
        return binder.fail(Messages.noQuery(body.span()));
    }

    private void answer(Expression expression, Scope scope) {
        binder.pipelines.answer(expression);
        switch (binder.expressions.any(expression, Env.of(scope))) {
            case Meaning.Failed _, Meaning.Graph _ -> { }
            case Scalar scalar -> add(List.of(new Bound.Result("", row(scalar), false)));
            case Meaning meaning -> binder.expressions.rows(meaning, expression.span())
                    .ifPresent(rows -> add(results(name(expression), rows)));
        }
    }

    /// The name that a last `as` gives the result. A table alone does not name it: its result is the primary one.
    static String name(Expression expression) {
        Expression last = expression instanceof Syntax.Pipe pipe ? pipe.operators().getLast() : expression;
        return last instanceof Syntax.As as ? as.name().text() : "";
    }

    private List<Bound.Result> results(String name, Meaning.Rows rows) {
        List<Bound.Result> several = binder.pipelines.takeBranches();
        return several.isEmpty() ? List.of(new Bound.Result(name, rows.plan(), rows.open())) : several;
    }

    /// The results of one statement, of which the first is drawn.
    private void add(List<Bound.Result> some) {
        Optional<Bound.Render> render = binder.pipelines.takeRender();
        boolean isSchema = binder.settings.isOn("query_results_apply_getschema");
        for (Bound.Result result : some) {
            results.add(new Bound.Result(result.name(), isSchema ? Projections.schemaOf(binder, result.plan().columns()) : result.plan(),
                    result.open() && !isSchema, options.size(), result == some.getFirst() && !isSchema ? render : Optional.empty()));
        }
    }

    /// A value as a query: one row.
    private Plan row(Scalar scalar) {
        return new Plan.Rows(List.of(binder.column("print_0", scalar.type())), List.of(List.of(scalar.expr())));
    }

    /// What the statements after this one see.
    private Scope declare(Statement statement, Scope scope) {
        switch (statement) {
            case Syntax.Let let -> let(let, scope);
            case Syntax.SetOption set -> options.add(binder.settings.declare(set, scope));
            case Syntax.QueryParameters parameters -> new QueryParameters(binder).declare(parameters, scope);
            case Syntax.Alias alias -> alias(alias, scope);
            case Syntax.Restrict restrict -> {
                return restricted(restrict, scope);
            }
            case Syntax.Pattern pattern -> new Patterns(binder).declare(pattern, scope);
            case Syntax.ExpressionStatement _ -> throw new AssertionError("a query is no declaration");
        }
        return scope;
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
            // What uses it may leave out what there is not.
            case Syntax.EntityGroup group -> group(group, scope);
            case Expression value -> binder.expressions.any(value, Env.of(scope));
        };
        if (meaning instanceof Meaning.Scalar scalar) {
            binder.measure(scalar.expr());
        }
        scope.declare(name, meaning instanceof Meaning.Rows rows ? new Meaning.Rows(rows.plan(), rows.open(), "") : meaning);
    }

    private Meaning group(Syntax.EntityGroup written, Scope scope) {
        Meaning meaning = binder.entityGroups.partly(written, Env.of(scope));
        if (meaning instanceof Meaning.EntityGroup group) {
            groups.add(group);
        }
        return meaning;
    }

    private void alias(Syntax.Alias alias, Scope scope) {
        switch (binder.expressions.any(alias.value(), Env.of(scope))) {
            case Meaning.Database database -> binder.entities.alias(alias.name().text(), database.name());
            case Meaning.Failed _ -> binder.entities.alias(alias.name().text(), "");
            case Meaning _ -> binder.report(Messages.unknownDatabase(alias.value().span(), alias.name().text()));
        }
    }

    /// What is left to see of a scope. Names of values stay: a restriction is about rows. Functions of values stay too, but see only what is left.
    private Scope restricted(Syntax.Restrict restrict, Scope scope) {
        List<Restriction.Entity> entities = new ArrayList<>();
        List<String> names = new ArrayList<>();
        for (Expression entity : restrict.entities()) {
            switch (entity) {
                // All that statements declare, and nothing of the database.
                case Syntax.Star _ -> names.add("*");
                case Syntax.WildcardName(String pattern, _, _) when pattern.equals("*") -> names.add(pattern);
                case Syntax.NameReference(String name, _, _) -> {
                    names.add(name);
                    if (scope.find(name).isEmpty()) {
                        entities.add(new Restriction.Entity(scope.database(), name));
                    }
                    if (scope.find(name).isEmpty() && !OutsideSources.isConstruct(name)) {
                        binder.expressions.any(entity, Env.of(scope));
                    }
                }
                case Syntax.WildcardName(String pattern, _, _) -> {
                    names.add(pattern);
                    entities.add(new Restriction.Entity(scope.database(), pattern));
                }
                case Syntax.Path(Expression of, Syntax.NameReference name, _) -> entities.addAll(entities(of, name.name(), scope));
                case Syntax.Path(Expression of, Syntax.WildcardName name, _) -> entities.addAll(entities(of, name.pattern(), scope));
                case Expression other -> binder.refuse(other.span(), "restrict access to this");
            }
        }
        Predicate<String> isNamed = name -> names.stream().anyMatch(pattern -> Entities.matches(pattern, name));
        List<Meaning> declared = new ArrayList<>();
        Scope left = scope.keeping((name, meaning) -> {
            if (isNamed.test(name)) {
                declared.add(meaning);
            }
            return isNamed.test(name) || !givesRows(meaning);
        }, isNamed);
        binder.entities.restrict(new Restriction(entities, names, declared));
        return left;
    }

    private List<Restriction.Entity> entities(Expression database, String name, Scope scope) {
        if (database instanceof Syntax.FunctionCall call && call.function().text().equals("database") && call.arguments().isEmpty()) {
            return List.of(new Restriction.Entity(scope.database(), name));
        }
        return switch (binder.expressions.any(database, Env.of(scope))) {
            case Meaning.Database one -> List.of(new Restriction.Entity(one.name(), name));
            case Meaning.EntityGroup several -> several.members().stream().map(one -> new Restriction.Entity(one.name(), name)).toList();
            case Meaning.Failed _ -> List.of();
            case Meaning _ -> {
                binder.report(Messages.unknownDatabase(database.span(), ""));
                yield List.of();
            }
        };
    }

    private boolean givesRows(Meaning meaning) {
        return switch (meaning) {
            case Meaning.Rows _, Meaning.Graph _, Meaning.Pattern _ -> true;
            case Meaning.Function function -> !binder.functions.givesValue(function);
            case Scalar _, Meaning.Tuple _, Meaning.Database _, Meaning.Cluster _, Meaning.EntityGroup _, Meaning.Failed _ -> false;
        };
    }

    static Expr nothing(Type type) {
        return Literals.nothing(type);
    }
}
