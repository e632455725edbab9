package io.conshelf.kql.bind;

import io.conshelf.kql.bind.Meaning.Scalar;
import io.conshelf.kql.function.Lowering;
import io.conshelf.kql.plan.Column;
import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.plan.Plan;
import io.conshelf.kql.syntax.Syntax;
import io.conshelf.kql.type.Type;
import java.util.List;
import java.util.Optional;

/// `assert(condition, message)`, which is decided while a query is bound: by its page before anything is optimised, so that it
/// fails as well where no row would come to it.
final class Assertions {
    private static final List<String> PARAMETERS = List.of("condition", "message");
    private static final Scalar HOLDS = Scalar.unnamed(new Expr.Constant(Type.BOOL, true));
    private static final Lowering WHEN_RUN = new Lowering.Sql("CASE WHEN {0} THEN true ELSE error({1}) END");

    private final Binder binder;

    Assertions(Binder binder) {
        this.binder = binder;
    }

    Meaning check(List<Expr> arguments, Syntax.FunctionCall call) {
        for (int i = 0; i < PARAMETERS.size(); i++) {
            Expr argument = arguments.get(i);
            if (binder.isUndecided(argument)) {
                return HOLDS;
            }
            if (!ExprWalk.isIndependent(argument)) {
                return binder.fail(Messages.constantArgument(call.arguments().get(i).span(), "assert", PARAMETERS.get(i)));
            }
        }
        if (arguments.getFirst().equals(new Expr.Constant(Type.BOOL, true))) {
            return HOLDS;
        }
        // A query within may read the row around it.
        boolean reads = arguments.stream().anyMatch(argument -> ExprWalk.anyAround(List.of(), argument,
                part -> part instanceof Expr.ScalarQuery || part instanceof Expr.InQuery));
        Optional<String> failure = reads ? Optional.empty() : failure(arguments.getFirst(), arguments.getLast());
        return failure.isEmpty() ? Scalar.unnamed(new Expr.Call("assert", WHEN_RUN, arguments, Type.BOOL))
                : failure.get().isEmpty() ? HOLDS
                : binder.fail(Messages.error(call.span(), failure.get()));
    }

    /// What is wrong, or an empty text; nothing where a query is only looked at, and its constants are not computed.
    private Optional<String> failure(Expr condition, Expr message) {
        Column column = binder.column("failure", Type.STRING);
        Expr text = new Expr.Call("assert", new Lowering.Sql(
                "CASE WHEN {0} THEN '' ELSE concat('assert() has failed with message: ''', {1}, '''') END"), List.of(condition, message), Type.STRING);
        return binder.look(new Plan.Rows(List.of(column), List.of(List.of(text))), 1).map(rows -> rows.getFirst().getFirst());
    }
}
