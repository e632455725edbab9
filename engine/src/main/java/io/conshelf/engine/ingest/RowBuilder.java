package io.conshelf.engine.ingest;

import io.conshelf.engine.store.RowColumn;
import io.conshelf.engine.store.RowLayout;
import io.conshelf.engine.store.Rows;
import io.conshelf.kql.type.Type;
import io.conshelf.kql.value.DateTimeText;
import io.conshelf.kql.value.DynamicText;
import io.conshelf.kql.value.TimeSpanText;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;

/// Collects records as rows. Cells of the row at hand are written by the target's position; those left out become null when
/// it ends. A row that is dropped leaves no trace.
final class RowBuilder {
    /// Rows handed over at once: enough to fill DuckDB's vectors many times, little enough to be parsed in a moment.
    private static final int ROWS_AT_ONCE = 8_192;
    private static final int ROWS_AT_ONCE_MIN = 64;
    /// Wide rows are handed over before there are so many of them.
    private static final int CELLS_AT_ONCE = 1 << 18;
    /// Long texts are handed over before there are so many rows.
    private static final int TEXT_BYTES_AT_ONCE = 64 << 20;

    private final RecordMapping mapping;
    private final RowLayout layout;
    private final String sourceLocation;
    private final boolean[] isWritten;
    private final boolean hasFixedTargets;
    private final int rowsAtOnce;
    private final boolean[] unixTargets;
    private final int[] bytesMax;
    private List<RowColumn> columns;
    private int count;
    private long textBytes;

    RowBuilder(RecordMapping mapping, String sourceLocation) {
        this.mapping = mapping;
        this.layout = mapping.layout();
        this.sourceLocation = sourceLocation;
        this.isWritten = new boolean[layout.types().size()];
        this.columns = Rows.columnsFor(layout);
        this.rowsAtOnce = Math.clamp(CELLS_AT_ONCE / Math.max(1, isWritten.length), ROWS_AT_ONCE_MIN, ROWS_AT_ONCE);
        this.unixTargets = new boolean[isWritten.length];
        for (int target = 0; target < unixTargets.length; target++) {
            unixTargets[target] = mapping.targets().get(target).transform().hundredthTicksOfUnit().isPresent();
        }
        this.bytesMax = mapping.targets().stream().mapToInt(RecordMapping.Target::bytesMax).toArray();
        this.hasFixedTargets = mapping.targets().stream()
                .anyMatch(t -> t.origin() instanceof MappedField.Origin.Constant || t.transform().needsNoField());
    }

    int count() {
        return count;
    }

    /// How many rows are to be taken together.
    int rowsAtOnce() {
        return rowsAtOnce;
    }

    /// Whether it is time to take the rows.
    boolean isFull() {
        return count >= rowsAtOnce || textBytes >= TEXT_BYTES_AT_ONCE;
    }

    /// The rows so far; the builder begins anew.
    Rows take() {
        columns.forEach(column -> column.trim(count));
        var rows = new Rows(layout, columns, count);
        columns = Rows.columnsFor(layout);
        count = 0;
        textBytes = 0;
        return rows;
    }

    /// @param line the record's number in its source, from 1
    void end(long line) {
        if (hasFixedTargets) {
            writeFixed(line);
        }
        for (int target = 0; target < isWritten.length; target++) {
            if (!isWritten[target]) {
                columns.get(target).setNull(count);
            }
        }
        Arrays.fill(isWritten, false);
        count++;
    }

    void drop() {
        for (int target = 0; target < isWritten.length; target++) {
            columns.get(target).clear(count);
        }
        Arrays.fill(isWritten, false);
    }

    private void writeFixed(long line) {
        for (int target = 0; target < isWritten.length; target++) {
            RecordMapping.Target fixed = mapping.targets().get(target);
            switch (fixed.transform()) {
                case SOURCE_LOCATION -> text(target, sourceLocation);
                case SOURCE_LINE_NUMBER -> number(target, Long.toString(line));
                case NONE, DATETIME_FROM_UNIX_SECONDS, DATETIME_FROM_UNIX_MILLISECONDS, DATETIME_FROM_UNIX_MICROSECONDS,
                        DATETIME_FROM_UNIX_NANOSECONDS, PROPERTY_BAG_ARRAY_TO_DICTIONARY, DROP_MAPPED_FIELDS,
                        BYTES_AS_BASE64 -> {
                    if (fixed.origin() instanceof MappedField.Origin.Constant(String text)) {
                        field(target, text);
                    }
                }
            }
        }
    }

    /// A field of delimited text, as UTF-8.
    void field(int target, byte[] bytes, int start, int end) {
        if (unixTargets[target]) {
            number(target, new String(bytes, start, end - start, StandardCharsets.UTF_8));
            return;
        }
        set(target);
        textBytes += end - start;
        FieldText.write(type(target), bytesMax[target], bytes, start, end, columns.get(target), count);
    }

    /// A field of delimited text, or a constant.
    void field(int target, String text) {
        if (unixTargets[target]) {
            number(target, text);
            return;
        }
        set(target);
        textBytes += text.length();
        FieldText.write(type(target), bytesMax[target], text, columns.get(target), count);
    }

    /// A string of JSON.
    void text(int target, String text) {
        if (type(target) == Type.DYNAMIC) {
            set(target);
            textBytes += text.length();
            if (FieldText.isLongerThan(text, bytesMax[target])) {
                columns.get(target).setNull(count);
            } else {
                columns.get(target).text(count, DynamicText.ofString(text));
            }
        } else {
            field(target, text);
        }
    }

    /// A number of JSON, as it is written there.
    void number(int target, String text) {
        set(target);
        RowColumn column = columns.get(target);
        var unix = mapping.targets().get(target).transform().hundredthTicksOfUnit();
        if (unix.isPresent()) {
            OptionalLong ticks = FieldText.unixTime(text, unix.get());
            if (column.type() == Type.DATETIME && ticks.isPresent()) {
                column.int64(count, ticks.getAsLong());
            } else {
                column.setNull(count);
            }
            return;
        }
        switch (type(target)) {
            case STRING, DYNAMIC -> fitting(target, text);
            case BOOL, INT, LONG, REAL, DECIMAL -> FieldText.write(type(target), text, column, count);
            // A bare number is no moment, duration or id; its digits must not be read as a text's.
            case DATETIME, TIMESPAN, GUID -> column.setNull(count);
        }
    }

    /// A number of JSON with a point or an exponent.
    void realNumber(int target, String text) {
        number(target, type(target) == Type.DYNAMIC ? DynamicText.ofRealNumber(text) : text);
    }

    /// A number that its source has in binary.
    void integer(int target, long value) {
        boolean isPlain = mapping.targets().get(target).transform() == Transform.NONE;
        if (isPlain && type(target) == Type.LONG) {
            set(target);
            columns.get(target).int64(count, value);
        } else {
            number(target, Long.toString(value));
        }
    }

    void bool(int target, boolean value) {
        set(target);
        RowColumn column = columns.get(target);
        switch (type(target)) {
            case STRING, DYNAMIC -> fitting(target, Boolean.toString(value));
            case BOOL -> column.bool(count, value);
            case INT, LONG, REAL, DECIMAL, DATETIME, TIMESPAN, GUID -> column.setNull(count);
        }
    }

    /// @param ticks of a datetime that its source knows to be one
    void moment(int target, long ticks) {
        ticks(target, Type.DATETIME, ticks, DateTimeText.format(ticks), DynamicText.ofDateTime(ticks));
    }

    /// @param ticks of a timespan that its source knows to be one
    void duration(int target, long ticks) {
        ticks(target, Type.TIMESPAN, ticks, TimeSpanText.format(ticks), DynamicText.ofTimeSpan(ticks));
    }

    private void ticks(int target, Type own, long ticks, String text, String dynamic) {
        set(target);
        RowColumn column = columns.get(target);
        switch (type(target)) {
            case STRING -> fitting(target, text);
            case DYNAMIC -> fitting(target, dynamic);
            case DATETIME, TIMESPAN -> {
                if (type(target) == own) {
                    column.int64(count, ticks);
                } else {
                    column.setNull(count);
                }
            }
            case BOOL, INT, LONG, REAL, DECIMAL, GUID -> column.setNull(count);
        }
    }

    boolean isText(int target) {
        return type(target) == Type.STRING;
    }

    /// An object or array of JSON, in the form of [DynamicText].
    void structure(int target, String dynamic) {
        set(target);
        textBytes += dynamic.length();
        RowColumn column = columns.get(target);
        switch (type(target)) {
            case STRING -> fitting(target, DynamicText.toJson(dynamic));
            case DYNAMIC -> fitting(target, dynamic);
            case BOOL, INT, LONG, REAL, DECIMAL, DATETIME, TIMESPAN, GUID -> column.setNull(count);
        }
    }

    /// A text as a string, or as a dynamic value in the form of [DynamicText].
    private void fitting(int target, String text) {
        RowColumn column = columns.get(target);
        if (type(target) == Type.STRING) {
            column.text(count, FieldText.cut(text, bytesMax[target]));
        } else if (FieldText.isLongerThan(text, bytesMax[target])) {
            column.setNull(count);
        } else {
            column.text(count, text);
        }
    }

    /// Whether the cell was written, and as null.
    boolean isNull(int target) {
        return isWritten[target] && columns.get(target).isNull(count);
    }

    void setNull(int target) {
        set(target);
        columns.get(target).setNull(count);
    }

    // A field may come twice in a record; the last counts.
    private void set(int target) {
        if (isWritten[target]) {
            columns.get(target).clear(count);
        }
        isWritten[target] = true;
    }

    private Type type(int target) {
        return layout.types().get(target);
    }
}
