package io.conshelf.processor.eval;

import io.conshelf.connectors.definition.InvalidDefinitionException;
import io.conshelf.processor.definition.Batch;
import io.conshelf.processor.definition.FormatDefinition;
import io.conshelf.processor.definition.OutputDefinition.Settings;
import io.conshelf.processor.eval.ProcessorEval.Answer;
import io.conshelf.processor.eval.ProcessorEval.Refused;
import io.conshelf.processor.format.FormatException;
import io.conshelf.processor.format.MessageFormat;
import io.conshelf.processor.value.Value;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Cases about formats, of single messages and of batches.
final class FormatEval {
    private FormatEval() {}

    static Answer read(Value.Members stage, List<Value> input) throws Refused {
        try {
            MessageFormat format = MessageFormat.of(CaseDefinition.withInput(Value.members(Map.of("format", stage.member("format")))).input().format());
            List<Value> results = new ArrayList<>();
            int errors = 0;
            for (Value payload : input) {
                try {
                    results.add(Value.members(Map.of("payload", format.decode(bytes(payload)))));
                } catch (FormatException undecoded) {
                    errors++;
                }
            }
            return new Answer(results, errors);
        } catch (InvalidDefinitionException invalid) {
            throw Refused.of(invalid);
        } catch (FormatException useless) {
            throw new Refused("invalid-format: " + useless.getMessage());
        }
    }

    private static byte[] bytes(Value payload) throws Refused {
        return switch (payload) {
            case Value.Binary(byte[] bytes) -> bytes;
            case Value.Text(String text) -> text.getBytes(StandardCharsets.UTF_8);
            case Value.Null _, Value.Truth _, Value.Whole _, Value.Large _, Value.Real _, Value.Items _, Value.Members _ ->
                throw new Refused("'input' is to be bytes, as a text or as base64::");
        };
    }

    static Answer write(Value.Members stage, List<Value> input) throws Refused {
        try {
            return stage.member("batch") instanceof Value.Members batch ? batch(stage, batch, input) : single(stage, input);
        } catch (InvalidDefinitionException invalid) {
            throw Refused.of(invalid);
        } catch (FormatException useless) {
            throw new Refused("invalid-format: " + useless.getMessage());
        }
    }

    private static Answer single(Value.Members stage, List<Value> input) throws InvalidDefinitionException, FormatException {
        FormatDefinition definition = ((Settings.Mqtt) CaseDefinition.withFormat(stage.member("format")).output().settings()).format();
        MessageFormat format = MessageFormat.of(definition);
        List<Value> results = new ArrayList<>();
        int errors = 0;
        for (Value message : input) {
            Optional<Value> record = definition.path().read(message);
            try {
                if (record.isPresent()) {
                    results.add(shown(definition, format.encode(record.get())));
                } else {
                    errors++;
                }
            } catch (FormatException unwritable) {
                errors++;
            }
        }
        return new Answer(results, errors);
    }

    private static Answer batch(Value.Members stage, Value batched, List<Value> input) throws InvalidDefinitionException, FormatException {
        Settings.File settings = (Settings.File) CaseDefinition.withBatches(stage.member("format"), batched).output().settings();
        Batch batch = settings.batch();
        List<Value> records = input.stream().flatMap(message -> batch.path().read(message).stream()).toList();
        byte[] file = MessageFormat.of(settings.format()).encode(records);
        return new Answer(List.of(shown(settings.format(), file)), input.size() - records.size());
    }

    private static Value shown(FormatDefinition definition, byte[] bytes) {
        return switch (definition.kind()) {
            case FormatDefinition.Plain.JSON, FormatDefinition.Plain.JSON_STREAM, FormatDefinition.Plain.RAW -> Value.of(new String(bytes, StandardCharsets.UTF_8));
            case FormatDefinition.Csv _ -> Value.of(new String(bytes, StandardCharsets.UTF_8));
            case FormatDefinition.Plain.MESSAGE_PACK, FormatDefinition.Plain.CBOR -> new Value.Binary(bytes);
            case FormatDefinition.Protobuf _ -> new Value.Binary(bytes);
        };
    }
}
