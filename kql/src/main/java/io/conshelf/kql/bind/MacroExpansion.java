package io.conshelf.kql.bind;

import io.conshelf.kql.bind.Meaning.Rows;
import io.conshelf.kql.plan.Plan;
import io.conshelf.kql.syntax.Diagnostic;
import io.conshelf.kql.syntax.Syntax;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// `macro-expand`: a query over each database of a group, and all their rows.
final class MacroExpansion {
    private final Binder binder;
    private final Unions unions;

    MacroExpansion(Binder binder, Unions unions) {
        this.binder = binder;
        this.unions = unions;
    }

    Rows expand(Syntax.MacroExpand op, Scope scope) {
        Parameters parameters = new Parameters(binder, "macro-expand", op.parameters());
        boolean inner = parameters.word("kind", List.of("inner", "outer")).equals(Optional.of("inner"));
        boolean isFuzzy = parameters.flag("isfuzzy") || parameters.flag("__isFuzzy") || parameters.flag("best_effort")
                || binder.fuzzyUnions();
        Meaning named = group(op.entityGroup(), Env.of(scope));
        Meaning group = !(named instanceof Meaning.EntityGroup some) ? named : isFuzzy ? binder.entityGroups.existing(some) : binder.entityGroups.complete(some);
        if (!(group instanceof Meaning.EntityGroup(List<Meaning.Database> members, _)) || members.isEmpty()) {
            if (!(group instanceof Meaning.Failed)) {
                binder.report(Messages.error(op.entityGroup().span(), "'macro-expand' operator: an entity group is expected here"));
            }
            return new Rows(binder.nothing(List.of()), true, "");
        }
        List<Rows> all = new ArrayList<>();
        List<Diagnostic> errors = List.of();
        for (Meaning.Database member : members) {
            Scope inside = scope.inner();
            op.scope().ifPresent(name -> inside.declare(name.text(), member));
            Binder.Apart<Optional<Rows>> body = binder.apart(() -> binder.expressions.rows(
                    new Statements(binder).body(op.body(), inside), op.body().span()));
            if (isFuzzy && !body.errors().isEmpty()) {
                binder.report(Messages.unresolvedFuzzyTable(op.body().span(), member.name()));
                errors = body.errors();
                continue;
            }
            body.diagnostics().forEach(binder::report);
            body.result().ifPresent(all::add);
        }
        if (all.isEmpty()) {
            // Where nothing can be found, leaving out is no answer.
            errors.forEach(binder::report);
            return new Rows(new Plan.Rows(List.of(), List.of()), true, "");
        }
        return unions.combine(all, inner);
    }

    /// A group that is written here, declared before, or kept in the database, with what it misses.
    private Meaning group(Syntax.Expression written, Env env) {
        Optional<? extends Meaning> group = switch (written) {
            case Syntax.EntityGroup here -> Optional.of(binder.entityGroups.partly(here, env));
            case Syntax.NameReference reference -> {
                Optional<Meaning> known = env.scope().find(reference.name());
                yield known.isEmpty() ? binder.entityGroups.stored(reference, env) : known.filter(Meaning.EntityGroup.class::isInstance);
            }
            case Syntax.Expression _ -> Optional.empty();
        };
        return group.isPresent() ? group.get() : binder.expressions.any(written, env);
    }
}
