package io.conshelf.streams.script.rhino;

import io.conshelf.streams.expression.JobFunctions.FunctionFault;
import io.conshelf.streams.script.Bounds;
import io.conshelf.streams.script.Limits;
import io.conshelf.streams.value.Compatibility;
import io.conshelf.streams.value.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CancellationException;
import org.mozilla.javascript.Context;
import org.mozilla.javascript.EvaluatorException;
import org.mozilla.javascript.Function;
import org.mozilla.javascript.RhinoException;
import org.mozilla.javascript.Scriptable;
import org.mozilla.javascript.ScriptableObject;

/// The world of one script: its global scope and its function. Belongs to one thread at a time.
final class Sandbox {
    /// What a script does with its function.
    @FunctionalInterface
    interface Action<T> {
        T run(Context context, ScriptableObject scope);
    }

    private final String name;
    private final BoundedContexts contexts = new BoundedContexts();
    private final Context context;
    private final ScriptableObject scope;
    private final ScriptValues values;
    private final Function function;
    private final Function construction;

    /// @throws FunctionFault where the script does not compile, fails or defines no function
    Sandbox(String name, String script, Compatibility level) {
        this.name = name;
        this.values = new ScriptValues(level);
        this.context = contexts.enterContext();
        try {
            this.scope = context.initSafeStandardObjects(null, false);
            // The interpreter constructs only for scripts.
            this.construction = context.compileFunction(scope, "function (f) { return new f(); }", name, 1, null);
            List<Object> before = List.of(scope.getAllIds());
            this.function = guarded(() -> {
                context.evaluateString(scope, script, name, 1, null);
                return defined(before, script);
            });
        } finally {
            Context.exit();
        }
    }

    ScriptValues values() {
        return values;
    }

    /// An object that the function makes. Only inside [#run].
    Scriptable constructed() {
        return (Scriptable) construction.call(context, scope, scope, new Object[] {function});
    }

    /// `main`, or the function that is called as the query calls it, or the only one, which may have no name.
    ///
    /// @param script that was run
    private Function defined(List<Object> before, String script) {
        List<Function> functions = new ArrayList<>();
        for (Object id : scope.getAllIds()) {
            if (!before.contains(id) && id instanceof String key && scope.get(key, scope) instanceof Function defined) {
                if (key.equals("main")) {
                    return defined;
                }
                if (key.equalsIgnoreCase(name)) {
                    functions.addFirst(defined);
                } else {
                    functions.addLast(defined);
                }
            }
        }
        return functions.isEmpty() ? nameless(script) : functions.getFirst();
    }

    /// `function (x) { … }` is nothing by itself, and a function where a value is meant.
    private Function nameless(String script) {
        try {
            if (context.evaluateString(scope, "(" + script + "\n)", name, 1, null) instanceof Function function) {
                return function;
            }
        } catch (EvaluatorException noExpression) {
            // it is something else
        }
        throw fault("the script defines no function");
    }

    Value call(Value[] arguments) {
        return run((entered, global) -> values.toValue(function.call(entered, global, global, values.toScripts(arguments, entered, global))));
    }

    <T> T run(Action<T> action) {
        contexts.enterContext(context);
        try {
            return guarded(() -> action.run(context, scope));
        } finally {
            Context.exit();
        }
    }

    private <T> T guarded(java.util.function.Supplier<T> run) {
        Bounds.begin();
        try {
            return run.get();
        } catch (RhinoException fault) {
            throw new FunctionFault("Function '" + shownName() + "' resulted in an error: '" + fault.details() + "' Stack: " + fault.details()
                    + stack(fault), Math.max(0, fault.lineNumber()), Math.max(0, fault.columnNumber()));
        } catch (Limits.Exceeded exceeded) {
            throw fault(exceeded.getMessage());
        } catch (Limits.Ended ended) {
            throw new CancellationException(ended.getMessage());
        } catch (StackOverflowError tooDeep) {
            throw fault("RangeError: Maximum call stack size exceeded");
        } catch (OutOfMemoryError tooMuch) {
            throw fault("RangeError: out of memory");
        } catch (NoClassDefFoundError | ExceptionInInitializerError unusable) {
            throw fault("a part of the engine is of no use: " + unusable.getMessage());
        } catch (ScriptValues.NoValue noValue) {
            throw fault(noValue.getMessage());
        } finally {
            Bounds.end();
        }
    }

    FunctionFault fault(String message) {
        return new FunctionFault("Function '" + shownName() + "' resulted in an error: '" + message + "'");
    }

    private String shownName() {
        return name.toLowerCase(Locale.ROOT);
    }

    /// As the service prints it: ` at main (udfLen:3)`, but for the name: of its script it knows none.
    private String stack(RhinoException fault) {
        StringBuilder stack = new StringBuilder();
        for (var element : fault.getScriptStack()) {
            stack.append(" at ").append(element.functionName == null ? "Global code" : element.functionName)
                    .append(" (").append(name).append(':').append(element.lineNumber).append(')');
        }
        return stack.toString();
    }
}
