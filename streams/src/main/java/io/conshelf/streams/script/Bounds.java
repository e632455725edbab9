package io.conshelf.streams.script;

import io.conshelf.streams.script.Limits.Ended;
import io.conshelf.streams.script.Limits.Exceeded;
import java.lang.management.ManagementFactory;
import java.math.BigInteger;

/// What the call of a script that is under way in a thread has used. The engine's own classes call the static methods, by [CountedClasses].
public final class Bounds {
    private static final com.sun.management.ThreadMXBean THREADS = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final ThreadLocal<Bounds> OF_THREAD = ThreadLocal.withInitial(Bounds::new);

    private boolean isUnderWay;
    /// How many classes are being made ready, one for another.
    private int preparing;
    private long steps;
    private long rounds;
    /// Until the next look.
    private int roundsLeft;
    private long bytesLeft;
    /// Most calls are over before there is a first look.
    private boolean hasLooked;
    /// At the first look; -1 in a virtual thread, of which nobody knows it.
    private long allocatedBefore;
    private long beganNanos;
    private boolean isLong;
    /// When the clock said that it is long.
    private long processorNanosBefore;

    private Bounds() {}

    /// A call begins: what it may use is counted from here on, in this thread.
    public static void begin() {
        Bounds bounds = OF_THREAD.get();
        bounds.isUnderWay = true;
        bounds.preparing = 0;
        bounds.steps = 0;
        bounds.rounds = 0;
        bounds.roundsLeft = Limits.ROUNDS_BETWEEN;
        bounds.bytesLeft = Limits.BYTES_BETWEEN;
        bounds.hasLooked = false;
    }

    public static void end() {
        OF_THREAD.get().isUnderWay = false;
    }

    /// A class is made ready, once for all that come after: what was thrown there would leave it of no use to any script.
    public static void prepare() {
        OF_THREAD.get().preparing++;
    }

    public static void prepared() {
        OF_THREAD.get().preparing--;
    }

    private boolean counts() {
        return isUnderWay && preparing <= 0;
    }

    /// So many instructions have been interpreted.
    public static void steps(int count) {
        Bounds bounds = OF_THREAD.get();
        bounds.steps += count;
        bounds.look();
    }

    /// A loop of a built-in function goes round.
    public static void round() {
        Bounds bounds = OF_THREAD.get();
        if (--bounds.roundsLeft < 0) {
            bounds.rounds += Limits.ROUNDS_BETWEEN;
            bounds.look();
        }
    }

    /// An array of so many will be made.
    public static void items(int count) {
        if (count > 1_000) {
            if (count > Limits.ITEMS_MAX && OF_THREAD.get().counts()) {
                throw new Exceeded("the script takes too much memory: " + count + " items at once");
            }
            OF_THREAD.get().take((long) count * Integer.BYTES);
        }
    }

    /// A text was made, or will be; where parts were put together they are not joined yet.
    public static void text(CharSequence text) {
        int length = text.length();
        // so long that an int does not hold it
        if (length < 0) {
            length = Integer.MAX_VALUE;
        }
        if (length > 1_000) {
            if (length > Limits.TEXT_LENGTH_MAX && OF_THREAD.get().counts()) {
                throw new Exceeded("the script takes too much memory: a text of more than " + Limits.TEXT_LENGTH_MAX + " characters");
            }
            OF_THREAD.get().take(length);
        }
    }

    /// A whole number was made.
    public static void number(BigInteger number) {
        bits(number.bitLength());
    }

    /// @return what it is called with
    public static BigInteger power(BigInteger base, int exponent) {
        int bits = base.abs().bitLength();
        if (bits > 1) {
            // at least; 0 and 1 stay what they are
            bits((bits - 1.0) * exponent);
        }
        return base.pow(exponent);
    }

    /// A whole number will be shifted to the left.
    public static void shift(int bits) {
        bits(bits);
    }

    /// A whole number will be read.
    public static void digits(String digits) {
        digits(digits, 10);
    }

    public static void digits(String digits, int radix) {
        bits(digits.length() * (Math.log(radix) / Math.log(2)));
    }

    private static void bits(double bits) {
        if (bits > Limits.NUMBER_BITS_MAX && OF_THREAD.get().counts()) {
            throw new Exceeded("the script runs too long: a whole number of more than " + Limits.NUMBER_BITS_MAX + " bits");
        }
    }

    private void take(long bytes) {
        bytesLeft -= bytes;
        if (bytesLeft < 0) {
            look();
        }
    }

    private void look() {
        roundsLeft = Limits.ROUNDS_BETWEEN;
        bytesLeft = Limits.BYTES_BETWEEN;
        if (!counts()) {
            return;
        }
        // no error of the script: whoever waited for its run waits no longer
        if (Thread.currentThread().isInterrupted()) {
            throw new Ended();
        }
        if (steps > Limits.STEPS_MAX) {
            throw new Exceeded("the script runs too long: more than " + Limits.STEPS_MAX + " instructions in one call");
        }
        if (rounds > Limits.ROUNDS_MAX) {
            throw new Exceeded("the script runs too long: built-in functions loop more than " + Limits.ROUNDS_MAX + " times in one call");
        }
        long allocated = THREADS.getCurrentThreadAllocatedBytes();
        long now = System.nanoTime();
        if (!hasLooked) {
            hasLooked = true;
            allocatedBefore = allocated;
            beganNanos = now;
            isLong = false;
        } else if (allocated - allocatedBefore > Limits.ALLOCATED_BYTES_MAX) {
            throw new Exceeded("the script takes too much memory: more than " + Limits.ALLOCATED_BYTES_MAX + " bytes in one call");
        } else if (now - beganNanos > Limits.TIME_MAX_MS * 1_000_000) {
            timed(now);
        }
    }

    /// The clock is asked first, as asking for the time of the processor takes long; but on a machine with much to do the clock says little. Of a virtual thread
    /// nobody knows more than the clock.
    private void timed(long now) {
        long processor = Thread.currentThread().isVirtual() ? now : THREADS.getCurrentThreadCpuTime();
        if (!isLong) {
            isLong = true;
            processorNanosBefore = processor;
        } else if (processor - processorNanosBefore > Limits.TIME_MAX_MS * 1_000_000) {
            throw new Exceeded("the script runs too long: more than " + Limits.TIME_MAX_MS / 1_000 + " seconds in one call");
        }
        // not asked again before it can have run out
        beganNanos = now - Limits.TIME_MAX_MS * 1_000_000 + 100_000_000;
    }
}
