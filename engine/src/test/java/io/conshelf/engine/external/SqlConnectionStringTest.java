package io.conshelf.engine.external;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.conshelf.engine.Engine;
import io.conshelf.engine.EngineConfig;
import io.conshelf.engine.Principal;
import io.conshelf.engine.Request;
import io.conshelf.engine.external.SqlConnectionString.Cover;
import io.conshelf.engine.store.ExternalTable.Sql;
import io.conshelf.engine.store.ExternalTable.SqlDialect;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SqlConnectionStringTest {
    private static SqlConnectionString parse(String settings) {
        return SqlConnectionString.parse(SqlDialect.SQL_SERVER, "Server=tcp:localhost,1433;Database=d;User ID=u;Password=s3cret;" + settings);
    }

    @ParameterizedTest
    @CsvSource({
        "'', UNSAID", "Encrypt=False, NONE", "Encrypt=true, ENCRYPTED", "Encrypt=Strict, VERIFIED", "SSL Mode=Disable, NONE",
        "SslMode=Prefer, IF_OFFERED", "SSL Mode=Require, ENCRYPTED", "SSL Mode=VerifyFull, VERIFIED", "sslmode=verify-ca, VERIFIED",
        "TrustServerCertificate=true, TRUSTING", "Encrypt=true;TrustServerCertificate=true, TRUSTING",
        "Encrypt=true;TrustServerCertificate=false, VERIFIED", "Encrypt=false;TrustServerCertificate=false, NONE",
    })
    void theCoverIsTheOneThatIsAskedFor(String settings, Cover cover) {
        assertThat(parse(settings).cover()).isEqualTo(cover);
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "SSL Mode=VerifyFull;Trust Server Certificate=true", "Encrypt=strict;TrustServerCertificate=true", "Encrypt=true;SSL Mode=Disable",
        "Encrypt=perhaps", "SSL Mode=some", "TrustServerCertificate=maybe",
    })
    void whatContradictsItselfIsRefused(String settings) {
        assertThatThrownBy(() -> parse(settings)).hasMessageContaining("SQL connection string");
    }

    @Test
    void aServerElsewhereIsReachedByAVerifiedConnectionOnly(@TempDir Path folder) {
        try (var engine = Engine.open(EngineConfig.inMemory(folder).withLive(Set.of("db.example.com")))) {
            for (String less : new String[] {"Encrypt=false", "TrustServerCertificate=true", "SSL Mode=Prefer"}) {
                assertThatThrownBy(() -> define(engine, less)).hasMessageContaining("certificate");
            }
            define(engine, "Encrypt=true;TrustServerCertificate=false");
        }
    }

    private static void define(Engine engine, String settings) {
        var request = new Request(Principal.LOCAL_ADMINISTRATOR, "NetDefaultDB", "sql", UUID.randomUUID(), Map.of(), Map.of(), "test",
                "test", Instant.parse("2026-03-10T10:00:00Z"), Duration.ofMinutes(1), false);
        engine.command(request, ".create external table E (n:long) kind=sql table=t (h'Server=tcp:db.example.com,1433;Database=d;User ID=u;Password=p;"
                + settings + "')").close();
    }

    @Test
    void nothingPrintsASecret() {
        var target = parse("");
        var table = new Sql(SqlDialect.SQL_SERVER, "t", "Password=s3cret", false, "", false);
        var export = new SqlExport(new SqlServers(Set.of(), new CalloutPolicy(Optional::empty)), target, table, "t0ken");
        assertThat(target + " " + table + " " + export).doesNotContain("s3cret").doesNotContain("t0ken").contains("localhost");
    }
}
