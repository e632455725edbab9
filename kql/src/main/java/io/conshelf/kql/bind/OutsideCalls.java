package io.conshelf.kql.bind;

import io.conshelf.kql.bind.Meaning.Rows;
import io.conshelf.kql.plan.Column;
import io.conshelf.kql.syntax.Syntax;
import io.conshelf.kql.syntax.Syntax.Expression;
import io.conshelf.kql.type.ColumnSchema;
import io.conshelf.kql.type.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Plugins that call servers. They are sources: what rows that are piped into one would change is documented nowhere, and refused.
final class OutsideCalls {
    /// What a plugin is given, and what it answers; empty where the server or the query says that.
    private record Shape(List<Type> parameters, List<ColumnSchema> answer) {}

    private static final List<ColumnSchema> WEB_ANSWER =
            List.of(new ColumnSchema("ResponseHeaders", Type.DYNAMIC), new ColumnSchema("ResponseBody", Type.DYNAMIC));

    private static final Shape SQL = new Shape(List.of(Type.STRING, Type.STRING, Type.DYNAMIC, Type.DYNAMIC), List.of());
    private static final Map<String, Shape> SHAPES = Map.of(
            "cosmosdb_sql_request", SQL,
            "http_request", new Shape(List.of(Type.STRING, Type.DYNAMIC, Type.DYNAMIC), WEB_ANSWER),
            "http_request_post", new Shape(List.of(Type.STRING, Type.DYNAMIC, Type.DYNAMIC, Type.STRING), WEB_ANSWER),
            "infer_storage_schema", new Shape(List.of(Type.DYNAMIC), List.of(new ColumnSchema("CslSchema", Type.STRING))),
            "infer_storage_schema_with_suggestions",
            new Shape(List.of(Type.DYNAMIC), List.of(new ColumnSchema("SuggestedTableSchema", Type.STRING))),
            "mysql_request", SQL,
            "postgresql_request", SQL,
            "sql_request", SQL);

    static final Set<String> NAMES = SHAPES.keySet();

    private final Binder binder;
    private final OutsideSources outside;

    OutsideCalls(Binder binder) {
        this.binder = binder;
        outside = new OutsideSources(binder);
    }

    /// @param op of one of [#NAMES], with at least the arguments that it must have
    Rows rows(Syntax.Evaluate op, Optional<Rows> piped, Scope scope) {
        String name = op.plugin().function().text();
        if (piped.isPresent()) {
            binder.refuse(op.plugin().function().span(), "rows piped into " + name);
        }
        Shape shape = SHAPES.get(name);
        List<Expression> arguments = op.plugin().arguments();
        Optional<List<ColumnSchema>> declared = op.schema().map(schema -> outside.columns(schema, "evaluate"))
                .or(() -> shape.answer.isEmpty() ? Optional.empty() : Optional.of(shape.answer));
        if (arguments.size() > shape.parameters.size()) {
            binder.report(Messages.wrongArgumentCount(
                    op.plugin().function().span(), name, "at most " + Calls.plural(shape.parameters.size()), arguments.size()));
            return unknown(declared);
        }
        List<Outside.Value> values = new ArrayList<>();
        for (int i = 0; i < arguments.size(); i++) {
            outside.value(arguments.get(i), shape.parameters.get(i), "evaluate", scope).ifPresent(values::add);
        }
        return values.size() < arguments.size()
                ? unknown(declared)
                : outside.rows(new Outside.Call(name, values, declared), op.plugin().function().span());
    }

    private Rows unknown(Optional<List<ColumnSchema>> declared) {
        List<Column> columns = declared.orElse(List.of()).stream().map(c -> binder.column(c.name(), c.type())).toList();
        return new Rows(binder.nothing(columns), declared.isEmpty(), "");
    }
}
