package io.conshelf.connectors.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.microsoft.sqlserver.jdbc.SQLServerDataSource;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.azure.AzureIdentity;
import io.conshelf.connectors.sql.SqlTarget.Cover;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

/// Connection strings and properties as the articles write them.
class SqlTargetTest {
    private static SqlTarget read(SqlDialect dialect, String text) throws StoreException {
        return SqlTarget.read(dialect, text, Map.of(), Optional.empty());
    }

    private static SqlTarget read(SqlDialect dialect, Map<String, String> properties) throws StoreException {
        return SqlTarget.read(dialect, "", properties, Optional.empty());
    }

    @Test
    void readsTheStringsOfSqlServer() throws StoreException {
        SqlTarget azure = read(SqlDialect.SQL_SERVER, "Server=tcp:shop.database.windows.net,1433;Database=sales;User ID=me@shop;Password=\"a;b\"\"c\";"
                + "Trusted_Connection=False;Encrypt=True;Connection Timeout=20");
        assertThat(azure.host()).isEqualTo("shop.database.windows.net");
        assertThat(azure.port()).isEqualTo(1433);
        assertThat(azure.database()).isEqualTo("sales");
        assertThat(azure.login()).isEqualTo(new SqlLogin.Password("me@shop", "a;b\"c"));
        assertThat(azure.cover()).isEqualTo(Cover.ENCRYPTED);
        assertThat(azure.connectTimeout()).isEqualTo(Duration.ofSeconds(20));

        SqlTarget named = read(SqlDialect.SQL_SERVER, "Data Source=localhost\\inst;Initial Catalog=d;Integrated Security=False;User ID=u;Password= p ;");
        assertThat(named.instance()).contains("inst");
        assertThat(named.host()).isEqualTo("localhost");
        assertThat(named.cover()).isEqualTo(Cover.IF_OFFERED);
    }

    @Test
    void readsTheStringsOfPostgres() throws StoreException {
        SqlTarget typical = read(SqlDialect.POSTGRESQL, "host=db.postgres.database.azure.com;database=d;port=6432;uid=u;password=p;EncryptionMethod=1;"
                + "ValidateServerCertificate=1");
        assertThat(typical.port()).isEqualTo(6432);
        assertThat(typical.cover()).isEqualTo(Cover.VERIFIED);
        assertThat(read(SqlDialect.POSTGRESQL, "Server=localhost;Database=d;UID=u;Password=p;EncryptionMethod=0").cover()).isEqualTo(Cover.NONE);
        assertThat(read(SqlDialect.POSTGRESQL, "Host=localhost:5433;Database=d;Username=u;SSL Mode=Verify-full;Pooling=true").port()).isEqualTo(5433);
    }

    @Test
    void propertiesWinOverTheString() throws StoreException {
        SqlTarget target = SqlTarget.read(SqlDialect.SQL_SERVER, "Server=localhost;Database=d;User ID=u;Password=old", Map.of("password", "new"),
                Optional.empty());
        assertThat(target.login()).isEqualTo(new SqlLogin.Password("u", "new"));
    }

    @Test
    void readsEveryWayToSaySslMode() throws StoreException {
        Map<String, Cover> modes = Map.of("0", Cover.NONE, "Disabled", Cover.NONE, "1", Cover.IF_OFFERED, "2", Cover.IF_OFFERED, "prefer", Cover.IF_OFFERED,
                "3", Cover.ENCRYPTED, "Required", Cover.ENCRYPTED, "4", Cover.VERIFIED, "Verify_full", Cover.VERIFIED);
        for (Map.Entry<String, Cover> mode : modes.entrySet()) {
            assertThat(read(SqlDialect.POSTGRESQL, Map.of("server", "localhost", "database", "d", "username", "u", "sslMode", mode.getKey())).cover())
                    .as(mode.getKey()).isEqualTo(mode.getValue());
        }
    }

    @Test
    void refusesWhatItCannotDoByName() {
        String base = "Server=localhost;Database=d;User ID=u;";
        Map<String, String> problems = Map.of(base + "Integrated Security=SSPI", "Windows authentication", base + "FailoverPartner=other", "'failoverpartner'",
                base + "Frobnicate=1", "'frobnicate' is not a known setting", "Server=localhost;User ID=u", "'database' is missing",
                "Database=d;User ID=u", "'server' is missing", base + "Port=99999", "'port'", "Server=localhost;Database=d", "the user is missing",
                base + "Password=\"open", "the quote of 'password' is not closed", base + "x", "separated by ';'");
        problems.forEach((text, problem) -> assertThatThrownBy(() -> read(SqlDialect.SQL_SERVER, text)).as(text).isInstanceOf(StoreException.class)
                .hasMessageContaining(problem));
    }

    @Test
    void noSettingHasTwoMeaningsAndEachIsTold() {
        Map<String, Long> names = Arrays.stream(SqlSetting.values()).flatMap(setting -> setting.names().stream())
                .collect(Collectors.groupingBy(name -> name, Collectors.counting()));
        assertThat(names).allSatisfy((name, count) -> assertThat(count).as(name).isEqualTo(1));
        assertThat(SqlSetting.values()).filteredOn(setting -> setting.treatment() != SqlSetting.Treatment.IMPLEMENTED)
                .allSatisfy(setting -> assertThat(setting.note()).as(setting.name()).isNotBlank());
    }

    @Test
    void secretsAreNotShown() throws StoreException {
        assertThat(read(SqlDialect.SQL_SERVER, "Server=localhost;Database=d;User ID=u;Password=hush").toString()).doesNotContain("hush");
        assertThat(new SqlLogin.Password("u", "hush").toString()).doesNotContain("hush");
        assertThat(new SqlLogin.Token("u", new AzureIdentity.ServicePrincipal("id", "hush", "t", "https://login.microsoftonline.com/")).toString())
                .doesNotContain("hush");
    }

    @Test
    void aServerElsewhereHasToBeNamedAndIsVerified() throws Exception {
        SqlTarget elsewhere = read(SqlDialect.POSTGRESQL, "Host=db.example.com;Database=d;Username=u;SSL Mode=Prefer");
        try (SqlServers none = new SqlServers(_ -> false); SqlServers listed = new SqlServers("db.example.com"::equals)) {
            assertThatThrownBy(() -> none.database(elsewhere)).hasMessageContaining("list it under 'live'");
            assertThat(listed.database(elsewhere).target()).isEqualTo(elsewhere);
            for (String less : List.of("SSL Mode=Disable", "SSL Mode=Require;Trust Server Certificate=true")) {
                SqlTarget open = read(SqlDialect.POSTGRESQL, "Host=db.example.com;Database=d;Username=u;" + less);
                assertThatThrownBy(() -> listed.database(open)).hasMessageContaining("its connection is encrypted and its certificate checked");
            }
        }
        assertThat(((PGSimpleDataSource) SqlServers.source(elsewhere)).getSslMode()).isEqualTo("verify-full");
    }

    @Test
    void buildsTheDriversOwnAddresses() throws StoreException {
        SQLServerDataSource source = (SQLServerDataSource) SqlServers.source(read(SqlDialect.SQL_SERVER, "Server=shop.database.windows.net,1444;"
                + "Database=a}b;User ID=u;Password=p;Encrypt=strict;ApplicationIntent=ReadOnly;MultiSubnetFailover=True;Packet Size=8192;"
                + "HostNameInCertificate=*.database.windows.net"));
        assertThat(source.getServerName()).isEqualTo("shop.database.windows.net");
        assertThat(source.getPortNumber()).isEqualTo(1444);
        assertThat(source.getDatabaseName()).isEqualTo("a}b");
        assertThat(source.getEncrypt()).isEqualToIgnoringCase("true");
        assertThat(source.getTrustServerCertificate()).isFalse();
        assertThat(source.getApplicationIntent()).isEqualTo("ReadOnly");
        assertThat(source.getMultiSubnetFailover()).isTrue();
        assertThat(source.getPacketSize()).isEqualTo(8192);
        assertThat(source.getHostNameInCertificate()).isEqualTo("*.database.windows.net");

        SQLServerDataSource local = (SQLServerDataSource) SqlServers.source(read(SqlDialect.SQL_SERVER, "Server=.\\SQLEXPRESS;Database=d;User ID=u;Password=p"));
        assertThat(local.getServerName()).isEqualTo("localhost");
        assertThat(local.getInstanceName()).isEqualTo("SQLEXPRESS");
        assertThat(local.getTrustServerCertificate()).isTrue();
    }
}
