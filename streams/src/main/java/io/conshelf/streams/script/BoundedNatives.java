package io.conshelf.streams.script;

import java.util.List;
import org.mozilla.javascript.BaseFunction;
import org.mozilla.javascript.Context;
import org.mozilla.javascript.Function;
import org.mozilla.javascript.ScriptRuntime;
import org.mozilla.javascript.Scriptable;
import org.mozilla.javascript.ScriptableObject;

/// Built-in functions that can make much of little in one step, where nothing counts: they refuse to.
final class BoundedNatives {
    private static final List<String> OF_TEXTS = List.of("repeat", "padStart", "padEnd");
    private static final List<String> OF_ARRAYS = List.of("join", "toString", "toLocaleString", "reverse", "sort", "push", "shift", "unshift", "splice", "concat",
            "slice", "indexOf", "lastIndexOf", "every", "filter", "forEach", "map", "some", "find", "findIndex", "findLast", "findLastIndex", "reduce",
            "reduceRight", "fill", "keys", "values", "entries", "includes", "copyWithin", "flat", "flatMap", "toReversed", "toSorted", "toSpliced", "with");

    private BoundedNatives() {}

    static void install(Context context, ScriptableObject scope) {
        Scriptable texts = prototype(scope, "String");
        for (String name : OF_TEXTS) {
            // repeat(count) makes as many characters as the text has, times count; the pads make as many as they are told.
            bound(scope, texts, name, (self, arguments) -> {
                double count = arguments.length > 0 ? ScriptRuntime.toNumber(arguments[0]) : 0;
                return name.equals("repeat") ? count * ScriptRuntime.toCharSequence(self).length() : count;
            }, Limits.TEXT_LENGTH_MAX);
        }
        Scriptable arrays = prototype(scope, "Array");
        for (String name : OF_ARRAYS) {
            bound(scope, arrays, name, (self, _) -> self instanceof Scriptable array ? ScriptRuntime.toNumber(ScriptableObject.getProperty(array, "length")) : 0,
                    Limits.ARRAY_LENGTH_MAX);
        }
    }

    private static Scriptable prototype(Scriptable scope, String constructor) {
        return (Scriptable) ScriptableObject.getProperty((Scriptable) ScriptableObject.getProperty(scope, constructor), "prototype");
    }

    @FunctionalInterface
    private interface Size {
        double of(Object self, Object[] arguments);
    }

    private static void bound(Scriptable scope, Scriptable holder, String name, Size size, int max) {
        if (ScriptableObject.getProperty(holder, name) instanceof Function unbounded) {
            ScriptableObject.defineProperty(holder, name, new Bounded(scope, name, unbounded, size, max), ScriptableObject.DONTENUM);
        }
    }

    private static final class Bounded extends BaseFunction {
        private final String name;
        private final transient Function unbounded;
        private final transient Size size;
        private final int max;

        Bounded(Scriptable scope, String name, Function unbounded, Size size, int max) {
            super(scope, ScriptableObject.getFunctionPrototype(scope));
            this.name = name;
            this.unbounded = unbounded;
            this.size = size;
            this.max = max;
        }

        @Override
        public String getFunctionName() {
            return name;
        }

        @Override
        public Object call(Context context, Scriptable scope, Scriptable self, Object[] arguments) {
            if (size.of(self, arguments) > max) {
                throw new Limits.Exceeded("the script takes too much memory: " + name + " of more than " + max);
            }
            return unbounded.call(context, scope, self, arguments);
        }
    }
}
