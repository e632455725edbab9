package io.conshelf.kql.bind;

import io.conshelf.kql.bind.Meaning.Rows;
import io.conshelf.kql.plan.Column;
import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.plan.Plan;
import io.conshelf.kql.plan.Plan.Assignment;
import io.conshelf.kql.syntax.Syntax;
import io.conshelf.kql.syntax.Syntax.Expression;
import io.conshelf.kql.type.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// `evaluate`: the plugins.
final class Plugins {
    private static final Set<String> KNOWN = Set.of("active_users_count", "activity_counts_metrics", "activity_engagement",
            "activity_metrics", "ai_chat_completion", "ai_chat_completion_prompt", "ai_embed_text", "ai_embeddings",
            "autocluster", "azure_digital_twins_query_request", "bag_unpack", "basket", "cosmosdb_sql_request", "csharp",
            "dax_request", "dcount_intersect", "diffpatterns", "estimate_rows_count", "execute_query",
            "execute_show_command", "external_datatable", "funnel_sequence", "funnel_sequence_completion",
            "geo_line_lookup", "geo_polygon_lookup", "http_request", "http_request_post", "identity",
            "infer_storage_schema", "infer_storage_schema_with_suggestions", "ipv4_lookup", "ipv6_lookup",
            "mysql_request", "narrow", "new_activity_metrics", "pivot", "postgresql_request", "preview", "python", "r",
            "rolling_percentile", "rows_near", "schema_merge", "sequence_detect", "session_count",
            "sliding_window_counts", "sql_request");

    private final Binder binder;

    Plugins(Binder binder) {
        this.binder = binder;
    }

    Optional<Rows> evaluate(Syntax.Evaluate op, Optional<Rows> piped, Scope scope) {
        String name = op.plugin().function().text();
        if (!KNOWN.contains(name)) {
            binder.report(Messages.unknownPlugin(op.plugin().function().span(), name));
            return Optional.empty();
        }
        Rows input = piped.orElseGet(() -> Rows.of(binder.nothing(List.of())));
        return Optional.of(switch (name) {
            case "bag_unpack" -> bagUnpack(op, input, scope);
            case "identity" -> input;
            default -> refused(op, input, name, scope);
        });
    }

    /// What a plugin answers that is not built yet: the columns its author declares, or those it is known to have.
    private Rows refused(Syntax.Evaluate op, Rows input, String name, Scope scope) {
        binder.refuse(op.plugin().function().span(), "evaluate " + name);
        PluginColumns.Answer answer = new PluginColumns(binder).of(op, input, scope);
        if (op.schema().isEmpty()) {
            List<Column> columns = answer.columns().stream().map(c -> binder.column(c.name(), c.type())).toList();
            return new Rows(new Plan.Refused(name, columns), answer.open() || input.open(), "");
        }
        List<Column> columns = new ArrayList<>();
        switch (op.schema().get().star()) {
            case FIRST -> {
                columns.addAll(input.columns());
                columns.addAll(binder.functions.columns(op.schema().get()));
            }
            case LAST -> {
                columns.addAll(binder.functions.columns(op.schema().get()));
                columns.addAll(input.columns());
            }
            case NONE -> columns.addAll(binder.functions.columns(op.schema().get()));
        }
        return Rows.of(new Plan.Refused(name, columns));
    }

    /// `bag_unpack(column, prefix)`: a column a property. Which ones only the data knows, unless the author says.
    private Rows bagUnpack(Syntax.Evaluate op, Rows input, Scope scope) {
        List<Expression> arguments = op.plugin().arguments();
        if (arguments.isEmpty()) {
            binder.report(Messages.wrongArgumentCount(op.plugin().function().span(), "bag_unpack", "1 to 4 arguments", 0));
            return new Rows(input.plan(), true, "");
        }
        Optional<Expr> bag = binder.expressions.expr(arguments.getFirst(), Env.of(scope, Columns.of(input), "evaluate"));
        Optional<String> prefix = arguments.size() > 1 && !(arguments.get(1) instanceof Syntax.NamedExpression)
                ? binder.expressions.expr(arguments.get(1), Env.of(scope)).flatMap(Literals::text) : Optional.empty();
        Optional<Column> column = bag.flatMap(Calls::column);
        if (column.isEmpty()) {
            return new Rows(input.plan(), true, "");
        }
        List<Column> rest = input.columns().stream().filter(c -> !c.equals(column.get())).toList();
        if (op.schema().isEmpty()) {
            binder.refuse(op.plugin().function().span(), "bag_unpack without the columns it makes (': (*, name:type)')");
            return new Rows(new Plan.Refused("bag_unpack", rest), true, "");
        }
        List<Assignment> output = new ArrayList<>();
        List<Assignment> made = new ArrayList<>();
        for (Column declared : binder.functions.columns(op.schema().get())) {
            Optional<Column> existing = rest.stream().filter(c -> c.name().equals(declared.name())).findFirst();
            made.add(existing.map(c -> new Assignment(declared, binder.calls.convert(new Expr.Ref(c), declared.type())))
                    .orElseGet(() -> new Assignment(declared, property(bag.get(), declared, prefix.orElse(""), op, scope))));
        }
        switch (op.schema().get().star()) {
            case FIRST -> {
                rest.stream().map(Binder::same).forEach(output::add);
                output.addAll(made);
            }
            case LAST -> {
                output.addAll(made);
                rest.stream().map(Binder::same).forEach(output::add);
            }
            case NONE -> output.addAll(made);
        }
        return new Rows(new Plan.Project(input.plan(), output), false, "");
    }

    private Expr property(Expr bag, Column column, String prefix, Syntax.Evaluate op, Scope scope) {
        String key = column.name().startsWith(prefix) ? column.name().substring(prefix.length()) : column.name();
        return binder.calls.builtin("[]", List.of(bag, new Expr.Constant(Type.STRING, key)), op.span(), Env.of(scope))
                .map(value -> binder.calls.convert(value, column.type()))
                .orElseGet(() -> Literals.nothing(column.type()));
    }
}
