import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/// What a check wants to be so, and how it waits for it.
final class Expect {
    private static final long PATIENCE = TimeUnit.MINUTES.toNanos(2);

    private Expect() {}

    static String refused(Callable<?> work) {
        try {
            work.call();
        } catch (Exception e) {
            var told = new StringBuilder();
            for (Throwable cause = e; cause != null; cause = cause.getCause()) {
                told.append(cause).append('\n');
            }
            return told.toString();
        }
        throw new AssertionError("it was answered");
    }

    static <T> T eventually(Callable<T> value, Predicate<T> isEnough) throws Exception {
        long end = System.nanoTime() + PATIENCE;
        T got = value.call();
        while (!isEnough.test(got) && System.nanoTime() < end) {
            TimeUnit.MILLISECONDS.sleep(100);
            got = value.call();
        }
        return got;
    }

    static void equal(Object got, Object wanted) {
        require(Objects.equals(got, wanted), "got " + got + ", wanted " + wanted);
    }

    static void require(boolean holds, String why) {
        if (!holds) {
            throw new AssertionError(why);
        }
    }
}
