package io.conshelf.streams.output.kusto;

import io.conshelf.connectors.kusto.StreamedIngestion;
import io.conshelf.connectors.StoreException;
import io.conshelf.streams.output.EventTarget.Refused;
import io.conshelf.streams.output.EventTarget.Writer;
import io.conshelf.streams.output.OutputException;
import io.conshelf.streams.output.kusto.KustoTarget.Asked;
import io.conshelf.streams.value.Row;
import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Sends rows as soon as it is told to flush, or when a request is full. What was sent shortly before a crash is sent again: at least once.
final class StreamingWriter implements Writer {
    private static final Logger LOG = LoggerFactory.getLogger(StreamingWriter.class);
    private static final int REQUEST_BYTES = Math.min(1 << 20, StreamedIngestion.REQUEST_MAX);

    private final TableColumns columns;
    private final StreamedIngestion stream;
    private final Asked<QueuedWriter> queued;
    private final ByteArrayOutputStream waiting = new ByteArrayOutputStream();
    private Optional<QueuedWriter> before = Optional.empty();

    /// @param queued what wrote before the table took streams, and may have left uploads
    StreamingWriter(TableColumns columns, StreamedIngestion stream, Asked<QueuedWriter> queued) {
        this.columns = columns;
        this.stream = stream;
        this.queued = queued;
    }

    @Override
    public void write(Row row) throws OutputException {
        byte[] record = columns.record(row);
        // sent before the row is taken: a row whose call fails is given again
        if (waiting.size() + record.length > REQUEST_BYTES) {
            flush();
        }
        waiting.writeBytes(record);
    }

    @Override
    public void flush() throws OutputException {
        if (before.isPresent()) {
            before.get().flush();
        }
        if (waiting.size() == 0) {
            return;
        }
        KustoTarget.told(() -> {
            stream.ingest(waiting.toByteArray());
            return waiting;
        }).reset();
    }

    @Override
    public byte[] prepare(long checkpoint) throws OutputException {
        flush();
        return new byte[0];
    }

    /// Nothing is left of streams; what was uploaded before there were any is queued.
    @Override
    public void commit(byte[] prepared) throws OutputException {
        if (before.isEmpty()) {
            before = Optional.of(KustoTarget.told(queued));
        }
        before.get().commit(prepared);
    }

    @Override
    public List<Refused> refused() {
        return before.map(QueuedWriter::refused).orElse(List.of());
    }

    @Override
    public void close() {
        before.ifPresent(QueuedWriter::close);
        try {
            stream.close();
        } catch (StoreException notClosed) {
            LOG.debug("A stream of rows did not close", notClosed);
        }
    }
}
