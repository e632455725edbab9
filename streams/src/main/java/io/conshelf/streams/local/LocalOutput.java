package io.conshelf.streams.local;

import io.conshelf.streams.input.DataError;
import io.conshelf.streams.job.JobDefinition.OutputError;
import io.conshelf.streams.output.EventTarget;
import io.conshelf.streams.output.OutputException;
import io.conshelf.streams.output.RowRefused;
import io.conshelf.streams.run.Diagnosed;
import io.conshelf.streams.run.ErrorTally;
import io.conshelf.streams.value.Row;
import java.io.UncheckedIOException;
import java.util.List;

/// Writes the rows of a local run into an output, all or as many as it takes.
public final class LocalOutput {
    private LocalOutput() {}

    /// @param written rows that the output took
    public record Written(long written, long refused, List<Diagnosed> diagnostics) {}

    /// @param policy what becomes of rows that the output cannot take: with STOP the first ends the run, as nothing would change by trying again
    public static Written write(String name, EventTarget target, List<Row> rows, OutputError policy) throws OutputException, InterruptedException {
        ErrorTally diagnostics = new ErrorTally();
        long refused = 0;
        try (EventTarget.Writer writer = target.open("local")) {
            for (Row row : rows) {
                try {
                    writer.write(row);
                } catch (RowRefused wrong) {
                    DataError error = new DataError(name, "OutputDataConversionError." + wrong.type(), wrong.getMessage(), wrong.of(row).example());
                    if (policy == OutputError.STOP) {
                        throw new RowRefused(wrong.type(), "output '%s': %s The row: %s".formatted(name, error.message(), error.example()));
                    }
                    refused++;
                    diagnostics.add(error, 1);
                }
                refused += told(name, writer, diagnostics);
            }
            if (writer instanceof EventTarget.Holding holding) {
                holding.letGo();
            }
            byte[] prepared = writer.prepare(1);
            if (prepared.length > 0) {
                writer.commit(prepared);
            }
            refused += told(name, writer, diagnostics);
        } catch (UncheckedIOException lost) {
            throw new OutputException(lost.getMessage(), lost);
        }
        return new Written(rows.size() - refused, refused, diagnostics.all());
    }

    private static long told(String name, EventTarget.Writer writer, ErrorTally diagnostics) {
        long rows = 0;
        for (EventTarget.Refused refused : writer.refused()) {
            rows += refused.rows();
            diagnostics.add(new DataError(name, "OutputDataConversionError." + refused.type(), refused.message(), ""), refused.rows());
        }
        return rows;
    }
}
