package io.conshelf.factory;

import io.conshelf.connectors.definition.Located;
import io.conshelf.connectors.definition.Problem;
import io.conshelf.factory.ExpressionCheck.Place;
import io.conshelf.factory.activity.ActivityType.Property;
import io.conshelf.factory.activity.ActivityType.Treatment;
import io.conshelf.factory.activity.ActivityType;
import io.conshelf.factory.activity.ActivityTypes;
import io.conshelf.factory.activity.OtherActivities;
import io.conshelf.factory.activity.ValueKind;
import io.conshelf.factory.copy.CopyActivity;
import io.conshelf.factory.copy.CopyParts;
import io.conshelf.factory.copy.Declaration;
import io.conshelf.factory.copy.Parts;
import io.conshelf.factory.definition.Activity;
import io.conshelf.factory.definition.Factory;
import io.conshelf.factory.definition.Kind;
import io.conshelf.factory.definition.Parameter;
import io.conshelf.factory.definition.Pipeline;
import io.conshelf.factory.definition.Resource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Finds every mistake in pipelines and in what they refer to.
final class Validator {
    private static final int ACTIVITIES_MAX = 120;
    private static final int PARAMETERS_MAX = 50;
    private static final Set<String> LOOPS = Set.of("foreach", "until");
    private static final Property CONCURRENCY = Property.taken("concurrency", ValueKind.from(1));
    private static final Pattern READS_VALUE = Pattern.compile(
            "(?i)@\\s*(?:pipeline\\s*\\(\\s*\\)\\s*\\.\\s*parameters\\s*\\.\\s*(?<parameter>\\w+)|variables\\s*\\(\\s*'(?<variable>[^']+)'\\s*\\))\\s*");
    private static final Set<String> BRANCHES = Set.of("ifcondition", "switch");

    private final Factory factory;
    private final Set<String> globals;
    private final Findings findings = new Findings();
    private final ExpressionCheck expressions = new ExpressionCheck(findings);
    private final ResourceCheck resources;
    private final Set<String> seen = new HashSet<>();
    /// The pipelines under way, each started by the one before it.
    private final Deque<String> open = new ArrayDeque<>();

    /// @param moreGlobals global parameters that the run brings along
    Validator(Factory factory, Set<String> moreGlobals) {
        this.factory = factory;
        this.globals = new TreeSet<>(moreGlobals);
        this.globals.addAll(factory.globalParameters().keySet());
        this.resources = new ResourceCheck(factory, globals, findings, expressions);
    }

    Validation pipeline(String name) {
        check(name, Optional.empty());
        // What a template did not get matters to the run that needs it.
        factory.lacking().stream().filter(resources::isUsed).map(Factory.Broken::problem).forEach(findings::problem);
        return findings.toValidation();
    }

    Validation everything() {
        factory.broken().forEach(broken -> findings.problem(broken.problem()));
        factory.remarks().forEach(findings::remark);
        if (factory.pipelines().isEmpty() && factory.broken().isEmpty()) {
            findings.problem(new Problem(Kind.PIPELINE.folder() + "/", "", "the factory holds no pipeline"));
        }
        factory.pipelines().keySet().forEach(name -> check(name, Optional.empty()));
        resources.everything();
        new TriggerCheck(factory, globals, findings, expressions).everything();
        return findings.toValidation();
    }

    static Problem noPipeline(Factory factory, String name) {
        return factory.broken(Kind.PIPELINE, name).orElseGet(() ->
                new Problem("pipeline/", "", "there is no pipeline '" + name + "'; there are " + factory.pipelines().keySet()));
    }

    /// @param reference where the pipeline is named, unless it is the one to run
    private void check(String name, Optional<Located> reference) {
        if (!seen.add(name.toLowerCase(Locale.ROOT))) {
            return;
        }
        Resource resource = factory.pipelines().get(name);
        if (resource == null) {
            Optional<Problem> broken = factory.broken(Kind.PIPELINE, name);
            findings.problem(broken.or(() -> reference.map(place -> place.problem("there is no pipeline '" + name + "'; there are "
                    + factory.pipelines().keySet()))).orElseGet(() -> noPipeline(factory, name)));
            return;
        }
        factory.broken(Kind.PIPELINE, name).ifPresent(findings::problem);
        Names.check(resource.definition().at("name"), "pipeline", resource.name(), findings);
        Pipeline pipeline = Pipeline.read(resource, findings::problem);
        if (!resource.properties().at("activities").value().isArray()) {
            findings.problem(resource.properties().at("activities").problem("a pipeline has a list of activities"));
        }
        CONCURRENCY.check(resource.properties().at("concurrency"), findings::problem);
        open.addLast(resource.name());
        new InPipeline(pipeline).check();
        open.removeLast();
    }

    /// The way from a pipeline back to itself, if it is under way.
    private Optional<String> circle(String name) {
        List<String> way = open.stream().dropWhile(other -> !other.equalsIgnoreCase(name)).toList();
        return way.isEmpty() ? Optional.empty() : Optional.of(String.join(" → ", way) + " → " + way.getFirst());
    }

    /// One pipeline, while it is checked.
    private final class InPipeline {
        private final Pipeline pipeline;
        private final Set<String> names = new TreeSet<>();
        /// What stands inside loops and branches that run in the pipeline's own order: it can be read behind them.
        private final Map<String, Set<String>> inside = new HashMap<>();
        private int count;

        private InPipeline(Pipeline pipeline) {
            this.pipeline = pipeline;
        }

        private void check() {
            resources.defaults(pipeline.parameters());
            resources.defaults(pipeline.variables());
            names(pipeline.activities());
            if (count > ACTIVITIES_MAX) {
                findings.remark(pipeline.properties().at("activities").problem("there are " + count + " activities; the service takes at most "
                        + ACTIVITIES_MAX + " in a pipeline"));
            }
            if (pipeline.parameters().size() > PARAMETERS_MAX) {
                findings.remark(pipeline.properties().at("parameters").problem("there are " + pipeline.parameters().size()
                        + " parameters; the service takes at most " + PARAMETERS_MAX));
            }
            Place place = Place.pipeline(pipeline.parameters().keySet(), pipeline.variables().keySet(), globals, names);
            activities(pipeline.activities(), List.of(), place);
        }

        private Set<String> names(List<Activity> list) {
            Set<String> here = new TreeSet<>();
            for (Activity activity : list) {
                here.add(activity.name());
                count++;
                Set<String> within = new TreeSet<>();
                ActivityTypes.find(activity.type()).ifPresent(type ->
                        type.inner().apply(activity).forEach(inner -> within.addAll(names(Activity.readAll(inner, _ -> {})))));
                // Iterations of a ForEach do not leave one result.
                if (!within.isEmpty() && !activity.type().equalsIgnoreCase("ForEach")) {
                    inside.put(activity.name(), within);
                    here.addAll(within);
                }
            }
            names.addAll(here);
            return here;
        }

        private void activities(List<Activity> activities, List<String> containers, Place place) {
            Map<String, Activity> byName = new LinkedHashMap<>();
            for (Activity activity : activities) {
                if (byName.put(activity.name(), activity) != null) {
                    findings.problem(activity.definition().at("name").problem("there are two activities '" + activity.name() + "'"));
                }
                Names.check(activity.definition().at("name"), "activity", activity.name(), findings);
            }
            dependencies(activities, byName);
            Map<String, Set<String>> before = before(activities, byName);
            for (Activity activity : activities) {
                nesting(activity, containers);
                Set<String> ended = new TreeSet<>(place.before());
                for (String other : before.getOrDefault(activity.name(), Set.of())) {
                    ended.add(other);
                    ended.addAll(inside.getOrDefault(other, Set.of()));
                }
                Place here = place.after(ended);
                Optional<ActivityType> type = ActivityTypes.find(activity.type());
                if (type.isPresent()) {
                    activity(activity, type.get(), containers, here);
                } else {
                    unknown(activity);
                    // It may be mended by another type: what it says is checked all the same.
                    envelope(activity, here);
                    expressions.check(activity.typeProperties(), here);
                }
            }
        }

        private void unknown(Activity activity) {
            // An inactive activity does not run, so its type does not matter.
            if (activity.inactive().isEmpty()) {
                findings.problem(activity.definition().at("type").problem("the activity type '" + activity.type() + "' of '" + activity.name() + "' "
                        + OtherActivities.reason(activity.type()).orElseGet(() -> "is not known; "
                        + OtherActivities.nearest(activity.type()).map(near -> "did you mean '" + near + "'?")
                                .orElseGet(() -> "there are " + ActivityTypes.all().stream().map(ActivityType::name).toList()))));
            }
        }

        /// The activities that each one waits for, directly or through others.
        private Map<String, Set<String>> before(List<Activity> activities, Map<String, Activity> byName) {
            Map<String, Set<String>> before = new HashMap<>();
            for (Activity activity : activities) {
                Set<String> found = new TreeSet<>();
                List<Activity> open = new ArrayList<>(List.of(activity));
                while (!open.isEmpty()) {
                    for (Activity.Dependency dependency : open.removeLast().dependencies()) {
                        Activity other = byName.get(dependency.activity());
                        if (other != null && found.add(other.name())) {
                            open.add(other);
                        }
                    }
                }
                before.put(activity.name(), found);
            }
            return before;
        }

        private void dependencies(List<Activity> activities, Map<String, Activity> byName) {
            for (Activity activity : activities) {
                List<Located> stated = activity.definition().at("dependsOn").items();
                for (int i = 0; i < stated.size(); i++) {
                    if (!byName.containsKey(activity.dependencies().get(i).activity())) {
                        findings.problem(stated.get(i).at("activity").problem("'" + activity.name() + "' depends on '"
                                + activity.dependencies().get(i).activity() + "', which is not beside it"));
                    }
                }
            }
            // By activity, not by name: two of one name wait each for what they say.
            Set<Activity> waiting = Collections.newSetFromMap(new IdentityHashMap<>());
            waiting.addAll(activities);
            boolean hasMoved = true;
            while (hasMoved) {
                hasMoved = false;
                for (Activity activity : activities) {
                    boolean isFree = activity.dependencies().stream().map(Activity.Dependency::activity)
                            .noneMatch(name -> waiting.stream().anyMatch(other -> other.name().equals(name)));
                    hasMoved |= isFree && waiting.remove(activity);
                }
            }
            activities.stream().filter(waiting::contains).findFirst().ifPresent(activity ->
                    findings.problem(activity.definition().at("dependsOn").problem("'" + activity.name() + "' waits, through others, for itself")));
        }

        private void nesting(Activity activity, List<String> containers) {
            String type = activity.type().toLowerCase(Locale.ROOT);
            boolean isInBranch = containers.stream().anyMatch(BRANCHES::contains);
            boolean isInLoop = containers.stream().anyMatch(LOOPS::contains);
            if (isInBranch && (LOOPS.contains(type) || BRANCHES.contains(type)) || isInLoop && LOOPS.contains(type)
                    || !containers.isEmpty() && type.equals("validation")) {
                findings.problem(activity.definition().at("type").problem("'" + activity.name() + "' of type " + activity.type() + " cannot stand inside "
                        + String.join(" inside ", containers) + "; move it to a pipeline of its own and use ExecutePipeline"));
            }
        }

        private void activity(Activity activity, ActivityType type, List<String> containers, Place place) {
            Located properties = activity.typeProperties();
            if (activity.inactive().isEmpty()) {
                properties(activity, type, properties);
                type.check().check(activity, findings::problem);
                for (Property property : ActivityType.POLICY) {
                    property.check(activity.definition().at("policy").at(property.name()), findings::problem);
                }
            }
            variable(activity, type);
            envelope(activity, place);
            lists(activity, type, containers, place);
        }

        private void properties(Activity activity, ActivityType type, Located properties) {
            for (Property property : type.properties()) {
                Located value = properties.at(property.name());
                if (property.isRequired() && !value.isPresent()) {
                    findings.problem(value.problem("'" + activity.name() + "' of type " + type.name() + " needs '" + property.name() + "'"));
                }
                property.check(value, findings::problem);
                if (property.kind().equals(ValueKind.ARRAY)) {
                    list(property.name(), value);
                }
                if (property.treatment() == Treatment.REFUSED && Declaration.isMeant(value)) {
                    findings.problem(value.problem("'" + property.name() + "' of " + type.name() + " is not supported yet: " + property.note()));
                }
            }
            for (Map.Entry<String, Located> property : properties.properties()) {
                if (type.property(property.getKey()).isEmpty()) {
                    findings.remark(property.getValue().problem("'" + property.getKey() + "' is not a property of " + type.name() + " and has no effect"));
                }
            }
            for (String part : List.of("source", "sink")) {
                Parts.remark(properties.at(part), findings::remark);
            }
            Parts.remarkSettings(properties, findings::remark);
            if (type == CopyActivity.TYPE) {
                CopyParts.remark(properties, findings::remark);
            }
        }

        /// A parameter or variable stands for a list only where it is declared as one.
        private void list(String name, Located value) {
            Located expression = value.value().isObject() ? value.at("value") : value;
            Matcher read = READS_VALUE.matcher(expression.text(""));
            if (!read.matches()) {
                return;
            }
            boolean isParameter = read.group("parameter") != null;
            String stated = isParameter ? read.group("parameter") : read.group("variable");
            (isParameter ? pipeline.parameters() : pipeline.variables()).values().stream()
                    .filter(known -> known.name().equalsIgnoreCase(stated) && known.type() != Parameter.Type.ARRAY && known.type() != Parameter.Type.OBJECT)
                    .forEach(known -> findings.problem(value.problem(name + " is an array; the " + (isParameter ? "parameter" : "variable") + " '"
                            + known.name() + "' is of type " + known.type().title())));
        }

        private void variable(Activity activity, ActivityType type) {
            boolean isSet = type.name().equals("SetVariable");
            if (!isSet && !type.name().equals("AppendVariable") || activity.typeProperties().at("setSystemVariable").flag().orElse(false)) {
                return;
            }
            Located stated = activity.typeProperties().at("variableName");
            String name = stated.text("");
            Optional<Parameter> variable = pipeline.variables().values().stream().filter(known -> known.name().equalsIgnoreCase(name)).findFirst();
            if (stated.isPresent() && !name.startsWith("@") && variable.isEmpty()) {
                findings.problem(stated.problem("the pipeline has no variable '" + name + "'; it has "
                        + (pipeline.variables().isEmpty() ? "none" : String.join(", ", pipeline.variables().keySet()))));
            }
            variable.filter(known -> !isSet && known.type() != Parameter.Type.ARRAY).ifPresent(known -> findings.problem(stated.problem(
                    "AppendVariable needs a variable of type Array; '" + name + "' is of type " + known.type().title())));
        }

        private void envelope(Activity activity, Place place) {
            activity.definition().at("inputs").items().forEach(resources::dataset);
            activity.definition().at("outputs").items().forEach(resources::dataset);
            if (activity.typeProperties().at("dataset").isPresent()) {
                resources.dataset(activity.typeProperties().at("dataset"));
            }
            activity.typeProperties().at("datasets").items().forEach(resources::dataset);
            activity.typeProperties().at("linkedServices").items().forEach(resources::linkedService);
            if (activity.definition().at("linkedServiceName").isPresent()) {
                resources.linkedService(activity.definition().at("linkedServiceName"));
            }
            resources.runtime(activity.typeProperties().at("connectVia"));
            if (activity.type().equalsIgnoreCase("ExecutePipeline")) {
                started(activity);
            }
            for (Map.Entry<String, Located> entry : activity.definition().properties()) {
                if (!entry.getKey().equalsIgnoreCase("typeProperties") && !entry.getKey().equalsIgnoreCase("name")
                        && !entry.getKey().equalsIgnoreCase("type") && !entry.getKey().equalsIgnoreCase("description")) {
                    expressions.check(entry.getValue(), place);
                }
            }
        }

        private void started(Activity activity) {
            Located reference = activity.typeProperties().at("pipeline");
            String name = reference.at("referenceName").text("");
            if (name.startsWith("@") || !reference.isPresent()) {
                return;
            }
            circle(name).filter(_ -> activity.inactive().isEmpty()).ifPresent(circle -> findings.problem(reference.at("referenceName").problem(
                    "the pipeline starts itself: " + circle)));
            Validator.this.check(name, Optional.of(reference.at("referenceName")));
            Resource other = factory.pipelines().get(name);
            if (other != null) {
                resources.given(activity.typeProperties().at("parameters"), name, other);
            }
        }

        /// The type's properties, and inside containers their activities.
        private void lists(Activity activity, ActivityType type, List<String> containers, Place place) {
            List<Located> lists = type.inner().apply(activity);
            List<String> within = new ArrayList<>(containers);
            within.addFirst(type.name().toLowerCase(Locale.ROOT));
            boolean isLoop = type.name().equals("ForEach");
            Set<String> inner = new TreeSet<>(place.before());
            for (Located list : lists) {
                List<Activity> activities = Activity.readAll(list, findings::problem);
                for (Activity each : activities) {
                    inner.add(each.name());
                    inner.addAll(inside.getOrDefault(each.name(), Set.of()));
                }
                activities(activities, within, isLoop ? place.withItem() : place);
            }
            for (Map.Entry<String, Located> entry : activity.typeProperties().properties()) {
                String key = entry.getKey().toLowerCase(Locale.ROOT);
                switch (key) {
                    case "activities", "iftrueactivities", "iffalseactivities", "defaultactivities", "cases" -> {
                        if (lists.isEmpty()) {
                            expressions.check(entry.getValue(), place);
                        }
                    }
                    // A loop's end is tested after its activities; a filter's condition sees the item.
                    case "expression" -> expressions.check(entry.getValue(), type.name().equals("Until") ? place.after(inner) : place);
                    case "condition" -> expressions.check(entry.getValue(), place.withItem());
                    default -> expressions.check(entry.getValue(), place);
                }
            }
        }
    }
}
