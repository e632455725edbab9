package io.conshelf.cli.bench.jobs;

import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.api.connector.sink2.WriterInitContext;

/// Makes JSON of rows and counts it, for the jobs that are written by hand.
final class CountingSink<T> implements Sink<T> {
    @Override
    public SinkWriter<T> createWriter(WriterInitContext context) {
        ObjectWriter json = new JsonMapper().writer();
        return new SinkWriter<>() {
            private long rows;
            private long bytes;

            @Override
            public void write(T row, Context written) throws IOException {
                rows++;
                bytes += json.writeValueAsBytes(row).length;
            }

            @Override
            public void flush(boolean endOfInput) {}

            @Override
            public void close() {
                Tally.wrote(rows, bytes);
            }
        };
    }
}
