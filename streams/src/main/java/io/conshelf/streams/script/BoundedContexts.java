package io.conshelf.streams.script;

import java.lang.management.ManagementFactory;
import java.util.Locale;
import java.util.TimeZone;
import org.mozilla.javascript.Callable;
import org.mozilla.javascript.Context;
import org.mozilla.javascript.ContextFactory;
import org.mozilla.javascript.Scriptable;

/// Contexts that interpret, see no class of Java and count what a call uses.
final class BoundedContexts extends ContextFactory {
    private static final com.sun.management.ThreadMXBean THREADS = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();

    private long steps;
    private long allocatedBefore = -1;

    /// A call begins: what it may use is counted from here on.
    void begin() {
        steps = 0;
        allocatedBefore = -1;
    }

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

    /// Most calls are over before they are looked at; asking how much a thread has allocated is left to those that are not.
    @Override
    protected void observeInstructionCount(Context context, int count) {
        steps += count;
        if (steps > Limits.STEPS_MAX) {
            throw new Limits.Exceeded("the script runs too long: more than " + Limits.STEPS_MAX + " instructions in one call");
        }
        long allocated = THREADS.getCurrentThreadAllocatedBytes();
        if (allocatedBefore < 0) {
            allocatedBefore = allocated;
        } else if (allocated - allocatedBefore > Limits.ALLOCATED_BYTES_MAX) {
            throw new Limits.Exceeded("the script takes too much memory: more than " + Limits.ALLOCATED_BYTES_MAX + " bytes in one call");
        }
    }
}
