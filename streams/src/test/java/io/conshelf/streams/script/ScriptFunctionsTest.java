package io.conshelf.streams.script;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.conshelf.streams.aggregate.Aggregation;
import io.conshelf.streams.expression.JobFunctions.FunctionFault;
import io.conshelf.streams.script.ScriptFunctions.Definition;
import io.conshelf.streams.script.ScriptFunctions.Kind;
import io.conshelf.streams.value.Compatibility;
import io.conshelf.streams.value.JsonPrint;
import io.conshelf.streams.value.JsonRead;
import io.conshelf.streams.value.Row;
import io.conshelf.streams.value.Value;
import io.conshelf.streams.value.Value.DateTime;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ScriptFunctionsTest {
    private static Value call(String script, Value... arguments) {
        return functions(script, Kind.SCALAR).scalar("F").call(arguments);
    }

    private static ScriptFunctions functions(String script, Kind kind) {
        return new ScriptFunctions(List.of(new Definition("f", kind, script, List.of("any"), "any")), Compatibility.V1_2);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', value = {
        "x | bigint",
        "x + 0.5 | float",
        "2e300 | float",
        "'a' + x | nvarchar(max)",
        "new Date(0) | datetime",
        "[x, 'b'] | array",
        "({a: x}) | record",
        "x > 0 | bit",
        "null | null",
        "undefined | null",
        "new String('a') | nvarchar(max)",
        "9007199254740993n | bigint"})
    void resultsAreOfTheTypeThatTheyHaveInScripts(String expression, String type) {
        assertThat(call("function main(x) { return " + expression + "; }", Value.of(1)).typeName()).isEqualTo(type);
    }

    @Test
    void recordsAndArraysGoInAndOut() {
        Value event = new JsonRead(JsonRead.Reading.PLAIN).record("{\"Name\":\"a\",\"list\":[1,2.5,{\"x\":null}],\"b\":true}").orElseThrow();
        assertThat(JsonPrint.text(call("function main(e) { e.list.push(e.Name); return e; }", event)))
                .isEqualTo("{\"Name\":\"a\",\"list\":[1,2.5,{\"x\":null},\"a\"],\"b\":true}");
        assertThat(call("function main(x) { return JSON.stringify(x); }", event)).isEqualTo(Value.of("{\"Name\":\"a\",\"list\":[1,2.5,{\"x\":null}],\"b\":true}"));
    }

    @Test
    void timesKeepTheirMilliseconds() {
        Value time = new DateTime(io.conshelf.streams.value.Ticks.parse("2024-05-06T07:08:09.1234567Z"));
        assertThat(JsonPrint.text(call("function main(t) { return [t, t.getHours(), t.getTime(), t.getTimezoneOffset()]; }", time)))
                .isEqualTo("[\"2024-05-06T07:08:09.1230000Z\",7,1714979289123,0]");
    }

    @ParameterizedTest
    @ValueSource(strings = {"function main(x) { return x; }", "function anyName(x) { return x; }", "var g = x => x;", "function (x) { return x; }",
        "function helper(x) { return 0; } function main(x) { return helper(x) + x; }", "function helper(x) { return 0; } function F(x) { return helper(x) + x; }"})
    void theFunctionIsFoundWhateverItIsCalled(String script) {
        assertThat(call(script, Value.of(7))).isEqualTo(Value.of(7));
    }

    @Test
    void anErrorTellsWhatTheServiceTells() {
        assertThatThrownBy(() -> new ScriptFunctions(List.of(new Definition("udfLen", Kind.SCALAR, "// length\nfunction main(arg1) {\n    return arg1.length;\n}",
                List.of("nvarchar(max)"), "bigint")), Compatibility.V1_2).scalar("UDFLEN").call(new Value[] {Value.Null.NULL}))
                .isInstanceOf(FunctionFault.class)
                .hasMessage("Function 'udflen' resulted in an error: 'TypeError: Cannot read property \"length\" from null'"
                        + " Stack: TypeError: Cannot read property \"length\" from null at main (udfLen:3)");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', value = {
        "while (true) {} | runs too long",
        "try { while (true) {} } catch (e) { } finally { while (true) {} } | runs too long",
        "/^(a+)+$/.test('a'.repeat(40) + 'b') | runs too long",
        "var a = []; while (true) { a.push('x'.repeat(1000) + a.length); } | takes too much memory",
        // loops and sizes of built-in functions, which are one step of the interpreter each
        "Array.from({length: 1e9}) | the script",
        "Array.reduce({length: 1e9}, function () {}) | the script",
        "[].indexOf.call({length: 1e15}, 1) | runs too long",
        "Array.apply(null, {length: 1e9}) | too much memory",
        "var a = []; a.length = 4e9; [...a] | the script",
        "var a = [1]; for (var i = 0; i < 40; i++) a = [a, a]; a.flat(Infinity) | the script",
        "var a = [1]; for (var i = 0; i < 40; i++) a = [a, a]; JSON.stringify(a) | the script",
        "Array.from({[Symbol.iterator]: function () { return {next: Object}; }}) | the script",
        "new Set({[Symbol.iterator]: function () { return {next: Object}; }}) | the script",
        "new Float64Array(1e8) | too much memory",
        "'x'.repeat(1e6).replace(/x/g, 'y'.repeat(1e6)) | too much memory",
        "('x'.repeat(1e5) + 'y').match(/(x*)*z/) | runs too long",
        "var s = 'x'; for (var i = 0; i < 40; i++) s += s; s.charAt(0) | too much memory",
        "3n ** 500000000n | runs too long",
        "var b = 3n; while (true) { b = b * b; } | runs too long",
        "1n << 2000000000n | runs too long",
        "BigInt('9'.repeat(1.6e7)) | runs too long",
        "JSON.parse('[' + '[],'.repeat(5e6) + '0]') | too much memory",
        "'x'.repeat(1e9) | takes too much memory",
        "'x'.padEnd(1e9) | takes too much memory",
        "new Array(1e8).join('x') | takes too much memory",
        "var b = []; b.length = 1e8; b.fill(0) | takes too much memory",
        "(function f() { return f() + 1; })() | depth",
        "(function g() { [1].map(g); })() | call stack",
        "var s = 'x'; for (var i = 0; i < 30; i++) s += s; return s; | a text of more than 16777216 characters",
        "return main | a function is no value",
        "var c = {}; c.c = c; return c; | nests deeper",
        "return new Date(NaN) | the date is invalid",
        "return new Map() | Map is not supported",
        "return java.lang.System.getenv() | is not defined",
        "return Packages.java.lang.Runtime | is not defined",
        "return this.getClass() | Cannot find function getClass",
        "throw new Error('told') | Error: told"})
    void whatGoesTooFarEndsWithAnErrorThatSaysSo(String body, String message) {
        assertThatThrownBy(() -> call("function main(x) { " + body + " }", Value.of(1))).isInstanceOf(FunctionFault.class).hasMessageContaining(message)
                .hasMessageStartingWith("Function 'f' resulted in an error: ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"try { while (true) {} } catch (e) { return x; } finally { while (true) {} }",
        "for (;;) { try { for (;;) {} } finally { continue; } }",
        "try { for (;;) {} } finally { return x; }"})
    void whatIsUnderWayEndsWithItsThread(String body) {
        Thread.currentThread().interrupt();
        try {
            assertThatThrownBy(() -> call("function main(x) { " + body + " }", Value.of(1))).isInstanceOf(CancellationException.class);
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
        assertThat(call("function main(x) { return x; }", Value.of(1))).as("another has the engine as it was").isEqualTo(Value.of(1));
    }

    /// Of a virtual thread nobody knows what it allocates.
    @Test
    void whatIsTriedInAVirtualThreadHasTheSameBounds() throws Exception {
        ScriptFunctions functions = functions("var a = []; while (true) { a.push('x'.repeat(1000) + a.length); } function main(x) { return x; }", Kind.SCALAR);
        FutureTask<List<ScriptFunctions.Problem>> trial = new FutureTask<>(functions::problems);
        Thread.ofVirtual().start(trial);
        assertThat(trial.get(5, TimeUnit.MINUTES)).singleElement().extracting(ScriptFunctions.Problem::message).asString().contains("takes too much memory");
    }

    @Test
    void powersAreBoundedByWhatTheyAre() {
        assertThat(call("function main() { return 1n ** 2000000000n + (-1n) ** 2000000001n + 0n ** 2000000000n + 2n ** 1000000n % 7n; }")).isEqualTo(Value.of(2));
    }

    @Test
    void scriptsThatDoNotCompileAreProblemsBeforeTheJobStarts() {
        assertThat(functions("function main( {", Kind.SCALAR).problems()).hasSize(1);
        assertThat(functions("var x = 1;", Kind.SCALAR).problems()).first().extracting(ScriptFunctions.Problem::message).asString()
                .contains("the script defines no function");
        assertThat(functions("function main() {}", Kind.AGGREGATE).problems()).first().extracting(ScriptFunctions.Problem::message).asString()
                .contains("no method 'accumulate'");
        assertThat(functions("function main(x) { return x; }", Kind.SCALAR).problems()).isEmpty();
    }

    private static final String WEIGHTED = """
            function main() {
                this.init = function () { this.totalValue = 0.0; this.totalWeight = 0.0; this.times = []; }
                this.accumulate = function (value, timestamp) {
                    this.totalValue += value.level * value.weight; this.totalWeight += value.weight; this.times.push(timestamp);
                }
                this.deaccumulate = function (value, timestamp) {
                    this.totalValue -= value.level * value.weight; this.totalWeight -= value.weight; this.times.shift();
                }
                this.computeResult = function () {
                    if (this.totalValue == 0) { result = 0; } else { result = this.totalValue / this.totalWeight; }
                    return {mean: result, first: this.times[0]};
                }
            }""";

    @Test
    void anAggregateKeepsItsStateOverItsBytes() throws IOException {
        assertThat(run(functions(WEIGHTED, Kind.AGGREGATE).aggregate("f", List.of(row -> row.slots()[0]))))
                .isEqualTo("{\"mean\":2.5,\"first\":\"0001-01-01T00:00:01.0000000Z\"}");
    }

    private static <A> String run(Aggregation<A> aggregation) throws IOException {
        assertThat(aggregation.removes()).isTrue();
        A state = aggregation.create();
        JsonRead json = new JsonRead(JsonRead.Reading.PLAIN);
        for (int i = 0; i < 3; i++) {
            Value event = json.record("{\"level\":" + (i + 1) + ",\"weight\":1.0}").orElseThrow();
            aggregation.add(state, i * 10_000_000L, aggregation.input(new Row(0, new Value[] {event})));
        }
        aggregation.remove(state, 0, json.record("{\"level\":1,\"weight\":1}").orElseThrow());
        var bytes = new ByteArrayOutputStream();
        aggregation.write(state, new DataOutputStream(bytes));
        return JsonPrint.text(aggregation.result(aggregation.read(new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())))));
    }
}
