package io.conshelf.streams.plan;

import io.conshelf.streams.job.JobDefinition.InputType;
import io.conshelf.streams.query.Diagnostic;
import io.conshelf.kql.spec.SpecFile;
import io.conshelf.streams.value.Compatibility;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.TestFactory;

/// Queries and their plans or errors (spec/plan). A query that begins with `-- 1.0` is compiled for that level of compatibility.
class PlanSpecTest {
    private static final Map<String, InputType> INPUTS = Map.of("A", InputType.STREAM, "B", InputType.STREAM, "C", InputType.STREAM,
            "R", InputType.REFERENCE, "S", InputType.REFERENCE);

    @TestFactory
    Stream<DynamicNode> plansAndErrors() {
        return SpecFile.tests("plan", spec -> text(compile(spec.query())));
    }

    private static Compiled compile(String query) {
        Compatibility level = query.startsWith("-- ") ? Compatibility.of(query.substring(3, 6)).orElseThrow() : Compatibility.V1_2;
        return Queries.compile(query, new QueryContext(INPUTS, Set.of("f", "texts"), Set.of("g"), Set.of("texts"), level));
    }

    private static String text(Compiled compiled) {
        String diagnostics = compiled.diagnostics().stream().map(PlanSpecTest::line).collect(Collectors.joining("\n"));
        return diagnostics + (diagnostics.isEmpty() ? "" : "\n") + compiled.plan().map(Plan::text).orElse("");
    }

    private static String line(Diagnostic diagnostic) {
        return diagnostic.span().startLine() + ":" + diagnostic.span().startColumn() + " " + (diagnostic.isError() ? "" : "warning: ") + diagnostic.message();
    }
}
