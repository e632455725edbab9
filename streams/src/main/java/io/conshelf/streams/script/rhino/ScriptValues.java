package io.conshelf.streams.script.rhino;

import io.conshelf.streams.script.Limits;
import io.conshelf.streams.value.Compatibility;
import io.conshelf.streams.value.SeenShapes;
import io.conshelf.streams.value.Ticks;
import io.conshelf.streams.value.Value;
import io.conshelf.streams.value.Value.Array;
import io.conshelf.streams.value.Value.BigInt;
import io.conshelf.streams.value.Value.Bit;
import io.conshelf.streams.value.Value.DateTime;
import io.conshelf.streams.value.Value.FloatingPoint;
import io.conshelf.streams.value.Value.Null;
import io.conshelf.streams.value.Value.Record;
import io.conshelf.streams.value.Value.Text;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import org.mozilla.javascript.Callable;
import org.mozilla.javascript.Context;
import org.mozilla.javascript.NativeArray;
import org.mozilla.javascript.ScriptRuntime;
import org.mozilla.javascript.Scriptable;
import org.mozilla.javascript.ScriptableObject;
import org.mozilla.javascript.Undefined;

/// Values as scripts see them, and back. Numbers lose what a double cannot hold, times what is below a millisecond.
final class ScriptValues {
    /// What the language has no value for.
    static final class NoValue extends RuntimeException {
        NoValue(String message) {
            super(message, null, false, false);
        }
    }

    private final Compatibility level;
    private final SeenShapes shapes = new SeenShapes();
    private int count;

    ScriptValues(Compatibility level) {
        this.level = level;
    }

    Object[] toScripts(Value[] values, Context context, Scriptable scope) {
        Object[] scripts = new Object[values.length];
        for (int i = 0; i < values.length; i++) {
            scripts[i] = toScript(values[i], context, scope);
        }
        return scripts;
    }

    Object toScript(Value value, Context context, Scriptable scope) {
        return switch (value) {
            case Null _ -> null;
            case BigInt(long number) -> (double) number;
            case FloatingPoint(double number) -> number;
            case Text(String text) -> text;
            case Bit(boolean bit) -> bit;
            case DateTime(long ticks) -> context.newObject(scope, "Date", new Object[] {(double) Ticks.toEpochMillis(ticks)});
            case Record record -> {
                Scriptable object = context.newObject(scope);
                for (int i = 0; i < record.values().length; i++) {
                    ScriptableObject.putProperty(object, record.shape().name(i), toScript(record.values()[i], context, scope));
                }
                yield object;
            }
            case Array(List<Value> elements) -> {
                Object[] scripts = new Object[elements.size()];
                for (int i = 0; i < scripts.length; i++) {
                    scripts[i] = toScript(elements.get(i), context, scope);
                }
                yield context.newArray(scope, scripts);
            }
        };
    }

    Value toValue(Object script) {
        count = 0;
        return toValue(script, 0);
    }

    private Value toValue(Object script, int depth) {
        if (depth > Limits.NESTING_MAX) {
            throw new NoValue("the result nests deeper than " + Limits.NESTING_MAX);
        }
        if (++count > Limits.VALUES_MAX) {
            throw new NoValue("the result has more than " + Limits.VALUES_MAX + " values");
        }
        return switch (script) {
            case null -> Null.NULL;
            case Boolean bit -> level.isAtLeast(Compatibility.V1_2) ? Value.of(bit.booleanValue()) : Value.of(bit ? 1 : 0);
            case BigInteger number -> number(number);
            case Number number -> number(number.doubleValue());
            case CharSequence text -> text(text);
            case Callable _ -> throw new NoValue("a function is no value");
            case NativeArray array -> array(array, depth);
            case Scriptable object -> Undefined.isUndefined(object) ? Null.NULL : object(object, depth);
            default -> Undefined.isUndefined(script) ? Null.NULL : refuse(script);
        };
    }

    private static Value refuse(Object script) {
        throw new NoValue("a value of type " + ScriptRuntime.typeof(script) + " is not supported");
    }

    private static Value text(CharSequence text) {
        if (text.length() > Limits.TEXT_LENGTH_MAX) {
            throw new NoValue("a text of more than " + Limits.TEXT_LENGTH_MAX + " characters is not supported");
        }
        return Value.of(text.toString());
    }

    /// A whole number that fits is a bigint, as the service has it.
    private static Value number(double number) {
        return number == Math.rint(number) && number >= -0x1p63 && number < 0x1p63 ? Value.of((long) number) : Value.of(number);
    }

    private static Value number(BigInteger number) {
        return number.bitLength() < Long.SIZE ? Value.of(number.longValue()) : Value.of(number.doubleValue());
    }

    private Value array(NativeArray array, int depth) {
        if (array.getLength() > Limits.ARRAY_LENGTH_MAX) {
            throw new NoValue("an array of more than " + Limits.ARRAY_LENGTH_MAX + " elements is not supported");
        }
        List<Value> elements = new ArrayList<>((int) array.getLength());
        for (int i = 0; i < array.getLength(); i++) {
            elements.add(toValue(ScriptableObject.getProperty(array, i), depth + 1));
        }
        return new Array(elements);
    }

    private Value object(Scriptable object, int depth) {
        return switch (object.getClassName()) {
            case "Date" -> date(object);
            case "String" -> text(ScriptRuntime.toString(object));
            case "Number" -> number(ScriptRuntime.toNumber(object));
            case "Boolean" -> toValue(ScriptRuntime.toBoolean(object.getDefaultValue(Boolean.class)), depth);
            case "Object", "global" -> record(object, depth, Functions.REFUSED);
            default -> throw new NoValue("an object of type " + object.getClassName() + " is not supported");
        };
    }

    private static Value date(Scriptable date) {
        double millis = ScriptRuntime.toNumber(date);
        if (Double.isNaN(millis)) {
            throw new NoValue("the date is invalid");
        }
        long ticks = Ticks.ofEpochMillis((long) millis);
        if (!Ticks.isInRange(ticks)) {
            throw new NoValue("the date is not in the years 1 to 9999");
        }
        return new DateTime(ticks);
    }

    /// What becomes of functions among the properties.
    enum Functions { REFUSED, LEFT_OUT }

    /// The properties of the object itself; what is missing is missing.
    Record record(Scriptable object, Functions functions) {
        count = 0;
        return record(object, 0, functions);
    }

    private Record record(Scriptable object, int depth, Functions functions) {
        SeenShapes.Node names = shapes.start();
        List<Value> values = new ArrayList<>();
        for (Object id : object.getIds()) {
            Object property = id instanceof String name ? object.get(name, object) : object.get((Integer) id, object);
            if (property instanceof Callable && functions == Functions.LEFT_OUT) {
                continue;
            }
            names = shapes.then(names, id.toString());
            values.add(toValue(property, depth + 1));
        }
        return values.isEmpty() ? Record.EMPTY : new Record(names.shape(), values.toArray(Value[]::new));
    }
}
