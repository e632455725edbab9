package io.conshelf.kql.bind;

import io.conshelf.kql.bind.Meaning.Rows;
import io.conshelf.kql.plan.Column;
import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.plan.Plan;
import io.conshelf.kql.plan.Plan.Assignment;
import io.conshelf.kql.plan.Plan.Expansion;
import io.conshelf.kql.syntax.Span;
import io.conshelf.kql.syntax.Syntax;
import io.conshelf.kql.syntax.Syntax.Expression;
import io.conshelf.kql.type.Type;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;

/// `evaluate bag_unpack(column, prefix, columnsConflict, ignoredProperties)`: a column a property. Which ones there are
/// the author says, or a look at the data.
final class BagUnpack {
    private static final List<String> OPTIONS = List.of("OutputColumnPrefix", "columnsConflict", "ignoredProperties");
    private static final int PROPERTIES_MAX = 2_000;

    private final Binder binder;

    BagUnpack(Binder binder) {
        this.binder = binder;
    }

    /// What one call asks for.
    private record Request(Expr bag, Column column, String prefix, String conflict, Set<String> ignored, Span at) {}

    Rows unpack(Syntax.Evaluate op, Rows input, Scope scope) {
        List<Expression> arguments = op.plugin().arguments();
        if (arguments.isEmpty()) {
            return new Rows(input.plan(), true, "");
        }
        Optional<Expr> bag = binder.expressions.expr(arguments.getFirst(), Env.of(scope, Columns.of(input), "evaluate"));
        Optional<Column> column = bag.flatMap(Calls::column);
        if (column.isEmpty()) {
            bag.ifPresent(_ -> binder.report(Messages.columnNameExpected(arguments.getFirst().span(), "evaluate")));
            return new Rows(input.plan(), true, "");
        }
        if (column.get().type() != Type.DYNAMIC) {
            binder.report(Messages.typeExpected(arguments.getFirst().span(), "evaluate", "dynamic", column.get().type()));
            return new Rows(input.plan(), true, "");
        }
        Optional<Expr> prefix = option(arguments, 0, scope);
        if (prefix.isPresent() && prefix.get().type() != Type.STRING && arguments.size() > 1) {
            binder.report(Messages.typeExpected(arguments.get(1).span(), "evaluate", "string", prefix.get().type()));
            return new Rows(input.plan(), true, "");
        }
        Optional<Expr> conflict = option(arguments, 1, scope);
        Optional<Expr> ignored = option(arguments, 2, scope);
        Set<String> names = new HashSet<>();
        ignored.flatMap(Literals::arrayItems).ifPresent(items -> items.forEach(item -> Literals.text(item).ifPresent(names::add)));
        ignored.flatMap(Literals::text).ifPresent(names::add);
        Request request = new Request(bag.get(), column.get(), prefix.flatMap(Literals::text).orElse(""),
                conflict.flatMap(Literals::text).orElse("error"), names, op.plugin().function().span());
        return op.schema().isPresent() ? declared(request, op.schema().get(), input, scope) : found(request, input, scope);
    }

    private Optional<Expr> option(List<Expression> arguments, int index, Scope scope) {
        String name = OPTIONS.get(index);
        for (int i = 1; i < arguments.size(); i++) {
            Expression argument = arguments.get(i);
            boolean named = argument instanceof Syntax.NamedExpression;
            if (named && ((Syntax.NamedExpression) argument).name().text().equals(name) || !named && i == index + 1) {
                return binder.expressions.expr(argument, Env.of(scope));
            }
        }
        return Optional.empty();
    }

    // ---------------------------------------------------------------- columns that the author declares

    private Rows declared(Request request, Syntax.RowSchema schema, Rows input, Scope scope) {
        List<Column> rest = input.columns().stream().filter(c -> !c.equals(request.column)).toList();
        List<Assignment> made = new ArrayList<>();
        for (Column declared : binder.functions.columns(schema)) {
            Optional<Column> existing = rest.stream().filter(c -> c.name().equals(declared.name())).findFirst();
            made.add(new Assignment(declared, existing
                    .map(c -> binder.calls.convert(new Expr.Ref(c), declared.type()))
                    .orElseGet(() -> property(request, key(request, declared.name()), declared.type(), scope))));
        }
        List<Assignment> others = rest.stream().filter(c -> made.stream().noneMatch(m -> m.column().name().equals(c.name()))).map(Binder::same).toList();
        List<Assignment> output = new ArrayList<>();
        switch (schema.star()) {
            case FIRST -> {
                output.addAll(others);
                output.addAll(made);
            }
            case LAST -> {
                output.addAll(made);
                output.addAll(others);
            }
            case NONE -> output.addAll(made);
        }
        return new Rows(new Plan.Project(input.plan(), output), false, "");
    }

    private static String key(Request request, String name) {
        return name.startsWith(request.prefix) ? name.substring(request.prefix.length()) : name;
    }

    private Expr property(Request request, String key, Type type, Scope scope) {
        return binder.calls.builtin("[]", List.of(request.bag, new Expr.Constant(Type.STRING, key)), request.at, Env.of(scope))
                .map(value -> binder.calls.convert(value, type))
                .orElseGet(() -> Literals.nothing(type));
    }

    // ---------------------------------------------------------------- columns that the data has

    private Rows found(Request request, Rows input, Scope scope) {
        List<Column> rest = input.columns().stream().filter(c -> !c.equals(request.column)).toList();
        Optional<Map<String, Type>> properties = look(request, input.plan(), scope);
        if (properties.isEmpty()) {
            if (!binder.isOnlyDeclared()) {
                binder.refuse(request.at, "bag_unpack without the columns it makes (': (*, name:type)') where data cannot be seen");
            }
            return new Rows(new Plan.Refused("bag_unpack", rest), true, "");
        }
        List<Assignment> output = new ArrayList<>();
        List<Assignment> made = new ArrayList<>();
        for (Column column : input.columns()) {
            String key = key(request, column.name());
            boolean unpacked = properties.get().containsKey(key) && (request.prefix + key).equals(column.name());
            if (column.equals(request.column)) {
                if (unpacked) {
                    output.add(make(request, key, properties.get().remove(key), scope));
                }
            } else if (!unpacked || request.conflict.equals("keep_source")) {
                properties.get().remove(unpacked ? key : "");
                output.add(Binder.same(column));
            } else if (request.conflict.equals("replace_source")) {
                output.add(make(request, key, properties.get().remove(key), scope));
            } else {
                binder.report(Messages.columnTwice(request.at, "evaluate", column.name()));
                return new Rows(input.plan(), true, "");
            }
        }
        properties.get().forEach((key, type) -> made.add(make(request, key, type, scope)));
        output.addAll(made);
        return new Rows(new Plan.Project(input.plan(), output), false, "");
    }

    private Assignment make(Request request, String key, Type type, Scope scope) {
        return new Assignment(binder.column(request.prefix + key, type), property(request, key, type, scope));
    }

    /// The properties there are, by name, and the type of their values.
    private Optional<Map<String, Type>> look(Request request, Plan input, Scope scope) {
        Column pair = binder.column("pair", Type.DYNAMIC);
        Plan copy = new PlanCopy(binder).copy(input);
        Column bag = copy.columns().get(input.columns().indexOf(request.column));
        Env env = Env.of(scope);
        Optional<Expr> outline = binder.calls.builtin("$bag_outline", List.of(new Expr.Ref(bag)), request.at, env);
        if (outline.isEmpty()) {
            return Optional.empty();
        }
        // Many bags have few outlines, and those are taken apart.
        Column kind = binder.column("kind", Type.DYNAMIC);
        Plan outlines = new Plan.Aggregate(copy, List.of(new Assignment(kind, outline.get())), List.of());
        Plan pairs = new Plan.Expand(outlines, List.of(new Expansion(new Expr.Ref(kind), pair, true)), Optional.empty(), OptionalLong.empty());
        Optional<Expr> key = part(pair, 0, request.at, env).flatMap(it -> binder.calls.builtin("tostring", List.of(it), request.at, env));
        Optional<Expr> type = part(pair, 1, request.at, env).flatMap(it -> binder.calls.builtin("gettype", List.of(it), request.at, env));
        if (key.isEmpty() || type.isEmpty()) {
            return Optional.empty();
        }
        Plan kinds = new Plan.Aggregate(pairs, List.of(new Assignment(binder.column("key", Type.STRING), key.get()),
                new Assignment(binder.column("type", Type.STRING), type.get())), List.of());
        return binder.lookThroughBodies(kinds, PROPERTIES_MAX).map(rows -> {
            Map<String, Type> properties = new TreeMap<>();
            for (List<String> row : rows) {
                if (!row.get(0).isEmpty() && !request.ignored.contains(row.get(0))) {
                    typeOf(row.get(1)).ifPresentOrElse(found -> properties.merge(row.get(0), found, BagUnpack::both),
                            () -> properties.putIfAbsent(row.get(0), Type.DYNAMIC));
                }
            }
            return properties;
        });
    }

    private Optional<Expr> part(Column pair, long index, Span at, Env env) {
        return binder.calls.builtin("[]", List.of(new Expr.Ref(pair), new Expr.Constant(Type.LONG, index)), at, env);
    }

    /// The type of a column for values whose `gettype()` is this; nothing for nulls, which fit any.
    private static Optional<Type> typeOf(String kind) {
        return switch (kind) {
            case "null" -> Optional.empty();
            case "array", "dictionary" -> Optional.of(Type.DYNAMIC);
            case "int" -> Optional.of(Type.LONG);
            default -> Optional.of(Type.named(kind).orElse(Type.DYNAMIC));
        };
    }

    /// By the plugin's page, also where one type could hold both, as `real` does a `long`.
    private static Type both(Type one, Type other) {
        return one == other ? one : Type.DYNAMIC;
    }
}
