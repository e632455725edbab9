package io.conshelf.streams.plan;

import io.conshelf.streams.expression.Expression;
import io.conshelf.streams.query.Span;
import io.conshelf.streams.query.Syntax.Name;
import io.conshelf.streams.query.Syntax.Quoting;
import io.conshelf.streams.value.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;

/// The sources of a SELECT that names can mean. Expressions that come of it read virtual slots ([Slots]), until it is known where everything stands in a row.
final class Scope {
    private final Problems problems;
    private final List<Relation> relations = new ArrayList<>();

    Scope(Problems problems) {
        this.problems = problems;
    }

    void add(Relation relation) {
        if (find(relation.name()).isPresent()) {
            problems.error(relation.span(), "two sources are called '%s'; give one another name with AS", relation.name());
        }
        relations.add(relation);
    }

    List<Relation> relations() {
        return relations;
    }

    boolean hasUnknown() {
        return relations.stream().anyMatch(relation -> relation.origin() == Relation.Origin.UNKNOWN);
    }

    Relation relation(int index) {
        return relations.get(index);
    }

    OptionalInt find(String name) {
        for (int i = 0; i < relations.size(); i++) {
            if (relations.get(i).name().equalsIgnoreCase(name)) {
                return OptionalInt.of(i);
            }
        }
        return OptionalInt.empty();
    }

    boolean isKnown(Name name) {
        return find(name.text()).isPresent() || relations.stream().anyMatch(relation -> relation.columns().isKnownToHave(name.text()));
    }

    /// Whether a name by itself is surely no column but the source of that name.
    private boolean isRecord(int index, Name name) {
        Relation relation = relations.get(index);
        return relation.kind() == Relation.Kind.APPLIED || relations.size() > 1 && !relation.columns().isKnownToHave(name.text())
                || !relation.columns().mayHave(name.text());
    }

    Expression path(List<Name> path, Span span) {
        Name root = path.getFirst();
        OptionalInt source = find(root.text());
        if (source.isPresent() && (path.size() > 1 || isRecord(source.getAsInt(), root))) {
            int index = source.getAsInt();
            Relation relation = relations.get(index);
            if (path.size() > 1 && isPlainName(path.get(1)) && !relation.columns().mayHave(path.get(1).text())) {
                return problems.refused(path.get(1).span(), "'%s' has no column '%s'%s", relation.name(), path.get(1).text(), known(List.of(relation)));
            }
            return ExpressionBinder.members(new Expression.Slot(Slots.record(index), root.span()), path.subList(1, path.size()), problems);
        }
        if (path.size() == 1 && root.quoting() == Quoting.DOUBLE_QUOTES && isUnclear(root)) {
            problems.warning(span, "\"%s\" is read as a text; write '%s', or [%s] for a column", root.text(), root.text(), root.text());
            return new Expression.Literal(new Value.Text(root.text()), span);
        }
        return column(root).map(index -> ExpressionBinder.members(new Expression.Field(new Expression.Slot(Slots.record(index), root.span()), root.text(),
                root.span()), path.subList(1, path.size()), problems)).orElseGet(() -> Problems.nothing(span));
    }

    /// Double quotes are for names, but published queries write texts in them, too.
    private boolean isUnclear(Name name) {
        return relations.size() > 1 && having(name, relation -> relation.columns().isKnownToHave(name.text())).isEmpty()
                && having(name, relation -> relation.columns().mayHave(name.text())).size() != 1;
    }

    private static boolean isPlainName(Name name) {
        return name.quoting() != Quoting.BRACKETS || name.text().isEmpty() || !name.text().chars().allMatch(Character::isDigit);
    }

    /// Whose column it is; empty, and told, where nobody's or not clear.
    private Optional<Integer> column(Name name) {
        List<Integer> sure = having(name, relation -> relation.columns().isKnownToHave(name.text()));
        List<Integer> possible = having(name, relation -> relation.columns().mayHave(name.text()));
        if (sure.size() == 1) {
            return Optional.of(sure.getFirst());
        }
        if (sure.isEmpty() && possible.size() == 1) {
            return Optional.of(possible.getFirst());
        }
        if (hasUnknown() && sure.isEmpty()) {
            return Optional.of(0);
        }
        List<Integer> among = sure.isEmpty() ? possible : sure;
        if (among.isEmpty()) {
            problems.error(name.span(), "there is no column '%s'%s", name.text(), known(relations));
        } else {
            problems.error(name.span(), "'%s' may be a column of %s: write %s.%s", name.text(),
                    among.stream().map(index -> "'" + relations.get(index).name() + "'").collect(Collectors.joining(" or of ")),
                    relations.get(among.getFirst()).name(), name.text());
        }
        return Optional.empty();
    }

    private List<Integer> having(Name name, java.util.function.Predicate<Relation> has) {
        List<Integer> found = new ArrayList<>();
        for (int i = 0; i < relations.size(); i++) {
            if (has.test(relations.get(i))) {
                found.add(i);
            }
        }
        return found;
    }

    private static String known(List<Relation> relations) {
        String names = relations.stream().flatMap(relation -> relation.columns().known().stream()).distinct().limit(12).collect(Collectors.joining(", "));
        return names.isEmpty() ? "" : "; there are " + names;
    }
}
