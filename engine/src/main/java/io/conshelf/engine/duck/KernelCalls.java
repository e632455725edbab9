package io.conshelf.engine.duck;

import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;

/// What kernels must know of the queries that call them: DuckDB runs them on threads of its own and tells nothing.
///
/// A query's statements are [#marked][#mark]: each call of a kernel in them carries a number, by which the kernel finds out
/// whether the query was stopped.
public final class KernelCalls {
    /// The twin of a kernel that takes the number of its query before its arguments.
    static final String TWIN_PREFIX = "stoppable_";

    /// What a kernel says that writes no text while [memory is short][#memoryIsShort] for all. Errors repeat texts of queries, and none of those
    /// is to be taken for this one.
    public static final String SHORT = "memory is short, " + UUID.randomUUID();

    private static final String KERNEL_PREFIX = "kql_";

    private final AtomicLong numbers = new AtomicLong();
    private final Map<Long, BooleanSupplier> stopped = new ConcurrentHashMap<>();
    private final long textBytesMax;
    private volatile boolean memoryIsShort;

    /// @param textBytesMax of what one call may write: a call is a vector of up to 2,048 rows
    KernelCalls(long textBytesMax) {
        this.textBytesMax = textBytesMax;
    }

    /// Numbers a query; whoever got the number gives it back with [#end].
    public long begin(BooleanSupplier isStopped) {
        long number = numbers.incrementAndGet();
        stopped.put(number, isStopped);
        return number;
    }

    public void end(long number) {
        stopped.remove(number);
    }

    /// While memory is short kernels write no texts: DuckDB ends the process when it has no memory for a text that comes from
    /// outside of it.
    ///
    /// @param isShort asked while nobody else tells: what was found before may be told after those have ended who took it
    public synchronized void tellOfMemory(BooleanSupplier isShort) {
        memoryIsShort = isShort.getAsBoolean();
    }

    public boolean memoryIsShort() {
        return memoryIsShort;
    }

    long textBytesMax() {
        return textBytesMax;
    }

    BooleanSupplier stopOf(long number) {
        // A statement that outlives its query has nobody waiting for it.
        return stopped.getOrDefault(number, () -> true);
    }

    /// The statement with the query's number in every call of a kernel.
    public static String mark(String sql, long number) {
        int at = sql.indexOf(KERNEL_PREFIX);
        if (at < 0) {
            return sql;
        }
        var marked = new StringBuilder(sql.length() + 256);
        int copied = 0;
        int i = 0;
        while (i < sql.length()) {
            char c = sql.charAt(i);
            if (c == '\'' || c == '"') {
                int end = sql.indexOf(c, i + 1);
                i = end < 0 ? sql.length() : end + 1;
            } else if (c == 'k' && startsKernel(sql, i)) {
                int open = sql.indexOf('(', i);
                marked.append(sql, copied, i).append(TWIN_PREFIX).append(sql, i, open + 1).append(number).append(", ");
                copied = open + 1;
                i = copied;
            } else {
                i++;
            }
        }
        return marked.append(sql, copied, sql.length()).toString();
    }

    private static boolean startsKernel(String sql, int at) {
        return sql.startsWith(KERNEL_PREFIX, at)
                && (at == 0 || !Character.isJavaIdentifierPart(sql.charAt(at - 1)));
    }
}
