package io.conshelf.streams.flink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.conshelf.streams.expression.Context;
import io.conshelf.streams.expression.Expression;
import io.conshelf.streams.input.EventInput.Start;
import io.conshelf.streams.job.JobDefinition.Policies;
import io.conshelf.streams.operator.RandomSteps;
import io.conshelf.streams.plan.AggregateCall;
import io.conshelf.streams.plan.Step;
import io.conshelf.streams.plan.Window;
import io.conshelf.streams.query.Span;
import io.conshelf.streams.run.Places;
import io.conshelf.streams.run.StreamJob;
import io.conshelf.streams.script.ScriptFunctions;
import io.conshelf.streams.script.ScriptFunctions.Definition;
import io.conshelf.streams.script.ScriptFunctions.Kind;
import io.conshelf.streams.value.Compatibility;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a job keeps is that of one run, wherever the process or the machine ended.
class RunFolderTest {
    @TempDir
    Path jobs;

    private RunFolder run;

    @BeforeEach
    void before() throws Exception {
        run = new RunFolder(jobs, "job");
        run.begin(record("first"));
        checkpoint(run.path());
        StoppedAt.write(run.path(), 5);
    }

    private static RunRecord record(String id) {
        return new RunRecord(new RunId(id), new Start.From(7), 8, "plan", Places.UNKNOWN);
    }

    private static void checkpoint(Path folder) throws Exception {
        Path checkpoint = Files.createDirectories(folder.resolve("checkpoints/0/chk-1"));
        Files.createFile(checkpoint.resolve("_metadata"));
    }

    @Test
    void aRunThatBeginsAnewLeavesNothingOfTheOneBefore() {
        run.settle("savepoint-1");
        run.begin(record("second"));
        assertThat(run.record()).hasValue(record("second"));
        assertThat(run.newest()).isEmpty();
        assertThat(StoppedAt.read(run.path())).isEmpty();
        assertThat(run.isSettled("savepoint-1")).isFalse();
    }

    @Test
    void aStartThatWasBrokenOffAmidstIsCarriedOut() throws Exception {
        RunFolder other = new RunFolder(jobs, "other");
        other.begin(record("second"));
        // as it is between the two
        Files.move(other.path().resolve("run.json"), run.path().resolve("run-beginning.json"));
        assertThat(run.record()).hasValue(record("second"));
        assertThat(run.newest()).isEmpty();
        assertThat(StoppedAt.read(run.path())).isEmpty();
        assertThat(run.path()).isDirectoryNotContaining("glob:**beginning*");
    }

    @Test
    void aFileThatIsEmptyIsToldInWords() throws Exception {
        Files.writeString(run.path().resolve("last-output"), "");
        assertThatThrownBy(() -> StoppedAt.read(run.path())).isInstanceOf(IllegalStateException.class).hasMessageContaining("last-output")
                .hasMessageContaining("start it now or at a time");
        for (String broken : new String[] {"", "{\"id\": \"fir", "[]", "{}"}) {
            Files.writeString(run.path().resolve("run.json"), broken);
            assertThatThrownBy(run::record).isInstanceOf(IllegalStateException.class).hasMessageContaining("run.json").hasMessageContaining("start it now or at a time");
        }
        run.begin(record("second"));
        assertThat(run.record()).hasValue(record("second"));
    }

    /// What an aggregate remembers was made by its script, and what other steps remember may be of values that a function gave.
    @Test
    void aPlanIsAnotherWhereAScriptThatItCallsIs() {
        String before = hash("function f(x) { return x; }", "function main() {}", "one");
        assertThat(hash("function f(x) { return x; }", "function main() {}", "one")).isEqualTo(before);
        assertThat(hash("function f(x) { return x + 1; }", "function main() {}", "one")).isNotEqualTo(before);
        assertThat(hash("function f(x) { return x; }", "function main() { this.init = 0; }", "one")).isNotEqualTo(before);
        assertThat(hash("function f(x) { return x; }", "function main() {}", "another")).as("no step calls it").isEqualTo(before);
    }

    private static String hash(String scalar, String aggregate, String uncalled) {
        Expression value = new Expression.UserCall("F", List.of(new Expression.Field(new Expression.Slot(0, Span.NONE), "v", Span.NONE)), Span.NONE);
        Step step = new Step.Aggregate(0, List.of(), List.of(new AggregateCall(AggregateCall.Declared.BY_THE_JOB, "total", AggregateCall.Quantifier.ALL,
                List.of(value), List.of(), Span.NONE)), List.of(new Step.NamedWindow("", new Window.Snapshot())), Step.Partitioning.NONE);
        ScriptFunctions functions = new ScriptFunctions(List.of(definition("f", Kind.SCALAR, scalar), definition("total", Kind.AGGREGATE, aggregate),
                definition("other", Kind.SCALAR, uncalled)), Compatibility.V1_2);
        return RunFolder.hash(new StreamJob("job", RandomSteps.plan(step), new Context(Compatibility.V1_2, "", functions), Map.of(), Map.of(), Map.of(),
                Policies.DEFAULT));
    }

    private static Definition definition(String name, Kind kind, String script) {
        return new Definition(name, kind, script, List.of("any"), "any");
    }
}
