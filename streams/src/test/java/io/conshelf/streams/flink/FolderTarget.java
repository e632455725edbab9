package io.conshelf.streams.flink;

import io.conshelf.streams.output.EventTarget;
import io.conshelf.streams.output.OutputException;
import io.conshelf.streams.value.Row;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// Files in a folder that several processes write, a batch each, shown when it is named so.
record FolderTarget(String folder) implements EventTarget {
    static List<String> shown(Path folder) {
        List<String> lines = new ArrayList<>();
        try (Stream<Path> all = Files.list(folder)) {
            for (Path path : all.filter(path -> path.toString().endsWith(".shown")).toList()) {
                lines.addAll(Files.readAllLines(path));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return lines.stream().sorted().toList();
    }

    @Override
    public List<String> check(List<String> columns) {
        return List.of();
    }

    @Override
    public Writer open(String writer) {
        return new Writer() {
            private List<String> rows = new ArrayList<>();

            @Override
            public void write(Row row) {
                rows.add(MemoryTarget.text(row));
            }

            @Override
            public byte[] prepare(long checkpoint) throws OutputException {
                if (rows.isEmpty()) {
                    return new byte[0];
                }
                String batch = writer + '-' + checkpoint;
                try {
                    Files.write(Path.of(folder, batch), rows);
                } catch (IOException e) {
                    throw new OutputException(e.getMessage(), e);
                }
                rows = new ArrayList<>();
                return batch.getBytes(StandardCharsets.UTF_8);
            }

            @Override
            public void commit(byte[] prepared) throws OutputException {
                Path batch = Path.of(folder, new String(prepared, StandardCharsets.UTF_8));
                try {
                    if (Files.exists(batch)) {
                        Files.move(batch, Path.of(batch + ".shown"));
                    }
                } catch (IOException e) {
                    throw new OutputException(e.getMessage(), e);
                }
            }

            @Override
            public void close() {}
        };
    }

    @Override
    public void close() {}
}
