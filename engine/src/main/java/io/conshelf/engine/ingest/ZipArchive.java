package io.conshelf.engine.ingest;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/// Opens zips whose directory is of a bounded size. The JDK takes as much memory for it as the end of the file claims, up to 2 GB, before it looks at anything else.
public final class ZipArchive {
    /// More than 100,000 files with names of a usual length.
    static final int DIRECTORY_BYTES_MAX = 16 << 20;

    private static final int END_BYTES = 22;
    private static final int END_SIGNATURE = 0x06054b50;
    private static final int END_DIRECTORY_BYTES = 12;
    private static final int COMMENT_BYTES_MAX = 0xFFFF;
    private static final long IN_ZIP64 = 0xFFFFFFFFL;
    private static final int LOCATOR_BYTES = 20;
    private static final int LOCATOR_SIGNATURE = 0x07064b50;
    private static final int LOCATOR_POSITION = 8;
    private static final int END64_BYTES = 56;
    private static final int END64_SIGNATURE = 0x06064b50;
    private static final int END64_DIRECTORY_BYTES = 40;

    private ZipArchive() {}

    /// @throws ZipException when it is none, or has a larger directory
    public static ZipFile open(Path file) throws IOException {
        try (var in = new RandomAccessFile(file.toFile(), "r")) {
            requireSmallDirectory(in);
        }
        return new ZipFile(file.toFile());
    }

    /// Of all places that the JDK may take for the end, for what stands behind one may be its comment or the file's.
    private static void requireSmallDirectory(RandomAccessFile in) throws IOException {
        long length = in.length();
        int tailBytes = (int) Math.min(length, END_BYTES + COMMENT_BYTES_MAX);
        ByteBuffer tail = read(in, length - tailBytes, tailBytes);
        for (int at = 0; at + END_BYTES <= tailBytes; at++) {
            if (tail.getInt(at) == END_SIGNATURE) {
                long claimed = Integer.toUnsignedLong(tail.getInt(at + END_DIRECTORY_BYTES));
                requireSmall(claimed == IN_ZIP64 ? 0 : claimed);
                requireSmallZip64(in, length - tailBytes + at);
            }
        }
    }

    private static void requireSmallZip64(RandomAccessFile in, long end) throws IOException {
        if (end < LOCATOR_BYTES) {
            return;
        }
        ByteBuffer locator = read(in, end - LOCATOR_BYTES, LOCATOR_BYTES);
        long position = locator.getLong(LOCATOR_POSITION);
        if (locator.getInt(0) != LOCATOR_SIGNATURE || position < 0 || position > in.length() - END64_BYTES) {
            return;
        }
        ByteBuffer end64 = read(in, position, END64_BYTES);
        if (end64.getInt(0) == END64_SIGNATURE) {
            requireSmall(end64.getLong(END64_DIRECTORY_BYTES));
        }
    }

    private static void requireSmall(long bytes) throws ZipException {
        if (bytes < 0 || bytes > DIRECTORY_BYTES_MAX) {
            throw new ZipException("its list of files has " + Long.toUnsignedString(bytes) + " bytes; up to " + DIRECTORY_BYTES_MAX + " are read");
        }
    }

    private static ByteBuffer read(RandomAccessFile in, long position, int bytes) throws IOException {
        byte[] read = new byte[bytes];
        in.seek(position);
        in.readFully(read);
        return ByteBuffer.wrap(read).order(ByteOrder.LITTLE_ENDIAN);
    }
}
