package io.conshelf.factory;

import io.conshelf.factory.activity.ActivityType;
import io.conshelf.factory.activity.ActivityType.Treatment;
import io.conshelf.factory.activity.ActivityTypes;
import io.conshelf.factory.copy.Catalogue;
import io.conshelf.factory.copy.Catalogue.Kind;
import io.conshelf.factory.copy.Declaration;
import io.conshelf.factory.copy.Parts;
import io.conshelf.factory.definition.Activity;
import io.conshelf.factory.definition.Factory;
import io.conshelf.factory.definition.Located;
import io.conshelf.factory.definition.Parameter;
import io.conshelf.factory.definition.Pipeline;
import io.conshelf.factory.definition.Problem;
import io.conshelf.factory.definition.Resource;
import io.conshelf.factory.expression.Checker;
import io.conshelf.factory.expression.ExpressionException;
import io.conshelf.factory.expression.References;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/// Finds every mistake in a pipeline, in the pipelines it starts, and in the datasets and linked services it names.
final class Validator {
    private static final int ACTIVITY_NAME_MAX = 260;
    private static final Set<String> LOOPS = Set.of("foreach", "until");
    private static final Set<String> BRANCHES = Set.of("ifcondition", "switch");

    private final Factory factory;
    // A set, because two activities may name the same broken dataset.
    private final Set<Problem> problems = new LinkedHashSet<>();
    private final Set<Problem> remarks = new LinkedHashSet<>();
    private final Set<String> seen = new HashSet<>();

    Validator(Factory factory) {
        this.factory = factory;
    }

    List<Problem> validate(String pipelineName) {
        pipeline(pipelineName);
        return List.copyOf(problems);
    }

    /// After `validate`: what the definitions say that is not known here. It is kept, and has no effect.
    List<Problem> remarks() {
        return List.copyOf(remarks);
    }

    static Problem noPipeline(Factory factory, String name) {
        return new Problem("pipeline/", "", "there is no pipeline '" + name + "'; there are " + factory.pipelines().keySet());
    }

    private void pipeline(String name) {
        if (!seen.add("pipeline " + name.toLowerCase(Locale.ROOT))) {
            return;
        }
        Resource resource = factory.pipelines().get(name);
        if (resource == null) {
            problems.add(noPipeline(factory, name));
            return;
        }
        Pipeline pipeline = Pipeline.read(resource, problems::add);
        if (!resource.properties().at("activities").value().isArray()) {
            problems.add(resource.properties().at("activities").problem("a pipeline has a list of activities"));
        }
        defaults(pipeline.parameters());
        defaults(pipeline.variables());
        activities(pipeline.activities(), List.of());
        expressions(resource.properties().at("activities"));
        Set<String> activities = new TreeSet<>();
        names(pipeline.activities(), activities);
        references(resource.properties().at("activities"), pipeline, activities);
    }

    private void names(List<Activity> list, Set<String> names) {
        for (Activity activity : list) {
            names.add(activity.name());
            ActivityTypes.find(activity.type()).ifPresent(type ->
                    type.inner().apply(activity).forEach(inner -> names(Activity.readAll(inner, _ -> {}), names)));
        }
    }

    private void references(Located value, Pipeline pipeline, Set<String> activities) {
        for (References.Reference reference : References.of(value.text(""))) {
            switch (reference) {
                case References.Reference.Variable(String name, int at) -> declared(value, "variable", name, at, pipeline.variables().keySet());
                case References.Reference.Parameter(String name, int at) -> declared(value, "parameter", name, at, pipeline.parameters().keySet());
                case References.Reference.GlobalParameter(String name, int at) ->
                        declared(value, "global parameter", name, at, factory.globalParameters().keySet());
                case References.Reference.Activity(String name, int at) -> declared(value, "activity", name, at, activities);
            }
        }
        value.items().forEach(item -> references(item, pipeline, activities));
        code(value).forEach(inner -> references(inner, pipeline, activities));
    }

    private void declared(Located value, String kind, String name, int at, Set<String> names) {
        if (names.stream().noneMatch(name::equalsIgnoreCase)) {
            problems.add(value.problem("the pipeline has no " + kind + " '" + name + "'; it has " + (names.isEmpty() ? "none" : String.join(", ", names))
                    + " (character " + (at + 1) + ")"));
        }
    }

    private void defaults(Map<String, Parameter> declared) {
        declared.values().forEach(parameter -> parameter.value().filter(value -> !value.isTextual() || !value.textValue().startsWith("@"))
                .filter(value -> !parameter.accepts(value))
                .ifPresent(value -> problems.add(parameter.declaration().at("defaultValue").problem("'" + parameter.name() + "' is of type "
                        + parameter.type().title() + ", and " + value + " is not one"))));
    }

    private void activities(List<Activity> activities, List<String> containers) {
        Map<String, Activity> byName = new LinkedHashMap<>();
        for (Activity activity : activities) {
            if (byName.put(activity.name(), activity) != null) {
                problems.add(activity.definition().at("name").problem("there are two activities '" + activity.name() + "'"));
            }
            if (activity.name().length() > ACTIVITY_NAME_MAX || activity.name().isBlank()) {
                problems.add(activity.definition().at("name").problem("an activity's name has 1 to " + ACTIVITY_NAME_MAX + " characters"));
            }
        }
        dependencies(activities, byName);
        for (Activity activity : activities) {
            nesting(activity, containers);
            ActivityTypes.find(activity.type()).ifPresentOrElse(type -> activity(activity, type, containers),
                    () -> problems.add(activity.definition().at("type").problem("the activity type '" + activity.type() + "' of '" + activity.name()
                            + "' is not supported yet; there are " + ActivityTypes.all().stream().map(ActivityType::name).toList())));
        }
    }

    private void dependencies(List<Activity> activities, Map<String, Activity> byName) {
        for (Activity activity : activities) {
            List<Located> stated = activity.definition().at("dependsOn").items();
            for (int i = 0; i < stated.size(); i++) {
                if (!byName.containsKey(activity.dependencies().get(i).activity())) {
                    problems.add(stated.get(i).at("activity").problem("'" + activity.name() + "' depends on '" + activity.dependencies().get(i).activity()
                            + "', which is not beside it"));
                }
            }
        }
        Set<String> done = new HashSet<>();
        boolean hasMoved = true;
        while (hasMoved) {
            hasMoved = false;
            for (Activity activity : activities) {
                boolean isFree = activity.dependencies().stream().map(Activity.Dependency::activity).allMatch(name -> done.contains(name) || !byName.containsKey(name));
                hasMoved |= isFree && done.add(activity.name());
            }
        }
        activities.stream().filter(activity -> !done.contains(activity.name())).findFirst().ifPresent(activity ->
                problems.add(activity.definition().at("dependsOn").problem("'" + activity.name() + "' waits, through others, for itself")));
    }

    private void nesting(Activity activity, List<String> containers) {
        String type = activity.type().toLowerCase(Locale.ROOT);
        boolean isInBranch = containers.stream().anyMatch(BRANCHES::contains);
        boolean isInLoop = containers.stream().anyMatch(LOOPS::contains);
        if (isInBranch && (LOOPS.contains(type) || BRANCHES.contains(type)) || isInLoop && LOOPS.contains(type)) {
            problems.add(activity.definition().at("type").problem("'" + activity.name() + "' of type " + activity.type() + " cannot stand inside "
                    + String.join(" inside ", containers) + "; move it to a pipeline of its own and use ExecutePipeline"));
        }
    }

    private void activity(Activity activity, ActivityType type, List<String> containers) {
        Located properties = activity.typeProperties();
        for (ActivityType.Property property : type.properties()) {
            Located value = properties.at(property.name());
            if (property.isRequired() && !value.isPresent()) {
                problems.add(value.problem("'" + activity.name() + "' of type " + type.name() + " needs '" + property.name() + "'"));
            }
            if (property.treatment() == Treatment.REFUSED && Declaration.isMeant(value)) {
                problems.add(value.problem("'" + property.name() + "' of " + type.name() + " is not supported yet: " + property.note()));
            }
        }
        for (Map.Entry<String, Located> property : properties.properties()) {
            if (type.property(property.getKey()).isEmpty()) {
                remarks.add(property.getValue().problem("'" + property.getKey() + "' is not a property of " + type.name() + " and has no effect"));
            }
        }
        for (String part : List.of("source", "sink")) {
            Parts.remark(properties.at(part), remarks::add);
        }
        type.check().check(activity, problems::add);
        references(activity);
        List<String> inside = new ArrayList<>(containers);
        inside.addFirst(type.name().toLowerCase(Locale.ROOT));
        for (Located list : type.inner().apply(activity)) {
            activities(Activity.readAll(list, problems::add), inside);
        }
    }

    private void references(Activity activity) {
        activity.definition().at("inputs").items().forEach(this::dataset);
        activity.definition().at("outputs").items().forEach(this::dataset);
        if (activity.typeProperties().at("dataset").isPresent()) {
            dataset(activity.typeProperties().at("dataset"));
        }
        if (activity.definition().at("linkedServiceName").isPresent()) {
            linkedService(activity.definition().at("linkedServiceName"));
        }
        if (activity.type().equalsIgnoreCase("ExecutePipeline")) {
            pipeline(activity.typeProperties().at("pipeline").at("referenceName").text(""));
        }
    }

    private void dataset(Located reference) {
        String name = reference.at("referenceName").text().or(() -> reference.at("name").text()).orElse("");
        Resource dataset = factory.datasets().get(name);
        if (dataset == null) {
            problems.add(reference.at("referenceName").problem("there is no dataset '" + name + "'; there are " + factory.datasets().keySet()));
            return;
        }
        given(reference, dataset);
        if (!seen.add("dataset " + dataset.name())) {
            return;
        }
        Located properties = dataset.properties().at("typeProperties");
        Catalogue.require(Kind.DATASET, dataset.properties(), problems::add).ifPresent(declared -> declared(declared, properties));
        Located location = properties.at("location");
        if (location.isPresent()) {
            Catalogue.require(Kind.LOCATION, location, problems::add).ifPresent(declared -> declared(declared, location));
        }
        expressions(dataset.properties());
        linkedService(dataset.properties().at("linkedServiceName"));
    }

    private void linkedService(Located reference) {
        String name = reference.at("referenceName").text("");
        Resource service = factory.linkedServices().get(name);
        if (service == null) {
            problems.add(reference.at("referenceName").problem("there is no linked service '" + name + "'; there are " + factory.linkedServices().keySet()));
            return;
        }
        given(reference, service);
        if (!seen.add("linkedService " + service.name())) {
            return;
        }
        Catalogue.require(Kind.LINKED_SERVICE, service.properties(), problems::add)
                .ifPresent(declared -> declared(declared, service.properties().at("typeProperties")));
        for (Map.Entry<String, Located> property : service.properties().at("typeProperties").properties()) {
            if (property.getValue().at("type").text("").equalsIgnoreCase("AzureKeyVaultSecret")) {
                problems.add(property.getValue().problem("secrets of a key vault are not supported yet; use a SecureString"));
            }
        }
        expressions(service.properties());
    }

    private void declared(Declaration declared, Located properties) {
        declared.check(properties, problems::add);
        declared.remark(properties, remarks::add);
    }

    /// Every parameter of a resource has a value where it is used.
    private void given(Located reference, Resource resource) {
        Map<String, Parameter> declared = Parameter.readAll(resource.properties().at("parameters"), problems::add);
        for (Parameter parameter : declared.values()) {
            if (parameter.value().isEmpty() && !reference.at("parameters").at(parameter.name()).isPresent()) {
                problems.add(reference.at("parameters").problem("'" + resource.name() + "' needs the parameter '" + parameter.name() + "'"));
            }
        }
        reference.at("parameters").properties().stream().filter(entry -> !declared.containsKey(entry.getKey())).forEach(entry ->
                problems.add(entry.getValue().problem("'" + resource.name() + "' declares no parameter '" + entry.getKey() + "'")));
    }

    private void expressions(Located value) {
        if (value.value().isTextual()) {
            for (ExpressionException problem : Checker.check(value.text(""))) {
                problems.add(value.problem(problem.getMessage() + " (character " + (problem.at() + 1) + ")"));
            }
        }
        value.items().forEach(this::expressions);
        code(value).forEach(this::expressions);
    }

    /// The properties that may hold expressions. Names and descriptions are text, whatever they begin with.
    private static List<Located> code(Located value) {
        return value.properties().stream().filter(property -> !Set.of("name", "type", "description", "annotations").contains(property.getKey()))
                .map(Map.Entry::getValue).toList();
    }
}
