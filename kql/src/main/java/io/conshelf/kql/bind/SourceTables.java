package io.conshelf.kql.bind;

import io.conshelf.kql.bind.Meaning.Rows;
import io.conshelf.kql.syntax.Syntax;
import io.conshelf.kql.syntax.Syntax.Expression;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// The tables that `union`, `search` and `find` go through, each by itself, also where one source stands for several:
/// `database('Other*').Log*`. Where they are of more than one database they go by names that tell which.
final class SourceTables {
    private final Binder binder;
    private final Scope scope;
    private final List<Leg> legs = new ArrayList<>();

    SourceTables(Binder binder, Scope scope) {
        this.binder = binder;
        this.scope = scope;
    }

    /// @param database of the table; empty for other rows
    private record Leg(Rows rows, String database) {}

    /// Tables and stored views of the database that unqualified names mean.
    void addOwn(List<Rows> tables) {
        tables.forEach(table -> legs.add(new Leg(table, scope.database())));
    }

    /// Rows of a view or of a query; of a table that is named without its database, which then has its name.
    void add(Rows rows, boolean isTable) {
        legs.add(new Leg(rows, isTable && !rows.label().isEmpty() ? scope.database() : ""));
    }

    boolean isEmpty() {
        return legs.isEmpty();
    }

    /// Takes a source that names tables of databases; false where it is none of these and nothing was taken.
    boolean addPath(Expression source) {
        Expression inner = source instanceof Syntax.Parenthesized(Expression it, _) ? it : source;
        if (!(inner instanceof Syntax.Path(Expression target, Syntax.Selector selector, _)) || !isOfDatabase(target)) {
            return false;
        }
        Optional<List<Meaning.Database>> databases = switch (binder.apart(() -> binder.expressions.any(target, Env.of(scope))).result()) {
            case Meaning.Database database -> Optional.of(List.of(database));
            case Meaning.EntityGroup group -> Optional.of(group.members());
            case Meaning _ -> Optional.empty();
        };
        if (databases.isEmpty()) {
            return false;
        }
        List<Leg> found = new ArrayList<>();
        for (Meaning.Database database : databases.get()) {
            List<Rows> tables = switch (selector) {
                case Syntax.WildcardName wildcard -> binder.entities.matching(database.name(), wildcard.pattern(), wildcard.span());
                case Syntax.NameReference(String name, _, _) -> binder.entities.tableOf(database.name(), name, source.span()).stream().toList();
                case Syntax.Selector _ -> List.of();
            };
            tables.forEach(table -> found.add(new Leg(table, database.name())));
        }
        legs.addAll(found);
        return !found.isEmpty();
    }

    private static boolean isOfDatabase(Expression target) {
        return target instanceof Syntax.FunctionCall own && own.function().text().equals("database")
                || target instanceof Syntax.Path(Expression cluster, Syntax.FunctionCall call, _) && call.function().text().equals("database")
                        && cluster instanceof Syntax.FunctionCall outer && outer.function().text().equals("cluster");
    }

    List<Rows> rows() {
        Set<String> databases = legs.stream().map(Leg::database).filter(name -> !name.isEmpty()).collect(Collectors.toSet());
        return legs.stream().map(leg -> databases.size() < 2 || leg.database().isEmpty() ? leg.rows()
                : new Rows(leg.rows().plan(), leg.rows().open(), "database(\"" + leg.database() + "\")." + leg.rows().label())).toList();
    }
}
