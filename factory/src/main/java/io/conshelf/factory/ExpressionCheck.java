package io.conshelf.factory;

import io.conshelf.connectors.definition.Located;
import io.conshelf.factory.expression.Checker;
import io.conshelf.factory.expression.ExpressionException;
import io.conshelf.factory.expression.References;
import io.conshelf.factory.expression.References.Reference;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Checks the expressions inside a definition's value: their grammar, and that what they name is there.
final class ExpressionCheck {
    private static final int LENGTH_MAX = 8_192;
    private static final Set<String> NO_CODE = Set.of("name", "type", "description", "annotations");

    private final Findings findings;

    ExpressionCheck(Findings findings) {
        this.findings = findings;
    }

    /// Where an expression stands, and so what it sees. Absent sets are not checked.
    ///
    /// @param roots      functions that exist here, in lower case
    /// @param activities the activities of the pipeline
    /// @param before     the activities that have ended when the expression is evaluated
    record Place(String what, Set<String> roots, Optional<Set<String>> parameters, Optional<Set<String>> variables, Optional<Set<String>> globals,
            Optional<Set<String>> activities, Set<String> before, Optional<Set<String>> own) {

        static Place pipeline(Set<String> parameters, Set<String> variables, Set<String> globals, Set<String> activities) {
            return new Place("pipeline", Set.of("pipeline", "variables", "activity"), Optional.of(parameters), Optional.of(variables), Optional.of(globals),
                    Optional.of(activities), Set.of(), Optional.empty());
        }

        /// Inside a resource with parameters. Articles read the running pipeline there too.
        static Place resource(String function, Set<String> parameters, Set<String> globals) {
            return new Place(function, Set.of("pipeline", "variables", "activity", "item", function.toLowerCase(Locale.ROOT)), Optional.empty(),
                    Optional.empty(), Optional.of(globals), Optional.empty(), Set.of(), Optional.of(parameters));
        }

        static Place trigger(Set<String> globals) {
            return new Place("trigger", Set.of("pipeline", "trigger", "triggerbody"), Optional.empty(), Optional.empty(), Optional.of(globals),
                    Optional.empty(), Set.of(), Optional.empty());
        }

        Place after(Set<String> ended) {
            return new Place(what, roots, parameters, variables, globals, activities, ended, own);
        }

        Place withItem() {
            Set<String> more = new HashSet<>(roots);
            more.add("item");
            return new Place(what, more, parameters, variables, globals, activities, before, own);
        }
    }

    void check(Located value, Place place) {
        if (value.value().isTextual()) {
            text(value, place);
        }
        value.items().forEach(item -> check(item, place));
        code(value).forEach(inner -> check(inner, place));
    }

    /// The properties that may hold expressions. Names and descriptions are text, whatever they begin with.
    private static List<Located> code(Located value) {
        return value.properties().stream().filter(property -> !NO_CODE.contains(property.getKey())).map(Map.Entry::getValue).toList();
    }

    private void text(Located value, Place place) {
        String text = value.text("");
        if (text.indexOf('@') < 0) {
            return;
        }
        List<ExpressionException> mistakes = Checker.check(text);
        mistakes.forEach(mistake -> findings.problem(value.problem(mistake.getMessage() + character(mistake.at()))));
        List<Reference> references = References.of(text);
        if (!references.isEmpty() && text.length() > LENGTH_MAX) {
            findings.remark(value.problem("the expression has " + text.length() + " characters; the service takes at most " + LENGTH_MAX));
        }
        references.forEach(reference -> reference(value, reference, place));
    }

    private void reference(Located value, Reference reference, Place place) {
        switch (reference) {
            case Reference.Variable(String name, int at) -> place.variables().ifPresent(known -> declared(value, "the pipeline has no variable", name, at, known));
            case Reference.Parameter(String name, int at) ->
                    place.parameters().ifPresent(known -> declared(value, "the pipeline has no parameter", name, at, known));
            case Reference.GlobalParameter(String name, int at) ->
                    place.globals().ifPresent(known -> declared(value, "the pipeline has no global parameter", name, at, known));
            case Reference.DatasetParameter(String name, int at) -> own(value, "dataset", name, at, place);
            case Reference.LinkedServiceParameter(String name, int at) -> own(value, "linkedService", name, at, place);
            case Reference.Activity(String name, int at) -> place.activities().ifPresent(known -> activity(value, name, at, known, place));
            case Reference.Root(String name, int at) -> root(value, name, at, place);
        }
    }

    private void activity(Located value, String name, int at, Set<String> known, Place place) {
        if (!has(known, name)) {
            declared(value, "the pipeline has no activity", name, at, known);
        } else if (!has(place.before(), name)) {
            findings.problem(value.problem("activity '" + name + "' cannot be read here: it does not come before this one; name it in 'dependsOn'"
                    + character(at)));
        }
    }

    private void own(Located value, String function, String name, int at, Place place) {
        if (place.what().equals(function)) {
            place.own().ifPresent(known -> declared(value, "there is no parameter", name, at, known));
        }
    }

    private void root(Located value, String name, int at, Place place) {
        if (!place.roots().contains(name.toLowerCase(Locale.ROOT))) {
            findings.problem(value.problem("'" + name + "()' exists only " + switch (name.toLowerCase(Locale.ROOT)) {
                case "item" -> "inside a ForEach or Filter activity";
                case "dataset" -> "in a dataset with parameters";
                case "linkedservice" -> "in a linked service with parameters";
                case "trigger", "triggerbody" -> "in the parameters of a trigger; pass it to a parameter of the pipeline";
                default -> "in a pipeline";
            } + character(at)));
        }
    }

    private void declared(Located value, String what, String name, int at, Set<String> names) {
        if (!has(names, name)) {
            findings.problem(value.problem(what + " '" + name + "'; it has " + (names.isEmpty() ? "none" : String.join(", ", names)) + character(at)));
        }
    }

    private static boolean has(Collection<String> names, String name) {
        return names.stream().anyMatch(name::equalsIgnoreCase);
    }

    private static String character(int at) {
        return " (character " + (at + 1) + ")";
    }
}
