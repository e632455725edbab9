package io.conshelf.streams.script.rhino;

import io.conshelf.streams.aggregate.Aggregation;
import io.conshelf.streams.expression.Evaluator;
import io.conshelf.streams.value.BinaryValues;
import io.conshelf.streams.value.Row;
import io.conshelf.streams.value.Value;
import io.conshelf.streams.value.Value.DateTime;
import io.conshelf.streams.value.Value.Record;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.List;
import java.util.function.UnaryOperator;
import org.mozilla.javascript.Context;
import org.mozilla.javascript.Function;
import org.mozilla.javascript.Scriptable;
import org.mozilla.javascript.ScriptableObject;

/// An aggregate in JavaScript: `main` makes an object with init, accumulate and computeResult, and perhaps deaccumulate. Its state are the properties of the
/// object that are no functions.
///
/// Accumulating works with every window; rows are taken back where deaccumulate is there.
final class ScriptAggregation implements Aggregation<Scriptable> {
    private static final String DEACCUMULATE = "deaccumulate";

    private final Sandbox sandbox;
    private final List<Evaluator> arguments;
    private final UnaryOperator<Value> output;
    private final boolean deaccumulates;

    ScriptAggregation(Sandbox sandbox, List<Evaluator> arguments, UnaryOperator<Value> output) {
        this.sandbox = sandbox;
        this.arguments = arguments;
        this.output = output;
        Scriptable object = create();
        for (String method : List.of("accumulate", "computeResult")) {
            if (!has(object, method)) {
                throw sandbox.fault("the aggregate has no method '" + method + "'");
            }
        }
        this.deaccumulates = has(object, DEACCUMULATE);
    }

    private static boolean has(Scriptable object, String method) {
        return ScriptableObject.getProperty(object, method) instanceof Function;
    }

    @Override
    public Value input(Row row) {
        return arguments.isEmpty() ? Value.Null.NULL : arguments.getFirst().value(row);
    }

    @Override
    public Scriptable create() {
        return sandbox.run((context, scope) -> {
            Scriptable object = sandbox.constructed();
            if (ScriptableObject.getProperty(object, "init") instanceof Function init) {
                init.call(context, scope, object, new Object[0]);
            }
            return object;
        });
    }

    @Override
    public void add(Scriptable state, long ticks, Value input) {
        call(state, "accumulate", ticks, input);
    }

    @Override
    public void remove(Scriptable state, long ticks, Value input) {
        call(state, DEACCUMULATE, ticks, input);
    }

    private void call(Scriptable state, String method, long ticks, Value input) {
        sandbox.run((context, scope) -> method(state, method).call(context, scope, state,
                sandbox.values().toScripts(new Value[] {input, new DateTime(ticks)}, context, scope)));
    }

    private static Function method(Scriptable state, String name) {
        if (ScriptableObject.getProperty(state, name) instanceof Function method) {
            return method;
        }
        throw new ScriptValues.NoValue("TypeError: Object doesn't support property or method '" + name + "'");
    }

    @Override
    public void merge(Scriptable state, Scriptable later) {
        throw new UnsupportedOperationException("JavaScript aggregates do not merge");
    }

    @Override
    public Value result(Scriptable state) {
        return output.apply(sandbox.run((context, scope) ->
                sandbox.values().toValue(method(state, "computeResult").call(context, scope, state, new Object[0]))));
    }

    @Override
    public boolean removes() {
        return deaccumulates;
    }

    @Override
    public boolean merges() {
        return false;
    }

    @Override
    public void write(Scriptable state, DataOutput out) throws IOException {
        Record kept = sandbox.run((_, _) -> sandbox.values().record(state, ScriptValues.Functions.LEFT_OUT));
        BinaryValues.write(kept, out);
    }

    @Override
    public Scriptable read(DataInput in) throws IOException {
        Record kept = (Record) BinaryValues.read(in);
        return sandbox.run((context, scope) -> restored(context, scope, kept));
    }

    /// What init made is forgotten: only what was there counts.
    private Scriptable restored(Context context, ScriptableObject scope, Record kept) {
        Scriptable object = sandbox.constructed();
        for (int i = 0; i < kept.values().length; i++) {
            ScriptableObject.putProperty(object, kept.shape().name(i), sandbox.values().toScript(kept.values()[i], context, scope));
        }
        return object;
    }
}
