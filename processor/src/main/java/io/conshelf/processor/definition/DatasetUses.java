package io.conshelf.processor.definition;

import io.conshelf.connectors.definition.Problem;
import io.conshelf.processor.definition.StageDefinition.Condition;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Whether the datasets that a pipeline names are there, with the keys that it asks for.
final class DatasetUses {
    private DatasetUses() {}

    static List<Problem> problems(PipelineDefinition pipeline, List<DatasetDefinition> datasets) {
        List<Problem> problems = new ArrayList<>();
        for (StageDefinition stage : pipeline.stages()) {
            if (stage.settings() instanceof StageDefinition.Settings.Enrich enrich) {
                Optional<DatasetDefinition> dataset = find(enrich.dataset(), datasets);
                if (dataset.isEmpty()) {
                    problems.add(missing(pipeline, stage.id(), enrich.dataset(), datasets));
                    continue;
                }
                for (Condition condition : enrich.conditions()) {
                    if (condition instanceof Condition.KeyMatch(var _, String key) && dataset.get().key(key).isEmpty()) {
                        problems.add(problem(pipeline, stage.id() + ".conditions", "names the key '" + key + "', which dataset '" + enrich.dataset() + "' does not have; it has "
                                + dataset.get().keys().stream().map(DatasetDefinition.Key::name).toList()));
                    }
                }
            }
        }
        if (pipeline.output().settings() instanceof OutputDefinition.Settings.ReferenceData(String dataset) && find(dataset, datasets).isEmpty()) {
            problems.add(missing(pipeline, pipeline.output().id(), dataset, datasets));
        }
        return problems;
    }

    private static Optional<DatasetDefinition> find(String name, List<DatasetDefinition> datasets) {
        return datasets.stream().filter(dataset -> dataset.name().equals(name)).findFirst();
    }

    private static Problem missing(PipelineDefinition pipeline, String stage, String dataset, List<DatasetDefinition> datasets) {
        return problem(pipeline, stage + ".dataset", "names the dataset '" + dataset + "', which is not there; "
                + (datasets.isEmpty() ? "there is none" : "there are " + datasets.stream().map(DatasetDefinition::name).toList()));
    }

    private static Problem problem(PipelineDefinition pipeline, String path, String message) {
        return new Problem(pipeline.resource().file(), pipeline.resource().path() + "stages." + path, message);
    }
}
