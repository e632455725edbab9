package io.conshelf.streams.input;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.connectors.sql.SqlDialect;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SqlReferenceTest {
    private static final Instant TIME = Instant.parse("2026-01-31T08:00:00.1234567Z");

    private static String at(String query, SqlDialect dialect, Instant time) {
        return SqlReference.at(query, dialect, Map.of(SqlReference.SNAPSHOT_TIME, time));
    }

    @Test
    void aTemporalTableIsReadAsItIsAtTheTimeOfTheSnapshot() {
        assertThat(at("SELECT DeviceId, [Description]\nFROM dbo.DeviceTemporal\nFOR SYSTEM_TIME AS OF @snapshotTime", SqlDialect.SQL_SERVER, TIME))
                .isEqualTo("DECLARE @snapshotTime datetime2(7) = '2026-01-31T08:00:00.1234567';\nSELECT DeviceId, [Description]\nFROM dbo.DeviceTemporal\n"
                        + "FOR SYSTEM_TIME AS OF @snapshotTime");
        assertThat(at("SELECT * FROM t WHERE a < @SnapshotTime AND b < @snapshotTime", SqlDialect.SQL_SERVER, TIME))
                .endsWith("';\nSELECT * FROM t WHERE a < @snapshotTime AND b < @snapshotTime");
        assertThat(at("SELECT * FROM t WHERE at <= @SnapshotTime", SqlDialect.POSTGRESQL, TIME)).endsWith("at <= TIMESTAMPTZ '2026-01-31T08:00:00.1234567Z'");
        assertThat(at("SELECT ARRAY[@snapshotTime]", SqlDialect.POSTGRESQL, TIME)).isEqualTo("SELECT ARRAY[TIMESTAMPTZ '2026-01-31T08:00:00.1234567Z']");
    }

    @Test
    void whatIsNotTheParameterStays() {
        String query = "SELECT '@snapshotTime', \"@snapshotTime\", [@snapshotTime], @snapshotTimes -- @snapshotTime\nFROM t /* @snapshotTime */";
        assertThat(at(query, SqlDialect.SQL_SERVER, TIME)).isEqualTo(query);
    }

    @Test
    void changesAreAskedForBetweenTwoTimes() {
        Map<String, Instant> times = Map.of(SqlReference.CHANGES_FROM, TIME.minusSeconds(60), SqlReference.CHANGES_TO, TIME);
        assertThat(SqlReference.at("SELECT 1 WHERE f BETWEEN @DeltaStartTime AND @deltaEndTime", SqlDialect.SQL_SERVER, times)).isEqualTo("""
                DECLARE @deltaEndTime datetime2(7) = '2026-01-31T08:00:00.1234567';
                DECLARE @deltaStartTime datetime2(7) = '2026-01-31T07:59:00.1234567';
                SELECT 1 WHERE f BETWEEN @deltaStartTime AND @deltaEndTime""");
        assertThat(SqlReference.at("f BETWEEN @deltaStartTime AND @deltaEndTime", SqlDialect.POSTGRESQL, times))
                .isEqualTo("f BETWEEN TIMESTAMPTZ '2026-01-31T07:59:00.1234567Z' AND TIMESTAMPTZ '2026-01-31T08:00:00.1234567Z'");
    }
}
