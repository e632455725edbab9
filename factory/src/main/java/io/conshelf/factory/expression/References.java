package io.conshelf.factory.expression;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// What a template's expressions refer to by name, as far as the names stand in them.
public final class References {
    private final List<Reference> found = new ArrayList<>();

    private References() {}

    /// @param at index of the name in the template's text
    public sealed interface Reference {
        String name();

        int at();

        record Variable(String name, int at) implements Reference {}

        record Parameter(String name, int at) implements Reference {}

        record GlobalParameter(String name, int at) implements Reference {}

        record Activity(String name, int at) implements Reference {}

        /// `dataset().name`
        record DatasetParameter(String name, int at) implements Reference {}

        /// `linkedService().name`
        record LinkedServiceParameter(String name, int at) implements Reference {}

        /// A call of a function that exists in some places only: `item()`, `trigger()` and the like.
        record Root(String name, int at) implements Reference {}
    }

    private static final Set<String> ROOTS = Set.of("pipeline", "item", "dataset", "linkedservice", "trigger", "triggerbody", "variables", "activity");

    /// The references of a text; none where it cannot be read.
    public static List<Reference> of(String text) {
        References references = new References();
        try {
            Template.parse(text).expressions().forEach(references::visit);
        } catch (ExpressionException unreadable) {
            return List.of();
        }
        return List.copyOf(references.found);
    }

    private void visit(Expression expression) {
        switch (expression) {
            case Expression.Literal _ -> {}
            case Expression.Property property -> {
                if (!property.isNullSafe()) {
                    parameter(property.target(), property.name(), property.at());
                }
                visit(property.target());
            }
            case Expression.Index index -> {
                if (!index.isNullSafe() && index.index() instanceof Expression.Literal literal && literal.value().isTextual()) {
                    parameter(index.target(), literal.value().textValue(), literal.at());
                }
                visit(index.target());
                visit(index.index());
            }
            case Expression.Call call -> {
                if (ROOTS.contains(call.function().toLowerCase(Locale.ROOT))) {
                    found.add(new Reference.Root(call.function(), call.at()));
                }
                if (call.arguments().size() == 1 && call.arguments().getFirst() instanceof Expression.Literal literal && literal.value().isTextual()) {
                    String name = literal.value().textValue();
                    if (call.function().equalsIgnoreCase("variables")) {
                        found.add(new Reference.Variable(name, literal.at()));
                    } else if (call.function().equalsIgnoreCase("activity")) {
                        found.add(new Reference.Activity(name, literal.at()));
                    }
                }
                call.arguments().forEach(this::visit);
            }
        }
    }

    /// `pipeline().parameters.name`, `pipeline().globalParameters.name` and the parameters of resources.
    private void parameter(Expression target, String name, int at) {
        if (target instanceof Expression.Call root && root.function().equalsIgnoreCase("dataset")) {
            found.add(new Reference.DatasetParameter(name, at));
        } else if (target instanceof Expression.Call root && root.function().equalsIgnoreCase("linkedService")) {
            found.add(new Reference.LinkedServiceParameter(name, at));
        }
        if (target instanceof Expression.Property(Expression.Call root, String member, boolean _, int _) && root.function().equalsIgnoreCase("pipeline")) {
            if (member.equalsIgnoreCase("parameters")) {
                found.add(new Reference.Parameter(name, at));
            } else if (member.equalsIgnoreCase("globalParameters")) {
                found.add(new Reference.GlobalParameter(name, at));
            }
        }
    }
}
