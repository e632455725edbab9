package io.conshelf.kql.bind;

import io.conshelf.kql.bind.Meaning.Rows;
import io.conshelf.kql.plan.Column;
import io.conshelf.kql.plan.Plan;
import io.conshelf.kql.plan.Plan.Assignment;
import io.conshelf.kql.syntax.Syntax;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// What `evaluate plugin(…) : (a:long, b:string)` says of the plugin's columns. By the pages of the plugins that have one it is an
/// error where they are others.
final class OutputSchema {
    private final Binder binder;

    OutputSchema(Binder binder) {
        this.binder = binder;
    }

    /// The plugin's columns in the order that is declared; a star stands for those that are not named.
    Rows fitted(Syntax.Evaluate op, Rows made) {
        if (op.schema().isEmpty()) {
            return made;
        }
        Syntax.RowSchema schema = op.schema().get();
        List<Column> declared = binder.functions.columns(schema);
        List<Column> rest = new ArrayList<>(made.columns());
        List<Column> named = new ArrayList<>();
        for (Column column : declared) {
            Optional<Column> found = rest.stream().filter(c -> c.name().equals(column.name()) && c.type() == column.type()).findFirst();
            found.ifPresent(named::add);
            found.ifPresent(rest::remove);
        }
        if (named.size() < declared.size() || !schema.isOpen() && !rest.isEmpty()) {
            binder.report(Messages.outputDiffers(op.plugin().function().span(), op.plugin().function().text(), text(made.columns()), text(declared)));
            return new Rows(made.plan(), true, "");
        }
        List<Column> output = new ArrayList<>(switch (schema.star()) {
            case FIRST -> rest;
            case LAST, NONE -> named;
        });
        output.addAll(switch (schema.star()) {
            case FIRST -> named;
            case LAST -> rest;
            case NONE -> List.of();
        });
        List<Assignment> same = output.stream().map(Binder::same).toList();
        return Rows.of(new Plan.Project(made.plan(), same));
    }

    private static String text(List<Column> columns) {
        return columns.stream().map(c -> c.name() + ":" + c.type()).collect(Collectors.joining(", "));
    }
}
