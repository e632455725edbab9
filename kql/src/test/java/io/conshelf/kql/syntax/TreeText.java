package io.conshelf.kql.syntax;

import io.conshelf.kql.syntax.Syntax.Literal;
import io.conshelf.kql.syntax.Syntax.Name;
import io.conshelf.kql.syntax.Syntax.NameReference;
import io.conshelf.kql.syntax.Syntax.StringLiteral;
import io.conshelf.kql.syntax.Syntax.TypeName;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A syntax tree as short text for spec files, and its nodes in order: both from the records' components, so that no new
/// node can be forgotten here.
final class TreeText {
    private TreeText() {}

    /// `Pipe(T, [Where(Binary(GREATER, a, 1))])`: records by name, without spans, empty parts left out.
    static String of(Object value) {
        return switch (value) {
            case Name(String text, boolean bracketed, _) -> bracketed ? "['" + text + "']" : text;
            case NameReference(String text, boolean bracketed, _) -> bracketed ? "['" + text + "']" : text;
            case TypeName type -> type.text();
            case StringLiteral literal -> (literal.obfuscated() ? "h'" : "'") + literal.value() + "'";
            case Record node -> {
                List<String> parts = new ArrayList<>();
                for (Object part : components(node)) {
                    boolean literalText = node instanceof Literal && part instanceof String;
                    String text = literalText ? "" : of(part);
                    if (!text.isEmpty()) {
                        parts.add(text);
                    }
                }
                yield node.getClass().getSimpleName() + (parts.isEmpty() ? "" : "(" + String.join(", ", parts) + ")");
            }
            case List<?> list -> list.isEmpty() ? "" : "[" + String.join(", ", list.stream().map(TreeText::of).toList()) + "]";
            case Optional<?> optional -> optional.map(TreeText::of).orElse("");
            case Boolean flag -> flag ? "true" : "false";
            default -> value.toString();
        };
    }

    /// The node and all below it.
    static List<Syntax> nodes(Syntax root) {
        List<Syntax> nodes = new ArrayList<>(List.of(root));
        for (int i = 0; i < nodes.size(); i++) {
            nodes.addAll(children(nodes.get(i)));
        }
        return nodes;
    }

    static List<Syntax> children(Syntax node) {
        List<Syntax> children = new ArrayList<>();
        for (Object part : components((Record) node)) {
            collect(part, children);
        }
        return children;
    }

    private static void collect(Object part, List<Syntax> into) {
        switch (part) {
            case Syntax node -> into.add(node);
            case List<?> list -> list.forEach(item -> collect(item, into));
            case Optional<?> optional -> optional.ifPresent(item -> collect(item, into));
            default -> { }
        }
    }

    private static List<Object> components(Record node) {
        List<Object> parts = new ArrayList<>();
        for (RecordComponent component : node.getClass().getRecordComponents()) {
            if (component.getType() != Span.class) {
                try {
                    parts.add(component.getAccessor().invoke(node));
                } catch (ReflectiveOperationException e) {
                    throw new AssertionError(e);
                }
            }
        }
        return parts;
    }
}
