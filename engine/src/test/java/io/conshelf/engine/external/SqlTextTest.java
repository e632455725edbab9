package io.conshelf.engine.external;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.engine.store.ExternalTable.SqlDialect;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SqlTextTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', value = {
        "POSTGRESQL | select @a, @b from t where x=@a | select ?, ? from t where x=? | a,b,a",
        "POSTGRESQL | select '@a', '''@a', E'\\'@a', e'', \"@a\" , @a | select '@a', '''@a', E'\\'@a', e'', \"@a\" , ? | a",
        "POSTGRESQL | select 'C:\\', @a | select 'C:\\', ? | a",
        "POSTGRESQL | /* @a /* @b */ @a */ @a -- @b | /* @a /* @b */ @a */ ? -- @b | a",
        "POSTGRESQL | select $$@a$$, $x$ @a $$ $x$, $1, @a | select $$@a$$, $x$ @a $$ $x$, $1, ? | a",
        "POSTGRESQL | select j ? 'k', j @> '{}', a@b, @other, @a_b | select j ?? 'k', j @> '{}', a@b, @other, @a_b | ~~",
        "SQL_SERVER | declare @x int = @a; select [@a], @@version, @x | declare @x int = ?; select [@a], @@version, @x | a",
        "SQL_SERVER | select '\\', @a, $a, N'@b' | select '\\', ?, $a, N'@b' | a",
        "POSTGRESQL | select '@a | select '@a | ~~",
    })
    void aNameIsAPlaceWhereItStandsForAValue(SqlDialect dialect, String text, String sql, String names) {
        var read = SqlText.of(dialect, text, Set.of("a", "b"));
        assertThat(read.sql()).isEqualTo(sql);
        assertThat(String.join(",", read.names())).isEqualTo(names);
    }
}
