package io.conshelf.connectors.sql;

import com.azure.core.credential.AccessToken;
import com.azure.core.credential.TokenRequestContext;
import com.microsoft.sqlserver.jdbc.SQLServerDataSource;
import com.microsoft.sqlserver.jdbc.SqlAuthenticationToken;
import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.azure.AzureFailure;
import io.conshelf.connectors.azure.AzureIdentity;
import io.conshelf.connectors.sql.SqlTarget.Cover;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Predicate;
import javax.sql.DataSource;
import org.postgresql.ds.PGSimpleDataSource;
import org.postgresql.ssl.DefaultJavaSSLFactory;

/// The SQL servers that may be reached: those on this machine, and those that the configuration lists as `live`. Databases that were opened stay
/// open until this closes.
public final class SqlServers implements AutoCloseable {
    private static final String NAME = "conshelf";
    static final int CONNECTIONS_MAX = 50;
    private static final Duration IDLE_MAX = Duration.ofMinutes(1);
    private static final Duration CONNECT_MIN = Duration.ofSeconds(1);
    private static final Duration CONNECT_MAX = Duration.ofMinutes(10);
    private static final String FETCH_BYTES_MAX = "64M";
    private static final Duration TOKEN_WAIT_MAX = Duration.ofMinutes(1);

    private final Predicate<String> allowed;
    private final Map<SqlTarget, SqlDatabase> open = new HashMap<>();

    /// @param allowed whether a host may be reached
    public SqlServers(Predicate<String> allowed) {
        this.allowed = allowed;
    }

    /// The database behind a target, with its connections. Nothing is reached yet.
    public SqlDatabase database(SqlTarget target) throws StoreException {
        check(target);
        synchronized (open) {
            SqlDatabase known = open.get(target);
            if (known == null) {
                known = new SqlDatabase(target, pool(target));
                open.put(target, known);
            }
            return known;
        }
    }

    private void check(SqlTarget target) throws StoreException {
        if (target.isLoopback()) {
            if (!(target.login() instanceof SqlLogin.Password)) {
                throw SqlFailure.badConnection("a server on this machine takes a user and a password; tokens of Microsoft Entra ID are for Azure");
            }
            return;
        }
        if (!allowed.test(target.host())) {
            throw StoreException.user("SqlServerNotLive", "The SQL server '" + target.host() + "' is not on this machine, and nothing else is reached "
                    + "that is not named: list it under 'live' in the configuration");
        }
        if (target.cover() == Cover.NONE || target.cover() == Cover.TRUSTING) {
            throw SqlFailure.badConnection("'" + target.host() + "' is not on this machine, so its connection is encrypted and its certificate checked; "
                    + "take the settings out that ask for less (encrypt, sslMode, trustServerCertificate)");
        }
    }

    private static HikariDataSource pool(SqlTarget target) throws StoreException {
        HikariConfig config = new HikariConfig();
        config.setPoolName("sql-" + target.host());
        config.setDataSource(source(target));
        config.setMaximumPoolSize(CONNECTIONS_MAX);
        config.setMinimumIdle(0);
        config.setIdleTimeout(IDLE_MAX.toMillis());
        config.setConnectionTimeout(seconds(target) * 1_000L);
        // [SqlDatabase] tries by itself whether the server can be reached, and has its error at once.
        config.setInitializationFailTimeout(-1);
        config.setConnectionInitSql(session(target));
        return new HikariDataSource(config);
    }

    /// What every session is set to, so that values print one way only.
    private static String session(SqlTarget target) {
        return switch (target.dialect()) {
            case POSTGRESQL -> "SET TimeZone = " + target.dialect().literal(target.timeZone())
                    + "; SET IntervalStyle = 'postgres'; SET standard_conforming_strings = on"
                    + target.searchPath().map(path -> "; SET search_path = " + target.dialect().quote(path)).orElse("");
            case SQL_SERVER -> "SET DATEFORMAT ymd";
        };
    }

    static DataSource source(SqlTarget target) throws StoreException {
        return switch (target.dialect()) {
            case POSTGRESQL -> postgres(target);
            case SQL_SERVER -> sqlServer(target);
        };
    }

    private static DataSource postgres(SqlTarget target) throws StoreException {
        PGSimpleDataSource source = target.login() instanceof SqlLogin.Token token ? new TokenDataSource(target, token) : new PGSimpleDataSource();
        source.setServerNames(new String[] {target.host().indexOf(':') >= 0 ? "[" + target.host() + "]" : target.host()});
        source.setPortNumbers(new int[] {target.port()});
        source.setDatabaseName(target.database());
        switch (target.login()) {
            case SqlLogin.Password(String user, String password) -> {
                source.setUser(user);
                source.setPassword(password);
            }
            case SqlLogin.Token(String user, AzureIdentity _) -> source.setUser(user);
        }
        String mode = target.isLoopback() ? switch (target.cover()) {
            case NONE -> "disable";
            case IF_OFFERED -> "prefer";
            case ENCRYPTED, TRUSTING -> "require";
            case VERIFIED -> "verify-full";
        } : "verify-full";
        source.setSslMode(mode);
        if (mode.equals("verify-full")) {
            // By the authorities that Java trusts; the driver's own way looks for a file in the user's home.
            source.setSslfactory(DefaultJavaSSLFactory.class.getName());
        }
        source.setApplicationName(NAME);
        source.setConnectTimeout(seconds(target));
        source.setTcpKeepAlive(true);
        // Parameters without a type take the one that the statement needs.
        source.setStringType("unspecified");
        // Results are fetched in parts that fit, and one that cannot be is refused before it fills the memory.
        source.setAdaptiveFetch(true);
        // The driver reckons with the widest row so far and fails where the next ones are wider, by ever so little: far more of them fit than are fetched.
        source.setAdaptiveFetchMaximum(SqlReading.FETCH_ROWS);
        source.setMaxResultBuffer(FETCH_BYTES_MAX);
        return source;
    }

    private static DataSource sqlServer(SqlTarget target) throws StoreException {
        SQLServerDataSource source = new SQLServerDataSource();
        source.setServerName(target.host());
        if (target.instance().isPresent()) {
            source.setInstanceName(target.instance().get());
        } else {
            source.setPortNumber(target.port());
        }
        source.setDatabaseName(target.database());
        switch (target.login()) {
            case SqlLogin.Password(String user, String password) -> {
                source.setUser(user);
                source.setPassword(password);
            }
            case SqlLogin.Token(String _, AzureIdentity identity) -> source.setAccessTokenCallback((_, _) -> {
                AccessToken token = token(target, identity);
                return new SqlAuthenticationToken(token.getToken(), token.getExpiresAt().toInstant().toEpochMilli());
            });
        }
        source.setEncrypt(target.isLoopback() && target.cover() == Cover.NONE ? "false" : "true");
        // A server on this machine has a certificate of its own making, unless it is said to have another.
        source.setTrustServerCertificate(target.isLoopback() && target.cover() != Cover.VERIFIED);
        target.certificateHost().ifPresent(source::setHostNameInCertificate);
        source.setApplicationName(NAME);
        source.setLoginTimeout(seconds(target));
        source.setApplicationIntent(target.isReadOnly() ? "ReadOnly" : "ReadWrite");
        source.setMultiSubnetFailover(target.hasSeveralSubnets());
        target.packetBytes().ifPresent(source::setPacketSize);
        source.setSendStringParametersAsUnicode(true);
        return source;
    }

    private static int seconds(SqlTarget target) {
        return (int) (target.connectTimeout().compareTo(CONNECT_MIN) < 0 ? CONNECT_MAX : target.connectTimeout()).toSeconds();
    }

    /// PostgreSQL takes tokens as passwords.
    @SuppressWarnings("serial")
    private static final class TokenDataSource extends PGSimpleDataSource {
        private final transient SqlTarget target;
        private final transient SqlLogin.Token login;

        private TokenDataSource(SqlTarget target, SqlLogin.Token login) {
            this.target = target;
            this.login = login;
        }

        @Override
        public Connection getConnection() throws SQLException {
            return getConnection(login.user(), token(target, login.identity()).getToken());
        }
    }

    /// There is no token to connect with, as the callers of drivers can learn it.
    static final class NoToken extends RuntimeException {
        private final transient StoreException reason;

        private NoToken(StoreException reason) {
            super(reason.getMessage(), reason);
            this.reason = reason;
        }

        StoreException reason() {
            return reason;
        }
    }

    /// A token for the server, which only a server elsewhere asks for. Asked for each connection, because it may end before a long run does; the
    /// identity keeps the one that is good yet.
    private static AccessToken token(SqlTarget target, AzureIdentity identity) {
        String scope = target.dialect() == SqlDialect.POSTGRESQL ? "https://ossrdbms-aad.database.windows.net/.default"
                : "https://database.windows.net/.default";
        try {
            return identity.tokens().getToken(new TokenRequestContext().addScopes(scope)).block(TOKEN_WAIT_MAX);
        } catch (RuntimeException failure) {
            throw new NoToken(AzureFailure.of("Getting a token for " + target, "SqlUnauthorizedAccess", failure));
        }
    }

    @Override
    public void close() {
        synchronized (open) {
            open.values().forEach(SqlDatabase::close);
            open.clear();
        }
    }
}
