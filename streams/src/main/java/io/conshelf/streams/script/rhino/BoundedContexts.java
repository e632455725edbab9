package io.conshelf.streams.script.rhino;

import io.conshelf.streams.script.Bounds;
import io.conshelf.streams.script.Limits;
import java.util.Locale;
import java.util.TimeZone;
import org.mozilla.javascript.Callable;
import org.mozilla.javascript.Context;
import org.mozilla.javascript.ContextFactory;
import org.mozilla.javascript.Scriptable;

/// Contexts that interpret, see no class of Java and count what a call uses.
final class BoundedContexts extends ContextFactory {
    @Override
    protected Context makeContext() {
        Context context = super.makeContext();
        context.setInterpretedMode(true);
        context.setLanguageVersion(Context.VERSION_ES6);
        context.setInstructionObserverThreshold(Limits.STEPS_BETWEEN);
        context.setMaximumInterpreterStackDepth(Limits.CALL_DEPTH_MAX);
        context.setClassShutter(_ -> false);
        // A job gives the same wherever it runs.
        context.setTimeZone(TimeZone.getTimeZone("UTC"));
        context.setLocale(Locale.US);
        return context;
    }

    /// Parts of a text that were put together are not joined here: how long it is has not been looked at yet.
    @Override
    protected Object doTopCall(Callable callable, Context context, Scriptable scope, Scriptable self, Object[] arguments) {
        return callable.call(context, scope, self, arguments);
    }

    @Override
    protected void observeInstructionCount(Context context, int count) {
        Bounds.steps(count);
    }
}
