package io.conshelf.processor.eval;

import io.conshelf.connectors.definition.InvalidDefinitionException;
import io.conshelf.processor.definition.StageType;
import io.conshelf.processor.definition.StageTypes;
import io.conshelf.processor.jq.Budget;
import io.conshelf.processor.jq.JqException;
import io.conshelf.processor.jq.JqSyntaxException;
import io.conshelf.processor.jq.Program;
import io.conshelf.processor.path.Durations;
import io.conshelf.processor.path.InvalidPathException;
import io.conshelf.processor.path.Path;
import io.conshelf.processor.value.JsonText;
import io.conshelf.processor.value.Value;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// Evaluates one case: a stage, or a part of one, over messages. Line in, line out; never an exception.
public final class ProcessorEval {
    private ProcessorEval() {}

    /// What a case gives.
    record Answer(List<Value> output, int errors) {}

    /// A case that cannot be evaluated, with what kind of mistake it is.
    static final class Refused extends Exception {
        private static final long serialVersionUID = 1;

        Refused(String message) {
            super(message);
        }

        /// A definition that is none, by the kind of its first mistake.
        static Refused of(InvalidDefinitionException invalid) {
            String message = invalid.problems().getFirst().message();
            String kind = PATH_MISTAKE.matcher(message).find() ? "invalid-path"
                    : message.startsWith("is to be a length of time") ? "invalid-duration" : message.startsWith("is no jq expression") ? "invalid-expression" : "invalid-stage";
            return new Refused(kind + ": " + invalid.problems().stream().map(problem -> problem.path() + ": " + problem.message()).collect(Collectors.joining("; ")));
        }
    }

    // as paths tell what is wrong with them: the path, and what is wrong
    private static final Pattern PATH_MISTAKE = Pattern.compile("^'.*': .* \\(character \\d+\\)", Pattern.DOTALL);

    public static String answer(String line) {
        SequencedMap<String, Value> answer = new LinkedHashMap<>();
        try {
            Value.Members one = (Value.Members) JsonText.read(line);
            answer.put("id", one.member("id"));
            Answer result = evaluate(one);
            answer.put("output", new Value.Items(result.output));
            answer.put("errors", Value.of((long) result.errors));
        } catch (Refused refused) {
            answer.put("error", Value.of(refused.getMessage()));
        } catch (IOException | ClassCastException notCase) {
            answer.putIfAbsent("id", Value.NULL);
            answer.put("error", Value.of("the line is no case: " + notCase.getMessage()));
        }
        return JsonText.write(new Value.Members(answer));
    }

    private static Answer evaluate(Value.Members one) throws Refused {
        Value.Members stage = (Value.Members) one.member("stage");
        List<Value> input = ((Value.Items) binaries(one.member("input"))).items();
        String type = text(stage, "type");
        return switch (type) {
            case "test/jq" -> jq(text(stage, "expression"), input);
            case "test/path-get" -> {
                Path path = path(text(stage, "path"));
                List<Value> found = new ArrayList<>();
                input.forEach(message -> path.read(message).ifPresent(found::add));
                yield new Answer(found, 0);
            }
            case "test/path-set" -> {
                Path path = path(text(stage, "path"));
                yield new Answer(input.stream().map(message -> path.write(message, stage.member("value"))).toList(), 0);
            }
            case "test/duration" -> {
                String text = text(stage, "value");
                yield new Answer(List.of(Value.of(Durations.parse(text).orElseThrow(() -> new Refused("invalid-duration: '" + text + "'")).toNanos())), 0);
            }
            case "test/partition" -> StageEval.partition(stage, input);
            case "test/deserialize" -> FormatEval.read(stage, input);
            case "test/serialize" -> FormatEval.write(stage, input);
            default -> StageTypes.find(type).filter(known -> known.role() == StageType.Role.DESTINATION).isPresent() ? StageEval.destination(one, input)
                    : StageEval.stage(one, input);
        };
    }

    /// Bytes stand in cases as `base64::` and their base64.
    private static Value binaries(Value value) {
        return switch (value) {
            case Value.Text(String text) when text.startsWith(JsonText.BINARY_PREFIX) -> {
                try {
                    yield new Value.Binary(Base64.getDecoder().decode(text.substring(JsonText.BINARY_PREFIX.length())));
                } catch (IllegalArgumentException plainText) {
                    yield value;
                }
            }
            case Value.Items(List<Value> items) -> Value.items(items.stream().map(ProcessorEval::binaries).toList());
            case Value.Members(SequencedMap<String, Value> members) -> {
                SequencedMap<String, Value> shown = new LinkedHashMap<>();
                members.forEach((name, member) -> shown.put(name, binaries(member)));
                yield new Value.Members(shown);
            }
            case Value.Null _, Value.Truth _, Value.Whole _, Value.Large _, Value.Real _, Value.Text _, Value.Binary _ -> value;
        };
    }

    private static String text(Value.Members stage, String name) throws Refused {
        if (stage.member(name) instanceof Value.Text(String text)) {
            return text;
        }
        throw new Refused("'stage." + name + "' is missing, or not a text");
    }

    private static Path path(String text) throws Refused {
        try {
            return Path.parse(text);
        } catch (InvalidPathException invalid) {
            throw new Refused("invalid-path: " + invalid.getMessage());
        }
    }

    private static Answer jq(String expression, List<Value> input) throws Refused {
        Program program;
        try {
            program = Program.compile(expression);
        } catch (JqSyntaxException wrong) {
            throw new Refused("invalid-expression: " + wrong.getMessage());
        }
        List<Value> results = new ArrayList<>();
        int errors = 0;
        for (Value message : input) {
            try {
                program.run(message, Budget.DEFAULT, results::add);
            } catch (JqException | Budget.Exceeded failed) {
                errors++;
            }
        }
        return new Answer(results, errors);
    }
}
