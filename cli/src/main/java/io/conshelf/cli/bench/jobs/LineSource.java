package io.conshelf.cli.bench.jobs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import org.apache.flink.api.common.typeinfo.PrimitiveArrayTypeInfo;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.connector.source.Boundedness;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.api.connector.source.lib.util.IteratorSourceEnumerator;
import org.apache.flink.api.connector.source.lib.util.IteratorSourceReader;
import org.apache.flink.api.connector.source.lib.util.IteratorSourceSplit;
import org.apache.flink.api.java.typeutils.ResultTypeQueryable;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/// The lines of files, a file a split, for the jobs that are written by hand.
final class LineSource implements Source<byte[], LineSource.FileSplit, Collection<LineSource.FileSplit>>, ResultTypeQueryable<byte[]> {
    private final List<String> files;

    LineSource(List<String> files) {
        this.files = List.copyOf(files);
    }

    record FileSplit(String file) implements IteratorSourceSplit<byte[], FileLines> {
        @Override
        public String splitId() {
            return file;
        }

        @Override
        public FileLines getIterator() {
            return new FileLines(file);
        }

        @Override
        public IteratorSourceSplit<byte[], FileLines> getUpdatedSplitForIterator(FileLines iterator) {
            return this;
        }
    }

    static final class FileLines implements Iterator<byte[]> {
        private final Lines lines;
        private Optional<byte[]> next;

        FileLines(String file) {
            Tally.read();
            try {
                lines = new Lines(file);
                next = lines.next();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public boolean hasNext() {
            return next.isPresent();
        }

        @Override
        public byte[] next() {
            byte[] line = next.orElseThrow(NoSuchElementException::new);
            try {
                next = lines.next();
                if (next.isEmpty()) {
                    lines.close();
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return line;
        }
    }

    @Override
    public Boundedness getBoundedness() {
        return Boundedness.BOUNDED;
    }

    @Override
    public SourceReader<byte[], FileSplit> createReader(SourceReaderContext context) {
        return new IteratorSourceReader<>(context);
    }

    @Override
    public SplitEnumerator<FileSplit, Collection<FileSplit>> createEnumerator(SplitEnumeratorContext<FileSplit> context) {
        return new IteratorSourceEnumerator<>(context, files.stream().map(FileSplit::new).toList());
    }

    @Override
    public SplitEnumerator<FileSplit, Collection<FileSplit>> restoreEnumerator(SplitEnumeratorContext<FileSplit> context, Collection<FileSplit> left) {
        return new IteratorSourceEnumerator<>(context, left);
    }

    @Override
    public SimpleVersionedSerializer<FileSplit> getSplitSerializer() {
        return new Texts();
    }

    @Override
    public SimpleVersionedSerializer<Collection<FileSplit>> getEnumeratorCheckpointSerializer() {
        return new Nothing();
    }

    @Override
    public TypeInformation<byte[]> getProducedType() {
        return PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO;
    }

    private static final class Texts implements SimpleVersionedSerializer<FileSplit> {
        @Override
        public int getVersion() {
            return 1;
        }

        @Override
        public byte[] serialize(FileSplit split) {
            return split.file().getBytes(StandardCharsets.UTF_8);
        }

        @Override
        public FileSplit deserialize(int version, byte[] bytes) {
            return new FileSplit(new String(bytes, StandardCharsets.UTF_8));
        }
    }

    /// There are no checkpoints.
    private static final class Nothing implements SimpleVersionedSerializer<Collection<FileSplit>> {
        @Override
        public int getVersion() {
            return 1;
        }

        @Override
        public byte[] serialize(Collection<FileSplit> splits) {
            return new byte[0];
        }

        @Override
        public Collection<FileSplit> deserialize(int version, byte[] bytes) {
            return List.of();
        }
    }
}
