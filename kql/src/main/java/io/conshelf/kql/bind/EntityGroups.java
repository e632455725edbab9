package io.conshelf.kql.bind;

import io.conshelf.kql.bind.Meaning.Scalar;
import io.conshelf.kql.syntax.Parser;
import io.conshelf.kql.syntax.Printer;
import io.conshelf.kql.syntax.Span;
import io.conshelf.kql.syntax.Syntax;
import io.conshelf.kql.syntax.Syntax.Expression;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Finds the databases of groups: of those that are written in a query, and of those that a database keeps.
final class EntityGroups {
    private final Binder binder;

    /// By identity: groups that were asked for all of what they name, or for what there is of it.
    private final Set<Meaning.EntityGroup> used = Collections.newSetFromMap(new IdentityHashMap<>());

    EntityGroups(Binder binder) {
        this.binder = binder;
    }

    /// A group of which nothing may be missing.
    Meaning group(Syntax.EntityGroup group, Env env) {
        List<Meaning.Database> members = new ArrayList<>();
        boolean failed = false;
        for (Expression member : group.members()) {
            Meaning meaning = binder.expressions.any(member, env);
            Optional<List<Meaning.Database>> databases = databases(meaning);
            databases.ifPresent(members::addAll);
            failed |= databases.isEmpty();
            if (databases.isEmpty() && !(meaning instanceof Meaning.Failed)) {
                binder.report(Messages.unknownDatabase(member.span(), ""));
            }
        }
        return failed ? new Meaning.Failed() : new Meaning.EntityGroup(members);
    }

    private static Optional<List<Meaning.Database>> databases(Meaning member) {
        return switch (member) {
            case Meaning.Database database -> Optional.of(List.of(database));
            case Meaning.EntityGroup inner -> Optional.of(inner.members());
            case Meaning.Failed _, Scalar _, Meaning.Tuple _, Meaning.Rows _, Meaning.Function _, Meaning.Cluster _, Meaning.Pattern _,
                    Meaning.Graph _ -> Optional.empty();
        };
    }

    /// A group with what it misses, for what may leave that out. What names something else than a database fails.
    Meaning partly(Syntax.EntityGroup group, Env env) {
        List<Expression> there = new ArrayList<>();
        List<Meaning.Missing> missing = new ArrayList<>();
        for (Expression member : group.members()) {
            Binder.Apart<Meaning> bound = binder.apart(() -> binder.expressions.any(member, env));
            if (bound.errors().isEmpty()) {
                there.add(member);
            } else {
                missing.add(new Meaning.Missing(
                        Messages.unresolvedFuzzyTable(member.span(), Printer.print(member, Printer.Secrets.MASKED)), bound.errors(), isElsewhere(member, env)));
            }
        }
        return group(new Syntax.EntityGroup(there, group.span()), env) instanceof Meaning.EntityGroup(List<Meaning.Database> members, _)
                ? new Meaning.EntityGroup(members, missing) : new Meaning.Failed();
    }

    private boolean isElsewhere(Expression member, Env env) {
        return member instanceof Syntax.Path(Expression cluster, _, _)
                && binder.apart(() -> binder.expressions.any(cluster, env)).result() instanceof Meaning.Failed;
    }

    /// A group that the database in scope keeps. Of what it misses only the number is told: who may not read a database need not
    /// learn its name, and only administrators are shown what a group names.
    Optional<Meaning.EntityGroup> stored(Syntax.NameReference reference, Env env) {
        return binder.catalog().entityGroup(env.scope().database(), reference.name()).map(texts -> {
            List<Meaning.Database> members = new ArrayList<>();
            int absent = 0;
            for (String text : texts) {
                var written = (Syntax.ExpressionStatement) Parser.parse(text).tree().statements().getLast();
                Optional<List<Meaning.Database>> databases = databases(binder.apart(() -> binder.expressions.any(written.expression(), env)).result());
                databases.ifPresent(members::addAll);
                absent += databases.isEmpty() ? 1 : 0;
            }
            return new Meaning.EntityGroup(members, absent == 0 ? List.of() : List.of(missing(reference, absent, texts.size())));
        });
    }

    private static Meaning.Missing missing(Syntax.NameReference group, int absent, int all) {
        Span at = group.span();
        return new Meaning.Missing(Messages.leftOutOfGroup(at, group.name(), absent, all), List.of(Messages.notInGroup(at, group.name(), absent, all)), false);
    }

    /// A group for what leaves out what it misses: a warning tells of it, unless there is nothing else.
    Meaning existing(Meaning.EntityGroup group) {
        used.add(group);
        if (group.members().isEmpty()) {
            return complete(group);
        }
        group.missing().forEach(missing -> binder.report(missing.leftOut()));
        return new Meaning.EntityGroup(group.members());
    }

    /// A group for what wants all of it.
    Meaning complete(Meaning.EntityGroup group) {
        used.add(group);
        group.missing().forEach(missing -> missing.errors().forEach(binder::report));
        return group.missing().isEmpty() ? group : new Meaning.Failed();
    }

    /// A declared group that nothing leaves anything out of has to be complete, also where nothing uses it.
    void completeUnused(Meaning.EntityGroup group) {
        if (!used.contains(group) && !binder.fuzzyUnions()) {
            group.missing().stream().filter(missing -> !missing.isElsewhere()).forEach(missing -> missing.errors().forEach(binder::report));
        }
    }
}
