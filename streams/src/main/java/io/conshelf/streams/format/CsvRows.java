package io.conshelf.streams.format;

import de.siegmar.fastcsv.writer.CsvWriter;
import de.siegmar.fastcsv.writer.LineDelimiter;
import io.conshelf.streams.value.Numbers;
import io.conshelf.streams.value.Shape;
import io.conshelf.streams.value.Ticks;
import io.conshelf.streams.value.Value;
import io.conshelf.streams.value.Value.Array;
import io.conshelf.streams.value.Value.BigInt;
import io.conshelf.streams.value.Value.Bit;
import io.conshelf.streams.value.Value.DateTime;
import io.conshelf.streams.value.Value.FloatingPoint;
import io.conshelf.streams.value.Value.Null;
import io.conshelf.streams.value.Value.Record;
import io.conshelf.streams.value.Value.Text;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;

/// Rows as CSV under a header. Records and arrays are the words `Record` and `Array`, as in the service.
final class CsvRows implements RowEncoder {
    private final CsvWriter csv;
    private Shape shape;

    CsvRows(OutputStream target, char delimiter) {
        this.csv = CsvWriter.builder().fieldSeparator(delimiter).lineDelimiter(LineDelimiter.CRLF)
                .build(new OutputStreamWriter(target, StandardCharsets.UTF_8));
    }

    @Override
    public boolean takes(Record row) {
        return shape == null || shape == row.shape() || shape.equals(row.shape());
    }

    @Override
    public void write(Record row) {
        if (shape == null) {
            shape = row.shape();
            csv.writeRecord(shape.names());
        }
        String[] fields = new String[row.values().length];
        for (int i = 0; i < fields.length; i++) {
            fields[i] = text(row.values()[i]);
        }
        csv.writeRecord(fields);
    }

    private static String text(Value value) {
        return switch (value) {
            case Null _ -> "";
            case BigInt(long number) -> Long.toString(number);
            case FloatingPoint(double number) -> Numbers.text(number);
            case Text(String text) -> text;
            case DateTime(long ticks) -> Ticks.text(ticks);
            case Bit(boolean bit) -> Boolean.toString(bit);
            case Record _ -> "Record";
            case Array _ -> "Array";
        };
    }

    @Override
    public void flush() throws IOException {
        csv.flush();
    }

    @Override
    public void close() throws IOException {
        csv.close();
    }
}
