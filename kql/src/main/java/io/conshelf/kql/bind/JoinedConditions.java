package io.conshelf.kql.bind;

import io.conshelf.kql.function.Lowering;
import io.conshelf.kql.function.Template;
import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.type.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/// Several conditions on one value as one call, which has that value once: whoever reads, copies or writes the tree comes to it once, however deep
/// such calls stand in each other, and a random value is drawn once.
final class JoinedConditions {
    private final Expr.Ref place;
    private final List<Expr> arguments = new ArrayList<>();

    private JoinedConditions(Expr.Ref place, Expr value) {
        this.place = place;
        arguments.add(value);
    }

    /// @param join       the SQL between them
    /// @param place      what the conditions have where the value belongs
    /// @param conditions calls lowered to SQL
    static Expr of(String function, String join, Expr value, Expr.Ref place, List<Expr> conditions) {
        var joined = new JoinedConditions(place, value);
        String template = conditions.stream().map(condition -> '(' + joined.sql(condition) + ')').collect(Collectors.joining(' ' + join + ' '));
        return new Expr.Call(function, new Lowering.Sql(template), joined.arguments, Type.BOOL);
    }

    private String sql(Expr expr) {
        if (expr.equals(place)) {
            return "{0}";
        }
        if (ExprWalk.columns(expr).contains(place.column())) {
            if (expr instanceof Expr.Call(_, Lowering.Sql(String template), List<Expr> of, _)) {
                return Template.fill(template, of.stream().map(this::sql).toList());
            }
            throw new AssertionError("a condition on a value is no SQL of it: " + expr);
        }
        arguments.add(expr);
        return "{" + (arguments.size() - 1) + '}';
    }
}
