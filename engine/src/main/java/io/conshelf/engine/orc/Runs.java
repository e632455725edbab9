package io.conshelf.engine.orc;

import java.io.IOException;

/// The run lengths in which ORC writes bytes, bits and integers.
final class Runs {
    private Runs() {}

    /// A run of equal bytes, or bytes as they are.
    static final class Bytes {
        private final OrcStream in;
        private int left;
        private boolean isRepeat;
        private int value;

        Bytes(OrcStream in) {
            this.in = in;
        }

        int next() throws IOException {
            if (left == 0) {
                int control = (byte) in.read();
                isRepeat = control >= 0;
                left = isRepeat ? control + 3 : -control;
                if (isRepeat) {
                    value = in.read();
                }
            }
            left--;
            return isRepeat ? value : in.read();
        }
    }

    /// Eight to a byte, the first in its highest bit.
    static final class Bits {
        private final Bytes bytes;
        private int value;
        private int left;

        Bits(OrcStream in) {
            this.bytes = new Bytes(in);
        }

        boolean next() throws IOException {
            if (left == 0) {
                value = bytes.next();
                left = 8;
            }
            left--;
            return (value >>> left & 1) == 1;
        }
    }

    /// Integers in one of the two versions of their encoding.
    abstract static class Integers {
        static final int RUN_MAX = 512;

        final OrcStream in;
        final boolean isSigned;
        final long[] run = new long[RUN_MAX];
        int at;
        int count;

        Integers(OrcStream in, boolean isSigned) {
            this.in = in;
            this.isSigned = isSigned;
        }

        static Integers of(OrcStream in, boolean isSecondVersion, boolean isSigned) {
            return isSecondVersion ? new Second(in, isSigned) : new First(in, isSigned);
        }

        final long next() throws IOException {
            if (at == count) {
                at = 0;
                count = 0;
                fill();
            }
            return run[at++];
        }

        abstract void fill() throws IOException;

        final long varint() throws IOException {
            long value = in.varint();
            return isSigned ? OrcStream.signed(value) : value;
        }
    }

    /// Version 1: a run with a constant step, or numbers as they are.
    private static final class First extends Integers {
        First(OrcStream in, boolean isSigned) {
            super(in, isSigned);
        }

        @Override
        void fill() throws IOException {
            int control = (byte) in.read();
            if (control >= 0) {
                int step = (byte) in.read();
                long base = varint();
                for (count = 0; count < control + 3; count++) {
                    run[count] = base + (long) step * count;
                }
            } else {
                for (count = 0; count < -control; count++) {
                    run[count] = varint();
                }
            }
        }
    }

    /// Version 2: four ways to pack a run.
    private static final class Second extends Integers {
        private static final int[] WIDE = {26, 28, 30, 32, 40, 48, 56, 64};
        private static final int GAP_MAX = 255;

        private int bits;
        private int bitsLeft;

        Second(OrcStream in, boolean isSigned) {
            super(in, isSigned);
        }

        @Override
        void fill() throws IOException {
            int first = in.read();
            switch (first >>> 6) {
                case 0 -> repeat(first);
                case 1 -> direct(first);
                case 2 -> patched(first);
                default -> deltas(first);
            }
        }

        private void repeat(int first) throws IOException {
            long value = bigEndian((first >>> 3 & 7) + 1);
            value = isSigned ? OrcStream.signed(value) : value;
            int length = (first & 7) + 3;
            for (count = 0; count < length; count++) {
                run[count] = value;
            }
        }

        private void direct(int first) throws IOException {
            int width = width(first >>> 1 & 31);
            int length = ((first & 1) << 8 | in.read()) + 1;
            beginBits();
            for (count = 0; count < length; count++) {
                long value = take(width);
                run[count] = isSigned ? OrcStream.signed(value) : value;
            }
        }

        /// Most values are small: the high bits of the others follow, with how far they are apart.
        private void patched(int first) throws IOException {
            int width = width(first >>> 1 & 31);
            int length = ((first & 1) << 8 | in.read()) + 1;
            int third = in.read();
            int fourth = in.read();
            int baseBytes = (third >>> 5) + 1;
            int patchWidth = width(third & 31);
            int gapWidth = (fourth >>> 5) + 1;
            int patches = fourth & 31;
            long base = bigEndian(baseBytes);
            long sign = 1L << baseBytes * 8 - 1;
            base = (base & sign) == 0 ? base : -(base & ~sign);
            beginBits();
            for (int i = 0; i < length; i++) {
                run[i] = take(width);
            }
            if (patchWidth + gapWidth > 64) {
                throw new OrcException("a run is broken");
            }
            int entryWidth = closest(patchWidth + gapWidth);
            beginBits();
            int position = 0;
            for (int i = 0; i < patches; i++) {
                long entry = take(entryWidth);
                long gap = entry >>> patchWidth;
                long patch = entry & (1L << patchWidth) - 1;
                position += (int) gap;
                if (gap == GAP_MAX && patch == 0) {
                    continue;
                }
                if (position >= length) {
                    throw new OrcException("a run is broken");
                }
                run[position] |= patch << width;
            }
            for (int i = 0; i < length; i++) {
                run[i] += base;
            }
            count = length;
        }

        private void deltas(int first) throws IOException {
            int code = first >>> 1 & 31;
            int width = code == 0 ? 0 : width(code);
            int length = ((first & 1) << 8 | in.read()) + 1;
            run[0] = varint();
            long step = OrcStream.signed(in.varint());
            if (width == 0) {
                for (int i = 1; i < length; i++) {
                    run[i] = run[i - 1] + step;
                }
            } else {
                if (length > 1) {
                    run[1] = run[0] + step;
                }
                beginBits();
                for (int i = 2; i < length; i++) {
                    long delta = take(width);
                    run[i] = step < 0 ? run[i - 1] - delta : run[i - 1] + delta;
                }
            }
            count = length;
        }

        private static int width(int code) {
            return code < 24 ? code + 1 : WIDE[code - 24];
        }

        private static int closest(int bits) {
            if (bits <= 24) {
                return bits;
            }
            int at = 0;
            while (WIDE[at] < bits) {
                at++;
            }
            return WIDE[at];
        }

        private long bigEndian(int bytes) throws IOException {
            long value = 0;
            for (int i = 0; i < bytes; i++) {
                value = value << 8 | in.read();
            }
            return value;
        }

        private void beginBits() {
            bitsLeft = 0;
        }

        private long take(int width) throws IOException {
            long value = 0;
            int needed = width;
            while (needed > 0) {
                if (bitsLeft == 0) {
                    bits = in.read();
                    bitsLeft = 8;
                }
                int part = Math.min(needed, bitsLeft);
                value = value << part | bits >>> bitsLeft - part & (1 << part) - 1;
                bitsLeft -= part;
                needed -= part;
            }
            return value;
        }
    }
}
