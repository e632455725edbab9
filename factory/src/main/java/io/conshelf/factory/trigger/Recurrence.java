package io.conshelf.factory.trigger;

import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.time.temporal.TemporalAdjusters;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.IntStream;

/// When a schedule trigger fires.
///
/// Periods are counted from the start: of minutes and hours by the clock that runs on, of days and longer by the calendar of the zone,
/// so that a daily trigger keeps its hour when summer time begins. A schedule says when within a period; hours and minutes that it
/// leaves out are those of the start, but minutes without hours mean every hour.
///
/// @param start    in the trigger's own zone
/// @param end      no occurrence is later; [Instant#MAX] for none
/// @param schedule which times within a period; [Schedule#NONE] for just its beginning
public record Recurrence(Frequency frequency, int interval, LocalDateTime start, ZoneId zone, Instant end, Schedule schedule) {
    /// Ten years of daily periods without an occurrence: there will be none, such as on the 31st of every twelfth month from February on.
    private static final int EMPTY_PERIODS_MAX = 4_000;

    public enum Frequency { MINUTE, HOUR, DAY, WEEK, MONTH, YEAR }

    /// Times within a period; empty lists leave it open.
    ///
    /// @param monthDays 1 is the first day of the month, -1 the last
    public record Schedule(List<Integer> minutes, List<Integer> hours, List<DayOfWeek> weekDays, List<Integer> monthDays, List<Occurrence> occurrences) {
        public static final Schedule NONE = new Schedule(List.of(), List.of(), List.of(), List.of(), List.of());

        public Schedule {
            minutes = List.copyOf(minutes);
            hours = List.copyOf(hours);
            weekDays = List.copyOf(weekDays);
            monthDays = List.copyOf(monthDays);
            occurrences = List.copyOf(occurrences);
        }

        boolean isEmpty() {
            return equals(NONE);
        }
    }

    /// The n-th such day of a month: 1 the first, -1 the last, 0 every one.
    public record Occurrence(DayOfWeek day, int ordinal) {}

    /// The first occurrence after a moment; empty when there is none any more.
    public Optional<Instant> next(Instant after) {
        return (schedule.isEmpty() ? regular(after) : scheduled(after)).filter(found -> !found.isAfter(end));
    }

    private Optional<Instant> regular(Instant after) {
        Instant first = instant(start);
        if (after.isBefore(first)) {
            return Optional.of(first);
        }
        return switch (frequency) {
            case MINUTE, HOUR -> {
                Duration step = frequency == Frequency.MINUTE ? Duration.ofMinutes(interval) : Duration.ofHours(interval);
                long passed = Duration.between(first, after).toMillis() / step.toMillis();
                yield Optional.of(first.plus(step.multipliedBy(passed + 1)));
            }
            case DAY, WEEK, MONTH, YEAR -> {
                long period = Math.max(0, periodOf(LocalDateTime.ofInstant(after, zone)) - 1);
                Instant found = instant(startOf(period));
                while (!found.isAfter(after)) {
                    found = instant(startOf(++period));
                }
                yield Optional.of(found);
            }
        };
    }

    private Optional<Instant> scheduled(Instant after) {
        Instant earliest = instant(start).minusNanos(1);
        Instant bound = after.isBefore(earliest) ? earliest : after;
        long period = Math.max(0, periodOf(LocalDateTime.ofInstant(bound, zone)) - 1);
        for (int tried = 0; tried < EMPTY_PERIODS_MAX; tried++, period++) {
            for (Instant candidate : within(period)) {
                if (candidate.isAfter(bound)) {
                    return Optional.of(candidate);
                }
            }
            if (instant(startOf(period)).isAfter(end)) {
                return Optional.empty();
            }
        }
        return Optional.empty();
    }

    /// The number of the period that a time lies in, not before the first.
    private long periodOf(LocalDateTime time) {
        if (time.isBefore(start)) {
            return 0;
        }
        return switch (frequency) {
            case MINUTE -> ChronoUnit.MINUTES.between(start, time) / interval;
            case HOUR -> ChronoUnit.HOURS.between(start, time) / interval;
            case DAY -> ChronoUnit.DAYS.between(start.toLocalDate(), time.toLocalDate()) / interval;
            case WEEK -> ChronoUnit.WEEKS.between(monday(start.toLocalDate()), monday(time.toLocalDate())) / interval;
            case MONTH -> ChronoUnit.MONTHS.between(YearMonth.from(start), YearMonth.from(time)) / interval;
            case YEAR -> (time.getYear() - (long) start.getYear()) / interval;
        };
    }

    private LocalDateTime startOf(long period) {
        long steps = period * interval;
        return switch (frequency) {
            case MINUTE -> start.plusMinutes(steps);
            case HOUR -> start.plusHours(steps);
            case DAY -> start.plusDays(steps);
            case WEEK -> start.plusWeeks(steps);
            case MONTH -> start.plusMonths(steps);
            case YEAR -> start.plusYears(steps);
        };
    }

    /// The occurrences of a period, in order.
    private List<Instant> within(long period) {
        LocalDateTime begin = startOf(period);
        TreeSet<Instant> found = new TreeSet<>();
        switch (frequency) {
            case MINUTE -> {
                if (matches(schedule.hours(), begin.getHour()) && matches(schedule.minutes(), begin.getMinute())) {
                    found.add(instant(begin));
                }
            }
            case HOUR -> {
                if (matches(schedule.hours(), begin.getHour())) {
                    for (int minute : schedule.minutes().isEmpty() ? List.of(start.getMinute()) : schedule.minutes()) {
                        found.add(instant(begin.withMinute(minute)));
                    }
                }
            }
            case DAY, WEEK, MONTH, YEAR -> days(begin.toLocalDate()).forEach(day -> times().forEach(time -> found.add(instant(day.atTime(time)))));
        }
        return List.copyOf(found);
    }

    private static boolean matches(List<Integer> stated, int value) {
        return stated.isEmpty() || stated.contains(value);
    }

    private List<LocalDate> days(LocalDate begin) {
        return switch (frequency) {
            case DAY, MINUTE, HOUR, YEAR -> List.of(begin);
            case WEEK -> schedule.weekDays().isEmpty()
                    ? List.of(begin)
                    : schedule.weekDays().stream().map(day -> monday(begin).with(TemporalAdjusters.nextOrSame(day))).toList();
            case MONTH -> schedule.monthDays().isEmpty() && schedule.occurrences().isEmpty() ? List.of(begin) : monthDays(YearMonth.from(begin));
        };
    }

    private List<LocalDate> monthDays(YearMonth month) {
        List<LocalDate> days = new ArrayList<>();
        for (int stated : schedule.monthDays()) {
            int day = stated > 0 ? stated : month.lengthOfMonth() + 1 + stated;
            if (month.isValidDay(day)) {
                days.add(month.atDay(day));
            }
        }
        for (Occurrence occurrence : schedule.occurrences()) {
            for (int day = 1; day <= month.lengthOfMonth(); day++) {
                LocalDate date = month.atDay(day);
                int fromStart = (day - 1) / 7 + 1;
                int fromEnd = (day - month.lengthOfMonth()) / 7 - 1;
                if (date.getDayOfWeek() == occurrence.day()
                        && (occurrence.ordinal() == 0 || occurrence.ordinal() == fromStart || occurrence.ordinal() == fromEnd)) {
                    days.add(date);
                }
            }
        }
        return days;
    }

    private List<LocalTime> times() {
        List<Integer> minutes = schedule.minutes().isEmpty() ? List.of(start.getMinute()) : schedule.minutes();
        List<Integer> hours = !schedule.hours().isEmpty()
                ? schedule.hours()
                : schedule.minutes().isEmpty() ? List.of(start.getHour()) : IntStream.range(0, 24).boxed().toList();
        // Only where the schedule says nothing of the time of day does the start's second count.
        int second = schedule.minutes().isEmpty() && schedule.hours().isEmpty() ? start.getSecond() : 0;
        List<LocalTime> times = new ArrayList<>();
        hours.forEach(hour -> minutes.forEach(minute -> times.add(LocalTime.of(hour, minute, second))));
        return times;
    }

    private static LocalDate monday(LocalDate day) {
        return day.with(TemporalAdjusters.previousOrSame(DayOfWeek.MONDAY));
    }

    // A time that summer time leaves out is the one as much later; one that comes twice is the first of the two.
    private Instant instant(LocalDateTime time) {
        return time.atZone(zone).toInstant();
    }
}
