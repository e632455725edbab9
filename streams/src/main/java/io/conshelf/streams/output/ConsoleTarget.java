package io.conshelf.streams.output;

import io.conshelf.streams.value.JsonPrint;
import io.conshelf.streams.value.Row;
import java.io.PrintStream;
import java.util.List;

/// Prints rows, one JSON object a line.
final class ConsoleTarget implements EventTarget {
    private final String output;
    private final PrintStream out;

    ConsoleTarget(String output, PrintStream out) {
        this.output = output;
        this.out = out;
    }

    @Override
    public List<String> check(List<String> columns) {
        return List.of();
    }

    @Override
    public Writer open(String writer) {
        return new Lines();
    }

    @Override
    public void close() {
        out.flush();
    }

    private final class Lines implements Writer {
        @Override
        public void write(Row row) {
            out.println(output + " " + JsonPrint.text(row.event()));
        }

        @Override
        public byte[] prepare(long checkpoint) {
            out.flush();
            return new byte[0];
        }

        @Override
        public void commit(byte[] prepared) {
            // printed is printed
        }

        @Override
        public void close() {
            out.flush();
        }
    }
}
