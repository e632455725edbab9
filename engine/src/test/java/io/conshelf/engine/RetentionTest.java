package io.conshelf.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// What has had its time by a policy goes.
class RetentionTest extends OnDatabase {
    private volatile Instant now = NOW;

    @Override
    EngineConfig config() {
        return new EngineConfig(Optional.empty(), folder, List.of(), List.of("Db"), Limits.ofThisMachine(), this::now);
    }

    @Override
    Instant now() {
        return now;
    }

    @Test
    void extentsPastTheirPeriodAreDropped() {
        run(".set-or-append T with (creationTime='2026-03-01') <| print a = 'old'");
        run(".append T with (creationTime='2026-03-09') <| print a = 'young'");
        engine.retention().look();
        assertThat(run("T")).hasSize(3);
        run(".alter-merge table T policy retention softdelete = 2d");
        engine.retention().look();
        assertThat(run("T")).containsExactly("a:string", "young");
    }

    @Test
    void aTableInheritsThePeriodOfItsDatabase() {
        run(".set-or-append T with (creationTime='2026-03-01') <| print a = 1");
        run(".set-or-append Kept with (creationTime='2026-03-01') <| print a = 1");
        run(".alter database policy retention '{\"SoftDeletePeriod\":\"2.00:00:00\"}'");
        run(".alter table Kept policy retention '{}'");
        engine.retention().look();
        assertThat(run("T | count")).contains("0");
        assertThat(run("Kept | count")).contains("1");
    }

    @Test
    void aTablePastItsDayIsDropped() {
        now = NOW.minus(Duration.ofDays(2));
        run(".set-or-append Past <| print a = 1");
        run(".alter table Past policy auto_delete '{\"ExpiryDate\":\"2026-03-10\",\"DeleteIfNotEmpty\":true}'");
        run(".set-or-append Full <| print a = 1");
        run(".alter table Full policy auto_delete '{\"ExpiryDate\":\"2026-03-10\"}'");
        run(".create table Empty (a:long)");
        run(".alter table Empty policy auto_delete '{\"ExpiryDate\":\"2026-03-10\"}'");
        run(".create table Later (a:long)");
        run(".alter table Later policy auto_delete '{\"ExpiryDate\":\"2026-03-11\"}'");
        now = NOW;
        engine.retention().look();
        assertThat(run(".show tables | project TableName")).containsExactlyInAnyOrder("TableName:string", "Full", "Later");
    }
}
