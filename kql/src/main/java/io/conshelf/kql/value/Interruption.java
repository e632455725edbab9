package io.conshelf.kql.value;

import java.util.function.BooleanSupplier;

/// Lets long computations over values end when nobody waits for their result any more. Whoever runs them says how that is
/// known; they ask at intervals that cost them nothing.
public final class Interruption {
    private static final ScopedValue<BooleanSupplier> IS_STOPPED = ScopedValue.newInstance();
    private static final int CHARACTERS_BETWEEN_LOOKS = 1 << 16;

    private Interruption() {}

    /// What a stopped computation ends with.
    @SuppressWarnings("serial")
    public static final class Stopped extends RuntimeException {
        public Stopped() {
            super("the query was stopped", null, false, false);
        }
    }

    /// Runs work that ends with [Stopped] at its next look once `isStopped` says so.
    public static void guard(BooleanSupplier isStopped, Runnable work) {
        ScopedValue.where(IS_STOPPED, isStopped).run(work);
    }

    /// @throws Stopped when nobody waits any more
    public static void look() {
        if (IS_STOPPED.isBound() && IS_STOPPED.get().getAsBoolean()) {
            throw new Stopped();
        }
    }

    /// The text as one that is looked at while it is read: for readers, such as an automaton, that know of no interruption.
    public static CharSequence watched(String text) {
        return text.length() < CHARACTERS_BETWEEN_LOOKS || !IS_STOPPED.isBound() ? text : new Watched(text);
    }

    private static final class Watched implements CharSequence {
        private final String text;
        private int read;

        Watched(String text) {
            this.text = text;
        }

        @Override
        public int length() {
            return text.length();
        }

        @Override
        public char charAt(int index) {
            if (++read >= CHARACTERS_BETWEEN_LOOKS) {
                read = 0;
                look();
            }
            return text.charAt(index);
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            return text.substring(start, end);
        }

        @Override
        public String toString() {
            return text;
        }
    }
}
