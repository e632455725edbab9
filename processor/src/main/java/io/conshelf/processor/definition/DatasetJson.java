package io.conshelf.processor.definition;

import io.conshelf.connectors.definition.InvalidDefinitionException;
import io.conshelf.connectors.definition.Located;
import io.conshelf.connectors.definition.Problem;
import io.conshelf.processor.definition.DatasetDefinition.Key;
import io.conshelf.processor.definition.DatasetDefinition.Role;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Reads a dataset's properties.
final class DatasetJson {
    private DatasetJson() {}

    static DatasetDefinition dataset(Resource resource, Located properties) throws InvalidDefinitionException {
        List<Problem> problems = new ArrayList<>();
        List<Problem> remarks = new ArrayList<>();
        check(properties, problems, remarks);
        if (!problems.isEmpty()) {
            throw new InvalidDefinitionException(problems);
        }
        Stated stated = Stated.of(properties, StageTypes.DATASET_SETTINGS);
        List<Key> keys = new ArrayList<>();
        for (Map.Entry<String, Located> key : stated.at("keys").properties()) {
            Stated each = Stated.of(key.getValue(), StageTypes.KEY_SETTINGS);
            // paths are relative to the payload, and not all examples of the pages are
            keys.add(new Key(key.getKey(), each.path("path").below("payload"), each.flag("primaryKey") ? Role.PRIMARY : Role.OTHER));
        }
        return new DatasetDefinition(resource.name(), stated.text("description"), stated.path("payload").within("payload"),
                stated.has("timestamp") ? List.of(stated.path("timestamp").below("payload")) : List.of(), stated.duration("ttl"), keys, resource, remarks);
    }

    private static void check(Located properties, List<Problem> problems, List<Problem> remarks) {
        if (!properties.value().isObject()) {
            problems.add(properties.problem("is to be an object with the dataset's properties"));
            return;
        }
        new SettingsCheck(problems, remarks).check(properties, StageTypes.DATASET_SETTINGS, Set.of());
        List<Located> primary = properties.at("keys").properties().stream().map(key -> key.getValue().at("primaryKey")).filter(flag -> flag.flag().orElse(false)).toList();
        primary.stream().skip(1).forEach(second -> problems.add(second.problem("only one key of a dataset is primary, and '" + primary.getFirst().path() + "' is")));
        properties.at("keys").properties().stream().filter(key -> key.getKey().isBlank()).forEach(key -> problems.add(key.getValue().problem("a key needs a name")));
    }
}
