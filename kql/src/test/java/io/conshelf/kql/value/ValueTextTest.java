package io.conshelf.kql.value;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ValueTextTest {
    @Test
    void calendarAgreesWithTheJdkOnEveryDay() {
        LocalDate first = LocalDate.of(1, 1, 1);
        LocalDate last = LocalDate.of(9999, 12, 31);
        long ticks = 0;
        for (LocalDate day = first; !day.isAfter(last); day = day.plusDays(1)) {
            assertThat(Ticks.ofDate(day.getYear(), day.getMonthValue(), day.getDayOfMonth())).isEqualTo(ticks);
            assertThat(Ticks.packedDate(ticks + Ticks.DAY - 1))
                    .isEqualTo(day.getYear() * 10_000 + day.getMonthValue() * 100 + day.getDayOfMonth());
            assertThat(Ticks.dayOfWeek(ticks)).isEqualTo(day.getDayOfWeek().getValue() % 7);
            ticks += Ticks.DAY;
        }
        assertThat(ticks - 1).isEqualTo(Ticks.DATETIME_MAX);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            2024-02-29T13:45:30.7654321Z     | 2024-02-29T13:45:30.7654321Z
            2015-12-31 23:59:59.9            | 2015-12-31T23:59:59.9000000Z
            2020-01-01                       | 2020-01-01T00:00:00.0000000Z
            2020-01-01T10:00                 | 2020-01-01T10:00:00.0000000Z
            12-02-2022                       | 2022-12-02T00:00:00.0000000Z
            6/15/2020 1:45:09 PM             | 2020-06-15T13:45:09.0000000Z
            2020-01-01T00:00:00+02:00        | 2019-12-31T22:00:00.0000000Z
            2020-01-01T00:00:00.5-0130       | 2020-01-01T01:30:00.5000000Z
            Sat, 8 Nov 14 15:05:02 GMT       | 2014-11-08T15:05:02.0000000Z
            Saturday, 08-Nov-14 15:05:02 UTC | 2014-11-08T15:05:02.0000000Z
            8 Nov 2014 15:05                 | 2014-11-08T15:05:00.0000000Z
            8 november 2014                  | 2014-11-08T00:00:00.0000000Z
            MAY 8, 2014                      | 2014-05-08T00:00:00.0000000Z
            20200229                         | 2020-02-29T00:00:00.0000000Z
            0001-01-01T00:00:00.0000001Z     | 0001-01-01T00:00:00.0000001Z
            9999-12-31T23:59:59.9999999Z     | 9999-12-31T23:59:59.9999999Z
            """)
    void readsDatetimes(String text, String iso) {
        assertThat(DateTimeText.format(DateTimeText.parse(text).orElseThrow())).isEqualTo(iso);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "2020-13-01", "2020-02-30", "not a date", "2020-01-01T25:00:00", "2020-01-01X", "0000-01-01", "Mayor 1, 2022", "1 Sept 2022"})
    void refusesWhatIsNoDatetime(String text) {
        assertThat(DateTimeText.parse(text)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            1.02:03:04.5678901          | 1.02:03:04.5678901
            -00:00:01                   | -00:00:01
            10:00                       | 10:00:00
            0.00:03:00                  | 00:03:00
            1d                          | 1.00:00:00
            1.5h                        | 01:30:00
            25min                       | 00:25:00
            -90s                        | -00:01:30
            3                           | 3.00:00:00
            7 ticks                     | 00:00:00.0000007
            10675199.02:48:05.4775807   | 10675199.02:48:05.4775807
            """)
    void readsTimespans(String text, String written) {
        assertThat(TimeSpanText.format(TimeSpanText.parse(text).orElseThrow())).isEqualTo(written);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "24:00:00", "00:60:00", "abc", "1x", "1.2.3", "99999999.00:00:00"})
    void refusesWhatIsNoTimespan(String text) {
        assertThat(TimeSpanText.parse(text)).isEmpty();
    }

    @Test
    void writesTheLowestTimespan() {
        assertThat(TimeSpanText.format(Long.MIN_VALUE)).isEqualTo("-10675199.02:48:05.4775808");
    }

    @ParameterizedTest
    @CsvSource({"1.5, 1.5", "1, 1", "1e14, 100000000000000", "1e15, 1E+15", "0.0001, 0.0001", "0.00001, 1E-05",
        "1e-7, 1E-07", "9.223372036854775807E18, 9.223372036854776E+18", "-0.0, -0", "1234.5678, 1234.5678",
        "-120, -120"})
    void writesRealsAsTheServiceDoes(double value, String text) {
        assertThat(RealText.format(value, false)).isEqualTo(text);
    }

    @Test
    void dynamicKeepsWhatJsonCannotSay() {
        UUID guid = UUID.fromString("10e99626-bc2b-4c75-bb3e-fe606de25700");
        String text = "[" + DynamicText.ofDateTime(0) + "," + DynamicText.ofTimeSpan(Ticks.HOUR) + ","
                + DynamicText.ofGuid(guid) + "," + DynamicText.ofDecimal(new BigDecimal("1.50")) + ","
                + DynamicText.ofString("\uF8F0tricky\"") + ",\"plain\"]";
        assertThat(DynamicText.toJson(text)).isEqualTo("[\"0001-01-01T00:00:00.0000000Z\",\"01:00:00\","
                + "\"10e99626-bc2b-4c75-bb3e-fe606de25700\",\"1.5\",\"\uF8F0tricky\\\"\",\"plain\"]");
        assertThat(DynamicText.stringValue(DynamicText.ofString("\uF8F0x"))).contains("\uF8F0x");
        assertThat(DynamicText.tag(DynamicText.ofString("\uF8F0t5"))).isEqualTo((char) 0);
        assertThat(DynamicText.tag(DynamicText.ofTimeSpan(5))).isEqualTo('s');
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            { "a" : [1, 1.0, 1e3], "b":null }  | {"a":[1,1.0,1000.0],"b":null}
            "x\\u0041"                         | "xA"
            "\\u001b"                          | "\\u001B"
            "\\uF8F0t5"                        | "\uF8F0\uF8F0t5"
            12345678901234567890123            | 12345678901234567890123
            """)
    void parsesJsonIntoItsOwnForm(String json, String dynamic) {
        assertThat(DynamicText.parse(json)).contains(dynamic);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "[1,]", "{\"a\":1} x", "'a'", "{\"a\":\"\t\"}", "NaN", "01"})
    void refusesWhatIsNoJson(String text) {
        assertThat(DynamicText.parse(text)).isEmpty();
    }
}
