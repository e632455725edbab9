package io.conshelf.kql.bind;

import io.conshelf.kql.bind.GraphElements.Edge;
import io.conshelf.kql.bind.GraphElements.Element;
import io.conshelf.kql.bind.GraphElements.Node;
import io.conshelf.kql.bind.GraphElements.Path;
import io.conshelf.kql.bind.Meaning.Scalar;
import io.conshelf.kql.plan.Column;
import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.plan.Plan.PathFold;
import io.conshelf.kql.plan.Plan.PathPart;
import io.conshelf.kql.syntax.Syntax;
import io.conshelf.kql.syntax.Syntax.Expression;
import io.conshelf.kql.type.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The functions that only the operators over graphs have: `map(e, value)`, `all(e, predicate)`, `any(e, predicate)`, each over
/// the edges of `e` or over `inner_nodes(e)`, and what is known of nodes.
final class GraphFunctions {
    private final Binder binder;

    GraphFunctions(Binder binder) {
        this.binder = binder;
    }

    /// Empty where the call is not one of these.
    Optional<Meaning> call(Syntax.FunctionCall call, Env env) {
        if (env.graph() == GraphElements.NONE) {
            return Optional.empty();
        }
        String name = call.function().text();
        return switch (name) {
            case "map", "all", "any" -> Optional.of(fold(call, name, env));
            case "inner_nodes" -> Optional.of(innerNodes(call, env));
            case "node_degree_in", "node_degree_out", "node_id" -> Optional.of(ofNode(call, name, env));
            case "labels" -> Optional.of(labels(call, env));
            case String _ -> Optional.empty();
        };
    }

    /// The name of an element without a dot: its properties, of an edge of variable length those of each edge.
    Meaning element(String name, Env env) {
        return switch (env.graph().byName().get(name)) {
            case Node node -> Scalar.named(bag(node.visible()), name);
            case Edge edge -> Scalar.named(bag(edge.visible()), name);
            case Path path -> Scalar.named(path.add(binder, PathPart.EDGES, PathFold.LIST, bag(path.edge().visible())), name);
        };
    }

    /// Without nulls and empty strings, by recorded answers.
    private Expr bag(List<Column> columns) {
        List<Expr> arguments = new ArrayList<>();
        columns.forEach(column -> {
            arguments.add(new Expr.Constant(Type.STRING, column.name()));
            arguments.add(new Expr.Ref(column));
        });
        return binder.calls.tryBuiltin("bag_pack", arguments).flatMap(bag -> binder.calls.tryBuiltin("{-}", List.of(bag)))
                .orElseGet(() -> new Expr.Null(Type.DYNAMIC));
    }

    private Meaning innerNodes(Syntax.FunctionCall call, Env env) {
        Optional<Path> path = call.arguments().size() == 1 ? path(call.arguments().getFirst(), env) : Optional.empty();
        if (path.isEmpty()) {
            return binder.fail(Messages.graphExpected(call.span(), "inner_nodes"));
        }
        Expr each = bag(path.get().node().visible());
        return Scalar.unnamed(path.get().add(binder, PathPart.INNER_NODES, PathFold.LIST, each));
    }

    private static Optional<Path> path(Expression expression, Env env) {
        return expression instanceof Syntax.NameReference(String name, _, _)
                && env.graph().byName().get(name) instanceof Path path ? Optional.of(path) : Optional.empty();
    }

    private Meaning fold(Syntax.FunctionCall call, String name, Env env) {
        if (call.arguments().size() != 2) {
            return binder.fail(Messages.wrongArgumentCount(call.function().span(), name, "2 arguments", call.arguments().size()));
        }
        Expression over = call.arguments().getFirst();
        Expression value = call.arguments().getLast();
        if (over instanceof Syntax.FunctionCall inner && inner.function().text().equals("inner_nodes")
                && inner.arguments().size() == 1 && path(inner.arguments().getFirst(), env) instanceof Optional<Path> path
                && path.isPresent()) {
            Node node = path.get().node();
            return fold(path.get(), PathPart.INNER_NODES, name, value,
                    env.with(Columns.of(node.visible(), false)).withElements(env.sides(), env.graph().at(node)));
        }
        Optional<Element> element = over instanceof Syntax.NameReference(String called, _, _)
                ? Optional.ofNullable(env.graph().byName().get(called)) : Optional.empty();
        if (element.isEmpty()) {
            return binder.fail(Messages.graphExpected(over.span(), name));
        }
        return switch (element.get()) {
            case Path path -> fold(path, PathPart.EDGES, name, value,
                    env.with(path.edge().columns()).withElements(env.sides(), env.graph().at(path.edge())));
            case Node node -> one(name, value, env.with(node.columns()).withElements(env.sides(), env.graph().at(node)));
            case Edge edge -> one(name, value, env.with(edge.columns()).withElements(env.sides(), env.graph().at(edge)));
        };
    }

    private Meaning fold(Path path, PathPart of, String name, Expression value, Env env) {
        List<Column> within = (of == PathPart.EDGES ? path.edge().plan() : path.node().plan()).columns();
        if (name.equals("map")) {
            return binder.expressions.expr(value, env).filter(expr -> isOnlyOf(within, expr, name, value))
                    .<Meaning>map(expr -> Scalar.unnamed(path.add(binder, of, PathFold.LIST, expr))).orElseGet(Meaning.Failed::new);
        }
        PathFold fold = name.equals("all") ? PathFold.ALL : PathFold.ANY;
        return binder.expressions.predicate(value, env).filter(expr -> isOnlyOf(within, expr, name, value))
                .<Meaning>map(expr -> Scalar.unnamed(path.add(binder, of, fold, expr))).orElseGet(Meaning.Failed::new);
    }

    /// Along a path only its own parts are at hand.
    private boolean isOnlyOf(List<Column> within, Expr expr, String function, Expression at) {
        boolean only = within.containsAll(ExprWalk.columns(expr));
        if (!only) {
            binder.refuse(at.span(), "properties of another element in " + function + "()");
        }
        return only;
    }

    /// Over an element that is a single node or edge.
    private Meaning one(String name, Expression value, Env env) {
        if (name.equals("map")) {
            return binder.expressions.expr(value, env).flatMap(expr -> binder.calls.tryBuiltin("pack_array", List.of(expr)))
                    .<Meaning>map(Scalar::unnamed).orElseGet(Meaning.Failed::new);
        }
        return binder.expressions.predicate(value, env).<Meaning>map(Scalar::unnamed).orElseGet(Meaning.Failed::new);
    }

    /// Only graphs that are kept and those of models have labels.
    private Meaning labels(Syntax.FunctionCall call, Env env) {
        if (call.arguments().size() > 1) {
            return binder.fail(Messages.wrongArgumentCount(call.function().span(), "labels", "at most 1 argument", call.arguments().size()));
        }
        Optional<Element> element = call.arguments().isEmpty() ? env.graph().here()
                : call.arguments().getFirst() instanceof Syntax.NameReference(String called, _, _)
                        ? Optional.ofNullable(env.graph().byName().get(called)) : Optional.empty();
        if (element.isEmpty()) {
            return call.arguments().isEmpty() ? Scalar.unnamed(labels(Optional.empty()))
                    : binder.fail(Messages.error(call.arguments().getFirst().span(), "labels(): a node or an edge of the pattern is expected here"));
        }
        return Scalar.unnamed(switch (element.get()) {
            case Path path -> path.add(binder, PathPart.EDGES, PathFold.LIST, labels(path.edge().labels()));
            case Node node -> labels(node.labels());
            case Edge edge -> labels(edge.labels());
        });
    }

    private static Expr labels(Optional<Column> column) {
        return column.<Expr>map(Expr.Ref::new).orElseGet(() -> new Expr.Constant(Type.DYNAMIC, "[]"));
    }

    private Meaning ofNode(Syntax.FunctionCall call, String name, Env env) {
        if (call.arguments().size() > 1) {
            return binder.fail(Messages.wrongArgumentCount(call.function().span(), name, "at most 1 argument", call.arguments().size()));
        }
        Optional<Node> node = call.arguments().isEmpty() ? env.graph().here().filter(Node.class::isInstance).map(Node.class::cast)
                : call.arguments().getFirst() instanceof Syntax.NameReference(String called, _, _)
                        && env.graph().byName().get(called) instanceof Node named ? Optional.of(named) : Optional.empty();
        if (node.isEmpty()) {
            return binder.fail(Messages.error(call.span(), name + "(): a node of the pattern is expected here"));
        }
        return Scalar.unnamed(switch (name) {
            case "node_degree_in" -> new Expr.Ref(node.get().incoming());
            case "node_degree_out" -> new Expr.Ref(node.get().outgoing());
            case String _ -> binder.calls.convert(new Expr.Ref(node.get().id()), Type.STRING);
        });
    }
}
