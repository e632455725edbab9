package io.conshelf.processor.eval;

import io.conshelf.connectors.definition.InvalidDefinitionException;
import io.conshelf.connectors.kusto.Endpoints;
import io.conshelf.processor.dataset.Dataset;
import io.conshelf.processor.dataset.ReferenceData;
import io.conshelf.processor.dataset.Timestamps;
import io.conshelf.processor.definition.OutputDefinition;
import io.conshelf.processor.definition.PipelineDefinition;
import io.conshelf.processor.eval.ProcessorEval.Answer;
import io.conshelf.processor.eval.ProcessorEval.Refused;
import io.conshelf.processor.secret.Secrets;
import io.conshelf.processor.stage.InvalidStageException;
import io.conshelf.processor.stage.Message;
import io.conshelf.processor.stage.Partitioner;
import io.conshelf.processor.stage.Stage;
import io.conshelf.processor.stage.StageException;
import io.conshelf.processor.stage.Stages;
import io.conshelf.processor.value.Value;
import java.io.IOException;
import java.net.URI;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/// Cases about stages, destinations and partitions. The time of a message is the one it tells, and where it tells none that of the one before.
final class StageEval {
    private static final Instant BEGIN = Instant.parse("2023-01-01T00:00:00Z");
    private static final String WRITER = "case";

    private StageEval() {}

    static Answer stage(Value.Members one, List<Value> input) throws Refused {
        try (ReferenceData data = ReferenceData.inMemory()) {
            Instant begin = input.isEmpty() ? BEGIN : time(input.getFirst(), BEGIN);
            define(one, data, begin);
            PipelineDefinition pipeline = CaseDefinition.withStage(one.member("stage"));
            // nothing is reached but this machine
            Stages stages = new Stages(data, Endpoints.replacedBy(URI.create("http://localhost")), Secrets.NONE);
            try (Stage stage = stages.open(pipeline.stages().getFirst())) {
                return run(stage, input, begin);
            }
        } catch (InvalidDefinitionException invalid) {
            throw Refused.of(invalid);
        } catch (InvalidStageException invalid) {
            throw new Refused("invalid-stage: " + invalid.getMessage());
        } catch (IOException failure) {
            throw new Refused("the dataset cannot be filled: " + failure.getMessage());
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new Refused("interrupted");
        }
    }

    private static void define(Value.Members one, ReferenceData data, Instant arrived) throws InvalidDefinitionException, IOException {
        if (one.member("dataset") instanceof Value.Members dataset && dataset.member("name") instanceof Value.Text(String name)) {
            Dataset defined = data.define(CaseDefinition.dataset(name, dataset.member("properties")));
            if (one.member("reference") instanceof Value.Items(List<Value> records)) {
                defined.add(WRITER, 1, records, arrived);
            }
        }
    }

    private static Answer run(Stage stage, List<Value> input, Instant begin) throws InterruptedException {
        List<Value> results = new ArrayList<>();
        int errors = 0;
        Stage.Output output = new Stage.Output() {
            @Override
            public void emit(Message message) {
                results.add(message.content());
            }

            @Override
            public void fault(String code, String message) {
                // costs no message
            }
        };
        Instant now = begin;
        for (Value content : input) {
            now = time(content, now);
            try {
                stage.accept(new Message(content, partition(content), now), output);
            } catch (StageException dropped) {
                errors++;
            }
        }
        stage.advance(Instant.MAX, output);
        return new Answer(results, errors);
    }

    private static Value system(Value content, String name) {
        return content instanceof Value.Members members && members.member("systemProperties") instanceof Value.Members system ? system.member(name) : Value.NULL;
    }

    private static Instant time(Value content, Instant otherwise) {
        return Timestamps.parse(system(content, "timestamp")).orElse(otherwise);
    }

    private static Message.Partition partition(Value content) {
        int number = system(content, "partitionId") instanceof Value.Whole(long id) ? (int) id : 0;
        return new Message.Partition(number, system(content, "partitionKey") instanceof Value.Text(String key) ? key : String.valueOf(number));
    }

    static Answer partition(Value.Members stage, List<Value> input) throws Refused {
        try {
            Partitioner partitioner = Stages.partitioner(CaseDefinition.withInput(stage).input());
            List<Value> results = new ArrayList<>();
            int errors = 0;
            for (Value content : input) {
                try {
                    Message.Partition partition = partitioner.of(content);
                    results.add(Value.members(partitioner.tellsKey() ? Map.of("partitionKey", Value.of(partition.key()))
                            : Map.of("partitionId", Value.of((long) partition.number()))));
                } catch (StageException dropped) {
                    errors++;
                }
            }
            return new Answer(results, errors);
        } catch (InvalidDefinitionException invalid) {
            throw Refused.of(invalid);
        } catch (InvalidStageException invalid) {
            throw new Refused("invalid-stage: " + invalid.getMessage());
        }
    }

    /// What a destination writes of one batch.
    static Answer destination(Value.Members one, List<Value> input) throws Refused {
        try {
            PipelineDefinition pipeline = CaseDefinition.withOutput(one.member("stage"));
            return switch (pipeline.output().settings()) {
                case OutputDefinition.Settings.DataExplorer explorer -> new Answer(List.of(rows(explorer, input)), 0);
                case OutputDefinition.Settings.ReferenceData(String dataset) -> records(one, dataset, input);
                case OutputDefinition.Settings.Mqtt _, OutputDefinition.Settings.Http _, OutputDefinition.Settings.Blob _, OutputDefinition.Settings.File _ ->
                    throw new Refused("what '" + pipeline.output().type() + "' writes is not a part of cases");
            };
        } catch (InvalidDefinitionException invalid) {
            throw Refused.of(invalid);
        } catch (IOException failure) {
            throw new Refused("the dataset cannot be filled: " + failure.getMessage());
        }
    }

    private static Value rows(OutputDefinition.Settings.DataExplorer explorer, List<Value> input) {
        List<Value> rows = new ArrayList<>();
        for (Value content : input) {
            for (Value record : recordsOf(explorer.batch().path().read(content))) {
                rows.add(Value.items(explorer.columns().stream().map(column -> column.path().read(record).orElse(Value.NULL)).toList()));
            }
        }
        SequencedMap<String, Value> batch = new LinkedHashMap<>();
        batch.put("table", Value.of(explorer.table()));
        batch.put("columns", Value.items(explorer.columns().stream().map(column -> Value.of(column.name())).toList()));
        batch.put("rows", Value.items(rows));
        return new Value.Members(batch);
    }

    private static List<Value> recordsOf(Optional<Value> value) {
        return value.isEmpty() ? List.of() : value.get() instanceof Value.Items(List<Value> items) ? items : List.of(value.get());
    }

    private static Answer records(Value.Members one, String name, List<Value> input) throws InvalidDefinitionException, IOException, Refused {
        try (ReferenceData data = ReferenceData.inMemory()) {
            Instant now = input.isEmpty() ? BEGIN : time(input.getFirst(), BEGIN);
            define(one, data, now);
            Dataset dataset = data.find(name).orElseThrow(() -> new Refused("the case has no dataset '" + name + "'"));
            long number = 2;
            int errors = 0;
            for (Value content : input) {
                now = time(content, now);
                List<Value> records = dataset.records(content);
                dataset.add(WRITER, number++, records, now);
                errors += records.isEmpty() ? 1 : 0;
            }
            SequencedMap<String, Value> content = new LinkedHashMap<>();
            content.put("dataset", Value.of(name));
            content.put("records", Value.items(dataset.all(now)));
            return new Answer(List.of(new Value.Members(content)), errors);
        }
    }
}
