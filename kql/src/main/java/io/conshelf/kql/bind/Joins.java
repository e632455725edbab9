package io.conshelf.kql.bind;

import io.conshelf.kql.bind.Meaning.Rows;
import io.conshelf.kql.plan.Column;
import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.plan.Plan;
import io.conshelf.kql.plan.Plan.Assignment;
import io.conshelf.kql.plan.Plan.JoinKey;
import io.conshelf.kql.plan.Plan.JoinKind;
import io.conshelf.kql.syntax.Span;
import io.conshelf.kql.syntax.Syntax;
import io.conshelf.kql.syntax.Syntax.BinaryOperator;
import io.conshelf.kql.syntax.Syntax.Expression;
import io.conshelf.kql.type.Type;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// `join` and `lookup`.
final class Joins {
    private static final Map<String, JoinKind> KINDS = kinds();

    private final Binder binder;

    Joins(Binder binder) {
        this.binder = binder;
    }

    private static Map<String, JoinKind> kinds() {
        Map<String, JoinKind> kinds = new LinkedHashMap<>();
        kinds.put("inner", JoinKind.INNER);
        kinds.put("innerunique", JoinKind.INNER_UNIQUE);
        kinds.put("leftouter", JoinKind.LEFT_OUTER);
        kinds.put("rightouter", JoinKind.RIGHT_OUTER);
        kinds.put("fullouter", JoinKind.FULL_OUTER);
        kinds.put("leftsemi", JoinKind.LEFT_SEMI);
        kinds.put("rightsemi", JoinKind.RIGHT_SEMI);
        kinds.put("leftanti", JoinKind.LEFT_ANTI);
        kinds.put("leftantisemi", JoinKind.LEFT_ANTI);
        kinds.put("anti", JoinKind.LEFT_ANTI);
        kinds.put("rightanti", JoinKind.RIGHT_ANTI);
        kinds.put("rightantisemi", JoinKind.RIGHT_ANTI);
        return kinds;
    }

    Rows join(Syntax.Join op, Rows left, Scope scope) {
        JoinKind kind = new Parameters(binder, "join", op.parameters()).word("kind", List.copyOf(KINDS.keySet()))
                .map(KINDS::get).orElse(JoinKind.INNER_UNIQUE);
        Optional<Rows> right = binder.expressions.rows(op.right(), scope);
        if (right.isEmpty()) {
            return new Rows(left.plan(), true, "");
        }
        if (op.conditions().isEmpty()) {
            binder.report(Messages.joinKeysMissing(op.span()));
        }
        Keys keys = keys(op.conditions(), left, right.get(), scope, "join");
        Plan plan = new Plan.Join(kind, left.plan(), right.get().plan(), keys.keys);
        boolean open = left.open() || right.get().open() || keys.failed;
        return switch (kind) {
            case LEFT_SEMI, LEFT_ANTI, RIGHT_SEMI, RIGHT_ANTI -> new Rows(plan, open, "");
            case INNER, INNER_UNIQUE, LEFT_OUTER, RIGHT_OUTER, FULL_OUTER ->
                    new Rows(renamed(plan, left.columns(), right.get().columns()), open, "");
        };
    }

    /// `lookup` is a join without the right side's key columns.
    Rows lookup(Syntax.Lookup op, Rows left, Scope scope) {
        Parameters parameters = new Parameters(binder, "lookup", op.parameters());
        parameters.value("hint.shufflekey").ifPresent(key -> binder.report(Messages.noShuffleKey(key.span(), "lookup")));
        JoinKind kind = parameters.word("kind", List.of("inner", "leftouter"))
                .map(KINDS::get).orElse(JoinKind.LEFT_OUTER);
        Optional<Rows> right = binder.expressions.rows(op.right(), scope);
        if (right.isEmpty()) {
            return new Rows(left.plan(), true, "");
        }
        if (op.conditions().isEmpty()) {
            binder.report(Messages.joinKeysMissing(op.span()));
        }
        Keys keys = keys(op.conditions(), left, right.get(), scope, "lookup");
        Plan plan = new Plan.Join(kind, left.plan(), right.get().plan(), keys.keys);
        List<Column> rest = right.get().columns().stream().filter(column -> !keys.rightColumns.contains(column)).toList();
        return new Rows(renamed(plan, left.columns(), rest), left.open() || right.get().open() || keys.failed, "");
    }

    /// The left columns, then the right ones, those with a number after them whose names the left side has.
    private Plan renamed(Plan join, List<Column> left, List<Column> right) {
        Set<String> used = new HashSet<>();
        left.forEach(column -> used.add(column.name()));
        Set<String> own = new HashSet<>();
        right.forEach(column -> own.add(column.name()));
        List<Assignment> output = new ArrayList<>(left.stream().map(Binder::same).toList());
        for (Column column : right) {
            if (used.add(column.name())) {
                output.add(Binder.same(column));
                continue;
            }
            String name = column.name();
            for (int i = 1; used.contains(name) || own.contains(name); i++) {
                name = column.name() + i;
            }
            used.add(name);
            output.add(new Assignment(binder.column(name, column.type()), new Expr.Ref(column)));
        }
        boolean asItIs = join.columns().equals(output.stream().map(Assignment::column).toList());
        return asItIs ? join : new Plan.Project(join, output);
    }

    // ---------------------------------------------------------------- conditions

    private static final class Keys {
        final List<JoinKey> keys = new ArrayList<>();
        final Set<Column> rightColumns = new HashSet<>();
        boolean failed;
    }

    private Keys keys(List<Expression> conditions, Rows left, Rows right, Scope scope, String operator) {
        Keys keys = new Keys();
        Env env = Env.of(scope, Columns.NONE, operator).withSides(left.columns(), right.columns());
        for (Expression condition : conditions) {
            condition(condition, left, right, env, keys);
        }
        return keys;
    }

    private void condition(Expression condition, Rows left, Rows right, Env env, Keys keys) {
        switch (condition) {
            case Syntax.Parenthesized(Expression inner, _) -> condition(inner, left, right, env, keys);
            case Syntax.NameReference(String name, _, Span at) -> common(name, at, left, right, env, keys);
            case Syntax.Binary(BinaryOperator operator, Expression l, Expression r, _, _) when operator == BinaryOperator.AND -> {
                condition(l, left, right, env, keys);
                condition(r, left, right, env, keys);
            }
            case Syntax.Binary(BinaryOperator operator, Expression l, Expression r, _, _) when operator == BinaryOperator.EQUAL -> {
                Optional<Column> leftColumn = side(l, "$left", env);
                Optional<Column> rightColumn = side(r, "$right", env);
                if (leftColumn.isPresent() && rightColumn.isPresent()) {
                    add(leftColumn.get(), rightColumn.get(), l.span(), r.span(), env, keys);
                } else {
                    keys.failed = true;
                }
            }
            case Syntax.MissingExpression _ -> keys.failed = true;
            case Expression other -> {
                binder.report(Messages.joinCondition(other.span(), env.operator()));
                keys.failed = true;
            }
        }
    }

    private void common(String name, Span at, Rows left, Rows right, Env env, Keys keys) {
        Optional<Column> leftColumn = Columns.of(left).find(name);
        Optional<Column> rightColumn = Columns.of(right).find(name);
        if (leftColumn.isPresent() && rightColumn.isPresent()) {
            add(leftColumn.get(), rightColumn.get(), at, at, env, keys);
            return;
        }
        keys.failed = true;
        if (!left.open() && !right.open()) {
            binder.report(leftColumn.isEmpty() && rightColumn.isEmpty()
                    ? Messages.unresolvedScalar(at, env.operator(), name, Columns.of(left))
                    : Messages.joinColumn(at, env.operator(), name));
        }
    }

    private Optional<Column> side(Expression operand, String side, Env env) {
        Expression bare = operand instanceof Syntax.Parenthesized(Expression inner, _) ? inner : operand;
        if (!(bare instanceof Syntax.Path(Syntax.NameReference(String target, _, _), Syntax.NameReference _, _))
                || !target.equals(side)) {
            binder.report(Messages.joinSide(operand.span(), env.operator(), side));
            return Optional.empty();
        }
        return binder.expressions.scalar(bare, env).flatMap(scalar -> Calls.column(scalar.expr()));
    }

    private void add(Column left, Column right, Span leftAt, Span rightAt, Env env, Keys keys) {
        keys.rightColumns.add(right);
        boolean written = !leftAt.equals(rightAt);
        if ((left.type() == Type.DYNAMIC || right.type() == Type.DYNAMIC) && (written || left.type() != right.type())) {
            Span at = left.type() == Type.DYNAMIC ? leftAt : rightAt;
            binder.report(Messages.notAllowedType(at, env.operator(), Type.DYNAMIC));
            return;
        }
        boolean integers = left.type().isInteger() && right.type().isInteger();
        if (left.type() != right.type() && !integers) {
            // The language service reports this at the start of the text where both sides are named.
            binder.report(Messages.joinTypes(written ? new Span(0, 0) : leftAt, env.operator(), left.name(), left.type(), right.name(), right.type()));
            return;
        }
        Type type = integers ? CommonType.widest(List.of(left.type(), right.type())) : left.type();
        keys.keys.add(new JoinKey(binder.calls.convert(new Expr.Ref(left), type), binder.calls.convert(new Expr.Ref(right), type)));
    }
}
