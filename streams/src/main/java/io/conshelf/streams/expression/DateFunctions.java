package io.conshelf.streams.expression;

import static io.conshelf.streams.expression.Parameter.BIGINT;
import static io.conshelf.streams.expression.Parameter.DATETIME;
import static io.conshelf.streams.expression.Parameter.DATE_PART;

import io.conshelf.streams.value.Ticks;
import io.conshelf.streams.value.Value;
import io.conshelf.streams.value.Value.BigInt;
import io.conshelf.streams.value.Value.DateTime;
import io.conshelf.streams.value.Value.Text;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.List;

/// Date and time functions. Weeks begin on Sunday, names are English.
final class DateFunctions {
    static final List<Function> ALL = List.of(
            Function.of("DATEADD", List.of(DATE_PART, BIGINT, DATETIME), arguments ->
                    new DateTime(added(part(arguments[0]), ticks(arguments[2]), whole(arguments[1])))),
            Function.of("DATEDIFF", List.of(DATE_PART, DATETIME, DATETIME), arguments ->
                    Value.of(part(arguments[0]).borders(ticks(arguments[1]), ticks(arguments[2])))),
            Function.of("DATENAME", DATE_PART, DATETIME, (part, date) -> Value.of(part(part).name(ticks(date)))),
            Function.of("DATEPART", DATE_PART, DATETIME, (part, date) -> Value.of(part(part).of(ticks(date)))),
            Function.of("DAY", DATETIME, date -> Value.of(DatePart.DAY.of(ticks(date)))),
            Function.of("MONTH", DATETIME, date -> Value.of(DatePart.MONTH.of(ticks(date)))),
            Function.of("YEAR", DATETIME, date -> Value.of(DatePart.YEAR.of(ticks(date)))),
            Function.of("DATETIMEFROMPARTS", List.of(BIGINT, BIGINT, BIGINT, BIGINT, BIGINT, BIGINT, BIGINT), DateFunctions::fromParts));

    private DateFunctions() {}

    private static DatePart part(Value name) {
        return DatePart.named(((Text) name).value()).orElseThrow(() ->
                new ValueFault("'" + ((Text) name).value() + "' is not a date part."));
    }

    private static long ticks(Value date) {
        return ((DateTime) date).ticks();
    }

    private static long whole(Value number) {
        return ((BigInt) number).value();
    }

    private static long added(DatePart part, long ticks, long count) {
        try {
            long sum = part.add(ticks, count);
            if (Ticks.isInRange(sum)) {
                return sum;
            }
        } catch (ArithmeticException | DateTimeException beyondTheCalendar) {
            // said below
        }
        throw new ValueFault("Adding a value to a 'datetime' caused an overflow: the result of function dateadd is not in the years 1 to 9999.");
    }

    private static Value fromParts(Value[] parts) {
        long year = whole(parts[0]);
        long hour = whole(parts[3]);
        long minute = whole(parts[4]);
        long second = whole(parts[5]);
        long milli = whole(parts[6]);
        boolean isTime = hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && second >= 0 && second < 60 && milli >= 0 && milli < 1000;
        if (isTime && year >= 1 && year <= 9999) {
            try {
                return new DateTime(Ticks.ofDate(LocalDate.of((int) year, Math.toIntExact(whole(parts[1])), Math.toIntExact(whole(parts[2]))))
                        + hour * Ticks.PER_HOUR + minute * Ticks.PER_MINUTE + second * Ticks.PER_SECOND + milli * Ticks.PER_MILLISECOND);
            } catch (DateTimeException | ArithmeticException noSuchDay) {
                // said below
            }
        }
        throw new ValueFault("Cannot construct data type datetime, some of the arguments of function datetimefromparts have values which are not valid.");
    }
}
