package io.conshelf.streams.input;

import io.conshelf.connectors.file.StoredFile;
import io.conshelf.streams.value.Ticks;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The files that are done with. Where the store itself says when a file was modified, the names of old ones are given up: everything up to a border of time
/// has been read.
final class FilesRead {
    /// A listing may miss what is written while it is made; nothing is missing for so long.
    private static final long SETTLED_TICKS = 10 * Ticks.PER_MINUTE;

    /// Who says when a file was modified.
    enum Times {
        /// None comes later with an earlier time.
        OF_STORE,
        /// Such as a file that is moved here, and keeps its time.
        OF_WRITERS
    }

    private final Times times;
    private final int namesMax;
    /// With so many names it is looked again which can be given up.
    private long enough;
    private final Map<String, Long> names = new HashMap<>();
    private long border = Long.MIN_VALUE;
    private String borderName = "";
    private long newest = Long.MIN_VALUE;
    /// The names as they are written, so that one more costs no more than itself.
    private Names written = new Names();

    /// It only grows: the beginning of what it holds is never written again, so whoever keeps its array and how long it was has it as it was.
    private static final class Names extends ByteArrayOutputStream {
        private byte[] array() {
            return buf;
        }
    }

    /// What was remembered at a time. It shares the names with what is remembered later.
    record Remembered(long border, String borderName, int count, byte[] names, int length) {
        void write(DataOutputStream out) throws IOException {
            out.writeLong(border);
            out.writeUTF(borderName);
            out.writeInt(count);
            out.write(names, 0, length);
        }
    }

    /// @param namesMax so many names are kept at least
    FilesRead(Times times, int namesMax) {
        this.times = times;
        this.namesMax = namesMax;
        this.enough = namesMax;
    }

    boolean has(StoredFile file) {
        return names.containsKey(file.path()) || isBehind(Ticks.of(file.lastModified()), file.path());
    }

    private boolean isBehind(long ticks, String name) {
        return ticks < border || ticks == border && name.compareTo(borderName) <= 0;
    }

    /// @param waiting what is known and not read yet
    void add(StoredFile file, List<StoredFile> waiting) {
        add(file.path(), Ticks.of(file.lastModified()));
        if (times == Times.OF_STORE && names.size() > enough) {
            moveBorder(waiting.stream().mapToLong(one -> Ticks.of(one.lastModified())).min().orElse(Long.MAX_VALUE));
            // a tenth more, so that they are not sorted for each
            enough = Math.max(namesMax, names.size()) + namesMax / 10L;
        }
    }

    private void add(String name, long ticks) {
        names.put(name, ticks);
        newest = Math.max(newest, ticks);
        try {
            DataOutputStream out = new DataOutputStream(written);
            out.writeUTF(name);
            out.writeLong(ticks);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void moveBorder(long firstUnread) {
        List<Map.Entry<String, Long>> byTime = new ArrayList<>(names.entrySet());
        byTime.sort(Map.Entry.<String, Long>comparingByValue().thenComparing(Map.Entry.comparingByKey()));
        long before = Math.min(firstUnread, newest - SETTLED_TICKS);
        for (Map.Entry<String, Long> oldest : byTime.subList(0, byTime.size() - namesMax)) {
            if (oldest.getValue() >= before) {
                break;
            }
            border = oldest.getValue();
            borderName = oldest.getKey();
            names.remove(oldest.getKey());
        }
        writeAgain();
    }

    /// Forgets those that are gone, where there are many.
    ///
    /// @param there the names of all files
    void keep(Set<String> there) {
        if (names.size() > namesMax && names.keySet().retainAll(there)) {
            writeAgain();
        }
    }

    private void writeAgain() {
        written = new Names();
        Map.copyOf(names).forEach(this::add);
    }

    Remembered remembered() {
        return new Remembered(border, borderName, names.size(), written.array(), written.size());
    }

    void read(DataInputStream in) throws IOException {
        border = in.readLong();
        borderName = in.readUTF();
        for (int count = in.readInt(); count > 0; count--) {
            add(in.readUTF(), in.readLong());
        }
    }
}
