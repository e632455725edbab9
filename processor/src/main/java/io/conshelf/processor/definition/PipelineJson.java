package io.conshelf.processor.definition;

import io.conshelf.connectors.definition.InvalidDefinitionException;
import io.conshelf.connectors.definition.Located;
import io.conshelf.connectors.definition.Problem;
import io.conshelf.processor.definition.PipelineDefinition.Activity;
import io.conshelf.processor.definition.StageType.Role;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// Reads a pipeline's properties: what its stages say, and how they follow one another.
final class PipelineJson {
    private static final Set<String> OF_A_PIPELINE = Set.of("description", "enabled", "input", "stages", "provisioningState");
    private static final Set<String> OF_A_STAGE = Set.of("type", "next");
    private static final String INPUT = "input";

    private final Resource resource;
    private final Located properties;
    private final List<Problem> problems = new ArrayList<>();
    private final List<Problem> remarks = new ArrayList<>();
    private final SettingsCheck check = new SettingsCheck(problems, remarks);
    private final Map<String, Located> stages = new LinkedHashMap<>();
    private final Map<String, StageType> types = new LinkedHashMap<>();

    PipelineJson(Resource resource, Located properties) {
        this.resource = resource;
        this.properties = properties;
    }

    PipelineDefinition pipeline() throws InvalidDefinitionException {
        if (!properties.value().isObject()) {
            throw new InvalidDefinitionException(List.of(properties.problem("is to be an object with the pipeline's properties")));
        }
        Located input = properties.at("input");
        Located enabled = properties.at("enabled");
        if (enabled.flag().isEmpty()) {
            problems.add(enabled.problem(enabled.isPresent() ? "is to be true or false" : "is missing: it is whether the pipeline runs"));
        }
        if (properties.at("description").isPresent() && properties.at("description").text().isEmpty()) {
            problems.add(properties.at("description").problem("is to be a text"));
        }
        properties.properties().stream().filter(member -> OF_A_PIPELINE.stream().noneMatch(member.getKey()::equalsIgnoreCase))
                .forEach(member -> remarks.add(SettingsCheck.unknown(member.getValue(), member.getKey(), OF_A_PIPELINE)));
        if (input.value().isObject()) {
            stage(INPUT, input, Role.SOURCE);
        } else {
            problems.add(input.problem(input.isPresent() ? "is to be an object" : "is missing: it is where messages come from"));
        }
        List<String> chain = stages(input);
        if (!problems.isEmpty()) {
            throw new InvalidDefinitionException(problems);
        }
        return new PipelineDefinition(resource.name(), properties.at("description").text(""), enabled.flag().orElseThrow() ? Activity.ENABLED : Activity.PAUSED,
                StageReading.input(types.get(INPUT + " "), input), chain.subList(0, chain.size() - 1).stream().map(id -> StageReading.stage(id, types.get(id), stages.get(id))).toList(),
                StageReading.output(chain.getLast(), types.get(chain.getLast()), stages.get(chain.getLast())), resource, remarks, check.secrets());
    }

    /// @return their ids in their order, where they have one
    private List<String> stages(Located input) {
        Located all = properties.at("stages");
        if (!all.value().isObject() || all.value().isEmpty()) {
            problems.add(all.problem(all.isPresent() ? "is to be an object with a stage by each id, and one destination at least" : "is missing: it holds the stages by their ids"));
            return List.of();
        }
        for (Map.Entry<String, Located> entry : all.properties()) {
            stages.put(entry.getKey(), entry.getValue());
            if (entry.getKey().isBlank()) {
                problems.add(entry.getValue().problem("a stage needs an id"));
            }
            if (entry.getValue().value().isObject()) {
                stage(entry.getKey(), entry.getValue(), Role.PROCESSOR);
            } else {
                problems.add(entry.getValue().problem("is to be an object"));
            }
        }
        destinations(all);
        return chain(input);
    }

    private void stage(String id, Located stage, Role role) {
        Located stated = stage.at("type");
        if (stated.text().isEmpty()) {
            problems.add(stated.problem(stated.isPresent() ? "is to be a text" : "is missing: it says what the stage does"));
            return;
        }
        Optional<StageType> found = StageTypes.find(stated.text(""));
        boolean isSource = role == Role.SOURCE;
        if (found.isEmpty()) {
            problems.add(stated.problem("'" + stated.text("") + "' is no kind of stage; " + known(isSource)));
            return;
        }
        StageType type = found.get();
        if (isSource != (type.role() == Role.SOURCE)) {
            problems.add(stated.problem("'" + type.type() + (isSource ? "' is no source; " : "' is a source, which stands in 'input'; ") + known(isSource)));
            return;
        }
        types.put(isSource ? id + " " : id, type);
        if (!type.isBuilt()) {
            problems.add(stated.problem("'" + type.type() + "' is not supported: " + type.refusal()));
        }
        check.check(stage, Stream.concat(StageTypes.COMMON.stream(), type.settings().stream()).toList(), OF_A_STAGE);
        StageRules.check(type, stage, problems, remarks);
    }

    private static String known(boolean isSource) {
        if (isSource) {
            return "sources are " + String.join(", ", StageTypes.types(Role.SOURCE));
        }
        return "stages are " + String.join(", ", StageTypes.types(Role.PROCESSOR)) + ", and destinations " + String.join(", ", StageTypes.types(Role.DESTINATION));
    }

    private void destinations(Located all) {
        List<String> destinations = stages.keySet().stream().filter(this::isDestination).toList();
        if (destinations.isEmpty() && types.size() >= stages.size()) {
            problems.add(all.problem("has no destination: a pipeline has one"));
        }
        destinations.stream().skip(1).forEach(more -> problems.add(stages.get(more).problem("is a second destination, and a pipeline has one: '" + destinations.getFirst() + "' is")));
    }

    private boolean isDestination(String id) {
        return types.containsKey(id) && types.get(id).role() == Role.DESTINATION;
    }

    private List<String> chain(Located input) {
        List<String> chain = new ArrayList<>();
        Optional<String> id = input.value().isObject() ? next(input) : Optional.empty();
        boolean isWhole = id.isPresent();
        while (id.isPresent()) {
            if (chain.contains(id.get())) {
                problems.add((chain.isEmpty() ? input : stages.get(chain.getLast())).at("next").problem("leads back to '" + id.get() + "', and stages go round in a circle"));
                isWhole = false;
                break;
            }
            chain.add(id.get());
            Located stage = stages.get(id.get());
            if (!types.containsKey(id.get()) || isDestination(id.get())) {
                isWhole = types.containsKey(id.get());
                break;
            }
            id = next(stage);
            isWhole = id.isPresent();
        }
        for (Map.Entry<String, Located> stage : stages.entrySet()) {
            boolean isReached = chain.contains(stage.getKey());
            if (isDestination(stage.getKey()) && stage.getValue().at("next").isPresent() && !stage.getValue().at("next").value().isEmpty()) {
                // the page on the HTTP destination prints one, which leads nowhere
                remarks.add(stage.getValue().at("next").problem("has no effect: nothing follows a destination"));
            } else if (!isReached && types.containsKey(stage.getKey()) && !isDestination(stage.getKey())) {
                next(stage.getValue());
            }
            if (isWhole && !isReached) {
                problems.add(stage.getValue().problem("is not reached: no stage names '" + stage.getKey() + "' as its next, on the way from the input"));
            }
        }
        return chain;
    }

    private Optional<String> next(Located stage) {
        Located next = stage.at("next");
        List<Located> items = next.items();
        if (!next.isPresent() || next.value().isArray() && items.isEmpty()) {
            problems.add(next.problem("is missing: it names the stage that follows, as a list of one id"));
        } else if (!next.value().isArray()) {
            problems.add(next.problem("is to be a list of one id"));
        } else if (items.size() > 1) {
            problems.add(next.problem("names " + items.size() + " stages, and messages go to one"));
        } else if (items.getFirst().text().isEmpty()) {
            problems.add(items.getFirst().problem("is to be the id of a stage"));
        } else if (!stages.containsKey(items.getFirst().text(""))) {
            problems.add(items.getFirst().problem("names '" + items.getFirst().text("") + "', and there is no such stage; there are " + String.join(", ", stages.keySet())));
        } else {
            return items.getFirst().text();
        }
        return Optional.empty();
    }
}
