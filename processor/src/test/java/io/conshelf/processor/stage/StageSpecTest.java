package io.conshelf.processor.stage;

import io.conshelf.kql.spec.SpecFile;
import io.conshelf.kql.spec.SpecFile.SpecCase;
import io.conshelf.processor.eval.ProcessorEval;
import io.conshelf.processor.value.JsonText;
import io.conshelf.processor.value.Value;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.TestFactory;

/// Stages over messages, by the same door as `conshelf eval processor`: what leaves a stage, a line for each message, and how many it dropped by an error.
class StageSpecTest {
    @TestFactory
    Stream<DynamicNode> specs() {
        return SpecFile.tests("stage", StageSpecTest::run);
    }

    private static String run(SpecCase spec) {
        try {
            Value.Members answer = (Value.Members) JsonText.read(ProcessorEval.answer(spec.query().replace('\n', ' ')));
            if (answer.member("error") instanceof Value.Text(String error)) {
                return "error " + error;
            }
            List<String> lines = new ArrayList<>();
            ((Value.Items) answer.member("output")).items().forEach(message -> lines.add(JsonText.write(message)));
            if (answer.member("errors") instanceof Value.Whole(long errors) && errors > 0) {
                lines.add("dropped " + errors);
            }
            return String.join("\n", lines);
        } catch (IOException notJson) {
            throw new UncheckedIOException(notJson);
        }
    }
}
