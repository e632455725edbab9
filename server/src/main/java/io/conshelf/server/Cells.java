package io.conshelf.server;

import com.fasterxml.jackson.core.JsonGenerator;
import io.conshelf.kql.type.ColumnSchema;
import io.conshelf.kql.type.Type;
import io.conshelf.kql.value.Chunk;
import io.conshelf.kql.value.DynamicText;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;

/// Writes the cells of results as JSON, straight from the engine's columns. One instance belongs to one answer: it
/// formats dates in a buffer of its own.
final class Cells {
    private static final long TICKS_PER_SECOND = 10_000_000L;
    private static final long TICKS_PER_DAY = 86_400L * TICKS_PER_SECOND;
    private static final long UNIX_EPOCH_TICKS = 719_162L * TICKS_PER_DAY;

    private final char[] text = new char[40];

    // The axis of a series is the same in every row, and long.
    private String lastDynamic = "";
    private String lastJson = "";

    /// Writes one row as a JSON array.
    void row(JsonGenerator json, List<ColumnSchema> columns, Chunk chunk, int row) throws IOException {
        json.writeStartArray();
        for (int column = 0; column < columns.size(); column++) {
            cell(json, columns.get(column).type(), chunk, column, row);
        }
        json.writeEndArray();
    }

    private void cell(JsonGenerator json, Type type, Chunk chunk, int column, int row) throws IOException {
        if (chunk.isNull(column, row)) {
            if (type == Type.STRING) {
                json.writeString("");
            } else {
                json.writeNull();
            }
            return;
        }
        switch (type) {
            case BOOL -> json.writeBoolean(chunk.bool(column, row));
            case INT -> json.writeNumber(chunk.int32(column, row));
            case LONG -> json.writeNumber(chunk.int64(column, row));
            case REAL -> real(json, chunk.float64(column, row));
            case DECIMAL -> json.writeString(decimal(chunk.decimal(column, row)));
            case DATETIME -> json.writeString(text, 0, datetime(chunk.int64(column, row), false));
            case TIMESPAN -> timespan(json, chunk.int64(column, row));
            case STRING -> json.writeString(chunk.text(column, row));
            case GUID -> json.writeString(chunk.guid(column, row).toString());
            case DYNAMIC -> json.writeRawValue(repeated(chunk.text(column, row)));
        }
    }

    // JSON has no word for these; clients read the words .NET prints.
    private static void real(JsonGenerator json, double value) throws IOException {
        if (Double.isFinite(value)) {
            json.writeNumber(value);
        } else {
            json.writeString(Double.isNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity");
        }
    }

    static String decimal(BigDecimal value) {
        // The stored scale is fixed; the fraction a person wrote is what remains without its zeros.
        BigDecimal stripped = value.signum() == 0 ? BigDecimal.ZERO : value.stripTrailingZeros();
        return stripped.scale() < 0 ? stripped.setScale(0).toPlainString() : stripped.toPlainString();
    }

    private String repeated(String dynamic) {
        if (dynamic.indexOf(DynamicText.MARK) < 0) {
            return dynamic;
        }
        if (!dynamic.equals(lastDynamic)) {
            lastJson = dynamic(dynamic);
            lastDynamic = dynamic;
        }
        return lastJson;
    }

    static String dynamic(String json) {
        return DynamicText.toJson(json);
    }

    /// A moment as the service prints it outside of rows, always with seven digits.
    static String datetimeWithFraction(Instant instant) {
        var cells = new Cells();
        return new String(cells.text, 0, cells.datetime(ticks(instant), true));
    }

    /// Ticks of 100 ns since 0001-01-01.
    static long ticks(Instant instant) {
        return UNIX_EPOCH_TICKS + instant.getEpochSecond() * TICKS_PER_SECOND + instant.getNano() / 100;
    }

    // Proleptic Gregorian date from a day number, by the count of days in 400-year cycles that start in March.
    private int datetime(long ticks, boolean alwaysFraction) {
        long days = Math.floorDiv(ticks, TICKS_PER_DAY);
        long ofDay = ticks - days * TICKS_PER_DAY;
        long shifted = days + 306;
        long cycle = Math.floorDiv(shifted, 146_097);
        int dayOfCycle = (int) (shifted - cycle * 146_097);
        int yearOfCycle = (dayOfCycle - dayOfCycle / 1460 + dayOfCycle / 36_524 - dayOfCycle / 146_096) / 365;
        int dayOfYear = dayOfCycle - (365 * yearOfCycle + yearOfCycle / 4 - yearOfCycle / 100);
        int monthFromMarch = (5 * dayOfYear + 2) / 153;
        int day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1;
        int month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
        int year = (int) (yearOfCycle + cycle * 400) + (month <= 2 ? 1 : 0);

        int at = digits(0, year, 4);
        text[at++] = '-';
        at = digits(at, month, 2);
        text[at++] = '-';
        at = digits(at, day, 2);
        text[at++] = 'T';
        at = clock(at, ofDay, alwaysFraction);
        text[at++] = 'Z';
        return at;
    }

    private void timespan(JsonGenerator json, long ticks) throws IOException {
        if (ticks == Long.MIN_VALUE) {
            json.writeString("-10675199.02:48:05.4775808");
            return;
        }
        int at = 0;
        long rest = ticks;
        if (rest < 0) {
            text[at++] = '-';
            rest = -rest;
        }
        long days = rest / TICKS_PER_DAY;
        if (days > 0) {
            String number = Long.toString(days);
            number.getChars(0, number.length(), text, at);
            at += number.length();
            text[at++] = '.';
        }
        json.writeString(text, 0, clock(at, rest % TICKS_PER_DAY, false));
    }

    private int clock(int start, long ticksOfDay, boolean alwaysFraction) {
        int seconds = (int) (ticksOfDay / TICKS_PER_SECOND);
        int fraction = (int) (ticksOfDay % TICKS_PER_SECOND);
        int at = digits(start, seconds / 3600, 2);
        text[at++] = ':';
        at = digits(at, seconds / 60 % 60, 2);
        text[at++] = ':';
        at = digits(at, seconds % 60, 2);
        if (fraction != 0 || alwaysFraction) {
            text[at++] = '.';
            at = digits(at, fraction, 7);
        }
        return at;
    }

    private int digits(int start, int value, int width) {
        int rest = value;
        for (int at = start + width - 1; at >= start; at--) {
            text[at] = (char) ('0' + rest % 10);
            rest /= 10;
        }
        return start + width;
    }
}
